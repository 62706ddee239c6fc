"""An attempt is judged by the first cause that applies; what is not the source never counts as captured."""

from typing import Any

import pytest

from archiver.capture.guard import Refusal
from archiver.capture.outcome import Seen, classify, kind_of_response, looks_like_login, name_of, reason_of
from archiver.model.evidence import Method, Outcome, Reason, State

URL = "https://news.example/story"
PAGE: dict[str, Any] = {"committed": True, "status": 200, "final_url": URL, "text_characters": 900, "pictures": 2}


def judged(**seen: Any) -> Outcome:  # noqa: ANN401 - the fields of Seen
    return classify(Seen(requested_url=URL, **seen))


def test_a_page_with_text_is_ok() -> None:
    assert judged(**PAGE) == Outcome(state=State.OK)


def test_a_page_with_parts_missing_is_partial_and_names_them() -> None:
    assert judged(**PAGE, missing=("full.png",)) == Outcome(
        state=State.PARTIAL, reason=Reason.INCOMPLETE, missing=("full.png",)
    )


def test_a_page_that_did_not_finish_in_time_is_partial() -> None:
    assert judged(**PAGE, missing=("load_event",), timed_out=True).reason is Reason.TIMEOUT


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (400, Reason.HTTP_CLIENT_ERROR),
        (401, Reason.HTTP_CLIENT_ERROR),
        (404, Reason.HTTP_CLIENT_ERROR),
        (410, Reason.GONE),
        (429, Reason.HTTP_CLIENT_ERROR),
        (451, Reason.HTTP_CLIENT_ERROR),
        (500, Reason.HTTP_SERVER_ERROR),
        (503, Reason.HTTP_SERVER_ERROR),
        (599, Reason.HTTP_SERVER_ERROR),
    ],
)
def test_an_error_status_is_a_failure_that_rests_on_it(status: int, reason: Reason) -> None:
    found = judged(**{**PAGE, "status": status})

    assert (found.state, found.reason, found.rests_on) == (State.FAILED, reason, f"HTTP status {status}")


def test_an_error_status_counts_even_where_the_browser_showed_its_own_page() -> None:
    assert judged(status=503, navigation_error="net::ERR_HTTP_RESPONSE_CODE_FAILURE").reason is (
        Reason.HTTP_SERVER_ERROR
    )


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("Page.goto: net::ERR_NAME_NOT_RESOLVED at https://x.invalid/", Reason.DNS),
        ("net::ERR_DNS_TIMED_OUT", Reason.DNS),
        ("net::ERR_CONNECTION_REFUSED", Reason.REFUSED),
        ("net::ERR_CONNECTION_RESET", Reason.CONNECTION),
        ("net::ERR_CONNECTION_CLOSED", Reason.CONNECTION),
        ("net::ERR_EMPTY_RESPONSE", Reason.CONNECTION),
        ("net::ERR_ADDRESS_UNREACHABLE", Reason.CONNECTION),
        ("net::ERR_HTTP2_PROTOCOL_ERROR", Reason.CONNECTION),
        ("net::ERR_INVALID_HTTP_RESPONSE", Reason.CONNECTION),
        ("net::ERR_CERT_AUTHORITY_INVALID", Reason.TLS),
        ("net::ERR_CERT_DATE_INVALID", Reason.TLS),
        ("net::ERR_SSL_PROTOCOL_ERROR", Reason.TLS),
        ("net::ERR_BAD_SSL_CLIENT_AUTH_CERT", Reason.TLS),
        ("net::ERR_CONNECTION_TIMED_OUT", Reason.TIMEOUT),
        ("net::ERR_TIMED_OUT", Reason.TIMEOUT),
        ("net::ERR_TOO_MANY_REDIRECTS", Reason.REDIRECT_LOOP),
        ("net::ERR_UNSAFE_PORT", Reason.BAD_URL),
        ("net::ERR_BLOCKED_BY_LOCAL_NETWORK_ACCESS_CHECKS", Reason.FORBIDDEN_ADDRESS),
        ("net::ERR_ABORTED; maybe frame was detached?", Reason.INCOMPLETE),
        ("net::ERR_SOMETHING_NEW", Reason.INCOMPLETE),
    ],
)
def test_a_network_error_has_one_reason_and_its_name_is_kept(message: str, reason: Reason) -> None:
    found = judged(navigation_error=message)

    assert reason_of(message) is reason
    assert (found.state, found.reason, found.rests_on) == (State.FAILED, reason, name_of(message))


