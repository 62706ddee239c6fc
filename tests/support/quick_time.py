"""An event loop whose clock jumps over every wait: minutes of backoff pass in no time, in their exact order."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

Value = TypeVar("Value")


class _Jumping(selectors.DefaultSelector):
    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> Any:  # noqa: ANN401 - the platform's own type
        if timeout is None:
            raise RuntimeError("nothing is left that could ever happen: this would wait for ever")
        self.now += max(0.0, timeout)
        return super().select(0)


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now


def run_quickly(work: Coroutine[Any, Any, Value]) -> Value:
    """Give what the work gives, its sleeps and timeouts jumped over; raise RuntimeError where it would hang."""
    with asyncio.Runner(loop_factory=_Loop) as runner:
        return runner.run(work)
