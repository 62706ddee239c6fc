"""Take one source in a process of its own, and say how much memory that process came to need: for tests of bounds."""

import asyncio
import json
import sys
import tempfile
from itertools import count
from pathlib import Path

from archiver.capture.browser import OpenBrowser, open_browser
from archiver.capture.settings import CaptureSettings
from archiver.capture.take import take
from archiver.model.evidence import Role, Taken, Target
from archiver.model.instant import Instant
from tests.support.peak_memory import peak_mib


class _Ticking:
    def __init__(self) -> None:
        self._ticks = count(1_700_000_000_000)

    def now(self) -> Instant:
        return Instant(next(self._ticks) * 1000)


async def _take(browser: OpenBrowser, url: str, scratch: Path, most_mib: int) -> Taken:
    numbers = count(1)
    settings = CaptureSettings(timeout_s=60, allow_private=True, quiet_ms=200, settle_s=40, max_bytes=most_mib << 20)
    return await take(
        Target(url=url),
        browser=browser,
        settings=settings,
        clock=_Ticking(),
        new_id=lambda: f"<urn:uuid:00000000-0000-4000-8000-{next(numbers):012d}>",
        scratch=scratch,
    )


async def _main(warm: str, url: str, folder: Path, most_mib: int) -> None:
    """Take a small source first, so that only the growth through the large one is counted."""
    small, large = Path(tempfile.mkdtemp(dir=folder)), Path(tempfile.mkdtemp(dir=folder))
    async with open_browser() as browser:
        await _take(browser, warm, small, most_mib)
        before = peak_mib()
        taken = await _take(browser, url, large, most_mib)
    outcome = taken.attempt.outcome
    text = next((piece.path.read_text("utf-8") for piece in taken.pieces if piece.role is Role.TEXT), "")
    found = {
        "state": outcome.state,
        "reason": outcome.reason,
        "rests_on": outcome.rests_on,
        "text": text,
        "grown_mib": peak_mib() - before,
        "declared": [[one.url, one.reason] for one in taken.attempt.seen_not_recorded],
        "files": {piece.name: str(piece.path) for piece in taken.pieces},
    }
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), int(sys.argv[4])))
