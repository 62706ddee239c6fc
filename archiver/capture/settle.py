"""Deadlines, and waiting until a page has come to rest."""

import asyncio
from typing import Final, Protocol

_GLANCE_S: Final = 0.05


class Activity(Protocol):
    """What a recorder tells of the network: requests under way, and the event loop's time of the last event."""

    @property
    def inflight(self) -> int:
        """Give how many requests have neither ended nor failed."""
        ...

    @property
    def last_activity(self) -> float:
        """Give when something last happened, by the event loop's clock."""
        ...


class Deadline:
    """The end of one source's time, by the event loop's monotonic clock."""

    def __init__(self, seconds: float) -> None:
        self._end = asyncio.get_running_loop().time() + seconds

    def left(self, *, at_most: float = float("inf"), keep: float = 0) -> float:
        """Give the seconds left, ``keep`` of them set aside for later steps; never less than a hundredth."""
        return max(0.01, min(at_most, self._end - keep - asyncio.get_running_loop().time()))


async def until_quiet(network: Activity, *, quiet_s: float, at_most_s: float) -> bool:
    """Wait until no request is under way and none was for ``quiet_s``; give whether that came to pass.

    Pages that never rest (polls, event streams, advertising) are left after ``at_most_s``.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + at_most_s
    while loop.time() < end:
        if network.inflight == 0 and loop.time() - network.last_activity >= quiet_s:
            return True
        await asyncio.sleep(_GLANCE_S)
    return False