def test_an_error_without_a_name_is_kept_in_its_own_words() -> None:
    assert judged(navigation_error="Frame was detached").rests_on == "Frame was detached"


def test_no_answer_at_all_is_a_timeout() -> None:
    assert judged() == Outcome(state=State.FAILED, reason=Reason.TIMEOUT, rests_on="no response before the deadline")


def test_no_content_is_an_empty_page() -> None:
    assert judged(status=204, navigation_error="net::ERR_ABORTED").reason is Reason.EMPTY_PAGE


def test_a_refusal_comes_before_everything() -> None:
    refusal = Refusal(reason=Reason.FORBIDDEN_ADDRESS, why="127.0.0.1 is not a public address")

    assert judged(**{**PAGE, "status": 404}, refusal=refusal, crashed=True) == Outcome(
        state=State.FAILED, reason=Reason.FORBIDDEN_ADDRESS, rests_on=refusal.why
    )


def test_a_crashed_page_is_not_judged_by_what_was_left_of_it() -> None:
    assert judged(**PAGE, crashed=True).reason is Reason.BROWSER_CRASH


@pytest.mark.parametrize(
    ("changes", "walled"),
    [
        ({"final_url": "https://news.example/login?next=story", "has_password_input": True}, True),
        ({"final_url": "https://login.news.example/", "has_password_input": True}, True),
        ({"final_url": "https://news.example/account/SignIn.aspx", "has_password_input": True}, True),
        ({"final_url": "https://news.example/checkpoint/1", "has_password_input": True}, True),
        ({"has_password_input": True, "text_characters": 599}, True),
        ({"has_password_input": True, "text_characters": 600}, False),
        ({"final_url": "https://news.example/login", "has_password_input": False}, False),
        ({"final_url": "https://news.example/logins-leaked", "has_password_input": True}, False),
        ({"final_url": "https://news.example/story?login=1", "has_password_input": True}, False),
    ],
)
def test_a_login_wall_is_told_by_structure(changes: dict[str, Any], walled: bool) -> None:  # noqa: FBT001
    found = judged(**{**PAGE, **changes})

    assert (found.reason is Reason.LOGIN_WALL) is walled
    assert (found.state is State.FAILED) is walled


@pytest.mark.parametrize(
    ("characters", "pictures", "empty"), [(0, 0, True), (0, 1, False), (1, 0, False), (None, 0, False)]
)
def test_a_page_without_text_and_pictures_is_empty(characters: int | None, pictures: int, empty: bool) -> None:  # noqa: FBT001
    found = judged(**{**PAGE, "text_characters": characters, "pictures": pictures})

    assert (found.reason is Reason.EMPTY_PAGE) is empty


@pytest.mark.parametrize(
    ("headers", "method"),
    [
        ((("Content-Type", "text/html; charset=utf-8"),), Method.BROWSER),
        ((("CONTENT-TYPE", "Application/XHTML+XML"),), Method.BROWSER),
        ((), Method.BROWSER),
        ((("content-type", ""),), Method.BROWSER),
        ((("content-type", "application/pdf"),), Method.DIRECT),
        ((("content-type", "image/png"),), Method.DIRECT),
        ((("content-type", "application/json"),), Method.DIRECT),
        ((("content-type", "text/plain"),), Method.DIRECT),
        ((("content-type", "text/html"), ("Content-Disposition", "Attachment; filename=a.html")), Method.DIRECT),
    ],
)
def test_pages_are_for_the_browser_and_documents_for_the_direct_client(
    headers: tuple[tuple[str, str], ...], method: Method
) -> None:
    assert kind_of_response(headers) is method


@pytest.mark.parametrize("url", ["http://[::1", "", "not a url", "https://[v1.x]/login"])
def test_a_broken_final_url_is_no_login_page_and_no_error(url: str) -> None:
    assert looks_like_login(url) in {True, False}
