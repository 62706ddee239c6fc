"""Many files at once: the order is that of the asking, and a failure is raised in its place."""

import threading
import time
from collections.abc import Iterator

import pytest

from archiver.model.errors import Damaged
from archiver.verify.parallel import LARGE_BYTES, Work, in_order


def test_the_order_is_kept_whatever_takes_longer() -> None:
    def slow(number: int) -> int:
        time.sleep(0.02 if number % 3 == 0 else 0)
        return number

    work: list[Work[int]] = [
        (LARGE_BYTES if number % 2 else 1, lambda number=number: slow(number))  # type: ignore[misc] # bound here
        for number in range(40)
    ]
    assert list(in_order(work, workers=4)) == list(range(40))


def test_large_pieces_run_beside_each_other_and_small_ones_where_they_are_asked_for() -> None:
    both = threading.Barrier(2, timeout=10)
    here = threading.get_ident()
    work: list[Work[bool]] = [(LARGE_BYTES, lambda: both.wait() >= 0)] * 2
    assert list(in_order(work, workers=2)) == [True, True]
    assert list(in_order([(1, threading.get_ident)], workers=2)) == [here]
    assert list(in_order([(LARGE_BYTES, threading.get_ident)], workers=2)) != [here]


def test_only_a_bounded_number_is_taken_ahead() -> None:
    taken = 0
    go = threading.Event()

    def work() -> Iterator[Work[bool]]:
        nonlocal taken
        for _ in range(100):
            taken += 1
            yield LARGE_BYTES, lambda: go.wait(10)

    results = in_order(work(), workers=2)
    threading.Timer(0.2, go.set).start()
    assert next(results)
    assert taken <= 8
    assert len(list(results)) == 99


def test_what_a_piece_raises_is_raised_in_its_place() -> None:
    def torn() -> int:
        raise Damaged("torn")

    results = in_order([(LARGE_BYTES, lambda: 1), (LARGE_BYTES, torn)], workers=2)
    assert next(results) == 1
    with pytest.raises(Damaged, match="torn"):
        next(results)
