"""Capture every cited source of a case that is not recorded yet: fetch several at once; store, seal, record each."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from archiver.app.clock import SystemClock
from archiver.app.config import CaptureConfig
from archiver.app.ids import new_id, new_record_id
from archiver.app.pace import Pace, Turn, usual_jobs
from archiver.app.prepared import describe, prepare, scratch
from archiver.app.recording import OpenCase, finish
from archiver.app.tool import this_tool
from archiver.capture.browser import OpenBrowser, open_browser
from archiver.capture.settings import CaptureSettings
from archiver.capture.stopwatch import Stopwatch
from archiver.capture.take import take
from archiver.formats.manifest import subjects_of
from archiver.model.citation import CitationList, Decision
from archiver.model.evidence import Capture, Collector, State, Taken, Target, Timing
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
    erased: tuple[str, ...] = ()
    unlinked: tuple[str, ...] = ()


Starting = Callable[[Target, int, int], None]
Finished = Callable[[Captured], None]


def plan(citations: CitationList, recorded: Sequence[Capture], *, again: bool, retry: bool) -> Plan:
    """Give what is not recorded yet, in the order of the draft.

    A recorded failure counts as recorded: an absent source is a fact. What was erased is left alone: it was to be
    forgotten. ``retry`` takes failed ones up again, ``again`` takes up everything.
    """
    ended: dict[tuple[str, str], State] = {}
    for one in recorded:
        key = (one.citation_id or "", one.attempt.target.url)
        if ended.get(key) is not State.OK:
            ended[key] = one.attempt.outcome.state
    targets: list[Target] = []
    skipped: dict[str, list[str]] = {"recorded": [], "failed": [], "erased": [], "unlinked": []}
    for citation in citations.citations:
        if citation.url is None:
            skipped["unlinked"].append(citation.id)
            continue
        state = ended.get((citation.id, citation.url))
        if citation.decision is Decision.ERASED and not again:
            skipped["erased"].append(citation.id)
        elif state is None or again or (retry and state is State.FAILED):
            quotes = tuple(quote.text for quote in citation.quotes)
            targets.append(Target(url=citation.url, citation_id=citation.id, quotes=quotes))
        else:
            skipped["failed" if state is State.FAILED else "recorded"].append(citation.id)
    return Plan(
        targets=tuple(targets),
        recorded=tuple(skipped["recorded"]),
        failed_before=tuple(skipped["failed"]),
        erased=tuple(skipped["erased"]),
        unlinked=tuple(skipped["unlinked"]),
    )


def capture_all(
    case: OpenCase,
    targets: Sequence[Target],
    *,
    config: CaptureConfig,
    starting: Starting,
    finished: Finished,
    login: Path | None = None,
    session: str | None = None,
    collector: Collector | None = None,
) -> tuple[Captured, ...]:
    """Capture the targets, several at once, and record each as it ends; give all attempts in the targets' order.

    A source that cannot be captured is a recorded attempt, never an exception; one that failed for a passing
    reason is tried again, and each try is recorded. What was recorded before an interruption stays recorded; an
    interrupted attempt is repeated by the next run.
    """
    if not targets:
        return ()
    run = _Run(
        case=case,
        total=len(targets),
        settings=_settings(config, login=login, jobs=min(config.jobs or usual_jobs(), len(targets))),
        starting=starting,
        finished=finished,
        session=session,
        collector=collector,
    )
    asyncio.run(run.all(targets, config))
    return tuple(one for number in sorted(run.done) for one in run.done[number])


@dataclass(slots=True, kw_only=True)
class _Run:
    case: OpenCase
    total: int
    settings: CaptureSettings
    starting: Starting
    finished: Finished
    session: str | None = None
    collector: Collector | None = None
    done: dict[int, list[Captured]] = field(default_factory=dict)
    recording: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def all(self, targets: Sequence[Target], config: CaptureConfig) -> None:
        """Take every target; the first error of this machine or a signer ends the run."""
        pace = Pace(
            waiting=[Turn(target=target, number=number) for number, target in enumerate(targets, 1)],
            per_host=config.per_host,
            retries=config.retries,
        )
        async with open_browser(configured=config.browser) as browser:
            try:
                async with asyncio.TaskGroup() as tasks:
                    for _ in range(self.settings.jobs or 1):
                        tasks.create_task(self._worker(pace, browser, tasks))
            except ExceptionGroup as errors:
                raise errors.exceptions[0] from None

    async def _worker(self, pace: Pace, browser: OpenBrowser, tasks: asyncio.TaskGroup) -> None:
        """Fetch one source after another. While one is stored and recorded the next is fetched, and no third."""
        recording: asyncio.Task[None] | None = None
        while (turn := await pace.take()) is not None:
            self.starting(turn.target, turn.number, self.total)
            clock = SystemClock()
            identity = new_id(clock)
            with ExitStack() as stack:
                folder = stack.enter_context(scratch(self.case.scratch, identity))
                taken = await take(
                    turn.target,
                    browser=browser,
                    settings=self.settings,
                    clock=clock,
                    new_id=new_record_id,
                    scratch=folder,
                )
                await pace.give_back(turn, taken)
                if recording is not None:
                    await recording
                held = stack.pop_all()
            recording = tasks.create_task(self._record(turn.number, identity, taken, folder=folder, held=held))

    async def _record(self, number: int, identity: str, taken: Taken, *, folder: Path, held: ExitStack) -> None:
        watch = Stopwatch()
        with held:
            with watch.step("describe"):
                capture = await asyncio.to_thread(self._described, identity, taken)
                prepared = prepare(folder, Statement(subjects=subjects_of(capture), predicate=capture))
            # One at a time: the ledger has one writer, and its order is the order in which captures ended.
            async with self.recording:
                with watch.step("store_seal_record"):
                    recorded = await asyncio.to_thread(finish, self.case, prepared)
        captured = Captured(capture=capture, recorded=recorded, timings=(*taken.timings, *watch.timings))
        self.done.setdefault(number, []).append(captured)
        self.finished(captured)

    def _described(self, identity: str, taken: Taken) -> Capture:
        return Capture(
            id=identity,
            case=self.case.name,
            citation_id=taken.attempt.target.citation_id,
            tool=this_tool(),
            attempt=taken.attempt,
            session=self.session,
            collector=self.collector,
            artifacts=tuple(describe(piece) for piece in taken.pieces),
        )


def _settings(config: CaptureConfig, *, login: Path | None, jobs: int) -> CaptureSettings:
    width, height = config.viewport_px
    return CaptureSettings(
        timeout_s=config.timeout_s,
        viewport_width_px=width,
        viewport_height_px=height,
        device_scale_percent=config.device_scale * 100,
        locale=config.locale,
        timezone=config.timezone,
        allow_private=config.allow_private,
        max_bytes=config.max_mib << 20,
        service_workers="allow" if config.service_workers else "block",
        ignore_https_errors=config.ignore_https_errors,
        login=login,
        proxy=config.proxy,
        behave=config.behave,
        extras=config.extras,
        video=config.video,
        jobs=jobs,
        per_host=config.per_host,
        retries=config.retries,
    )
