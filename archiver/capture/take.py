"""Take one source: everything between a target and the files that a capture of it leaves in scratch space.

The screenshot comes first: what the window showed is kept before anything is waited for or read.
"""

import asyncio
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Final

from archiver.capture.attempted import Attempted, limits_of
from archiver.capture.browser import OpenBrowser
from archiver.capture.direct import fetch
from archiver.capture.document import document
from archiver.capture.exchange import Recording
from archiver.capture.facts import bounded, listed, main_chain, response_facts, tls_facts
from archiver.capture.guard import Guard, Refusal, Resolver, system_resolver
from archiver.capture.outcome import Seen, classify
from archiver.capture.recorder import CdpRecorder
from archiver.capture.settings import CaptureSettings
from archiver.capture.settle import Deadline
from archiver.capture.stopwatch import Stopwatch
from archiver.capture.visit import Visit, save
from archiver.capture.write_warc import View, pem_chain, write
from archiver.model.errors import StoreError
from archiver.model.evidence import (
    Attempt,
    EngineFacts,
    Method,
    Piece,
    Reason,
    Role,
    Taken,
    Target,
    WarcFacts,
)
from archiver.model.instant import Clock

__all__ = ["CaptureSettings", "take"]

_STOP_S: Final = 2.0
_LONGEST_RESERVE_S: Final = 15.0
_MOST_REFUSALS: Final = 1_000
_VIEWS: Final = {Role.SCREENSHOT_VIEWPORT: "view", Role.SCREENSHOT_FULL: "fullPage", Role.TEXT: "text"}


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
    guard = Guard(allow_private=settings.allow_private, resolver=resolver)
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
        visit, recording = await self._browse()
        # (10) What is no page is fetched again by the direct client, byte for byte.
        if recording.direct_wanted is not None or visit.downloading:
            return await self._fetch_directly(recording)
        return await self._through_browser(visit, recording)

    async def _browse(self) -> tuple[Visit, Recording]:
        recorder = CdpRecorder(
            scratch=self.bodies, clock=self._clock, refuse=self._refuse, max_body_bytes=self._settings.max_bytes
        )
        visit = Visit(
            browser=self._browser,
            recorder=recorder,
            settings=self._settings,
            clock=self._clock,
            deadline=self._deadline,
            scratch=self._scratch,
        )
        step = self._watch.step
        try:
            # (2) A fresh context; the recorder hears before the page exists.
            with step("browser_context"):
                await visit.open()
            # (3) Navigate, and wait for the load event while time is left for the steps below.
            with step("load"):
                await visit.navigate(self._target.url, keep_s=self._reserve_s)
            if visit.committed:
                # (4) What the window shows, before anything is done.
                with step("screenshots"):
                    await visit.picture_viewport()
                # (5) Let the network come to rest, a bounded while.
                with step("settle"):
                    await visit.settle(keep_s=self._reserve_s * 2 / 3)
                # (6) The whole page.
                with step("screenshots"):
                    await visit.picture_full_page()
                # (7) DOM, text, and what the page says of itself.
                with step("read"):
                    await visit.read()
            # (8) The recorder ends: what is unfinished by now is marked as cut off.
            with step("stop_recorder"):
                recording = await recorder.stop(self._deadline.left(at_most=0.1 if visit.crashed else _STOP_S))
        finally:
            # (9) The context and all that it stored are gone.
            with step("close"):
                await visit.close()
        return visit, recording

    async def _through_browser(self, visit: Visit, recording: Recording) -> Taken:
        outcome = classify(self._seen(visit, recording))
        found = Attempted(method=Method.BROWSER, engine=self._browser.facts, outcome=outcome)
        # (11) What came from a forbidden address is not kept: the attempt says so, and nothing else.
        if self._forbidden(recording) is not None:
            _drop(visit.pieces)
            return self._taken(found)
        # (12) Everything that was exchanged goes into the WARC, with the pictures and the text.
        pieces, warc = await self._write(
            recording, visit.pieces, page_url=visit.url or self._target.url, recorder=CdpRecorder.name
        )
        found = replace(
            found,
            recording=recording,
            pieces=pieces,
            warc=warc,
            page=replace(visit.claims.facts, height_px=visit.page_height_px) if visit.claims else None,
            interventions=tuple(visit.interventions),
            limits=tuple(visit.limits),
        )
        return self._taken(found)

    def _seen(self, visit: Visit, recording: Recording) -> Seen:
        main, failure, claims = recording.main, recording.main_failure, visit.claims
        cut_off = ("main_document_body",) if main is not None and main.truncated else ()
        return Seen(
            requested_url=self._target.url,
            final_url=visit.url,
            refusal=self._forbidden(recording) or (self._refusals.get(failure.url) if failure else None),
            crashed=visit.crashed,
            committed=visit.committed,
            navigation_error=visit.navigation_error or (failure.error if failure else None),
            status=main.status if main is not None else None,
            has_password_input=claims is not None and claims.has_password_input,
            text_characters=claims.facts.text_characters if claims else None,
            pictures=claims.pictures if claims else None,
            timed_out=visit.timed_out,
            missing=(*visit.missing, *cut_off),
        )

    async def _fetch_directly(self, seen: Recording) -> Taken:
        agent = self._browser.facts.user_agent or ""
        with self._watch.step("load"):
            fetched = await asyncio.to_thread(
                fetch,
                self._target.url,
                guard=self._guard,
                clock=self._clock,
                scratch=self.bodies,
                timeout_s=self._deadline.left(),
                max_bytes=self._settings.max_bytes,
                user_agent=agent,
                locale=self._settings.locale,
            )
        recording = replace(fetched.recording, unrecorded=(*seen.unrecorded, *fetched.recording.unrecorded))
        main = recording.main
        file = document(main, scratch=self._scratch, max_bytes=self._settings.max_bytes) if main else None
        missing = () if file is not None and main is not None and not main.truncated else ("document",)
        outcome = classify(
            Seen(
                requested_url=self._target.url,
                final_url=main.url if main else None,
                refusal=fetched.refusal,
                committed=main is not None and fetched.error is None,
                navigation_error=fetched.error,
                status=main.status if main else None,
                timed_out=main is not None and main.truncated == "time",
                missing=missing if main else (),
            )
        )
        pieces, warc = await self._write(
            recording, [file] if file else [], page_url=main.url if main else self._target.url, recorder="direct"
        )
        return self._taken(
            Attempted(
                method=Method.DIRECT,
                engine=EngineFacts(name="requests", version=version("requests"), user_agent=agent),
                outcome=outcome,
                recording=recording,
                pieces=pieces,
                warc=warc,
                limits=("browser_asked_first",),
            )
        )

    async def _write(
        self, recording: Recording, files: Sequence[Piece], *, page_url: str, recorder: str
    ) -> tuple[tuple[Piece, ...], WarcFacts | None]:
        """Give the files with the WARC and the certificates; without any exchange there is neither."""
        if not recording.exchanges:
            return tuple(files), None
        path = self._scratch / "capture.warc.gz"
        views = [
            View(kind=_VIEWS[piece.role], media_type=piece.media_type, path=piece.path)
            for piece in files
            if piece.role in _VIEWS
        ]
        with self._watch.step("writing"):
            try:
                facts = await asyncio.to_thread(
                    write,
                    recording,
                    path=path,
                    page_url=page_url,
                    at=self._clock.now(),
                    recorder=recorder,
                    views=views,
                    user_agent=self._browser.facts.user_agent,
                    new_id=self._new_id,
                )
            except OSError as error:
                raise StoreError(f"{path.name}: could not be written to scratch space: {error}") from error
            pieces = [Piece(role=Role.WARC, name=path.name, media_type="application/warc", path=path), *files]
            chain = main_chain(recording)
            if chain:
                pem = save(self._scratch / "tls-chain.pem", pem_chain(chain))
                pieces.append(
                    Piece(role=Role.TLS_CHAIN, name=pem.name, media_type="application/pem-certificate-chain", path=pem)
                )
        return tuple(pieces), facts

    async def _judge(self, check: Callable[[str], Refusal | None], url: str) -> Refusal | None:
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
            tls=tls_facts(found.recording),
            page=found.page,
            warc=found.warc,
            interventions=bounded(found.interventions),
            seen_not_recorded=listed(found.recording.unrecorded),
            limits=limits_of(found),
        )
        return Taken(attempt=attempt, pieces=found.pieces, timings=self._watch.timings)


def _drop(pieces: Sequence[Piece]) -> None:
    for piece in pieces:
        piece.path.unlink(missing_ok=True)
