"""Ask a time-stamping authority. What it answers is bytes: whoever accepts them verifies them first."""

from dataclasses import dataclass

import requests
from urllib3.exceptions import HTTPError

from archiver.model.digest import Digest
from archiver.model.errors import SealError
from archiver.proof import timestamp

_LIMIT_BYTES = 64 << 10
_LIST_BYTES = 8 << 20
_OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class TsaAnswer:
    """The exact request and the exact response. Both are kept as evidence."""

    request: bytes
    response: bytes


def ask(url: str, digest: Digest, *, nonce: int, timeout_s: float) -> TsaAnswer:
    """Send the digest, and nothing else, to the authority; give its answer unverified.

    No redirect is followed, no proxy of the environment used, no more than 64 KiB read. Raises
    SealError that says what went wrong. LIMIT: ``timeout_s`` bounds each wait for bytes and not their
    sum, so an authority that sends them one by one is waited for.
    """
    query = timestamp.request(digest, nonce=nonce)
    kinds = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
    content = _exchange("POST", url, query, kinds, timeout_s=timeout_s, limit_bytes=_LIMIT_BYTES)
    return TsaAnswer(request=query, response=content)


def fetch_list(url: str, *, timeout_s: float) -> bytes:
    """Give the revocation list at an address that a certificate names, unverified; raise SealError if there is none.

    The address comes out of a certificate behind which a pinned root stands: its issuer chose it.
    """
    return _exchange("GET", url, b"", {}, timeout_s=timeout_s, limit_bytes=_LIST_BYTES)


def _exchange(
    method: str, url: str, body: bytes, headers: dict[str, str], *, timeout_s: float, limit_bytes: int
) -> bytes:
    with requests.Session() as session:
        session.trust_env = False
        try:
            with session.request(
                method, url, data=body, headers=headers, timeout=timeout_s, allow_redirects=False, stream=True
            ) as response:
                if response.status_code != _OK:
                    raise SealError(f"{url}: expected HTTP status 200, found {response.status_code}")
                content = response.raw.read(limit_bytes + 1, decode_content=True)
        except (requests.RequestException, HTTPError, UnicodeError) as error:
            # Reading the body raises urllib3's own errors; so do some addresses that requests lets pass.
            raise SealError(f"{url}: no answer: {type(error).__name__}", hint="archiver stamp tries again") from error
    if len(content) > limit_bytes:
        raise SealError(f"{url}: expected at most {limit_bytes} bytes, found more")
    return bytes(content)
