"""A bad source is a failed attempt with its reason and what came back: never an exception, never late."""

import asyncio
import os
import signal
import time
from pathlib import Path

import pytest

from archiver.capture.browser import OpenBrowser
from archiver.model.evidence import Method, Reason, Role, State, Taken
from tests.support.source_site import SourceSite, closed_port, serve_sources
from tests.unit.capture.conftest import Take
from tests.unit.capture.test_browser import children

pytestmark = pytest.mark.browser

PUBLIC = "93.184.215.14"


def roles(taken: Taken) -> set[Role]:
    return {one.role for one in taken.pieces}


def assert_failed(taken: Taken, reason: Reason, rests_on: str) -> None:
    outcome = taken.attempt.outcome
    assert (outcome.state, outcome.reason) == (State.FAILED, reason)
    assert outcome.rests_on is not None
    assert rests_on in outcome.rests_on


@pytest.mark.parametrize(
    ("path", "reason", "rests_on", "pictures"),
    [
        ("/wall", Reason.LOGIN_WALL, "a password field and 7 characters", True),
        ("/members", Reason.LOGIN_WALL, "led to a login URL", True),
        ("/empty", Reason.EMPTY_PAGE, "no visible text", True),
        ("/no-content", Reason.EMPTY_PAGE, "HTTP status 204", False),
        ("/absent-bare", Reason.HTTP_CLIENT_ERROR, "HTTP status 404", False),
        ("/loop", Reason.REDIRECT_LOOP, "ERR_TOO_MANY_REDIRECTS", False),
    ],
)
async def test_what_is_not_the_source_fails_with_its_evidence(
    taking: Take,
    site: SourceSite,
    path: str,
    reason: Reason,
    rests_on: str,
    pictures: bool,  # noqa: FBT001
) -> None:
    taken = await taking(site.url(path))

    assert_failed(taken, reason, rests_on)
    assert Role.WARC in roles(taken)
    assert (Role.SCREENSHOT_FULL in roles(taken)) is pictures
    assert taken.attempt.response is not None


async def test_a_port_where_nobody_listens_is_refused(taking: Take) -> None:
    with closed_port() as port:
        taken = await taking(f"http://127.0.0.1:{port}/")

    assert_failed(taken, Reason.REFUSED, "ERR_CONNECTION_REFUSED")
    assert (taken.pieces, taken.attempt.warc, taken.attempt.response) == ((), None, None)


async def test_a_server_that_hangs_up_is_a_failed_connection(taking: Take, site: SourceSite) -> None:
    assert_failed(await taking(site.url("/silent")), Reason.CONNECTION, "ERR_EMPTY_RESPONSE")


async def test_a_name_that_nobody_has_is_a_dns_failure(taking: Take) -> None:
    taken = await taking("https://no-such-source.invalid/page")

    assert_failed(taken, Reason.DNS, "name not resolved")
    assert taken.pieces == ()


async def test_a_certificate_that_nobody_vouches_for_is_a_tls_failure(taking: Take, tmp_path: Path) -> None:
    with serve_sources(tmp_path) as secure:
        taken = await taking(secure.url("/story"))

    assert_failed(taken, Reason.TLS, "ERR_CERT_AUTHORITY_INVALID")
    assert taken.pieces == ()
    assert secure.asked == []


async def test_a_document_behind_a_bad_certificate_fails_alike(taking: Take, site: SourceSite, tmp_path: Path) -> None:
    with serve_sources(tmp_path) as secure:
        taken = await taking(site.url(f"/to?{secure.url('/statement.pdf')}"))

    assert_failed(taken, Reason.TLS, "ERR_CERT_AUTHORITY_INVALID")
    assert roles(taken) == {Role.WARC}


async def test_a_server_that_never_answers_ends_at_the_deadline(taking: Take, site: SourceSite) -> None:
    began = time.monotonic()
    taken = await taking(site.url("/hanging"), timeout_s=4)

    assert time.monotonic() - began < 5.5
    assert_failed(taken, Reason.TIMEOUT, "no response before the deadline")
    assert taken.pieces == ()


async def test_a_picture_that_never_comes_leaves_a_partial_capture(taking: Take, site: SourceSite) -> None:
    began = time.monotonic()
    taken = await taking(site.url("/slow-image"), timeout_s=5)

    assert time.monotonic() - began < 7
    assert (taken.attempt.outcome.state, taken.attempt.outcome.reason) == (State.PARTIAL, Reason.TIMEOUT)
    assert taken.attempt.outcome.missing == ("load_event",)
    assert roles(taken) >= {Role.WARC, Role.SCREENSHOT_VIEWPORT, Role.SCREENSHOT_FULL, Role.DOM, Role.TEXT}
    assert [one.reason for one in taken.attempt.seen_not_recorded] == ["no response yet"]


