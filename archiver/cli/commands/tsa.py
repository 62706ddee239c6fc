"""``archiver tsa``."""

import os
from dataclasses import asdict
from pathlib import Path

import typer

from archiver.cli.output import say, say_json, say_table
from archiver.model.errors import UsageError

app = typer.Typer(help="Time-stamping authorities (RFC 3161).", rich_markup_mode=None)


@app.callback()
def tsa() -> None:
    """Time-stamping authorities (RFC 3161): none is asked unless it is named here."""


@app.command("add")
def add(
    name: str = typer.Argument(..., help="Short name: lowercase letters, digits, - _ .; or a known one's."),
    url: str | None = typer.Argument(None, help="Where it answers; not for one that is known by name."),
    roots: Path | None = typer.Option(None, "--roots", help="PEM file of its root certificates: what you will trust."),
) -> int:
    """Name an authority and pin its roots. Nobody is contacted.

    Of a known authority (archiver tsa known) the root is taken from this machine's list of roots, by its SHA-256.
    """
    from archiver.app import tsa as authorities
    from archiver.app.home import find_home
    from archiver.app.workspace import open_workspace

    if (url is None) is not (roots is None):
        raise UsageError("expected a URL with --roots FILE, or neither for an authority that is known by name")
    workspace, home = open_workspace(Path.cwd()), find_home(os.environ)
    if url is not None and roots is not None:
        pinned = authorities.add_tsa(workspace, name=name, url=url, roots=roots, home=home)
    else:
        known, pinned = authorities.add_known(workspace, name=name, home=home)
        say(f"{known.operator}, {known.url}; root {known.root}, SHA-256 {known.sha256}")
    say(f"{name} added to {workspace.root / 'archiver.toml'}; its roots are pinned in {pinned}")
    say("From now on the digest of each checkpoint goes to this authority. Next: archiver stamp")
    return 0


@app.command("known")
def known(as_json: bool = typer.Option(False, "--json", help="Print them as JSON.")) -> int:
    """List the authorities that can be added by name: who runs them, where, their root, and who says so."""
    from archiver.app.authorities import known_authorities

    found = known_authorities()
    if as_json:
        say_json([asdict(one) for one in found])
        return 0
    say_table(
        ("name", "operator", "url", "root", "SHA-256"),
        [(one.name, one.operator, one.url, one.root, one.sha256) for one in found],
    )
    return 0
