"""From a recording to what a manifest says of the main document: hops, waits, certificates, all of it bounded."""

from typing import Any

import pytest

from archiver.capture.exchange import Exchange, Recording, Security
from archiver.capture.facts import item_facts, main_chain, response_facts, retry_after_s, tls_facts
from archiver.model.digest import Digest
from archiver.model.instant import Instant


def exchange(url: str = "https://news.example/a", **changes: Any) -> Exchange:  # noqa: ANN401 - any field
    fields: dict[str, Any] = {
        "url": url,
        "method": "GET",
        "request_headers": (),
        "status": 200,
        "status_text": "OK",
        "headers": (("Content-Type", "text/html; charset=utf-8"),),
        "started_at": Instant(0),
        "resource_type": "Document",
        "body_form": "decoded",
        "how": "Fetch",
        "is_main_document": True,
    }
    return Exchange(**(fields | changes))


def hop(url: str, to: str, status: int = 302) -> Exchange:
    return exchange(url, status=status, headers=(("Location", to),))


def test_the_response_is_the_last_main_document_and_its_hops_come_before_it() -> None:
    facts = response_facts(
        Recording(
            exchanges=(
                hop("https://t.co/x", "https://news.example/"),
                hop("https://news.example/", "/a", 301),
                exchange("https://ads.example/", is_main_document=False),
                exchange(remote_ip="192.0.2.1", remote_port=443, protocol="h2"),
            )
        )
    )

    assert facts is not None
    assert [(one.url, one.status, one.location) for one in facts.redirects] == [
        ("https://t.co/x", 302, "https://news.example/"),
        ("https://news.example/", 301, "/a"),
    ]
    assert (facts.final_url, facts.media_type, facts.protocol) == ("https://news.example/a", "text/html", "h2")
    assert (facts.remote_ip, facts.remote_port) == ("192.0.2.1", 443)


def test_where_only_redirects_were_got_the_last_one_is_the_response() -> None:
    facts = response_facts(Recording(exchanges=(hop("https://a.example/", "/b"), hop("https://a.example/b", "/a"))))

    assert facts is not None
    assert (facts.final_url, facts.status, len(facts.redirects)) == ("https://a.example/b", 302, 1)
    assert facts.media_type is None
    assert response_facts(Recording()) is None


def test_what_a_server_sends_without_bound_is_bounded() -> None:
    long = "x" * 100_000
    facts = response_facts(
        Recording(
            exchanges=(
                hop("https://a.example/" + long, long),
                exchange(
                    "https://a.example/" + long,
                    headers=(("Content-Type", long), ("Date", long), ("Last-Modified", long)),
                ),
            )
        )
    )

    assert facts is not None
    assert len(str(facts)) < 30_000


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (429, {"Retry-After": "17"}, 17),
        (503, {"retry-after": " 0 "}, 0),
        (200, {"Retry-After": "17"}, None),
        (429, {}, None),
        (429, {"Retry-After": "99999999999999999999"}, 86_400),
        (429, {"Retry-After": "-5"}, None),
        (429, {"Retry-After": "1.5"}, None),
        (429, {"Retry-After": "١٧"}, None),
        (429, {"Retry-After": "soon"}, None),
        (
            503,
            {"Retry-After": "Fri, 31 Dec 2021 23:59:59 GMT", "Date": "Fri, 31 Dec 2021 23:59:00 GMT"},
            59,
        ),
        (503, {"Retry-After": "Fri, 31 Dec 2021 23:59:00 GMT", "Date": "Fri, 31 Dec 2021 23:59:59 GMT"}, 0),
        (503, {"Retry-After": "Fri, 31 Dec 2100 23:59:59 GMT", "Date": "Fri, 31 Dec 2021 23:59:00 GMT"}, 86_400),
        (503, {"Retry-After": "Fri, 31 Dec 2021 23:59:59 GMT"}, None),
        (503, {"Retry-After": "Fri, 31 Dec 2021 23:59:59", "Date": "Fri, 31 Dec 2021 23:59:00 GMT"}, None),
        (503, {"Retry-After": "Fri, 99 Dec 99999999 23:59:59 GMT", "Date": "Fri, 31 Dec 2021 23:59:00 GMT"}, None),
    ],
)
def test_how_long_a_server_asked_to_be_left_alone(status: int, headers: dict[str, str], seconds: int | None) -> None:
    main = exchange(status=status, headers=tuple(headers.items()))

    assert retry_after_s(Recording(exchanges=(main,))) == seconds


def test_without_a_response_nobody_asked_for_anything() -> None:
    assert retry_after_s(Recording()) is None
    assert (main_chain(Recording()), tls_facts(Recording()), item_facts(None)) == ((), None, None)


SECURITY = Security(
    protocol="TLS 1.3",
    cipher="AES_128_GCM",
    key_exchange_group="X25519",
    subject="news.example",
    issuer="Some CA",
    valid_from=Instant(0),
    valid_to=Instant(10**15),
)


def test_the_certificates_are_those_of_the_main_documents_origin() -> None:
    recording = Recording(
        exchanges=(exchange("https://me:pw@News.example/a", security=SECURITY),),
        chains=(("https://ads.example", (b"other",)), ("https://news.example", (b"leaf", b"root"))),
    )
    facts = tls_facts(recording, errors_ignored=True)

    assert main_chain(recording) == (b"leaf", b"root")
    assert facts is not None
    assert facts.chain == (Digest.of(b"leaf"), Digest.of(b"root"))
    assert (facts.version, facts.cipher, facts.group) == ("TLS 1.3", "AES_128_GCM", "X25519")
    assert (facts.subject, facts.issuer, facts.errors_ignored) == ("news.example", "Some CA", True)


@pytest.mark.parametrize("origin", ["https://news.example:8443", "http://news.example", "https://x.news.example"])
def test_certificates_of_another_origin_are_not_the_main_documents(origin: str) -> None:
    recording = Recording(exchanges=(exchange(security=SECURITY),), chains=((origin, (b"leaf",)),))

    assert main_chain(recording) == ()


def test_over_plain_http_there_is_no_tls() -> None:
    assert tls_facts(Recording(exchanges=(exchange("http://news.example/"),))) is None
