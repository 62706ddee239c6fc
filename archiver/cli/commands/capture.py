"""``archiver capture``."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from archiver.cli.commands import capture_options as options
from archiver.cli.output import say, say_event, waiting
from archiver.cli.passphrase import passphrase
from archiver.model.errors import UsageError

if TYPE_CHECKING:
    from archiver.app.capture import Captured, Plan
    from archiver.app.stamp import Stamped
    from archiver.app.workspace import Workspace

_FAILED = 3


def capture(
    what: options.What = None,
    case: options.Case = None,
    again: options.Again = False,
    retry: options.Retry = False,
    allow_private: options.AllowPrivate = False,
    timeout: options.Timeout = None,
    max_mib: options.MaxMib = None,
    jobs: options.Jobs = None,
    per_host: options.PerHost = None,
    retries: options.Retries = None,
    viewport: options.Viewport = None,
    scale: options.Scale = None,
    locale: options.Locale = None,
    timezone: options.Timezone = None,
    login: options.Login = None,
    proxy: options.Proxy = None,
    service_workers: options.ServiceWorkers = None,
    ignore_https_errors: options.IgnoreHttpsErrors = False,
    untouched: options.Untouched = False,
    page_only: options.PageOnly = False,
    video: options.Video = False,
    as_json: options.AsJson = False,
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
    session = open_session(opened, workspace.config.tsa, home=home) if targets else None
    with Progress(as_json=as_json) as progress:
        if not urls:
            progress.skipped(work)
        done = capture_all(
            opened,
            targets,
            config=config,
            starting=progress.starting,
            finished=progress.finished,
            login=state,
            session=session.id if session else None,
            collector=workspace.config.collected_by(),
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
        raise UsageError(f"--service-workers: expected allow or block, found {word!r}", hint="archiver capture --help")
    return None if word is None else word == "allow"


def _left_alone(work: "Plan | None") -> dict[str, object]:
    return {
        "recorded_before": len(work.recorded) if work else 0,
        "failed_before": len(work.failed_before) if work else 0,
        "erased_before": len(work.erased) if work else 0,
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
