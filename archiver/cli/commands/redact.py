"""``archiver redact``."""

import os
from pathlib import Path

import typer

from archiver.cli.output import say, waiting
from archiver.cli.passphrase import passphrase


def redact(
    capture: str = typer.Argument(..., help="Id of the capture, as archiver status --files shows it."),
    artifact: str = typer.Option(..., "--file", help="Name of its file, such as viewport.png or text.txt."),
    reason: str = typer.Option(..., "--reason", help="Why; it is recorded, and written on the copy."),
    region: list[str] = typer.Option([], "--region", help="LEFT,TOP,WIDTH,HEIGHT in pixels of the picture."),
    span: list[str] = typer.Option([], "--span", help="START-END in characters of the text, end exclusive."),
    by: str | None = typer.Option(None, "--by", help="Who, as it is to be recorded; nobody is named unless you do."),
    case: str | None = typer.Option(None, "--case", help="Case; the workspace's default else."),
) -> int:
    """Record a copy of a file with something taken out. The original stays as it is, and so does its digest.

    The copy says on its face what was removed, by whom and why. archiver report --redacted shows such copies only.
    """
    from archiver.app.home import find_home
    from archiver.app.recording import open_case
    from archiver.app.redact import ToRedact, parse_pairs
    from archiver.app.redact import redact as record
    from archiver.app.workspace import open_workspace
    from archiver.formats import layout
    from archiver.model.events import Region, Stretch

    regions = parse_pairs(region, count=4, flag="--region", marks=",")
    spans = parse_pairs(span, count=2, flag="--span", marks="-")
    workspace = open_workspace(Path.cwd())
    chosen = workspace.choose_case(case)
    asked = ToRedact(
        capture=capture,
        artifact=artifact,
        reason=reason,
        by=by,
        regions=tuple(Region(left_px=a, top_px=b, width_px=c, height_px=d) for a, b, c, d in regions),
        stretches=tuple(Stretch(start=a, end=b) for a, b in spans),
    )
    recorded, copy = record(
        workspace,
        lambda: open_case(workspace, chosen, home=find_home(os.environ), passphrase=passphrase, waiting=waiting(False)),
        asked,
    )
    say(f"recorded as entry {recorded.seq}: {layout.archive_path(copy.digest, copy.extension)}")
    return 0
