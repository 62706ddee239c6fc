"""``archiver tsa``."""

import os
from pathlib import Path

import typer

from archiver.cli.output import say

app = typer.Typer(help="Time-stamping authorities (RFC 3161).", rich_markup_mode=None)


@app.callback()
def tsa() -> None:
    """Time-stamping authorities (RFC 3161): none is asked unless it is named here."""


@app.command("add")
def add(
    name: str = typer.Argument(..., help="Short name: lowercase letters, digits, - _ ."),
    url: str = typer.Argument(..., help="Where it answers."),
    roots: Path = typer.Option(..., "--roots", help="PEM file of its root certificates: what you will trust."),
) -> int:
    """Name an authority and pin its roots. Nobody is contacted."""
    from archiver.app.home import find_home
    from archiver.app.tsa import add_tsa
    from archiver.app.workspace import open_workspace

    workspace = open_workspace(Path.cwd())
    pinned = add_tsa(workspace, name=name, url=url, roots=roots, home=find_home(os.environ))
    say(f"{name} added to {workspace.root / 'archiver.toml'}; its roots are pinned in {pinned}")
    say("From now on the digest of each checkpoint goes to this authority. Next: archiver stamp")
    return 0
