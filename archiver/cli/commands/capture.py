"""``archiver capture``."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from archiver.cli.output import say, say_event, waiting
from archiver.cli.passphrase import passphrase
from archiver.model.errors import UsageError

if TYPE_CHECKING:
    from archiver.app.capture import Plan
    from archiver.app.config import CaptureConfig

_FAILED = 3


def capture(
    what: list[str] = typer.Argument(None, help="A case, or URLs to capture into the case; the default case else."),
    case: str | None = typer.Option(None, "--case", help="Case to record URLs in."),
    again: bool = typer.Option(False, "--again", help="Capture everything anew, recorded or not."),
    retry: bool = typer.Option(False, "--retry", help="Try again what was recorded as failed."),
    allow_private: bool = typer.Option(
        False, "--allow-private", help="Let captures reach this machine and private networks; it is recorded."
    ),
    timeout: int | None = typer.Option(None, "--timeout", min=5, max=3600, help="Seconds for one source, all in all."),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON object a line: progress, then a summary."),
) -> int:
    """Capture each cited source that is not recorded yet: WARC, screenshots, text; hash, sign, record, stamp.

    A source that cannot be captured is recorded as such, with what came back; the exit code is then 3.
    """
    from archiver.app.capture import capture_all, plan
    from archiver.app.cite import citations_of
    from archiver.app.home import find_home
    from archiver.app.reading import captures
    from archiver.app.recording import open_case
    from archiver.app.stamp import stamp_case
    from archiver.app.workspace import open_workspace
    from archiver.cli.progress import Progress
    from archiver.model.evidence import Target

    workspace = open_workspace(Path.cwd())
    named, urls = _sort(what or [])
    chosen = workspace.choose_case(named or case)
    home = find_home(os.environ)
    opened = open_case(workspace, chosen, home=home, passphrase=passphrase, waiting=waiting(as_json))
    manifests = opened.book.manifests
    work = plan(citations_of(manifests), captures(manifests), again=again, retry=retry)
    targets: Sequence[Target] = [Target(url=url) for url in urls] if urls else work.targets
    config = _settled(workspace.config.capture, allow_private=allow_private, timeout=timeout)
    with Progress(as_json=as_json) as progress:
        if not urls:
            progress.skipped(work)
        done = capture_all(opened, targets, config=config, starting=progress.starting, finished=progress.finished)
        stamped = stamp_case(opened, workspace.config.tsa, home=home) if done else ()
        progress.stamped(stamped, configured=len(workspace.config.tsa), captured=bool(done))
    failed = sum(1 for one in done if not one.succeeded)
    if as_json:
        pending = sum(1 for one in stamped if one.stamp is None)
        counted = {"attempted": len(done), "captured": len(done) - failed, "failed": failed, "pending_stamps": pending}
        say_event({"event": "summary", "case": chosen, **counted, **_left_alone(None if urls else work)})
    else:
        say(f"{len(done) - failed} captured, {failed} failed; {len(done)} attempts recorded in {chosen}")
        say("Next: archiver verify")
    return _FAILED if failed else 0


def _settled(config: "CaptureConfig", *, allow_private: bool, timeout: int | None) -> "CaptureConfig":
    """Give the workspace's settings with what the flags change."""
    changes = {
        "allow_private": allow_private or config.allow_private,
        "timeout_s": timeout or config.timeout_s,
    }
    return config.model_copy(update=changes)


def _left_alone(work: "Plan | None") -> dict[str, object]:
    return {
        "recorded_before": len(work.recorded) if work else 0,
        "failed_before": len(work.failed_before) if work else 0,
        "without_url": len(work.unlinked) if work else 0,
    }


def _sort(what: Sequence[str]) -> tuple[str | None, tuple[str, ...]]:
    urls = tuple(one for one in what if "://" in one)
    names = [one for one in what if "://" not in one]
    if names and urls:
        raise UsageError(f"expected either a case or URLs, found both: {names[0]!r} and a URL", hint="--case NAME URL…")
    if len(names) > 1:
        raise UsageError(f"expected one case, found {len(names)}: {', '.join(names)}")
    return (names[0] if names else None), urls
