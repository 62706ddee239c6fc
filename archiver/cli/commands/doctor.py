"""``archiver doctor``."""

import os
from pathlib import Path

import typer

from archiver.cli.output import say, say_json


def doctor(as_json: bool = typer.Option(False, "--json", help="Print the findings as JSON.")) -> int:
    """Say what this machine lacks, and the command that mends each. Contacts nobody."""
    from archiver.app.doctor import examine
    from archiver.app.home import find_home
    from archiver.app.workspace import open_workspace
    from archiver.model.errors import UsageError

    try:
        workspace = open_workspace(Path.cwd())
    except UsageError:
        workspace = None
    findings = examine(workspace, home=find_home(os.environ))
    if as_json:
        say_json([{"id": one.id, "state": one.state, "found": one.found, "mend": one.mend} for one in findings])
    else:
        for one in findings:
            say(f"{one.state:<8} {one.id:<14} {one.found}")
            if one.mend:
                say(f"{'':<8} {'':<14} mend: {one.mend}")
    return 5 if any(one.state == "missing" for one in findings) else 0
