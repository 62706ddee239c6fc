"""Progress of a long step: one live line on a terminal, a JSON event each percent for programs, nothing else."""

import sys
from types import TracebackType
from typing import Self

from archiver.cli.output import say_event

_WORDS = {"index": "indexing WARC files", "write": "writing"}
_BYTES = frozenset(("write",))


class Steps:
    """Tells how far each step is. Used as a context: the live line ends with it."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._live = not as_json and sys.stdout.isatty()
        self._status: object | None = None
        self._told = ("", -1)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        from rich.status import Status

        if isinstance(self._status, Status):
            self._status.stop()

    def tell(self, step: str, done: int, total: int) -> None:
        """Tell how much of a step is done; each percent once."""
        percent = 100 * done // total if total else 100
        if (step, percent) == self._told:
            return
        self._told = (step, percent)
        if self._as_json:
            say_event({"event": "progress", "step": step, "done": done, "of": total})
        elif self._live:
            self._show(_line(step, done, total, percent))

    def _show(self, line: str) -> None:
        from rich.console import Console
        from rich.status import Status

        if isinstance(self._status, Status):
            self._status.update(line)
        else:
            self._status = Status(line, console=Console(), spinner="dots")
            self._status.start()


def _line(step: str, done: int, total: int, percent: int) -> str:
    shown = f"{done >> 20} of {total >> 20} MiB" if step in _BYTES else f"{done} of {total}"
    return f"{_WORDS.get(step, step)}: {shown} ({percent} %)"