async def test_a_document_that_drips_ends_at_the_deadline(taking: Take, site: SourceSite) -> None:
    began = time.monotonic()
    taken = await taking(site.url("/dripping"), timeout_s=4)

    assert time.monotonic() - began < 6
    assert taken.attempt.method is Method.DIRECT
    assert (taken.attempt.outcome.state, taken.attempt.outcome.reason) == (State.PARTIAL, Reason.TIMEOUT)
    assert taken.attempt.outcome.missing == ("document",)


async def test_a_page_cut_off_by_its_server_is_partial(taking: Take, site: SourceSite) -> None:
    taken = await taking(site.url("/cut"), timeout_s=5)

    assert taken.attempt.outcome.state is State.PARTIAL
    assert "main_document_body" in taken.attempt.outcome.missing


@pytest.mark.parametrize("url", ["ftp://news.example/", "javascript:alert(1)", "http://[::1", "file:///etc/passwd"])
async def test_what_is_no_web_address_is_not_opened(taking: Take, url: str) -> None:
    taken = await taking(url)

    assert_failed(taken, Reason.BAD_URL, "")
    assert taken.pieces == ()


async def test_a_private_address_is_refused_unless_it_is_allowed(taking: Take, site: SourceSite) -> None:
    asked = len(site.asked)
    taken = await taking(site.url("/story"), allow_private=False)

    assert_failed(taken, Reason.FORBIDDEN_ADDRESS, "127.0.0.1 is not a public address")
    assert (taken.pieces, taken.attempt.response) == ((), None)
    assert len(site.asked) == asked


async def test_a_redirect_into_a_forbidden_address_is_not_followed(taking: Take, site: SourceSite) -> None:
    taken = await taking(site.url("/to?http://169.254.169.254/latest/meta-data/"))

    assert_failed(taken, Reason.FORBIDDEN_ADDRESS, "169.254.169.254 is a metadata service")
    assert roles(taken) == {Role.WARC}
    assert taken.attempt.response is not None
    assert taken.attempt.response.status == 302


async def test_a_name_server_that_changes_its_answer_changes_nothing(taking: Take, site: SourceSite) -> None:
    answers = [("127.0.0.1",), ("10.0.0.1",), ("10.0.0.1",)]
    port = site.root.rpartition(":")[2]
    taken = await taking(f"http://rebinding.example:{port}/story", resolver=lambda _: answers.pop(0))

    assert taken.attempt.outcome.state is State.OK
    assert len(answers) == 2, "each name is looked up once for a whole capture"
    assert taken.attempt.response is not None
    assert taken.attempt.response.remote_ip == "127.0.0.1"


async def test_a_name_that_leads_inside_is_never_connected_to(taking: Take) -> None:
    with serve_sources() as inside:
        port = inside.root.rpartition(":")[2]
        taken = await taking(
            f"http://inside.example:{port}/story", allow_private=False, resolver=lambda _: ("127.0.0.1", PUBLIC)
        )

    assert inside.asked == []
    assert_failed(taken, Reason.FORBIDDEN_ADDRESS, "is not a public address")
    assert (taken.pieces, taken.attempt.warc, taken.attempt.response, taken.attempt.page) == ((), None, None, None)


async def test_a_page_process_that_dies_is_a_crash_and_the_next_source_is_taken(taking: Take, site: SourceSite) -> None:
    dying = asyncio.create_task(taking(site.url("/slow-image"), timeout_s=15))
    await _killed(dying, site, "--type=renderer")

    assert_failed(await dying, Reason.BROWSER_CRASH, "ended")
    assert (await taking(site.url("/story"))).attempt.outcome.state is State.OK


async def test_a_browser_that_dies_is_a_crash_and_the_next_source_is_taken(
    taking: Take, site: SourceSite, browser: OpenBrowser
) -> None:
    dying = asyncio.create_task(taking(site.url("/slow-image"), timeout_s=15))
    await _killed(dying, site, "--remote-debugging-pipe")

    assert_failed(await dying, Reason.BROWSER_CRASH, "ended")
    assert (await taking(site.url("/story"))).attempt.outcome.state is State.OK
    assert browser.browser.is_connected()


async def _killed(task: "asyncio.Task[Taken]", site: SourceSite, switch: str) -> None:
    """Kill our browser's processes that were started with this switch, once the page is under way."""
    asked = site.asked.count("/hanging")
    while site.asked.count("/hanging") == asked and not task.done():  # noqa: ASYNC110 - the site is another thread
        await asyncio.sleep(0.05)
    for process in _started_with(switch):
        os.kill(process, signal.SIGKILL)


def _started_with(switch: str) -> list[int]:
    found: list[int] = []
    for process in children():
        try:
            command = Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
        if switch in command and (switch == "--type=renderer" or "--type=" not in command):
            found.append(process)
    return found
