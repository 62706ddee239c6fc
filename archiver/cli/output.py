"""How the command line speaks: JSON for programs, tables and lines for people.

Whatever comes from a page, a draft or a bundle is shown through `visible`, so that it can neither
move the cursor nor reorder the line.
"""

import json
import sys
from collections.abc import Callable, Mapping, Sequence

from archiver.model.text import visible


def say(line: str = "") -> None:
    """Print one line for people."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def say_json(value: object) -> None:
    """Print one JSON document for programs, Arabic as it is."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")
    sys.stdout.flush()


def say_event(value: Mapping[str, object]) -> None:
    """Print one JSON object on one line, at once: progress for programs."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def waiting(as_json: bool) -> Callable[[str], None]:
    """Give how to tell what a person waits for, or has to do: a line for people, an event for programs.

    Another process holds the ledger, or a security key is to be touched.
    """
    return (lambda line: say_event({"event": "waiting", "message": line})) if as_json else say


def say_error(message: str, *, hint: str, exit_code: int, as_json: bool) -> None:
    """Tell an error: on standard error for people, and on standard output too for programs."""
    if as_json:
        say_event({"error": {"message": message, "hint": hint, "exit_code": exit_code}})
    lines = [visible(line) for line in message.split("\n")]
    sys.stderr.write("archiver: " + "\n  ".join(lines) + "\n")
    if hint:
        sys.stderr.write(f"  hint: {visible(hint)}\n")


def say_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows in columns; folds to the terminal's width through rich, plain where it is no terminal."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for index, name in enumerate(header):
        table.add_column(name, overflow="fold", no_wrap=index == 0)
    for row in rows:
        table.add_row(*(Text(visible(cell)) for cell in row))
    console = Console(file=sys.stdout, soft_wrap=False)
    if not console.is_terminal:
        console = Console(file=sys.stdout, width=160)
    console.print(table)
