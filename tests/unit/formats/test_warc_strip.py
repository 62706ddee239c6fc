"""What is taken out before publication, and what is left as it is."""

import json
from io import BytesIO

import pytest

from archiver.formats import warc_strip
from archiver.formats.warc import read_records
from archiver.formats.warc_strip import derivation, derived_head, is_secret, strip_exchange, strip_head
from archiver.model.digest import Digest
from archiver.model.errors import FormatError
from archiver.model.instant import Instant


@pytest.mark.parametrize(
    "name",
    ["Cookie", "set-cookie", "Set-Cookie2", "AUTHORIZATION", "Proxy-Authorization", "x-csrf-token", "X-XSRF-TOKEN",
     "x-guest-token", "x-orig-set-cookie", "X-API-Key", "apikey", "X-Amz-Security-Token", "DPoP", "x-session-id"],
)  # fmt: skip
def test_a_field_that_lets_others_act_is_secret(name: str) -> None:
    assert is_secret(name)


@pytest.mark.parametrize(
    "name", ["Content-Type", "Date", "ETag", "WWW-Authenticate", "Host", "User-Agent", "X-Cookies"]
)
def test_other_fields_are_not(name: str) -> None:
    assert not is_secret(name)


def test_fields_go_whole_and_the_others_stay_to_the_byte() -> None:
    head = b"HTTP/1.1 200 OK\r\nA: 1\r\nSet-Cookie: x=1;\r\n  more\r\nB: 2\r\n  and 3\r\nset-cookie: y"
    kept, gone = strip_head(head)
    assert kept == b"HTTP/1.1 200 OK\r\nA: 1\r\nB: 2\r\n  and 3"
    assert gone == {"set-cookie"}
    assert strip_head(kept) == (kept, frozenset())


def test_a_start_line_is_never_a_field() -> None:
    assert strip_head(b"cookie: HTTP/1.1") == (b"cookie: HTTP/1.1", frozenset())


def test_the_verbatim_head_of_an_exchange_is_stripped_too() -> None:
    facts = {"how": "cdp", "verbatim_head": "HTTP/1.1 200 OK\r\nSet-Cookie: a=س\r\nA: س\r\n\r\n"}
    content, gone = strip_exchange(json.dumps(facts).encode())
    assert json.loads(content) == {"how": "cdp", "verbatim_head": "HTTP/1.1 200 OK\r\nA: س\r\n\r\n"}
    assert gone == {"set-cookie"}


@pytest.mark.parametrize("facts", [{"how": "cdp"}, {"verbatim_head": 1}, [], {"verbatim_head": "HTTP/1.1 200\r\n"}])
def test_an_exchange_without_secrets_stays_as_it_is(facts: object) -> None:
    raw = json.dumps(facts).encode()
    assert strip_exchange(raw) == (raw, frozenset())


def test_an_exchange_that_is_no_json_is_refused() -> None:
    with pytest.raises(FormatError, match="no JSON"):
        strip_exchange(b"{")


def test_a_records_head_says_the_new_length_and_digest_and_nothing_else_new() -> None:
    digest = Digest.of(b"x")
    head = b"WARC/1.1\r\nWARC-Type: response\r\ncontent-length: 9\r\nWARC-Block-Digest: sha256:00\r\n\r\n"
    expected = f"WARC/1.1\r\nWARC-Type: response\r\nContent-Length: 1\r\nWARC-Block-Digest: {digest}\r\n\r\n"
    assert derived_head(head, length=1, digest=digest) == expected.encode()


def test_a_derivative_says_so_in_its_first_record() -> None:
    raw = derivation(Digest.of(b"original"), {"description": "derived"}, at=Instant.parse("2026-11-26T10:00:00.000Z"))
    import gzip  # noqa: PLC0415 - one test packs a record

    [found] = read_records(BytesIO(gzip.compress(raw)))
    assert (found.type, found.digest_problem) == ("warcinfo", "")
    assert warc_strip.__doc__ is not None
    assert "LIMIT" in warc_strip.__doc__
