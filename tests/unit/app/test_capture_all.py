"""Several sources at once: each is recorded as it ends, results come in the draft's order, an error ends the run."""

import os
import signal
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from archiver.app.capture import Captured, capture_all
from archiver.app.config import CaptureConfig, settled
from archiver.app.home import Home
from archiver.app.init import initialise
from archiver.app.reading import captures
from archiver.app.recording import OpenCase, open_case
from archiver.app.workspace import open_workspace
from archiver.model.errors import SealError, StoreError, UsageError
from archiver.model.evidence import State, Target
from archiver.model.provenance import Signer
from tests.support.pages import Pages, serve_pages
from tests.support.source_site import SourceSite, serve_sources

SECRET = b"correct horse"
CONFIG = settled(CaptureConfig(), {"allow_private": True, "retries": 0, "timeout_s": 30})


@pytest.fixture(scope="module")
def pages() -> Iterator[Pages]:
    with serve_pages({f"/{n}": f"<!doctype html><title>{n}</title><p>page {n}" for n in range(8)}) as serving:
        yield serving


@pytest.fixture(scope="module")
def site() -> Iterator[SourceSite]:
    with serve_sources() as serving:
        yield serving


def opened(folder: Path) -> OpenCase:
    home = Home(root=folder / "h")
    if not (folder / "w").exists():
        initialise(folder / "w", case="case-1", home=home, passphrase=SECRET)
    return open_case(
        open_workspace(folder / "w"), "case-1", home=home, passphrase=lambda: SECRET, waiting=lambda _: None
    )


def targets(root: str, *paths: str) -> list[Target]:
    return [Target(url=root + path, citation_id=f"c{n:02d}") for n, path in enumerate(paths, 1)]


class Watch:
    """What a run told while it ran."""

    def __init__(self) -> None:
        self.started: list[tuple[str, int, int]] = []
        self.ended: list[str] = []

    def starting(self, target: Target, number: int, total: int) -> None:
        self.started.append((target.citation_id or "", number, total))

    def finished(self, captured: Captured) -> None:
        self.ended.append(captured.capture.citation_id or "")


def most_at_once(done: Sequence[Captured]) -> int:
    """Give how many sources were being fetched at the same time: recording one may go on beside the next."""
    spans = [(one.capture.attempt.started_at.epoch_us, one.capture.attempt.finished_at.epoch_us) for one in done]
    return max(sum(start <= moment < end for start, end in spans) for moment, _ in spans)


def run(case: OpenCase, what: list[Target], watch: Watch, **changes: object) -> tuple[Captured, ...]:
    config = settled(CONFIG, changes)
    return capture_all(case, what, config=config, starting=watch.starting, finished=watch.finished)


def test_a_run_of_nothing_starts_no_browser(tmp_path: Path) -> None:
    assert run(opened(tmp_path), [], Watch(), locale="ar") == ()


def test_a_run_without_a_browser_is_a_usage_error_and_records_nothing(tmp_path: Path, pages: Pages) -> None:
    case = opened(tmp_path)
    config = CONFIG.model_copy(update={"browser": str(tmp_path / "absent")})
    with pytest.raises(UsageError, match="found none"):
        capture_all(case, targets(pages.root, "/1"), config=config, starting=lambda *_: None, finished=lambda _: None)

    assert case.book.ledger.size() == 0


@pytest.mark.browser
def test_results_come_in_the_drafts_order_whichever_ends_first(tmp_path: Path, pages: Pages, site: SourceSite) -> None:
    case, watch = opened(tmp_path), Watch()
    what = [
        Target(url=site.url("/slow-image"), citation_id="slow"),
        *targets(pages.root, "/1", "/2", "/3"),
        Target(url=site.url("/gone"), citation_id="gone"),
    ]
    done = run(case, what, watch, jobs=3, timeout_s=8)

    assert [one.capture.citation_id for one in done] == ["slow", "c01", "c02", "c03", "gone"]
    assert watch.ended[-1] == "slow", "it took longest"
    assert [one.recorded.seq for one in done] == [watch.ended.index(one.capture.citation_id or "") for one in done]
    assert [(number, total) for _, number, total in watch.started] == [(n, 5) for n in range(1, 6)]
    assert [one.succeeded for one in done] == [True, True, True, True, False]
    assert {"load", "describe", "store_seal_record"} <= {one.step for one in done[1].timings}
    assert sorted(one.citation_id or "" for one in captures(case.book.manifests)) == sorted(watch.ended)
    assert list(case.scratch.iterdir()) == []


