"""Large files are hashed beside all else: a digest of a mebibyte lets other threads run while it is made.

Nothing else runs in threads: a walk over a WARC asks for the interpreter again after each small record, and two walks
at once wait for each other longer than one after the other takes (docs/decisions/0017).
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self, TypeVar

LARGE_BYTES = 1 << 20
_MOST_WORKERS = 8

Result = TypeVar("Result")


class Beside:
    """Does work on large files while the caller does other things; to be used as a context, which ends it."""

    def __init__(self, *, workers: int | None = None) -> None:
        self._pool = ThreadPoolExecutor(max_workers=min(workers or os.cpu_count() or 1, _MOST_WORKERS))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it: what has not begun is not done any more."""
        self._pool.shutdown(cancel_futures=True)

    def begin(self, size_bytes: int, do: Callable[[], Result]) -> Callable[[], Result]:
        """Begin work on so many bytes, if they are many; give what waits for its result, and raises what it raised.

        Small work is done where its result is asked for: handing it over costs more than it saves.
        """
        return self._pool.submit(do).result if size_bytes >= LARGE_BYTES else do
