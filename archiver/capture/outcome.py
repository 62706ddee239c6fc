"""How an attempt ended, judged from what was seen. Pure: no page, no clock, no network.

A page that is not the cited source (an error page, a login wall, an empty page) is a failed attempt with its
evidence kept, never a success. Each judgement names what it rests on.
What rests on a page's structure (captchas, consent walls, posts that are gone) is judged before, in `judge`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from archiver.capture.guard import Refusal
from archiver.model.evidence import Method, Outcome, Reason, State

LOGIN_TEXT_LIMIT = 600
_LOGIN_SEGMENT = re.compile(
    r"(?:log[-_]?in|sign[-_]?in|log[-_]?on|auth[-_]?wall|checkpoint|account[-_]?login|wp-login)(?:\.[a-z]{2,5})?\Z"
)
_LOGIN_HOST = re.compile(r"(?:login|signin|sign-in|auth|accounts)\.")
_NET_ERROR = re.compile(r"(?:net::)?(ERR_[A-Z0-9_]+)")
_CLIENT_ERROR, _SERVER_ERROR, _GONE = 400, 500, 410
_NO_CONTENT = frozenset({204, 205})
_PAGES = frozenset({"text/html", "application/xhtml+xml"})

_REASONS: tuple[tuple[str, Reason], ...] = (
    (r"ERR_NAME_\w+|ERR_DNS_\w+|ERR_ICANN_NAME_COLLISION", Reason.DNS),
    (r"ERR_CONNECTION_REFUSED", Reason.REFUSED),
    (r"ERR_CERT\w*|ERR_SSL_\w+|ERR_BAD_SSL\w+|ERR_ECH_\w+|ERR_TLS13_\w+", Reason.TLS),
    (r"ERR_(?:CONNECTION_)?TIMED_OUT", Reason.TIMEOUT),
    (r"ERR_TOO_MANY_REDIRECTS", Reason.REDIRECT_LOOP),
    (r"ERR_UNSAFE_PORT|ERR_UNSAFE_REDIRECT|ERR_INVALID_URL|ERR_(?:UNKNOWN|DISALLOWED)_URL_SCHEME", Reason.BAD_URL),
    (r"ERR_BLOCKED_BY_(?:PRIVATE|LOCAL)_NETWORK\w*", Reason.FORBIDDEN_ADDRESS),
    (r"ERR_(?:CONNECTION|ADDRESS|NETWORK|HTTP2|QUIC|PROXY|SOCKET)_\w+", Reason.CONNECTION),
    (r"ERR_EMPTY_RESPONSE|ERR_INTERNET_DISCONNECTED|ERR_INVALID_HTTP_RESPONSE|ERR_INVALID_RESPONSE", Reason.CONNECTION),
    (r"ERR_RESPONSE_HEADERS_\w+|ERR_CONTENT_\w+|ERR_(?:INCOMPLETE|INVALID)_CHUNKED_ENCODING", Reason.CONNECTION),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What an attempt saw, as far as it got. ``missing`` are the parts that a whole capture would have.

    ``broken`` is the network error that cut a document of the main frame off, ``shows_own_page`` that the browser
    shows a page of its own in the place of one that did not come.
    """

    requested_url: str
    final_url: str | None = None
    refusal: Refusal | None = None
    judgement: tuple[Reason, str] | None = None
    crashed: bool = False
    committed: bool = False
    navigation_error: str | None = None
    broken: str | None = None
    shows_own_page: bool = False
    status: int | None = None
    has_password_input: bool = False
    text_characters: int | None = None
    pictures: int | None = None
    timed_out: bool = False
    too_large: bool = False
    missing: tuple[str, ...] = ()


