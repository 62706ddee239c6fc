"""Large work runs beside the caller, small work where it is asked for; a failure is raised where it counts."""

import threading

import pytest

from archiver.model.errors import Damaged
from archiver.verify.beside import LARGE_BYTES, Beside


def test_large_pieces_run_beside_each_other_and_small_ones_where_they_are_asked_for() -> None:
    both = threading.Barrier(3, timeout=10)
    here = threading.get_ident()
    with Beside(workers=2) as beside:
        large = [beside.begin(LARGE_BYTES, lambda: both.wait() >= 0) for _ in range(2)]
        both.wait()
        assert [one() for one in large] == [True, True]
        assert beside.begin(LARGE_BYTES - 1, threading.get_ident)() == here
        assert beside.begin(LARGE_BYTES, threading.get_ident)() != here


def test_small_work_does_not_begin_before_its_result_is_asked_for() -> None:
    done: list[int] = []
    with Beside(workers=1) as beside:
        ask = beside.begin(1, lambda: done.append(1))
        assert done == []
        ask()
    assert done == [1]


def test_what_a_piece_raises_is_raised_where_its_result_is_asked_for() -> None:
    def torn() -> int:
        raise Damaged("torn")

    with Beside(workers=1) as beside:
        ask, whole = beside.begin(LARGE_BYTES, torn), beside.begin(LARGE_BYTES, lambda: 1)
        assert whole() == 1
        with pytest.raises(Damaged, match="torn"):
            ask()


def test_what_has_not_begun_when_the_caller_fails_is_not_done() -> None:
    held = threading.Event()
    done: list[int] = []

    def failing() -> None:
        with Beside(workers=1) as beside:
            beside.begin(LARGE_BYTES, lambda: held.wait(10))
            beside.begin(LARGE_BYTES, lambda: done.append(1))
            threading.Timer(0.1, held.set).start()
            raise Damaged("elsewhere")

    with pytest.raises(Damaged, match="elsewhere"):
        failing()
    assert done == []
