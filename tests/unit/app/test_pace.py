"""Which source is taken when: few of one host, a rest where a host asks for it, one that crashed comes back alone."""

import asyncio
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import pytest

from archiver.app.pace import Pace, Turn, usual_jobs
from archiver.model.evidence import Outcome, Reason, State, Taken, Target
from tests.support.ledger_kit import sample_capture
from tests.support.quick_time import run_quickly

OK = Outcome(state=State.OK)


def failed(reason: Reason) -> Outcome:
    return Outcome(state=State.FAILED, reason=reason)


def ended(outcome: Outcome, *, retry_after_s: int | None = None) -> Taken:
    return Taken(attempt=replace(sample_capture(1).attempt, outcome=outcome), retry_after_s=retry_after_s)


@dataclass(frozen=True, kw_only=True)
class Taking:
    """One turn as it was taken: when it began and ended, and who else ran at its beginning."""

    url: str
    tried: int
    began_s: float
    others: tuple[str, ...]


def turns(urls: Iterable[str]) -> list[Turn]:
    return [Turn(target=Target(url=url), number=number) for number, url in enumerate(urls, 1)]


def run(
    urls: Sequence[str],
    answer: Callable[[Turn], Taken],
    *,
    jobs: int = 4,
    per_host: int = 2,
    retries: int = 1,
    lasts_s: float = 1,
) -> list[Taking]:
    """Give the takings of a run in which each lasts so long and ends with this answer."""
    takings: list[Taking] = []

    async def worker(pace: Pace) -> None:
        while (turn := await pace.take()) is not None:
            others = tuple(one.target.url for one in pace.running if one is not turn)
            now = asyncio.get_running_loop().time()
            takings.append(Taking(url=turn.target.url, tried=turn.tried, began_s=round(now, 3), others=others))
            await asyncio.sleep(lasts_s)
            await pace.give_back(turn, answer(turn))

    async def all_of_them() -> None:
        pace = Pace(waiting=turns(urls), per_host=per_host, retries=retries)
        await asyncio.gather(*(worker(pace) for _ in range(jobs)))
        assert (pace.waiting, pace.running) == ([], [])

    run_quickly(all_of_them())
    return takings


def test_many_are_taken_at_once_and_never_more_of_a_host_than_allowed() -> None:
    urls = [f"https://{host}.example/{n}" for n in range(6) for host in ("a", "b", "c")]
    takings = run(urls, lambda _: ended(OK), jobs=5, per_host=2)

    assert sorted(one.url for one in takings) == sorted(urls)
    assert max(len(one.others) for one in takings) == 4
    for one in takings:
        host = one.url.split("/")[2]
        assert sum(1 for other in one.others if f"/{host}/" in other) < 2


def test_a_waiting_host_holds_up_no_other() -> None:
    urls = ["https://slow.example/1", "https://slow.example/2", "https://other.example/"]
    takings = run(urls, lambda _: ended(OK), jobs=2, per_host=1)

    assert [one.url for one in takings][:2] == ["https://slow.example/1", "https://other.example/"]


@pytest.mark.parametrize(
    "spellings",
    [
        ("https://News.example/1", "https://news.example:8443/2", "http://news.example./3"),
        ("http://127.0.0.1/1", "http://2130706433/2", "http://0x7f.1/3"),
        ("https://الجزيرة.example/1", "https://xn--mgbeiue0iwb.example/2", "https://user@الجزيرة.example/3"),
    ],
)
def test_a_host_is_one_host_however_it_is_written(spellings: tuple[str, ...]) -> None:
    takings = run(spellings, lambda _: ended(OK), per_host=1)

    assert [one.others for one in takings] == [(), (), ()]


def test_urls_that_name_no_host_are_taken_too() -> None:
    urls = ["http://[::1", "nonsense", "http://:80:80/", "https://a.example/"]
    takings = run(urls, lambda _: ended(failed(Reason.BAD_URL)))

    assert sorted(one.url for one in takings) == sorted(urls)


@pytest.mark.parametrize(
    "reason",
    [
        Reason.CONNECTION,
        Reason.TIMEOUT,
        Reason.DNS,
        Reason.RATE_LIMITED,
        Reason.HTTP_SERVER_ERROR,
        Reason.BROWSER_CRASH,
    ],
)
def test_what_failed_for_a_passing_reason_comes_back_later_as_often_as_allowed(reason: Reason) -> None:
    takings = run(["https://a.example/"], lambda _: ended(failed(reason)), retries=4)

    assert [one.tried for one in takings] == [0, 1, 2, 3, 4]
    waits = [later.began_s - one.began_s - 1 for one, later in pairwise(takings)]
    assert waits == pytest.approx([2, 8, 30, 30], abs=0.01)


@pytest.mark.parametrize("reason", sorted(set(Reason) - {
    Reason.CONNECTION, Reason.TIMEOUT, Reason.DNS, Reason.RATE_LIMITED, Reason.HTTP_SERVER_ERROR, Reason.BROWSER_CRASH,
}))  # fmt: skip
def test_what_would_be_answered_the_same_again_is_not_asked_again(reason: Reason) -> None:
    assert len(run(["https://a.example/"], lambda _: ended(failed(reason)), retries=5)) == 1


def test_what_was_got_in_part_is_kept_and_not_asked_again() -> None:
    partial = Outcome(state=State.PARTIAL, reason=Reason.TIMEOUT, missing=("load_event",))

    assert len(run(["https://a.example/"], lambda _: ended(partial), retries=5)) == 1


