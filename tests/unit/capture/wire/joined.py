"""How an exchange as the site logged it is compared with the record of it."""

from collections import Counter
from typing import Final

from tests.support.site.codings import decode
from tests.support.site.kept import Kept
from tests.support.site.log import Headers, Served
from tests.unit.capture.wire.conftest import Captured

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_BODILESS: Final = frozenset({204, 205, 304})


def is_redirect(one: Served) -> bool:
    return one.status in _REDIRECTS


def is_bodiless(one: Served) -> bool:
    return one.method == "HEAD" or one.status in _BODILESS


def is_partial(one: Served) -> bool:
    """Say whether less than all was sent, or the client left before the end."""
    return not one.sent_whole or one.client_gone


def same_payload(served: Served, kept: Kept) -> bool:
    """Say whether the payload is the wire's, or the wire's after content-decoding."""
    return kept.payload in (served.sent, served.plain)


def begins_like(served: Served, kept: Kept) -> bool:
    """Say whether the payload is the beginning of the wire's, or of the wire's after content-decoding."""
    return served.plain.startswith(kept.payload) or served.sent.startswith(kept.payload)


def decoded(served: Served) -> bytes:
    """Give what was sent of a body, content-decoded."""
    return decode(served.coding, served.sent) if served.sent else b""


def fields_of(headers: Headers) -> Counter[tuple[str, str]]:
    """Give fields as a set with repetitions: names have no case, and order is left out."""
    return Counter((name.lower(), value) for name, value in headers)


def request_head_problem(served: Served, kept: Kept) -> object:
    """Say what differs; the browser tells no order of request fields, so order is not asked for."""
    start, *lines = kept.request_head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    told = fields_of(tuple((name, value.strip(" \t")) for name, _, value in pairs))
    sent = fields_of(served.request_headers)
    wanted = f"{served.method} {served.target} HTTP/1.1"
    if start == wanted and told == sent:
        return None
    return served.target, start, "missing", dict(sent - told), "added", dict(told - sent)


def same_head(served: Served, kept: Kept) -> bool:
    """Compare bytes; h2 gives none, there the fields are compared."""
    if served.protocol == "http/1.1":
        return kept.wire_head == served.head
    return fields_of(served.headers) == fields_of(kept.wire_headers)


def unexplained(captured: Captured) -> list[Served]:
    """Give what the site served and the capture neither keeps nor declares."""
    kept = {one.id for one in captured.warc.exchanges}
    return [one for one in captured.site.log.served if one.id not in kept and one.url not in captured.declared]
