"""Write ``docs/cli.md`` from what the commands say of themselves, or check that it is what they say.

Usage: ``python -m tests.docs.cli_reference [--check] FILE``.
"""

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path

import typer
from typer.core import TyperCommand, TyperGroup

from archiver.cli import main as cli
from archiver.model import errors

_WIDTH = 100
_HEAD = """\
# The command line

Made by `make fmt` from what the commands say of themselves; `make docs` and `tests/docs` fail where it differs.

"""
_CODES = (
    (0, "done, or verified to the required level"),
    (1, "a check failed"),
    (2, "usage: the command or its input was wrong, nothing was done"),
    (3, "a source could not be captured; the attempt is recorded, and so is the rest"),
    (4, "unreadable input: bytes are not what they claim to be"),
    (5, "this disk or this workspace refuses"),
    (6, "a signer or a time-stamping authority; also: timestamps are pending"),
    (7, "not checked: nothing failed, but the required level was not reached"),
    (cli.DEFECT, "a defect of archiver itself, told as one and never as a finding"),
    (cli.INTERRUPTED, "interrupted: run the same command again, what was recorded stays"),
)


Command = TyperCommand | TyperGroup


def commands() -> Iterator[tuple[str, Command]]:
    """Give every command with the words that call it, the program itself first."""
    yield from _below("archiver", typer.main.get_command(cli.app))


def _below(name: str, command: object) -> Iterator[tuple[str, Command]]:
    assert isinstance(command, TyperCommand | TyperGroup), f"{name}: {type(command)}"
    yield name, command
    if isinstance(command, TyperGroup):
        for word, inner in command.commands.items():
            yield from _below(f"{name} {word}", inner)


def error_classes() -> tuple[type[errors.ArchiverError], ...]:
    """Give every class of the error tree, in the order in which the module has them."""
    found = (one for _, one in inspect.getmembers(errors, inspect.isclass))
    mine = [one for one in found if issubclass(one, errors.ArchiverError)]
    return tuple(sorted(mine, key=lambda one: inspect.getsourcelines(one)[1]))


def reference() -> str:
    """Give the whole page."""
    return _HEAD + "\n".join((*_help(), *_exit_codes()))


def _help() -> Iterator[str]:
    for name, command in commands():
        context = typer.Context(command, info_name=name, terminal_width=_WIDTH)
        text = "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
        yield f"## {name}\n\n```text\n{text.strip()}\n```\n"


def _exit_codes() -> Iterator[str]:
    yield "## Exit codes\n\n| code | meaning | errors |\n|---|---|---|"
    raised: dict[int, list[str]] = {}
    for one in error_classes():
        if one is not errors.ArchiverError:
            raised.setdefault(one.exit_code, []).append(f"`{one.__name__}`")
    for code, meaning in _CODES:
        yield f"| {code} | {meaning} | {', '.join(raised.get(code, [])) or '-'} |"
    yield ""


def run(arguments: list[str]) -> int:
    """Write the page, or with ``--check`` compare it; give the exit code."""
    check = arguments[:1] == ["--check"]
    path = Path(arguments[-1])
    if not check:
        path.write_text(reference(), encoding="utf-8")
        return 0
    if path.is_file() and path.read_text(encoding="utf-8") == reference():
        return 0
    sys.stderr.write(f"{path} is not what the commands say of themselves: make fmt writes it\n")
    return 1


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
