"""Ask a time-stamping authority. What it answers is bytes: whoever accepts them verifies them first."""

from dataclasses import dataclass

from archiver.model.digest import Digest
from archiver.model.errors import SealError
from archiver.proof import timestamp
from archiver.seal.exchange import exchange

_LIMIT_BYTES = 64 << 10
_LIST_BYTES = 8 << 20
_OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class TsaAnswer:
    """The exact request and the exact response. Both are kept as evidence."""

    request: bytes
    response: bytes


def ask(url: str, digest: Digest, *, nonce: int, timeout_s: float) -> TsaAnswer:
    """Send the digest, and nothing else, to the authority; give its answer unverified. Raises SealError."""
    query = timestamp.request(digest, nonce=nonce)
    kinds = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
    status, content = exchange("POST", url, query, kinds, timeout_s=timeout_s, limit_bytes=_LIMIT_BYTES)
    return TsaAnswer(request=query, response=_expected(url, status, content))


def fetch_list(url: str, *, timeout_s: float) -> bytes:
    """Give the revocation list at an address that a certificate names, unverified; raise SealError if there is none.

    The address comes out of a certificate behind which a pinned root stands: its issuer chose it.
    """
    status, content = exchange("GET", url, b"", {}, timeout_s=timeout_s, limit_bytes=_LIST_BYTES)
    return _expected(url, status, content)


def ask_status(url: str, request: bytes, *, timeout_s: float) -> bytes:
    """Send an OCSP request about an authority's certificate to where that certificate says; give the answer unverified.

    Raises SealError. The address comes from where `fetch_list` has its own.
    """
    kinds = {"Content-Type": "application/ocsp-request", "Accept": "application/ocsp-response"}
    status, content = exchange("POST", url, request, kinds, timeout_s=timeout_s, limit_bytes=_LIMIT_BYTES)
    return _expected(url, status, content)


def _expected(url: str, status: int, content: bytes) -> bytes:
    if status != _OK:
        raise SealError(f"{url}: expected HTTP status 200, found {status}")
    return content
