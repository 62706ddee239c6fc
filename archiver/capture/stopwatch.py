"""How long steps take, for people and benches. Monotonic; never evidence."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from archiver.model.evidence import Timing


class Stopwatch:
    """Collects named durations in the order in which they ended."""

    def __init__(self) -> None:
        self._timings: list[Timing] = []

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time what happens inside, also when it fails."""
        start = time.monotonic_ns()
        try:
            yield
        finally:
            self._timings.append(Timing(step=name, duration_ms=(time.monotonic_ns() - start) // 1_000_000))

    @property
    def timings(self) -> tuple[Timing, ...]:
        """Give what was timed so far."""
        return tuple(self._timings)
