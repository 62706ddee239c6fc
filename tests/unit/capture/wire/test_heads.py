"""Heads, sockets, and what the WARC tells of each exchange besides its payload."""

import base64
import hashlib
import json
import ssl
from collections import Counter
from typing import Final

import pytest

from tests.support.site.http1 import parse_head
from tests.unit.capture.wire.conftest import UNHEARD, Captured
from tests.unit.capture.wire.joined import fields_of, same_head

pytestmark = pytest.mark.browser

_NO_TEXT: Final = frozenset({"/head/latin1", "/head/utf8", "/head/reason"})  # the browser gives them damaged
_NO_REASON: Final = frozenset({"/head/no-reason", "/status/503"})


def test_each_response_head_is_that_of_the_wire_or_is_called_something_else(everything: Captured) -> None:
    differing = [(served, kept) for served, kept in everything.pairs() if not same_head(served, kept)]
    differing = [
        (served, kept) for served, kept in differing if not kept.asked_again
    ]  # the direct client's, and say so
    assert [served for served, kept in differing if kept.facts["head"] == "verbatim"] == []
    known = [served for served, _ in differing if served.path in _NO_TEXT | _NO_REASON or served.path.endswith(UNHEARD)]
    assert [served for served, _ in differing if served not in known] == []


def test_readers_find_each_altered_field_under_another_name(everything: Captured) -> None:
    for served, kept in everything.pairs():
        altered = set(kept.facts.get("altered_fields", ()))
        sent = Counter((f"x-orig-{name.lower()}", value) for name, value in served.headers if name.lower() in altered)
        assert Counter(one for one in kept.headers if one[0].startswith("x-orig-")) == sent, served
        if kept.payload:
            assert bool(served.coding) is ("content-encoding" in altered), served


def test_each_set_cookie_and_each_repeated_field_is_kept(everything: Captured) -> None:
    for path, name, values in (
        ("/head/cookies", "set-cookie", 3),
        ("/head/doubled", "x-double", 3),
        ("/page?arrived", "set-cookie", 2),
        ("/moved/cookie", "set-cookie", 2),
    ):
        served, kept = everything.pair(path)
        sent = Counter(value for key, value in served.headers if key.lower() == name)
        assert Counter(value for key, value in kept.headers if key.lower() == name) == sent, path
        assert sent.total() == values


def test_the_cookies_that_a_page_sends_back_are_in_its_requests(everything: Captured) -> None:
    served, kept = everything.pair("/moved/end?cookie")
    assert b"hop=1" in kept.request_head
    assert any(name.lower() == "cookie" for name, _ in served.request_headers)


def test_the_messages_of_each_websocket_are_kept_in_their_order(everything: Captured) -> None:
    for socket in everything.site.log.sockets:
        (content,) = everything.warc.resource(f"urn:websocket:{socket.url}")
        told = [_message(json.loads(line)) for line in content.splitlines()]
        assert Counter(told) == Counter(socket.messages)
        for direction in ("sent", "received"):
            assert [one for one in told if one[0] == direction] == [
                one for one in socket.messages if one[0] == direction
            ]


def test_a_websockets_handshake_is_an_exchange_of_its_own_with_the_heads_of_the_wire(everything: Captured) -> None:
    kept = {one.id: one for one in everything.warc.exchanges}
    for socket in everything.site.log.sockets:
        one = kept[socket.id]
        assert one.url in {socket.url, socket.url.replace("ws", "http", 1)}
        assert one.wire_head == socket.head
        assert fields_of(parse_head(one.request_head)[1]) == fields_of(parse_head(socket.request_head)[1])
        assert (one.payload, one.request_body) == (b"", b"")


def _message(line: dict[str, object]) -> tuple[str, int, bytes]:
    """Give a line of the log as the site notes a message: bytes are base64 in it, text is text."""
    payload, opcode = str(line["payload"]), int(str(line["opcode"]))
    return str(line["direction"]), opcode, base64.b64decode(payload) if opcode == 2 else payload.encode()


def test_the_page_info_in_the_warc_tells_what_the_attempt_tells(everything: Captured) -> None:
    (content,) = everything.warc.resource("urn:pageinfo:")
    info = json.loads(content)
    assert {one["url"]: one["reason"] for one in info["unrecorded"]} == everything.declared
    assert {one.url for one in everything.warc.exchanges} <= set(info["urls"])


def test_the_address_and_protocol_of_ordinary_exchanges_are_told(everything: Captured) -> None:
    wanted = {"http": ["http/1.1"], "tls": ["http/1.1", "tls/1.3"], "h2": ["h2", "tls/1.3"]}[everything.protocol]
    ordinary = [kept for served, kept in everything.pairs() if served.path.startswith(("/small/", "/load/", "/text/"))]
    assert len(ordinary) >= 300
    for kept in ordinary:
        assert [value for name, value in kept.fields if name == "WARC-Protocol"] == wanted, kept.url
        assert ("WARC-IP-Address", "127.0.0.1") in kept.fields, kept.url


def test_the_connections_of_each_origin_are_told_with_their_certificates(everything: Captured) -> None:
    told = {uri: json.loads(block) for uri, (block,) in everything.warc.metadata.items() if uri.startswith("urn:tls:")}
    origins = everything.site.origins
    wanted = () if everything.protocol == "http" else (origins.main, origins.port, origins.cross)
    assert set(told) == {f"urn:tls:{one}/" for one in wanted}
    for one in told.values():
        assert {each["version"] for each in one["connections"]} == {"TLS 1.3"}
        assert {each["remote_ip"] for each in one["connections"]} == {"127.0.0.1"}
        (pem,) = everything.warc.metadata[f"urn:certificates:{one['origin']}/"]
        der = ssl.PEM_cert_to_DER_cert(pem.decode())
        assert one["chain"] == [f"sha256:{hashlib.sha256(der).hexdigest()}"]
