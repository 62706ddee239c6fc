"""``archiver status``."""

from dataclasses import asdict
from pathlib import Path

import typer

from archiver.cli.output import say, say_json, say_table


def status(
    case: str | None = typer.Argument(None, help="Case; the workspace's default else."),
    files: bool = typer.Option(False, "--files", help="List where each citation's files are."),
    as_json: bool = typer.Option(False, "--json", help="Print it as JSON."),
) -> int:
    """Show where each citation stands: captured, failed, pending stamp, last time, where its files are."""
    from archiver.app.status import status_of
    from archiver.app.workspace import open_workspace

    workspace = open_workspace(Path.cwd())
    found = status_of(workspace, workspace.choose_case(case))
    if as_json:
        say_json(asdict(found))
        return 0
    rows = [
        (
            one.id,
            one.state,
            one.reason or "",
            one.stamp,
            (one.last_at or "")[:19],
            str(len(one.files)),
            one.url or "-",
        )
        for one in found.standings
    ]
    say_table(("id", "state", "reason", "stamp", "last attempt (UTC)", "files", "URL"), rows)
    if files:
        for one in found.standings:
            say("")
            say(
                f"{one.id}  manifests/{found.case}/captures/{one.capture_id}.dsse.json"
                if one.capture_id
                else f"{one.id}  -"
            )
            for path in one.files:
                say(f"    {path}")
    say("")
    pending = (
        ""
        if found.pending_from is None
        else f"; entries from {found.pending_from} on wait for a timestamp (archiver stamp)"
    )
    say(f"case {found.case}: {found.entries} ledger entries, {found.stamps} timestamps{pending}")
    if found.unfinished:
        say("an append was cut off: the next `archiver capture` or `archiver stamp` finishes it")
    return 0