def test_a_try_that_succeeds_is_the_last() -> None:
    answers = iter([ended(failed(Reason.CONNECTION)), ended(OK)])

    assert [one.tried for one in run(["https://a.example/"], lambda _: next(answers), retries=5)] == [0, 1]


def test_without_retries_everything_is_taken_once() -> None:
    takings = run(["https://a.example/"] * 3, lambda _: ended(failed(Reason.TIMEOUT)), retries=0)

    assert [one.tried for one in takings] == [0, 0, 0]


def test_a_host_that_asks_for_rest_is_left_alone_for_so_long_and_no_other_waits() -> None:
    urls = ["https://busy.example/1", "https://busy.example/2", "https://free.example/1", "https://free.example/2"]
    busy = ended(failed(Reason.HTTP_SERVER_ERROR), retry_after_s=50)
    takings = run(urls, lambda turn: busy if "busy" in turn.target.url and not turn.tried else ended(OK), jobs=1)

    began = {(one.url, one.tried): one.began_s for one in takings}
    assert [began[url, 0] for url in urls] == pytest.approx([0, 51, 1, 2], abs=0.01)
    assert began[urls[0], 1] >= 51
    assert began[urls[1], 1] == pytest.approx(began[urls[1], 0] + 51, abs=1.1)


def test_a_rest_is_kept_also_where_the_page_was_no_passing_failure() -> None:
    # Cloudflare's challenge comes with 503 and Retry-After: the page is a captcha, the wish to be left alone stands.
    urls = ["https://busy.example/1", "https://busy.example/2"]
    takings = run(urls, lambda _: ended(failed(Reason.CAPTCHA), retry_after_s=20), jobs=1)

    assert [one.began_s for one in takings] == pytest.approx([0, 21], abs=0.01)


def test_a_host_that_says_too_many_requests_and_no_time_rests_for_the_usual_time() -> None:
    urls = ["https://busy.example/1", "https://busy.example/2", "https://free.example/"]
    takings = run(urls, lambda _: ended(failed(Reason.RATE_LIMITED)), jobs=1, retries=0)

    assert [(one.url, one.began_s) for one in takings] == [(urls[0], 0), (urls[2], 1), (urls[1], 3)]


def test_a_shorter_rest_does_not_undo_a_longer_one() -> None:
    urls = ["https://busy.example/1", "https://busy.example/2", "https://busy.example/3"]
    wishes = {urls[0]: 100, urls[1]: 5}
    takings = run(
        urls, lambda turn: ended(failed(Reason.CAPTCHA), retry_after_s=wishes.get(turn.target.url)), jobs=2, per_host=2
    )

    assert [one.began_s for one in takings] == pytest.approx([0, 0, 101], abs=0.01)


def test_a_host_that_asks_for_a_day_does_not_hold_up_the_run_for_a_day() -> None:
    urls = ["https://hostile.example/1", "https://hostile.example/2"]
    takings = run(urls, lambda _: ended(failed(Reason.HTTP_SERVER_ERROR), retry_after_s=86_400), jobs=1)

    assert [(one.url, one.tried) for one in takings] == [(urls[0], 0), (urls[1], 0)], (
        "too long to try again in this run"
    )
    assert takings[1].began_s <= 121


def test_a_source_that_crashed_the_browser_comes_back_alone() -> None:
    urls = ["https://bad.example/", *(f"https://good{n}.example/" for n in range(12))]
    crash = ended(failed(Reason.BROWSER_CRASH))
    takings = run(urls, lambda turn: crash if "bad" in turn.target.url else ended(OK), jobs=3, retries=2)

    again = [one for one in takings if one.tried]
    assert [one.tried for one in again] == [1, 2]
    assert [one.others for one in again] == [(), ()]
    assert not any("bad" in other for one in takings[1:] for other in one.others if one.began_s > 1)
    assert len([one for one in takings if "good" in one.url]) == 12


def test_several_that_crashed_come_back_one_after_another() -> None:
    urls = [f"https://bad{n}.example/" for n in range(3)]
    takings = run(urls, lambda _: ended(failed(Reason.BROWSER_CRASH)), jobs=3, lasts_s=5)

    again = [one for one in takings if one.tried]
    assert len(again) == 3
    assert all(not one.others for one in again)


def test_a_worker_that_waits_for_another_takes_what_that_one_gives_back() -> None:
    answers = {0: ended(failed(Reason.CONNECTION)), 1: ended(OK)}
    takings = run(["https://a.example/"], lambda turn: answers[turn.tried], jobs=3, lasts_s=100)

    assert [one.tried for one in takings] == [0, 1]


def test_a_run_of_nothing_ends_at_once() -> None:
    assert run([], lambda _: ended(OK)) == []


@pytest.mark.parametrize(
    ("cores", "memory_gib", "jobs"), [(1, 1, 1), (2, 24, 3), (64, 1024, 8), (8, 2, 2), (None, 4, 2), (2, 0, 1)]
)
def test_the_usual_number_of_jobs_follows_the_machine(
    monkeypatch: pytest.MonkeyPatch, cores: int | None, memory_gib: int, jobs: int
) -> None:
    values = {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": (memory_gib << 30) // 4096}
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    monkeypatch.setattr(os, "sysconf", values.__getitem__)

    assert usual_jobs() == jobs


def test_a_machine_that_does_not_tell_its_memory_takes_one_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: str) -> int:
        raise ValueError("unrecognized configuration name")

    monkeypatch.setattr(os, "sysconf", refuse)

    assert usual_jobs() == 1
