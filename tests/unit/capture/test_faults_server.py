"""Servers that hang, break off, lie about lengths or send in circles: the outcome says what happened, and in time."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from archiver.capture.browser import OpenBrowser, find_browser, open_browser
from archiver.model.evidence import Reason, Role, State
from tests.support.fault_site import FaultSite, serve_faults
from tests.unit.capture.faults import PICTURES, Timed, ended, response, responses, roles, take_at_once, text

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

HANGING = ("/hang/head", "/hang/half-head", "/hang/body", "/hang/chunk")
HANGING_INSIDE = ("/hang/head", "/hang/body/png")
BROKEN_OFF = ("/reset/body", "/reset/chunk", "/length/longer", "/length/no-end", "/length/huge")
UNREADABLE = {
    "/reset/head": "ERR_EMPTY_RESPONSE",
    "/length/two": "ERR_RESPONSE_HEADERS_MULTIPLE_CONTENT_LENGTH",
    "/length/chunk": "ERR_INVALID_CHUNKED_ENCODING",
    "/length/gzip-not": "ERR_CONTENT_DECODING_FAILED",
}
HARMLESS = ("/length/shorter", "/length/negative", "/length/word", "/length/both", "/length/none")
BROKEN_INSIDE = {
    "img": "/reset/body/png",
    "script": "/reset/body/js",
    "fetch": "/length/longer/json",
    "style": "/length/chunk/css",
}
LOOPS = ("/loop", "/loop/a", "/loop/grow?a")
DEADLINE_S = 6


@pytest.fixture(scope="module")
def faults() -> Iterator[FaultSite]:
    with serve_faults() as serving:
        yield serving


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[OpenBrowser]:
    """Give one browser for all: no case here may end it."""
    if find_browser() is None:
        pytest.skip("no Chromium on this machine")
    async with open_browser() as opened:
        first = opened.browser
        yield opened
        assert opened.browser is first
        assert await opened.answers()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hanging(
    browser: OpenBrowser, faults: FaultSite, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Timed]:
    """Take all that ends at the deadline, all of it at once."""
    paths = [*HANGING, *(f"/with?img&{path}" for path in HANGING_INSIDE)]
    folder = tmp_path_factory.mktemp("hanging")
    return await take_at_once(browser, folder, {path: faults.url(path) for path in paths}, timeout_s=DEADLINE_S)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def taken(browser: OpenBrowser, faults: FaultSite, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Timed]:
    """Take all that ends by itself, some of it at once."""
    inside = (f"/with?{kind}&{path}" for kind, path in BROKEN_INSIDE.items())
    paths = [*BROKEN_OFF, *UNREADABLE, *HARMLESS, *LOOPS, *inside, "/loops-inside", "/with?fetch&/reset/large/json"]
    urls = {path: faults.url(path) for path in paths}
    return await take_at_once(browser, tmp_path_factory.mktemp("taken"), urls, at_once=4)


@pytest.mark.parametrize("path", HANGING)
async def test_a_server_that_hangs_is_left_at_the_deadline_and_it_is_told_where_it_hung(
    hanging: dict[str, Timed], faults: FaultSite, path: str
) -> None:
    one = hanging[path]
    is_headless = "head" in path
    where = "no response" if is_headless else "HTTP status 200, and no end of its body"

    assert one.seconds < DEADLINE_S + 4
    assert ended(one.taken) == (State.FAILED, Reason.TIMEOUT)
    assert one.taken.attempt.outcome.rests_on == f"{where} before the deadline"
    assert roles(one.taken) == (set() if is_headless else {Role.WARC})
    declared = [found.url for found in one.taken.attempt.seen_not_recorded]
    cut_off = [found.url for found in responses(one.taken) if found.truncated]
    assert faults.url(path) in (declared if is_headless else cut_off)


@pytest.mark.parametrize("path", HANGING_INSIDE)
async def test_a_picture_that_hangs_is_declared_and_the_page_is_kept(
    hanging: dict[str, Timed], faults: FaultSite, path: str
) -> None:
    one = hanging[f"/with?img&{path}"]

    assert one.seconds < DEADLINE_S + 4
    assert ended(one.taken) == (State.PARTIAL, Reason.TIMEOUT)
    assert one.taken.attempt.outcome.missing == ("load_event",)
    assert roles(one.taken) >= {Role.WARC, Role.DOM, Role.TEXT, *PICTURES}
    declared = {found.url for found in one.taken.attempt.seen_not_recorded}
    assert faults.url(path) in declared | {found.url for found in responses(one.taken) if found.truncated}


@pytest.mark.parametrize("path", BROKEN_OFF)
async def test_a_page_that_its_server_breaks_off_is_partial_with_what_came(
    taken: dict[str, Timed], faults: FaultSite, path: str
) -> None:
    one = taken[path]

    assert one.seconds < 20, "what was broken off is not waited for"
    assert ended(one.taken) == (State.PARTIAL, Reason.INCOMPLETE)
    assert one.taken.attempt.outcome.missing == ("load_event", "main_document_body")
    assert roles(one.taken) >= {Role.WARC, Role.DOM, Role.TEXT, *PICTURES}
    assert "The beginning of the text." in text(one.taken)
    assert response(one.taken, faults.url(path)).truncated == "disconnect"


@pytest.mark.parametrize("path", UNREADABLE)
async def test_a_page_of_which_nothing_can_be_read_failed_by_its_connection(taken: dict[str, Timed], path: str) -> None:
    one = taken[path]

    assert ended(one.taken) == (State.FAILED, Reason.CONNECTION)
    assert one.taken.attempt.outcome.rests_on is not None
    assert UNREADABLE[path] in one.taken.attempt.outcome.rests_on


@pytest.mark.parametrize("path", HARMLESS)
async def test_a_length_that_the_browser_can_live_with_is_no_failure(
    taken: dict[str, Timed], faults: FaultSite, path: str
) -> None:
    one = taken[path].taken

    assert ended(one) == (State.OK, None)
    assert "The beginning of the text." in text(one)
    assert response(one, faults.url(path)).truncated is None


@pytest.mark.parametrize("kind", BROKEN_INSIDE)
async def test_what_a_page_loads_and_a_server_breaks_off_is_marked_as_cut_off(
    taken: dict[str, Timed], faults: FaultSite, kind: str
) -> None:
    path = BROKEN_INSIDE[kind]
    one = taken[f"/with?{kind}&{path}"].taken

    assert ended(one) == (State.OK, None)
    assert response(one, faults.url(path)).truncated == "disconnect"


async def test_what_came_of_a_large_answer_before_its_reset_is_kept(taken: dict[str, Timed], faults: FaultSite) -> None:
    one = taken["/with?fetch&/reset/large/json"].taken
    kept = [found for found in responses(one) if found.url == faults.url("/reset/large/json")]

    assert "lost TypeError" in text(one), "the page did not get it whole either"
    assert {found.truncated for found in kept} == {"disconnect"}
    assert 0 < max(len(found.payload) for found in kept) < 8 << 20


@pytest.mark.parametrize("path", LOOPS)
async def test_redirects_without_end_are_a_loop_with_each_hop_kept(taken: dict[str, Timed], path: str) -> None:
    one = taken[path].taken

    assert ended(one) == (State.FAILED, Reason.REDIRECT_LOOP)
    assert one.attempt.outcome.rests_on == "ERR_TOO_MANY_REDIRECTS"
    assert one.attempt.response is not None
    assert one.attempt.response.status == 302
    assert len(one.attempt.response.redirects) == 19, "Chromium follows twenty"
    assert len(responses(one)) == 20


async def test_loops_within_a_page_are_told_and_the_page_is_kept(taken: dict[str, Timed]) -> None:
    one = taken["/loops-inside"].taken
    told = [found.reason for found in one.attempt.seen_not_recorded]

    assert ended(one) == (State.OK, None)
    assert len(told) >= 2
    assert set(told) == {"failed: net::ERR_TOO_MANY_REDIRECTS"}
