"""Take one source in a process of its own, and say how much memory that process came to need: for tests of bounds."""

import asyncio
import json
import resource
import sys
from itertools import count
from pathlib import Path

from archiver.capture.browser import open_browser
from archiver.capture.settings import CaptureSettings
from archiver.capture.take import take
from archiver.model.evidence import Role, Target
from archiver.model.instant import Instant


class _Ticking:
    def __init__(self) -> None:
        self._ticks = count(1_700_000_000_000)

    def now(self) -> Instant:
        return Instant(next(self._ticks) * 1000)


async def _main(warm: str, url: str, folder: Path, most_mib: int) -> None:
    """Take a small source first, so that only the growth through the large one is counted."""
    numbers = count(1)
    grown: list[int] = []
    async with open_browser() as browser:
        for name, one in (("warm", warm), ("large", url)):
            scratch = folder / name
            scratch.mkdir()
            taken = await take(
                Target(url=one),
                browser=browser,
                settings=CaptureSettings(
                    timeout_s=60, allow_private=True, quiet_ms=200, settle_s=40, max_bytes=most_mib << 20
                ),
                clock=_Ticking(),
                new_id=lambda: f"<urn:uuid:00000000-0000-4000-8000-{next(numbers):012d}>",
                scratch=scratch,
            )
            grown.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10)
    outcome = taken.attempt.outcome
    text = next((piece.path.read_text("utf-8") for piece in taken.pieces if piece.role is Role.TEXT), "")
    found = {
        "state": outcome.state,
        "reason": outcome.reason,
        "rests_on": outcome.rests_on,
        "text": text,
        "grown_mib": grown[1] - grown[0],
        "declared": [[one.url, one.reason] for one in taken.attempt.seen_not_recorded],
        "files": {piece.name: str(piece.path) for piece in taken.pieces},
    }
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), int(sys.argv[4])))
