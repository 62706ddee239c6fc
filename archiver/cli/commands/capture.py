"""``archiver capture``."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from archiver.cli.output import say, say_event, waiting
from archiver.cli.passphrase import passphrase
from archiver.model.errors import UsageError

if TYPE_CHECKING:
    from archiver.app.capture import Captured, Plan
    from archiver.app.stamp import Stamped
    from archiver.app.workspace import Workspace

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
    max_mib: int | None = typer.Option(None, "--max-mib", min=1, max=16384, help="What one source may send, in MiB."),
    jobs: int | None = typer.Option(
        None, "--jobs", "-j", min=1, max=64, help="Sources at once; else by this machine's processors and memory."
    ),
    per_host: int | None = typer.Option(None, "--per-host", min=1, max=64, help="Of these, at most so many of a host."),
    retries: int | None = typer.Option(
        None, "--retries", min=0, max=5, help="Tries more of what failed for a passing reason; each is recorded."
    ),
    viewport: str | None = typer.Option(None, "--viewport", metavar="WxH", help="Window, in CSS pixels: 1280x900."),
    scale: int | None = typer.Option(None, "--scale", min=1, max=2, help="Device pixels for one CSS pixel."),
    locale: str | None = typer.Option(None, "--locale", help="Language that pages are asked in: ar-IQ."),
    timezone: str | None = typer.Option(None, "--timezone", help="Time zone that pages see: Asia/Baghdad."),
    login: Path | None = typer.Option(
        None, "--login", metavar="STATE", help="A Playwright storage state from outside the workspace; it is recorded."
    ),
    proxy: str | None = typer.Option(
        None, "--proxy", metavar="URL", help="Go through socks5://HOST:PORT or http://HOST:PORT; it is recorded."
    ),
    service_workers: str | None = typer.Option(
        None, "--service-workers", metavar="allow|block", help="Let pages start service workers; blocked else."
    ),
    ignore_https_errors: bool = typer.Option(
        False, "--ignore-https-errors", help="Pass over bad certificates; it is recorded as a limit."
    ),
    untouched: bool = typer.Option(False, "--untouched", help="Do nothing to pages: no banner refused, no scrolling."),
    page_only: bool = typer.Option(False, "--page-only", help="Save nothing that a platform's rules name besides."),
    video: bool = typer.Option(False, "--video", help="Save the page's media with yt-dlp (extra: archiver[video])."),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON object a line: progress, then a summary."),
) -> int:
    """Capture each cited source that is not recorded yet: WARC, screenshots, text; hash, sign, record, stamp.

    A source that cannot be captured is recorded as such, with what came back; the exit code is then 3.
    """
    from archiver.app.workspace import open_workspace

    workspace = open_workspace(Path.cwd())
    flags: dict[str, object] = {
        "timeout_s": timeout,
        "max_mib": max_mib,
        "jobs": jobs,
        "per_host": per_host,
        "retries": retries,
        "viewport": viewport,
        "device_scale": scale,
        "locale": locale,
        "timezone": timezone,
        "proxy": proxy,
        "service_workers": _allowed(service_workers),
        "allow_private": allow_private or None,
        "ignore_https_errors": ignore_https_errors or None,
        "behave": False if untouched else None,
        "extras": False if page_only else None,
        "video": video or None,
    }
    wanted = _Wanted(what=tuple(what or ()), case=case, again=again, retry=retry, flags=flags, login=login)
    return _captured(workspace, wanted, as_json=as_json)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    what: tuple[str, ...]
    case: str | None
    again: bool
    retry: bool
    flags: Mapping[str, object]
    login: Path | None


def _captured(workspace: "Workspace", wanted: _Wanted, *, as_json: bool) -> int:
    """Do what is wanted, and say how it went."""
    from archiver.app.capture import capture_all, plan
    from archiver.app.cite import citations_of
    from archiver.app.config import settled
    from archiver.app.home import find_home
    from archiver.app.login import storage_state
    from archiver.app.reading import captures
    from archiver.app.recording import open_case
    from archiver.app.session import open_session
    from archiver.app.stamp import stamp_case
    from archiver.cli.progress import Progress
    from archiver.model.evidence import Target

    named, urls = _sort(wanted.what)
    chosen = workspace.choose_case(named or wanted.case)
    config = settled(workspace.config.capture, wanted.flags)
    state = storage_state(wanted.login, outside=workspace.root) if wanted.login is not None else None
    home = find_home(os.environ)
    opened = open_case(workspace, chosen, home=home, passphrase=passphrase, waiting=waiting(as_json))
    manifests = opened.book.manifests
    work = plan(citations_of(manifests), captures(manifests), again=wanted.again, retry=wanted.retry)
    targets: Sequence[Target] = [Target(url=url) for url in urls] if urls else work.targets
    if targets:
        open_session(opened, workspace.config.tsa, home=home)
    with Progress(as_json=as_json) as progress:
        if not urls:
            progress.skipped(work)
        done = capture_all(
            opened, targets, config=config, starting=progress.starting, finished=progress.finished, login=state
        )
        stamped = stamp_case(opened, workspace.config.tsa, home=home) if done else ()
        progress.stamped(stamped, configured=len(workspace.config.tsa), captured=bool(done))
    return _told(chosen, done, stamped, None if urls else work, as_json=as_json)


def _told(
    case: str, done: Sequence["Captured"], stamped: Sequence["Stamped"], work: "Plan | None", *, as_json: bool
) -> int:
    ended = {one.capture.attempt.target: one.succeeded for one in done}
    captured, failed = sum(ended.values()), len(ended) - sum(ended.values())
    if as_json:
        pending = sum(1 for one in stamped if one.stamp is None)
        counted = {"attempted": len(done), "captured": captured, "failed": failed, "pending_stamps": pending}
        say_event({"event": "summary", "case": case, **counted, **_left_alone(work)})
    else:
        say(f"{captured} captured, {failed} failed; {len(done)} attempts recorded in {case}")
        say("Next: archiver verify")
    return _FAILED if failed else 0


def _allowed(word: str | None) -> bool | None:
    if word not in {None, "allow", "block"}:
        raise UsageError(f"--service-workers: expected allow or block, found {word!r}")
    return None if word is None else word == "allow"


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