@pytest.mark.browser
def test_as_many_run_at_once_as_allowed_and_of_one_host_no_more_than_its_share(tmp_path: Path, pages: Pages) -> None:
    what = targets(pages.root, "/0", "/1", "/2", "/3")
    one = run(opened(tmp_path), what, Watch(), jobs=1)
    two = run(opened(tmp_path), what, Watch(), jobs=4, per_host=2)
    done = run(opened(tmp_path), what, Watch(), jobs=4, per_host=4)

    assert (most_at_once(one), most_at_once(two), most_at_once(done)) == (1, 2, 4)
    assert {one.capture.attempt.settings.jobs for one in done} == {4}


@pytest.mark.browser
def test_what_two_captures_exchange_at_once_is_not_mixed(tmp_path: Path, pages: Pages) -> None:
    case = opened(tmp_path)
    done = run(case, targets(pages.root, *(f"/{n}" for n in range(8))), Watch(), jobs=4, per_host=4)

    for n, one in enumerate(done):
        assert one.capture.attempt.page is not None
        assert one.capture.attempt.page.title == str(n)
        assert one.capture.attempt.response is not None
        assert one.capture.attempt.response.final_url == pages.url(f"/{n}")
        assert one.capture.attempt.outcome.state is State.OK
        assert one.capture.attempt.seen_not_recorded == ()


class FailingSigner:
    """A key on a token that is pulled out after so many signatures."""

    def __init__(self, real: Signer, *, after: int) -> None:
        self._real = real
        self._left = after

    @property
    def public_key(self) -> bytes:
        return self._real.public_key

    def sign(self, message: bytes) -> bytes:
        if self._left <= 0:
            raise SealError("token: gone", hint="plug it in again")
        self._left -= 1
        return self._real.sign(message)


@pytest.mark.browser
def test_an_error_of_the_signer_ends_the_run_and_loses_nothing(tmp_path: Path, pages: Pages) -> None:
    case, watch = opened(tmp_path), Watch()
    failing = replace(case, investigator=FailingSigner(case.investigator, after=2))
    began = time.monotonic()
    with pytest.raises(SealError, match="token: gone"):
        run(failing, targets(pages.root, *(f"/{n}" for n in range(8))), watch, jobs=2)

    assert time.monotonic() - began < 60
    assert len(watch.ended) == 2
    assert case.book.ledger.size() == 2
    assert len(watch.started) < 8, "the rest was not begun"
    again = opened(tmp_path)
    assert again.book.ledger.size() >= 3, "what was prepared when the token went is recorded by the next start"
    assert not [one for one in again.scratch.iterdir() if (one / "statement.json").exists()]


@pytest.mark.browser
def test_an_error_of_this_disk_ends_the_run(tmp_path: Path, pages: Pages) -> None:
    case = opened(tmp_path)
    case.scratch.parent.mkdir(parents=True, exist_ok=True)
    case.scratch.write_text("in the way")
    watch = Watch()
    with pytest.raises((StoreError, OSError)):
        run(case, targets(pages.root, "/1", "/2"), watch, jobs=2)

    assert case.book.ledger.size() == 0


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Heed SIGINT as in the foreground: a shell has its background jobs ignore it, and those who inherit that too."""
    usual = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, usual)


@pytest.mark.browser
@pytest.mark.usefixtures("interruptible")
def test_an_interrupted_run_keeps_what_was_recorded_and_leaves_no_process(tmp_path: Path, pages: Pages) -> None:
    case, watch = opened(tmp_path), Watch()

    def interrupt(captured: Captured) -> None:
        watch.finished(captured)
        if len(watch.ended) == 1:
            signal.raise_signal(signal.SIGINT)

    before = children()
    with pytest.raises(KeyboardInterrupt):
        capture_all(
            case,
            targets(pages.root, *(f"/{n}" for n in range(6))),
            config=settled(CONFIG, {"jobs": 2}),
            starting=watch.starting,
            finished=interrupt,
        )

    assert 1 <= len(watch.ended) <= 2
    assert len(watch.started) < 6
    assert len(captures(opened(tmp_path).book.manifests)) >= len(watch.ended)
    until_gone(before)


def children() -> set[int]:
    """Give the processes whose parent is this one."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(stat.read_text().rpartition(")")[2].split()[1]) == os.getpid():
                found.add(int(stat.parent.name))
        except OSError:
            continue
    return found


def until_gone(before: set[int]) -> None:
    end = time.monotonic() + 10
    while children() - before and time.monotonic() < end:
        time.sleep(0.1)
    assert children() <= before
