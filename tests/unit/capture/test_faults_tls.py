"""Certificates that are too old, of another host, or of nobody: not taken, or taken under a limit that says so."""

import base64
import hashlib
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import certifi
import pytest
import pytest_asyncio
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from archiver.capture.browser import FLAGS, OpenBrowser, find_browser, open_browser
from archiver.model.digest import Digest
from archiver.model.evidence import Reason, Role, State
from tests.support.authority import Authority, new_authority
from tests.support.fault_site import FaultSite, serve_faults
from tests.unit.capture.faults import ended, roles, take_at_once

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

NOW = datetime.now(UTC)  # noqa: TID251 - the browser judges certificates by the machine's clock
DAY = timedelta(days=1)
CASES = {
    "expired": ("127.0.0.1", NOW - 20 * DAY, NOW - 2 * DAY),
    "not-yet": ("127.0.0.1", NOW + 2 * DAY, NOW + 20 * DAY),
    "other-host": ("other.example", NOW - DAY, NOW + 20 * DAY),
    "of-nobody": ("127.0.0.1", NOW - DAY, NOW + 20 * DAY),
}


@pytest.fixture(scope="module")
def authority() -> Authority:
    return new_authority(NOW)


def key_pin(pem: Path) -> str:
    """Give the digest of a certificate's key, as Chromium wants it."""
    key = x509.load_pem_x509_certificate(pem.read_bytes()).public_key()
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(der).digest()).decode()


@pytest.fixture(scope="module")
def sites(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, FaultSite]]:
    """Serve one site for each bad certificate."""
    folder = tmp_path_factory.mktemp("certificates")
    with ExitStack() as stack:
        made = {
            name: authority.issue(folder / f"{name}.pem", host=host, begins=begins, ends=ends)
            for name, (host, begins, ends) in CASES.items()
        }
        yield {name: stack.enter_context(serve_faults(path)) for name, path in made.items()}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[OpenBrowser]:
    if find_browser() is None:
        pytest.skip("no Chromium on this machine")
    async with open_browser() as opened:
        yield opened


async def test_a_bad_certificate_ends_the_capture_before_anything_is_asked(
    browser: OpenBrowser, sites: dict[str, FaultSite], tmp_path: Path
) -> None:
    several = await take_at_once(browser, tmp_path, {name: site.url("/fine") for name, site in sites.items()})

    assert len(several) == 4
    for name, one in several.items():
        assert ended(one.taken) == (State.FAILED, Reason.TLS), name
        assert one.taken.attempt.outcome.rests_on is not None
        assert one.taken.attempt.outcome.rests_on.startswith("ERR_CERT_")
        assert one.taken.pieces == ()
        assert sites[name].asked == [], name


async def test_the_client_for_documents_judges_date_and_host_by_itself(
    sites: dict[str, FaultSite], authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Have the browser trust each key and the client the authority: then only date and host speak against it."""
    trusted = tmp_path / "authority.pem"
    trusted.write_bytes(authority.certificate.public_bytes(serialization.Encoding.PEM))
    monkeypatch.setattr(certifi, "where", lambda: str(trusted))
    pins = ",".join(key_pin(site.certificate) for site in sites.values() if site.certificate)
    monkeypatch.setattr("archiver.capture.browser.FLAGS", (*FLAGS, f"--ignore-certificate-errors-spki-list={pins}"))
    async with open_browser() as trusting:
        several = await take_at_once(
            trusting, tmp_path, {name: one.url("/stream/file/1") for name, one in sites.items()}
        )

    assert ended(several.pop("of-nobody").taken) == (State.OK, None)
    assert {ended(one.taken) for one in several.values()} == {(State.FAILED, Reason.TLS)}
    assert len(several) == 3


async def test_a_bad_certificate_that_is_passed_over_is_a_limit_and_its_chain_is_kept(
    browser: OpenBrowser, sites: dict[str, FaultSite], tmp_path: Path
) -> None:
    urls = {name: site.url("/fine") for name, site in sites.items()}
    several = await take_at_once(browser, tmp_path, urls, ignore_https_errors=True)

    for name, one in several.items():
        tls = one.taken.attempt.tls
        assert ended(one.taken) == (State.OK, None), name
        assert Role.TLS_CHAIN in roles(one.taken)
        assert tls is not None
        assert tls.errors_ignored
        assert all(isinstance(digest, Digest) for digest in tls.chain)
        assert one.taken.attempt.settings.https_errors_ignored
        assert any("https_errors" in limit or "tls_errors" in limit for limit in one.taken.attempt.limits)
