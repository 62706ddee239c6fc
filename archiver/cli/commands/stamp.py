"""``archiver stamp``."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from archiver.cli.output import say, say_event, waiting
from archiver.cli.passphrase import passphrase

if TYPE_CHECKING:
    from archiver.app.anchor import Anchored
    from archiver.app.renew import Renewed
    from archiver.app.stamp import Stamped

_PENDING = 6


def stamp(
    case: str | None = typer.Argument(None, help="Case; the workspace's default else."),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON object a line."),
) -> int:
    """Ask the configured time-stamping authorities for what is still pending; renew what ends within ninety days.

    OpenTimestamps calendars, where any is configured, are asked too, and later for the block that they promised.
    Exit code 6 while an authority is pending.
    """
    from archiver.app.anchor import anchor_case
    from archiver.app.clock import SystemClock
    from archiver.app.home import find_home
    from archiver.app.recording import open_case
    from archiver.app.renew import renew_case
    from archiver.app.stamp import stamp_case
    from archiver.app.workspace import open_workspace

    workspace = open_workspace(Path.cwd())
    chosen, config = workspace.choose_case(case), workspace.config
    home = find_home(os.environ)
    opened = open_case(workspace, chosen, home=home, passphrase=passphrase, waiting=waiting(as_json))
    stamped = stamp_case(opened, config.tsa, home=home, at_once=True)
    renewed = renew_case(opened, config.tsa, home=home, now=SystemClock().now())
    anchored = anchor_case(opened, config.ots.calendars, home=home, at_once=True)
    anybody = bool(config.tsa or config.ots.calendars)
    (_tell_programs if as_json else _tell_people)(stamped, renewed, anchored, anybody=anybody)
    pending = any(one.stamp is None for one in stamped) or any(one.renewal is None for one in renewed)
    return _PENDING if pending or not anybody else 0


def _tell_programs(
    stamped: "Sequence[Stamped]", renewed: "Sequence[Renewed]", anchored: "Sequence[Anchored]", *, anybody: bool
) -> None:
    from archiver.cli.progress import anchor_event, stamp_event

    assert anybody or not anchored, "nobody is asked whom nobody named"
    for one in stamped:
        say_event(stamp_event(one))
    for renewal in renewed:
        say_event({"event": "renewal", "of": renewal.of, "tsa": renewal.tsa, "problem": renewal.problem})
    for done in anchored:
        say_event(anchor_event(done))


def _tell_people(
    stamped: "Sequence[Stamped]", renewed: "Sequence[Renewed]", anchored: "Sequence[Anchored]", *, anybody: bool
) -> None:
    from archiver.cli.progress import say_anchor, say_stamps

    if not anybody:
        say("no time-stamping authority is configured: archiver tsa add NAME URL --roots FILE")
    elif not stamped and not renewed and not anchored:
        say("nothing is pending")
    say_stamps(stamped)
    for renewal in renewed:
        ended = f"renewed by {renewal.tsa}" if renewal.renewal else f"NOT RENEWED: {renewal.problem}"
        say(f"timestamp {renewal.of}, whose certificate ends soon: {ended}")
    for done in anchored:
        say_anchor(done)
