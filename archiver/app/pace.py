"""Which source is taken next: many at once, few at a time of one host, resting where a host asks for rest.

Pure but for the event loop's clock. A source that failed for a passing reason comes back later, as another
attempt; one that may have brought down the browser comes back alone, so that it harms no other. A host rests for
as long as it asks, but never longer than `_LONGEST_REST_S`: else one answer could hold up a run for a day.
"""

import asyncio
import os
from dataclasses import dataclass, field, replace
from typing import Final

from archiver.capture.host import read_authority
from archiver.model.errors import FormatError
from archiver.model.evidence import Reason, State, Taken, Target

_BACKOFF_S: Final = (2.0, 8.0, 30.0)
_LONGEST_REST_S: Final = 120
_PASSING: Final = frozenset(
    {Reason.CONNECTION, Reason.TIMEOUT, Reason.DNS, Reason.RATE_LIMITED, Reason.HTTP_SERVER_ERROR, Reason.BROWSER_CRASH}
)
_MEMORY_EACH: Final = 1 << 30
_MOST_JOBS: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One attempt to make: ``number`` is the target's place in the run, ``tried`` how often it was tried before."""

    target: Target
    number: int
    tried: int = 0
    not_before: float = 0.0
    alone: bool = False

    @property
    def host(self) -> str:
        """Give the host that the target is asked of, in its one form; empty for a URL that names none."""
        try:
            return read_authority(self.target.url).host.rstrip(".")
        except FormatError:
            return ""


@dataclass(slots=True, kw_only=True)
class Pace:
    """The turns of one run. `take` gives the next one, `give_back` says how it ended."""

    waiting: list[Turn]
    per_host: int
    retries: int
    running: list[Turn] = field(default_factory=list)
    _rests: dict[str, float] = field(default_factory=dict)
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def take(self) -> Turn | None:
        """Give the first turn that may begin, waiting for it; None once nothing is left and nothing runs."""
        async with self._changed:
            while self.waiting or self.running:
                turn = next((one for one in self.waiting if self._may_begin(one)), None)
                if turn is not None:
                    self.waiting.remove(turn)
                    self.running.append(turn)
                    return turn
                await self._wait()
            self._changed.notify_all()
            return None

    async def give_back(self, turn: Turn, taken: Taken) -> None:
        """Say how a turn ended: it is over, or comes back later."""
        async with self._changed:
            self.running.remove(turn)
            now = asyncio.get_running_loop().time()
            rest_s = _host_rest_s(turn, taken)
            if rest_s is not None:
                self._rests[turn.host] = max(self._rests.get(turn.host, 0), now + min(rest_s, _LONGEST_REST_S))
            wait_s = _wait_s(turn, taken)
            if wait_s is not None and turn.tried < self.retries and wait_s <= _LONGEST_REST_S:
                crashed = taken.attempt.outcome.reason is Reason.BROWSER_CRASH
                self.waiting.append(replace(turn, tried=turn.tried + 1, not_before=now + wait_s, alone=crashed))
            self._changed.notify_all()

    def _may_begin(self, turn: Turn) -> bool:
        now = asyncio.get_running_loop().time()
        if (turn.alone and self.running) or any(one.alone for one in self.running):
            return False
        if turn.not_before > now or self._rests.get(turn.host, 0) > now:
            return False
        return sum(1 for one in self.running if one.host == turn.host) < self.per_host

    async def _wait(self) -> None:
        now = asyncio.get_running_loop().time()
        times = [max(one.not_before, self._rests.get(one.host, 0)) - now for one in self.waiting]
        soonest = min((one for one in times if one > 0), default=None)
        try:
            await asyncio.wait_for(self._changed.wait(), soonest)
        except TimeoutError:
            return


def _wait_s(turn: Turn, taken: Taken) -> float | None:
    """Give how long to wait before another try; None where another try would say the same."""
    outcome = taken.attempt.outcome
    if outcome.state is not State.FAILED or outcome.reason not in _PASSING:
        return None
    return max(_usual_s(turn), float(taken.retry_after_s or 0))


def _host_rest_s(turn: Turn, taken: Taken) -> float | None:
    """Give how long a host asked to be left alone, whatever the page said besides; None where it did not."""
    if taken.retry_after_s is not None:
        return float(taken.retry_after_s)
    return _usual_s(turn) if taken.attempt.outcome.reason is Reason.RATE_LIMITED else None


def _usual_s(turn: Turn) -> float:
    return _BACKOFF_S[min(turn.tried, len(_BACKOFF_S) - 1)]


def usual_jobs() -> int:
    """Give how many sources this machine takes at once: by its processors and its memory."""
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        memory = _MEMORY_EACH
    return max(1, min(_MOST_JOBS, (os.cpu_count() or 1) + 1, memory // _MEMORY_EACH))
