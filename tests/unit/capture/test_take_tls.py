"""Over TLS the connection's parameters and certificates are evidence too."""

import base64
import hashlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import certifi
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from archiver.capture.browser import FLAGS, OpenBrowser, open_browser
from archiver.model.digest import Digest
from archiver.model.evidence import Method, Role, State, Taken
from tests.support.source_site import PDF, SourceSite, serve_sources
from tests.unit.capture.conftest import Take

pytestmark = pytest.mark.browser


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[SourceSite]:
    with serve_sources(tmp_path) as serving:
        yield serving


@pytest.fixture
def certificate(secure: SourceSite, tmp_path: Path) -> x509.Certificate:
    assert secure.root.startswith("https://")
    return x509.load_pem_x509_certificate((tmp_path / "self-signed.pem").read_bytes())


@pytest.fixture
async def browser(certificate: x509.Certificate, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[OpenBrowser]:
    """Give a browser that trusts the site's key, as a public authority would have it."""
    key = certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    pin = base64.b64encode(hashlib.sha256(key).digest()).decode()
    monkeypatch.setattr("archiver.capture.browser.FLAGS", (*FLAGS, f"--ignore-certificate-errors-spki-list={pin}"))
    async with open_browser() as opened:
        yield opened


def assert_tls(taken: Taken, certificate: x509.Certificate) -> None:
    tls = taken.attempt.tls
    der = certificate.public_bytes(serialization.Encoding.DER)

    assert tls is not None
    assert tls.version == "TLS 1.3"
    assert tls.chain == (Digest.of(der),)
    assert tls.subject is not None
    assert "nobody.invalid" in tls.subject
    assert tls.valid_from is not None
    assert str(tls.valid_from) == "2023-11-14T00:00:00.000Z"
    assert "tls_no_nonrepudiation" in taken.attempt.limits
    pem = next(one for one in taken.pieces if one.role is Role.TLS_CHAIN)
    assert pem.name == "tls-chain.pem"
    assert x509.load_pem_x509_certificate(pem.path.read_bytes()) == certificate


async def test_a_page_comes_with_its_connection_and_certificates(
    taking: Take, secure: SourceSite, certificate: x509.Certificate
) -> None:
    taken = await taking(secure.url("/story"))

    assert (taken.attempt.outcome.state, taken.attempt.method) == (State.OK, Method.BROWSER)
    assert_tls(taken, certificate)


async def test_a_document_comes_with_its_connection_and_certificates(
    taking: Take,
    secure: SourceSite,
    certificate: x509.Certificate,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(certifi, "where", lambda: str(tmp_path / "self-signed.pem"))
    taken = await taking(secure.url("/statement.pdf"))

    assert (taken.attempt.outcome.state, taken.attempt.method) == (State.OK, Method.DIRECT)
    assert next(one for one in taken.pieces if one.role is Role.DOCUMENT).path.read_bytes() == PDF
    assert_tls(taken, certificate)


async def test_a_document_whose_certificate_only_the_browser_trusts_is_not_taken(
    taking: Take, secure: SourceSite
) -> None:
    taken = await taking(secure.url("/statement.pdf"))

    assert taken.attempt.outcome.state is State.FAILED
    assert taken.attempt.outcome.rests_on == "ERR_SSL_PROTOCOL_ERROR"
    assert taken.pieces == ()
