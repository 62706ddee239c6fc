"""Take one source: everything between a target and the files that a capture of it leaves in scratch space.

The screenshot comes first: what the window showed is kept before anything is waited for or read.
"""

import asyncio
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from archiver.capture.attempted import Attempted, limits_of
from archiver.capture.besides import Besides
from archiver.capture.browser import OpenBrowser
from archiver.capture.direct import DirectClient
from archiver.capture.exchange import Recording
from archiver.capture.facts import bounded, item_facts, listed, response_facts, retry_after_s, tls_facts
from archiver.capture.guard import Guard, Refusal, Resolver, system_resolver
from archiver.capture.interception import Interception
from archiver.capture.judging import seen_of, structure_of
from archiver.capture.outcome import Seen, classify
from archiver.capture.outward import Outward
from archiver.capture.platforms import more_extras, read_item, rules_for
from archiver.capture.platforms.item import Rules
from archiver.capture.recorder import CdpRecorder
from archiver.capture.relay import Relay
from archiver.capture.settings import CaptureSettings
from archiver.capture.settle import Deadline
from archiver.capture.stopwatch import Stopwatch
from archiver.capture.structure import Structure
from archiver.capture.take_document import take_document
from archiver.capture.told import judged_besides, with_besides
from archiver.capture.video import Videos, videos_of
from archiver.capture.visit import Visit
from archiver.capture.write_files import write_files
from archiver.model.errors import StoreError
from archiver.model.evidence import Attempt, Method, Piece, Reason, Taken, Target, WarcFacts
from archiver.model.instant import Clock

__all__ = ["CaptureSettings", "take"]

_STOP_S: Final = 2.0
_LONGEST_RESERVE_S: Final = 15.0
_MOST_REFUSALS: Final = 1_000


async def take(
    target: Target,
    *,
    browser: OpenBrowser,
    settings: CaptureSettings,
    clock: Clock,
    new_id: Callable[[], str],
    scratch: Path,
    resolver: Resolver = system_resolver,
) -> Taken:
    """Give the attempt and its files. A bad source is a failed attempt with what came back, never an exception.

    Ends at ``settings.timeout_s``, writing excepted. The same target may be taken again; nothing is remembered.
    Raises StoreError where scratch space cannot be written.
    """
    guard = Guard(allow_private=settings.allow_private, resolver=resolver, resolves=not settings.proxy)
    taking = _Taking(
        target, browser=browser, settings=settings, clock=clock, new_id=new_id, scratch=scratch, guard=guard
    )
    try:
        return await taking.run()
    finally:
        shutil.rmtree(taking.bodies, ignore_errors=True)


