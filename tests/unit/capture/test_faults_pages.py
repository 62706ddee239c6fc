"""Pages that bar the way, leave, close, spin, flood or die: what was got is kept, and those beside them are whole."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from archiver.capture.browser import FLAGS, OpenBrowser, find_browser, open_browser
from archiver.model.evidence import Reason, Role, State
from tests.support.fault_site import FaultSite, serve_faults
from tests.unit.capture.faults import PICTURES, Timed, ended, responses, roles, take_at_once, take_one, text

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

WHOLE = {*PICTURES, Role.WARC, Role.DOM, Role.TEXT}
ENDLESS = ("/alerts-for-ever", "/spins", "/spins-at-once", "/reloads", "/refreshes", "/opens-for-ever")
BETWEEN = ("/reloads", "/refreshes")  # these rest for a moment between two loads
BOUNDED = (
    "/dialogs",
    "/alerts-later",
    "/print-later",
    "/leaves",
    "/leaves-held",
    "/leaves-to-nowhere",
    "/closes",
    "/closes-popup",
    "/to-chrome",
)
DEADLINE_S = 8


@pytest.fixture(scope="module")
def faults() -> Iterator[FaultSite]:
    with serve_faults() as serving:
        yield serving


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[OpenBrowser]:
    """Give one browser for all but those that are to die."""
    if find_browser() is None:
        pytest.skip("no Chromium on this machine")
    async with open_browser() as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def endless(
    browser: OpenBrowser, faults: FaultSite, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Timed]:
    """Take what never ends by itself, each until its deadline."""
    folder = tmp_path_factory.mktemp("endless")
    urls = {path: faults.url(path) for path in ENDLESS}
    return await take_at_once(browser, folder, urls, timeout_s=DEADLINE_S)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bounded(
    browser: OpenBrowser, faults: FaultSite, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Timed]:
    folder = tmp_path_factory.mktemp("bounded")
    return await take_at_once(browser, folder, {path: faults.url(path) for path in BOUNDED}, at_once=3)


@pytest.mark.parametrize("path", ENDLESS)
async def test_a_page_without_end_ends_at_the_deadline_with_its_traffic_kept(
    endless: dict[str, Timed], path: str
) -> None:
    one = endless[path]

    assert one.seconds < DEADLINE_S + 8
    assert one.taken.attempt.outcome.state in {State.PARTIAL, State.OK}
    assert Role.WARC in roles(one.taken)
    assert one.taken.attempt.response is not None
    assert one.taken.attempt.response.status == 200


@pytest.mark.parametrize("path", ["/alerts-for-ever", "/spins", "/spins-at-once", "/reloads", "/refreshes"])
async def test_what_could_not_be_seen_of_a_page_without_end_is_named(endless: dict[str, Timed], path: str) -> None:
    one = endless[path].taken
    named = set(one.attempt.outcome.missing)

    kept = {found.name for found in one.pieces}
    assert {name for name in ("full.png", "dom.html", "text.txt") if name not in kept} <= named
    if path in BETWEEN and not named:
        assert ended(one) == (State.OK, None), "everything was seen between two of its loads"
        return
    assert one.attempt.outcome.state is State.PARTIAL
    assert named & {"load_event", "viewport.png", "full.png", "page_facts", "dom.html", "text.txt"}


async def test_dialogs_without_end_are_dismissed_and_a_bounded_number_is_told(endless: dict[str, Timed]) -> None:
    actions = [one.action for one in endless["/alerts-for-ever"].taken.attempt.interventions]

    assert 20 <= len(actions) <= 100, "a hundred at most, and fewer on a slow machine"
    assert set(actions) == {"dialog_dismissed:alert"}


async def test_ten_thousand_requests_are_each_recorded_or_counted(
    browser: OpenBrowser, faults: FaultSite, tmp_path: Path
) -> None:
    # On a machine under load the page alone needs seven seconds to ask for ten thousand things.
    deadline_s = 3 * DEADLINE_S
    timed = await take_one(browser, faults.url("/lots/10000"), tmp_path, timeout_s=deadline_s)
    one = timed.taken
    declared = one.attempt.seen_not_recorded
    got = {found.url for found in responses(one) if "/gone/" in found.url}

    assert timed.seconds < deadline_s + 15, "writing is not within the deadline"
    assert one.attempt.outcome.state is State.PARTIAL
    assert len(declared) == 501, "the list in the manifest is bounded"
    assert declared[-1].url == "urn:pageinfo"
    more = int(declared[-1].reason.split()[1])
    assert len(got) + 500 + more >= 10_000
    assert len(got) >= 50
    assert not got & {found.url for found in declared}


async def test_dialogs_are_dismissed_and_told_and_printing_does_nothing(bounded: dict[str, Timed]) -> None:
    one = bounded["/dialogs"].taken

    assert ended(one) == (State.OK, None)
    assert roles(one) == WHOLE
    told = [found.action for found in one.attempt.interventions]
    assert told == [f"dialog_dismissed:{kind}" for kind in ("alert", "confirm", "prompt")]
    assert roles(bounded["/alerts-later"].taken) == roles(bounded["/print-later"].taken) == WHOLE
    assert bounded["/print-later"].taken.attempt.interventions == ()


@pytest.mark.parametrize("path", ["/leaves", "/leaves-held"])
async def test_a_page_that_goes_on_to_another_is_taken_whole_with_both_in_its_traffic(
    bounded: dict[str, Timed], faults: FaultSite, path: str
) -> None:
    one = bounded[path].taken

    assert ended(one) == (State.OK, None)
    assert roles(one) == WHOLE
    assert {found.url for found in responses(one)} >= {faults.url(path), faults.url("/dot.png")}


async def test_a_picture_of_a_page_that_goes_on_under_the_camera_is_taken_of_the_next_and_not_lost(
    browser: OpenBrowser, faults: FaultSite, tmp_path: Path
) -> None:
    """What the page before was asked is never answered: a third of these lost a picture and all of their time."""
    urls = {str(number): faults.url(f"/leaves-when-pictured?{number}") for number in range(8)}

    for one in (await take_at_once(browser, tmp_path, urls, timeout_s=DEADLINE_S)).values():
        assert ended(one.taken) == (State.OK, None)
        assert roles(one.taken) == WHOLE
        assert {found.url for found in responses(one.taken)} >= {faults.url("/dot.png")}


async def test_a_page_that_goes_on_to_nowhere_is_not_the_browsers_own_page_instead(
    bounded: dict[str, Timed], faults: FaultSite
) -> None:
    one = bounded["/leaves-to-nowhere"].taken

    assert ended(one) == (State.FAILED, Reason.CONNECTION)
    assert one.attempt.outcome.rests_on == "the page went on to an address that gave none: ERR_EMPTY_RESPONSE"
    assert faults.url("/leaves-to-nowhere") in {found.url for found in responses(one)}


@pytest.mark.parametrize("path", ["/closes", "/closes-popup", "/to-chrome"])
async def test_a_page_may_not_close_itself_nor_reach_the_browsers_own_pages(
    bounded: dict[str, Timed], path: str
) -> None:
    assert ended(bounded[path].taken) == (State.OK, None)
    assert roles(bounded[path].taken) == WHOLE
    assert text(bounded[path].taken).strip() == "text"


async def test_a_page_that_is_closed_under_us_is_partial_and_says_so(
    browser: OpenBrowser, faults: FaultSite, tmp_path: Path
) -> None:
    taking = asyncio.create_task(take_one(browser, faults.url("/with?img&/hang/head"), tmp_path, timeout_s=20))
    while "/hang/head" not in faults.asked[-1:]:  # noqa: ASYNC110 - the site is another thread
        await asyncio.sleep(0.02)
    await browser.browser.contexts[-1].pages[0].close()
    taken = await taking
    one = taken.taken

    assert ended(one) == (State.PARTIAL, Reason.INCOMPLETE)
    assert "page_closed_itself" in one.attempt.limits
    assert "load_event" in one.attempt.outcome.missing
    assert faults.url("/with?img&/hang/head") in {found.url for found in responses(one)}
    assert await browser.answers()
    assert taken.seconds < 8, "nobody waits for a page that is gone"


async def test_a_page_that_devours_its_memory_is_a_crash_and_those_beside_it_are_whole_or_told_to_be_tried_again(
    faults: FaultSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archiver.capture.browser.FLAGS", (*FLAGS, "--js-flags=--max-old-space-size=96"))
    async with open_browser() as small:
        urls = {path: faults.url(path) for path in ("/devours", "/fine?1", "/fine?2", "/with?img&/dot.png")}
        several = await take_at_once(small, tmp_path, urls)
        after = await take_at_once(small, tmp_path, {"/fine?3": faults.url("/fine?3")})
    died = several.pop("/devours").taken
    assert ended(died) == (State.FAILED, Reason.BROWSER_CRASH)
    assert died.attempt.outcome.rests_on == "the browser or its page process ended"
    assert faults.url("/devours") in {found.url for found in responses(died)}
    # Most times only the renderer dies. Chromium itself does where the page was just being drawn for a picture.
    beside = {ended(one.taken) for one in several.values()}
    assert beside <= {(State.OK, None), (State.FAILED, Reason.BROWSER_CRASH)}
    assert ended(after["/fine?3"].taken) == (State.OK, None)


async def test_a_document_that_kills_the_driver_is_a_crash_and_the_next_source_is_taken_by_a_new_one(
    faults: FaultSite, tmp_path_factory: pytest.TempPathFactory
) -> None:
    async with open_browser() as doomed:
        died = await take_one(doomed, faults.url("/bomb/page/200"), tmp_path_factory.mktemp("died"))
        after = await take_one(doomed, faults.url("/fine"), tmp_path_factory.mktemp("after"))

    assert ended(died.taken) == (State.FAILED, Reason.BROWSER_CRASH)
    assert ended(after.taken) == (State.OK, None)
