"""L5: the certificates of the main document's connection, as the capture, its file and its WARC have them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificates

from archiver.model.evidence import (
    Capture,
    ResponseFacts,
    Role,
)
from archiver.model.report import Level, Verdict
from tests.support.content_kit import SAID, everything, page, reason, record, told
from tests.support.ledger_kit import CaseKit, new_case
from tests.support.wire_kit import make_chain, tls_facts

PASS, FAIL, UNCHECKED = Verdict.PASS, Verdict.FAIL, Verdict.NOT_CHECKED
Change = Callable[[Capture], Capture]


@pytest.fixture
def kit(tmp_path: Path) -> CaseKit:
    return new_case(tmp_path)


def with_chain(kit: CaseKit, pem: bytes, *, said: bytes | None = None) -> Capture:
    capture = page(kit, f"<p>{SAID}", text=SAID, chain=pem)
    facts = tls_facts(pem if said is None else said)
    return replace(capture, attempt=replace(capture.attempt, tls=facts))


def stranger() -> bytes:
    """Give a leaf with another authority's certificate behind it."""
    leaf = load_pem_x509_certificates(make_chain())[0]
    other = load_pem_x509_certificates(make_chain(signer=b"o" * 32))[1]
    return b"".join(one.public_bytes(Encoding.PEM) for one in (leaf, other))


def test_a_star_stands_for_one_whole_label(kit: CaseKit) -> None:
    capture = with_chain(kit, make_chain("*.example.org"))
    facts = ResponseFacts(method="GET", status=200, final_url="https://www.example.org/")
    record(kit, replace(capture, attempt=replace(capture.attempt, response=facts)))
    assert told(kit)["tls-chain"] is PASS


CHAINS: dict[str, tuple[Callable[[CaseKit], Capture], str]] = {
    "another host": (lambda kit: with_chain(kit, make_chain("example.net")), "is not one for example.org"),
    "a star for another level": (lambda kit: with_chain(kit, make_chain("*.example.org")), "is not one for"),
    "not yet in force": (
        lambda kit: with_chain(kit, make_chain(begin=datetime(2026, 12, 1, tzinfo=UTC))),
        "in force from 2026-12-01",
    ),
    "another than the manifest names": (
        lambda kit: with_chain(kit, make_chain(), said=make_chain("example.net")),
        "does not hold the certificates",
    ),
    "no certificate": (lambda kit: with_chain(kit, b"none", said=make_chain()), "no certificates can be read"),
    "no name at all": (lambda kit: with_chain(kit, make_chain("")), "is not one for example.org"),
    "a number's own": (lambda kit: with_chain(kit, make_chain("192.0.2.1")), "is not one for example.org"),
    "a chain of strangers": (lambda kit: with_chain(kit, stranger()), "do not follow from each other"),
}


@pytest.mark.parametrize("name", CHAINS)
def test_certificates_that_do_not_fit_fail(kit: CaseKit, name: str) -> None:
    make, why = CHAINS[name]
    record(kit, make(kit))
    assert told(kit)["tls-chain"] is FAIL
    assert why in reason(kit, "tls-chain")


def test_a_certificate_for_an_address_fits_that_address(kit: CaseKit) -> None:
    capture = with_chain(kit, make_chain("192.0.2.1"))
    facts = ResponseFacts(method="GET", status=200, final_url="https://192.0.2.1/")
    record(kit, replace(capture, attempt=replace(capture.attempt, response=facts)))
    assert told(kit)["tls-chain"] is PASS


def test_files_that_cannot_be_read_are_the_affair_of_the_checks_of_files(kit: CaseKit) -> None:
    record(kit, page(kit, f"<p>{SAID}", text=SAID))
    next((kit.workspace / "archive").rglob("*.txt")).unlink()
    next((kit.workspace / "archive").rglob("*.pem")).unlink()
    found = {one.id: one.verdict for one in everything(kit) if one.level is Level.CONTENT}
    assert found == {"views": PASS, "tls-chain": FAIL, "quote-wire": PASS}


def test_ignored_certificate_errors_fail_whatever_the_certificates_are(kit: CaseKit) -> None:
    capture = page(kit, f"<p>{SAID}", text=SAID)
    settings = replace(capture.attempt.settings, https_errors_ignored=True)
    record(kit, replace(capture, attempt=replace(capture.attempt, settings=settings)))
    assert "errors were ignored" in reason(kit, "tls-chain")
    assert told(kit)["tls-chain"] is FAIL


def test_the_warc_s_own_copy_of_the_certificates_must_be_the_same(kit: CaseKit) -> None:
    capture = page(kit, f"<p>{SAID}", text=SAID)
    other = make_chain("example.net")
    pem = kit.artifact(
        "tls-chain.pem", other, role=Role.TLS_CHAIN, media_type="application/pem-certificate-chain", extension="pem"
    )
    next((kit.workspace / "archive").rglob(f"{capture.artifacts[-1].digest.hex}.pem")).unlink()
    changed = replace(capture, artifacts=(*capture.artifacts[:-1], pem))
    record(kit, replace(changed, attempt=replace(changed.attempt, tls=tls_facts(other))))
    assert "the WARC holds other certificates" in reason(kit, "tls-chain")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda one: replace(one, attempt=replace(one.attempt, tls=None)), "no TLS is recorded"),
        (
            lambda one: replace(
                one,
                attempt=replace(
                    one.attempt,
                    tls=None,
                    response=ResponseFacts(method="GET", status=200, final_url="http://example.org/"),
                ),
            ),
            "over plain HTTP",
        ),
        (lambda one: replace(one, attempt=replace(one.attempt, tls=tls_facts(make_chain()))), "were not kept"),
    ],
)
def test_without_certificates_nothing_is_said_of_them(kit: CaseKit, change: Change, why: str) -> None:
    record(kit, change(page(kit, f"<p>{SAID}", text=SAID, chain=b"")))
    assert told(kit)["tls-chain"] is UNCHECKED
    assert why in reason(kit, "tls-chain")