class _Taking:
    """One take under way: the arguments, the deadline, and what the guard refused meanwhile."""

    def __init__(
        self,
        target: Target,
        *,
        browser: OpenBrowser,
        settings: CaptureSettings,
        clock: Clock,
        new_id: Callable[[], str],
        scratch: Path,
        guard: Guard,
    ) -> None:
        self._target = target
        self._browser = browser
        self._settings = settings
        self._clock = clock
        self._new_id = new_id
        self._scratch = scratch
        self._guard = guard
        self._relay = Relay(guard=guard, outward=Outward(settings.proxy), max_bytes=settings.max_bytes)
        self._item = read_item(target.url)
        self._rules = rules_for(self._item) if self._item is not None else Rules()
        self._deadline = Deadline(settings.timeout_s)
        self._reserve_s = min(_LONGEST_RESERVE_S, settings.timeout_s / 3)
        self._refusals: dict[str, Refusal] = {}
        self._watch = Stopwatch()
        self._started_at = clock.now()
        self.bodies = scratch / "bodies"

    async def run(self) -> Taken:
        """Take the source."""
        # (1) Nothing is asked of an address that the guard refuses.
        refusal = await self._judge(self._guard.check, self._target.url)
        if refusal is not None:
            outcome = classify(Seen(requested_url=self._target.url, refusal=refusal))
            return self._taken(Attempted(method=Method.BROWSER, engine=self._browser.facts, outcome=outcome))
        try:
            self.bodies.mkdir()
        except OSError as error:
            raise StoreError(f"scratch space: {error}") from error
        # (2) The one way out: a relay to the addresses that the guard gave.
        async with self._relay:
            visit, recording = await self._browse()
            # (13) What is no page is fetched again by the direct client, byte for byte.
            is_document = recording.direct_wanted is not None or visit.url in recording.late_documents
            if is_document or visit.downloading:
                return await self._as_document(recording)
            return await self._as_page(visit, recording)

    async def _browse(self) -> tuple[Visit, Recording]:
        visit = Visit(
            browser=self._browser,
            new_recorder=self._recorder,
            relay=self._relay,
            settings=self._settings,
            clock=self._clock,
            deadline=self._deadline,
            scratch=self._scratch,
        )
        try:
            # (3) A fresh context; the recorder hears before the page navigates.
            with self._watch.step("browser_context"):
                await visit.open()
            # (4) Navigate, and wait for the load event while time is left for the steps below.
            with self._watch.step("load"):
                await visit.navigate(self._target.url, keep_s=self._reserve_s)
            if visit.committed:
                await self._look(visit)
            # (11) The recorder ends: what is unfinished by now is marked as cut off.
            with self._watch.step("stop_recorder"):
                recording = await visit.stop(self._deadline.left(at_most=_STOP_S))
        finally:
            # (12) The context and all that it stored are gone.
            with self._watch.step("close"):
                await visit.close()
        return visit, recording

    async def _look(self, visit: Visit) -> None:
        step = self._watch.step
        # (5) What the window shows, before anything is done.
        with step("screenshots"):
            await visit.picture_viewport()
        # (6) Let the network come to rest, a bounded while.
        with step("settle"):
            await visit.settle(keep_s=self._reserve_s * 2 / 3)
        # (7) DOM, text, and what the page says of itself: the page hears it when more than its window is drawn.
        with step("read"):
            await visit.read()
        # (8) The whole page, and (9) the cited post by itself: still untouched.
        with step("screenshots"):
            await visit.picture_full_page()
            await visit.picture_post(self._rules)
        # (10) Only now the gentle things, each logged, and what the page shows after them.
        if self._settings.behave:
            with step("behave"):
                await visit.behave(self._rules, keep_s=self._reserve_s / 3)

    async def _as_page(self, visit: Visit, recording: Recording) -> Taken:
        structure = structure_of(self._target.url, visit, recording, item=self._item)
        failure = recording.main_failure
        seen = seen_of(
            self._target.url,
            visit,
            recording,
            refusal=self._forbidden(recording) or (self._refusals.get(failure.url) if failure else None),
            structure=structure,
            item=self._item,
            too_large=self._relay.spent,
        )
        found = Attempted(
            method=Method.BROWSER, engine=self._browser.facts, settings=self._settings, outcome=classify(seen)
        )
        # (14) What came from a forbidden address is not kept: the attempt says so, and nothing else.
        if self._forbidden(recording) is not None:
            _drop(visit.pieces)
            return self._taken(found)
        # (15) What is fetched besides: bodies that the browser does not give, and what the platform's rules would save.
        besides = Besides(self._client(), deadline=self._deadline, scratch=self._scratch)
        with self._watch.step("besides"):
            await besides.lost(recording)
            told = await self._extras(besides, structure)
            videos = await self._videos()
        if told is not None and seen.judgement is None and seen.committed and not seen.crashed:
            found = replace(found, outcome=classify(replace(seen, judgement=told)))
        recording = besides.added(recording)
        # (16) Everything that was exchanged goes into the WARC, with the pictures and the text.
        files = [*visit.pieces, *besides.pieces, *videos.pieces]
        page_url = visit.url or self._target.url
        pieces, warc = await self._write(recording, files, page_url=page_url, recorder=CdpRecorder.name)
        return self._taken(
            replace(
                found,
                recording=recording,
                pieces=pieces,
                warc=warc,
                page=replace(visit.claims.facts, height_px=visit.page_height_px) if visit.claims else None,
                item=item_facts(self._item, structure),
                interventions=visit.interventions,
                limits=(*visit.limits, *videos.limits),
            )
        )

    async def _as_document(self, seen: Recording) -> Taken:
        with self._watch.step("load"):
            document = await take_document(
                self._target.url, seen=seen, client=self._client(), deadline=self._deadline, scratch=self._scratch
            )
        found = document.found
        pieces, warc = await self._write(found.recording, found.pieces, page_url=document.page_url, recorder="direct")
        return self._taken(
            replace(found, settings=self._settings, pieces=pieces, warc=warc, item=item_facts(self._item))
        )

    async def _extras(self, besides: Besides, structure: Structure) -> tuple[Reason, str] | None:
        """Fetch what the platform's rules would save, and what that tells of; give what it tells against the page."""
        item = self._item
        if item is None or not self._settings.extras:
            return None
        await besides.extras((*item.extras, *more_extras(item, structure)))
        told = with_besides(item, structure, besides.exchanges)
        await besides.extras(more_extras(item, told))
        return judged_besides(item, told)

    async def _videos(self) -> Videos:
        if not self._settings.video:
            return Videos()
        timeout_s = self._deadline.left()
        self._relay.expect_all()
        return await asyncio.to_thread(
            videos_of,
            self._target.url,
            scratch=self._scratch,
            proxy=self._relay.url,
            timeout_s=timeout_s,
            max_bytes=self._settings.max_bytes,
        )

    def _client(self) -> DirectClient:
        """Give the direct client, which may receive what is left of the source's bytes."""
        return DirectClient(
            guard=self._guard,
            clock=self._clock,
            scratch=self.bodies,
            max_bytes=max(self._settings.max_bytes - self._relay.received, 0),
            user_agent=self._browser.facts.user_agent or "",
            locale=self._settings.locale,
            proxy=self._relay.url if self._settings.proxy else "",
            announce=self._relay.expect,
            verifies=not self._settings.ignore_https_errors,
        )

    def _recorder(self, interception: Interception) -> CdpRecorder:
        return CdpRecorder(
            interception=interception,
            peers=self._relay,
            scratch=self.bodies,
            clock=self._clock,
            refuse=self._refuse,
            max_body_bytes=self._settings.max_bytes,
        )

    async def _write(
        self, recording: Recording, files: Sequence[Piece], *, page_url: str, recorder: str
    ) -> tuple[tuple[Piece, ...], WarcFacts | None]:
        """Give the files with the WARC and the certificates; without any exchange there is neither."""
        if not recording.exchanges:
            return tuple(files), None
        with self._watch.step("writing"):
            return await asyncio.to_thread(
                write_files,
                recording,
                files,
                scratch=self._scratch,
                page_url=page_url,
                at=self._clock.now(),
                recorder=recorder,
                user_agent=self._browser.facts.user_agent,
                new_id=self._new_id,
            )

    async def _judge(self, check: Callable[[str], Refusal | None], url: str) -> Refusal | None:
        if self._guard.knows(url):
            return check(url)
        try:
            async with asyncio.timeout(self._deadline.left()):
                return await asyncio.to_thread(check, url)
        except TimeoutError:
            return Refusal(reason=Reason.TIMEOUT, why="name not resolved before the deadline")

    async def _refuse(self, url: str) -> str | None:
        """Tell the recorder whether a request of the page may go out; keep the refusal for the judgement."""
        refusal = await self._judge(self._guard.check_inside, url)
        if refusal is None:
            return None
        if len(self._refusals) < _MOST_REFUSALS:
            self._refusals[url] = refusal
        return refusal.why

    def _forbidden(self, recording: Recording) -> Refusal | None:
        """Give why what was got may not be kept: a name led to another address than the guard was told of."""
        judged = (self._guard.check_address(one.remote_ip) for one in recording.exchanges if one.remote_ip)
        return next((refusal for refusal in judged if refusal is not None), None)

    def _taken(self, found: Attempted) -> Taken:
        response = response_facts(found.recording)
        attempt = Attempt(
            target=self._target,
            method=found.method,
            started_at=self._started_at,
            finished_at=self._clock.now(),
            outcome=found.outcome,
            settings=self._settings.facts(),
            engine=found.engine,
            response=response,
            tls=tls_facts(found.recording, errors_ignored=self._settings.ignore_https_errors),
            page=found.page,
            item=found.item,
            warc=found.warc,
            interventions=bounded(found.interventions),
            seen_not_recorded=listed(found.recording.unrecorded),
            limits=limits_of(found),
        )
        return Taken(
            attempt=attempt,
            pieces=found.pieces,
            timings=self._watch.timings,
            retry_after_s=retry_after_s(found.recording),
        )


def _drop(pieces: Sequence[Piece]) -> None:
    for piece in pieces:
        piece.path.unlink(missing_ok=True)
