"""``archiver stamp``."""

import os
from pathlib import Path

import typer

from archiver.cli.output import say, say_event, waiting
from archiver.cli.passphrase import passphrase

_PENDING = 6


def stamp(
    case: str | None = typer.Argument(None, help="Case; the workspace's default else."),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON object a line."),
) -> int:
    """Ask the configured time-stamping authorities for what is still pending; renew what ends within ninety days.

    Exit code 6 while any of them is pending.
    """
    from archiver.app.clock import SystemClock
    from archiver.app.home import find_home
    from archiver.app.recording import open_case
    from archiver.app.renew import renew_case
    from archiver.app.stamp import stamp_case
    from archiver.app.workspace import open_workspace
    from archiver.cli.progress import say_stamps, stamp_event

    workspace = open_workspace(Path.cwd())
    chosen = workspace.choose_case(case)
    home = find_home(os.environ)
    opened = open_case(workspace, chosen, home=home, passphrase=passphrase, waiting=waiting(as_json))
    stamped = stamp_case(opened, workspace.config.tsa, home=home, at_once=True)
    renewed = renew_case(opened, workspace.config.tsa, home=home, now=SystemClock().now())
    if as_json:
        for one in stamped:
            say_event(stamp_event(one))
        for renewal in renewed:
            say_event({"event": "renewal", "of": renewal.of, "tsa": renewal.tsa, "problem": renewal.problem})
    elif not workspace.config.tsa:
        say("no time-stamping authority is configured: archiver tsa add NAME URL --roots FILE")
    elif not stamped and not renewed:
        say("nothing is pending")
    else:
        say_stamps(stamped)
        for renewal in renewed:
            ended = f"renewed by {renewal.tsa}" if renewal.renewal else f"NOT RENEWED: {renewal.problem}"
            say(f"timestamp {renewal.of}, whose certificate ends soon: {ended}")
    pending = any(one.stamp is None for one in stamped) or not workspace.config.tsa
    pending = pending or any(one.renewal is None for one in renewed)
    return _PENDING if pending else 0
