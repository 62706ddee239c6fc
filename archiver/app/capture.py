"""Capture every cited source of a case that is not recorded yet: fetch, store, seal, record, one by one."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from archiver.app.clock import SystemClock
from archiver.app.config import CaptureConfig
from archiver.app.ids import new_id, new_record_id
from archiver.app.prepared import describe, prepare, scratch
from archiver.app.recording import OpenCase, finish
from archiver.app.tool import this_tool
from archiver.capture.browser import OpenBrowser, open_browser
from archiver.capture.settings import CaptureSettings
from archiver.capture.stopwatch import Stopwatch
from archiver.capture.take import take
from archiver.formats.manifest import subjects_of
from archiver.model.citation import CitationList
from archiver.model.evidence import Capture, State, Taken, Target, Timing
from archiver.model.provenance import Recorded, Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    """One attempt as it was recorded, with how long each step took."""

    capture: Capture
    recorded: Recorded
    timings: tuple[Timing, ...]

    @property
    def succeeded(self) -> bool:
        """Say whether the source itself was got, whole or in part."""
        return self.capture.attempt.outcome.state is not State.FAILED


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a run will do: the targets to fetch, and why the others are left alone."""

    targets: tuple[Target, ...]
    recorded: tuple[str, ...] = ()
    failed_before: tuple[str, ...] = ()
    unlinked: tuple[str, ...] = ()


Starting = Callable[[Target, int, int], None]
Finished = Callable[[Captured], None]


def plan(citations: CitationList, recorded: Sequence[Capture], *, again: bool, retry: bool) -> Plan:
    """Give what is not recorded yet, in the order of the draft.

    A recorded failure counts as recorded: an absent source is a fact. ``retry`` takes failed ones up
    again, ``again`` takes up everything.
    """
    ended: dict[tuple[str, str], State] = {}
    for one in recorded:
        key = (one.citation_id or "", one.attempt.target.url)
        if ended.get(key) is not State.OK:
            ended[key] = one.attempt.outcome.state
    targets: list[Target] = []
    skipped: dict[str, list[str]] = {"recorded": [], "failed": [], "unlinked": []}
    for citation in citations.citations:
        if citation.url is None:
            skipped["unlinked"].append(citation.id)
            continue
        state = ended.get((citation.id, citation.url))
        if state is None or again or (retry and state is State.FAILED):
            quotes = tuple(quote.text for quote in citation.quotes)
            targets.append(Target(url=citation.url, citation_id=citation.id, quotes=quotes))
        else:
            skipped["failed" if state is State.FAILED else "recorded"].append(citation.id)
    return Plan(
        targets=tuple(targets),
        recorded=tuple(skipped["recorded"]),
        failed_before=tuple(skipped["failed"]),
        unlinked=tuple(skipped["unlinked"]),
    )


def capture_all(
    case: OpenCase,
    targets: Sequence[Target],
    *,
    config: CaptureConfig,
    starting: Starting,
    finished: Finished,
) -> tuple[Captured, ...]:
    """Capture the targets one after another and record each at once; give them in that order.

    A source that cannot be captured is a recorded attempt, never an exception. What was recorded
    before an interruption stays recorded; the interrupted attempt is repeated by the next run.
    """
    if not targets:
        return ()
    return asyncio.run(_capture_all(case, targets, config=config, starting=starting, finished=finished))


async def _capture_all(
    case: OpenCase,
    targets: Sequence[Target],
    *,
    config: CaptureConfig,
    starting: Starting,
    finished: Finished,
) -> tuple[Captured, ...]:
    done: list[Captured] = []
    settings = _settings(config)
    async with open_browser(configured=config.browser) as browser:
        for number, target in enumerate(targets, 1):
            starting(target, number, len(targets))
            captured = await _capture_one(case, target, settings=settings, browser=browser)
            done.append(captured)
            finished(captured)
    return tuple(done)


async def _capture_one(case: OpenCase, target: Target, *, settings: CaptureSettings, browser: OpenBrowser) -> Captured:
    clock = SystemClock()
    watch = Stopwatch()
    identity = new_id(clock)
    with scratch(case.scratch, identity) as folder:
        taken = await take(
            target, browser=browser, settings=settings, clock=clock, new_id=new_record_id, scratch=folder
        )
        with watch.step("describe"):
            capture = _described(case, identity, taken)
            prepared = prepare(folder, Statement(subjects=subjects_of(capture), predicate=capture))
        with watch.step("store_seal_record"):
            recorded = finish(case, prepared)
    return Captured(capture=capture, recorded=recorded, timings=(*taken.timings, *watch.timings))


def _described(case: OpenCase, identity: str, taken: Taken) -> Capture:
    return Capture(
        id=identity,
        case=case.name,
        citation_id=taken.attempt.target.citation_id,
        tool=this_tool(),
        attempt=taken.attempt,
        artifacts=tuple(describe(piece) for piece in taken.pieces),
    )


def _settings(config: CaptureConfig) -> CaptureSettings:
    width, height = config.viewport_px
    return CaptureSettings(
        timeout_s=config.timeout_s,
        viewport_width_px=width,
        viewport_height_px=height,
        locale=config.locale,
        timezone=config.timezone,
        allow_private=config.allow_private,
    )
