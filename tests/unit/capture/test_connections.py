"""What connections told: each different one once, with the timestamps of public logs that came with it."""

import json

from archiver.capture.connections import connections
from archiver.capture.exchange import Exchange, Recording, Security
from archiver.capture.traffic import _security
from archiver.model.digest import Digest
from archiver.model.instant import Instant

_AT = Instant(1_700_000_000_000_000)


def exchange(url: str, *, ip: str | None = "192.0.2.7", security: Security | None) -> Exchange:
    return Exchange(
        url=url,
        method="GET",
        request_headers=(),
        status=200,
        status_text="OK",
        headers=(),
        started_at=_AT,
        resource_type="Document",
        body_form="none",
        how="none",
        protocol="h2",
        remote_ip=ip,
        security=security,
    )


def test_each_different_connection_of_an_origin_is_told_once_and_cleartext_is_not() -> None:
    one = Security(protocol="TLS 1.3", cipher="AES_128_GCM", subject="a.example")
    other = Security(protocol="TLS 1.2", cipher="AES_128_GCM", subject="a.example")
    recording = Recording(
        exchanges=(
            exchange("https://a.example/", security=one),
            exchange("https://a.example/b", security=one),
            exchange("https://a.example/c", security=other),
            exchange("https://a.example/d", security=one, ip="192.0.2.8"),
            exchange("http://a.example/", security=None),
            exchange("wss://b.example/s", security=one),
        ),
        chains=(("https://a.example", (b"leaf", b"root")),),
    )
    told = dict(connections(recording))
    assert list(told) == ["https://a.example", "https://b.example"]
    listed = told["https://a.example"]["connections"]
    assert isinstance(listed, list)
    assert [(each["version"], each["remote_ip"]) for each in listed] == [
        ("TLS 1.3", "192.0.2.7"),
        ("TLS 1.2", "192.0.2.7"),
        ("TLS 1.3", "192.0.2.8"),
    ]
    assert told["https://a.example"]["chain"] == [str(Digest.of(b"leaf")), str(Digest.of(b"root"))]
    json.dumps(told)


def test_the_timestamps_of_public_logs_are_kept_as_the_browser_gives_them() -> None:
    event = {
        "protocol": "TLS 1.3",
        "cipher": "AES_128_GCM",
        "signedCertificateTimestampList": [
            {
                "status": "Verified",
                "origin": "Embedded in certificate",
                "logDescription": "A log",
                "logId": "AB" * 32,
                "timestamp": 1_700_000_000_123.0,
                "hashAlgorithm": "SHA-256",
                "signatureAlgorithm": "ECDSA",
                "signatureData": "3045",
            },
            {"status": "Unknown", "timestamp": None},
        ]
        + [{"status": "Unknown"}] * 50,
    }
    found = _security(event)
    assert len(found.scts) == 20
    first, second = found.scts[:2]
    assert (first.status, first.log_id, first.signature) == ("Verified", "ab" * 32, "3045")
    assert str(first.timestamp) == "2023-11-14T22:13:20.123Z"
    assert second.timestamp is None
