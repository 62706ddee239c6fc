"""What the tests of faults ask of a take: its parts, its text, and the records of its WARC with their heads."""

import asyncio
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from warcio.archiveiterator import ArchiveIterator

from archiver.capture.browser import OpenBrowser
from archiver.capture.settings import CaptureSettings
from archiver.capture.take import take
from archiver.model.evidence import Reason, Role, State, Taken, Target
from tests.unit.capture.conftest import TickingClock

PICTURES = frozenset({Role.SCREENSHOT_VIEWPORT, Role.SCREENSHOT_FULL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One response record: its payload as stored, and the word for why that was cut off."""

    url: str
    payload: bytes
    truncated: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """A take, and how long it took."""

    taken: Taken
    seconds: float


async def take_one(browser: OpenBrowser, url: str, scratch: Path, **settings: Any) -> Timed:  # noqa: ANN401
    """Take one source in a scratch folder that is there."""
    numbers = count(1)
    began = time.monotonic()
    taken = await take(
        Target(url=url),
        browser=browser,
        settings=CaptureSettings(**({"timeout_s": 30, "allow_private": True, "quiet_ms": 200} | settings)),
        clock=TickingClock(),
        new_id=lambda: f"<urn:uuid:00000000-0000-4000-8000-{next(numbers):012d}>",
        scratch=scratch,
    )
    return Timed(taken=taken, seconds=time.monotonic() - began)


async def take_at_once(
    browser: OpenBrowser,
    folder: Path,
    urls: Mapping[str, str],
    *,
    at_once: int = 6,
    **settings: Any,  # noqa: ANN401
) -> dict[str, Timed]:
    """Take several sources, some at once, in one browser; give each by its name."""
    gate = asyncio.Semaphore(at_once)

    async def one(url: str) -> Timed:
        async with gate:
            return await take_one(browser, url, Path(tempfile.mkdtemp(dir=folder)), **settings)

    return dict(zip(urls, await asyncio.gather(*map(one, urls.values())), strict=True))


def roles(taken: Taken) -> set[Role]:
    return {one.role for one in taken.pieces}


def text(taken: Taken) -> str:
    return next(one for one in taken.pieces if one.role is Role.TEXT).path.read_text("utf-8")


def responses(taken: Taken) -> list[Response]:
    """Give every response record of the WARC; none where there is no WARC."""
    path = next((one.path for one in taken.pieces if one.role is Role.WARC), None)
    if path is None:
        return []
    with path.open("rb") as stream:
        return [
            Response(
                url=record.rec_headers.get_header("WARC-Target-URI"),
                payload=record.raw_stream.read(),
                truncated=record.rec_headers.get_header("WARC-Truncated"),
            )
            for record in ArchiveIterator(stream)
            if record.rec_type == "response"
        ]


def response(taken: Taken, url: str) -> Response:
    return next(one for one in responses(taken) if one.url == url)


def ended(taken: Taken) -> tuple[State, Reason | None]:
    return taken.attempt.outcome.state, taken.attempt.outcome.reason
