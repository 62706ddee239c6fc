"""Progress of a verification: a bar on a terminal's standard error, and nothing anywhere else."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from archiver.model.text import visible

_EVERY = 50


@contextmanager
def checking() -> Iterator[Callable[[str, int, int], None]]:
    """Give how to tell of what how many were checked, and of how many; the bar is gone when the context ends."""
    if not sys.stderr.isatty():
        yield lambda _, __, ___: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, int] = {}

        def tell(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(visible(what), total=total)
            if done % _EVERY == 0 or done == total:
                bar.update(bar.task_ids[tasks[what]], completed=done)

        yield tell