def classify(seen: Seen) -> Outcome:
    """Give the outcome; the first cause in the order below decides."""
    # (1) What was refused was not fetched: nothing else can be said of it.
    if seen.refusal is not None:
        return _failed(seen.refusal.reason, seen.refusal.why, seen)
    # (2) What the page's structure says outright is more than its status: a challenge is no mere 403.
    if seen.judgement is not None:
        return _failed(*seen.judgement, seen)
    # (3) What the server said counts even where the browser then showed a page of its own.
    if seen.status is not None and seen.status >= _CLIENT_ERROR:
        return _failed(_of_status(seen.status), f"HTTP status {seen.status}", seen)
    # (4) The browser died: whatever was read of the page before is not to be judged.
    if seen.crashed:
        return _failed(Reason.BROWSER_CRASH, "the browser or its page process ended", seen)
    # (5) There is no page.
    if not seen.committed:
        return _failed(*_no_page(seen), seen)
    # (6) There is a page, but not the source.
    not_the_source = _not_the_source(seen)
    if not_the_source is not None:
        return _failed(*not_the_source, seen)
    if seen.missing or seen.too_large:
        reason = Reason.TIMEOUT if seen.timed_out and not seen.broken else Reason.INCOMPLETE
        reason = Reason.TOO_LARGE if seen.too_large else reason
        return Outcome(state=State.PARTIAL, reason=reason, missing=seen.missing)
    return Outcome(state=State.OK)


def kind_of_response(headers: Iterable[tuple[str, str]]) -> Method:
    """Give who should fetch a successful response: the browser if it is a page, the direct client if not.

    A response without a media type is left to the browser, which looks into it.
    """
    values = {name.lower(): value.strip().lower() for name, value in headers}
    if values.get("content-disposition", "").startswith("attachment"):
        return Method.DIRECT
    media_type = values.get("content-type", "").partition(";")[0].strip()
    return Method.BROWSER if not media_type or media_type in _PAGES else Method.DIRECT


def reason_of(net_error: str) -> Reason:
    """Give the reason that a Chromium network error stands for; INCOMPLETE where it stands for none of ours."""
    name = name_of(net_error)
    return next((reason for pattern, reason in _REASONS if re.fullmatch(pattern, name)), Reason.INCOMPLETE)


def name_of(message: str) -> str:
    """Give ``ERR_…`` out of a browser's error message, or an empty string."""
    match = _NET_ERROR.search(message)
    return match[1] if match else ""


def looks_like_login(url: str) -> bool:
    """Say whether a URL is by its form a login page: a path segment or the host says so."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return bool(_LOGIN_HOST.match(host)) or any(
        _LOGIN_SEGMENT.match(segment.lower()) for segment in parts.path.split("/")
    )


def _of_status(status: int) -> Reason:
    if status == _GONE:
        return Reason.GONE
    return Reason.HTTP_SERVER_ERROR if status >= _SERVER_ERROR else Reason.HTTP_CLIENT_ERROR


def _no_page(seen: Seen) -> tuple[Reason, str]:
    if seen.status in _NO_CONTENT:
        return Reason.EMPTY_PAGE, f"HTTP status {seen.status}"
    if seen.too_large:
        return Reason.TOO_LARGE, "more than this capture may receive"
    if seen.navigation_error is None and seen.status is not None:
        return Reason.TIMEOUT, f"HTTP status {seen.status}, and no end of its body before the deadline"
    if seen.navigation_error is None:
        return Reason.TIMEOUT, "no response before the deadline"
    return reason_of(seen.navigation_error), name_of(seen.navigation_error) or seen.navigation_error[:200]


def _not_the_source(seen: Seen) -> tuple[Reason, str] | None:
    characters = seen.text_characters
    broken = seen.broken or ""
    if seen.shows_own_page:
        why = name_of(broken) or "no reason told"
        return reason_of(broken), f"the page went on to an address that gave none: {why}"
    if broken and not characters and not seen.pictures:
        return reason_of(broken), f"{name_of(broken) or broken[:200]}, before anything of the page"
    if seen.has_password_input:
        moved = seen.final_url is not None and seen.final_url != seen.requested_url
        if moved and seen.final_url is not None and looks_like_login(seen.final_url):
            return Reason.LOGIN_WALL, "led to a login URL with a password field"
        if characters is not None and characters < LOGIN_TEXT_LIMIT:
            return Reason.LOGIN_WALL, f"a password field and {characters} characters of text"
    if characters == 0 and seen.pictures == 0:
        return Reason.EMPTY_PAGE, "no visible text and no picture"
    return None


def _failed(reason: Reason, rests_on: str, seen: Seen) -> Outcome:
    return Outcome(state=State.FAILED, reason=reason, rests_on=rests_on, missing=seen.missing)
