"""Large files on all processors at once: hashing and inflating let other threads run, so threads are enough.

Small files are done where they are asked for: handing one over costs more than it saves. The order is kept, and so many
are under way that memory stays bounded.
"""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

LARGE_BYTES = 1 << 20
_AHEAD = 2
_MOST_WORKERS = 8

Result = TypeVar("Result")
Work = tuple[int, Callable[[], Result]]
"""How many bytes it is about, and what is to be done with them."""


def in_order(work: Iterable[Work[Result]], *, workers: int | None = None) -> Iterator[Result]:
    """Give what each piece of work gives, in their order; what it raises is raised in its place."""
    count = min(workers or os.cpu_count() or 1, _MOST_WORKERS)
    waiting: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(max_workers=count) as pool:
        for size, do in work:
            if size >= LARGE_BYTES:
                waiting.append(pool.submit(do))
            else:
                waiting.append(_done(do))
            while waiting and (len(waiting) > count * _AHEAD or waiting[0].done()):
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _done(do: Callable[[], Result]) -> "Future[Result]":
    """Do it here and now; give it in the form of what was done elsewhere."""
    future: Future[Result] = Future()
    future.set_result(do())
    return future
