"""Ask a time-stamping authority. What it answers is bytes: whoever accepts them verifies them first."""

from dataclasses import dataclass

import requests
from urllib3.exceptions import HTTPError

from archiver.model.digest import Digest
from archiver.model.errors import SealError
from archiver.proof import timestamp

_LIMIT_BYTES = 64 << 10
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
    with requests.Session() as session:
        session.trust_env = False
        try:
            with session.post(
                url,
                data=query,
                headers={"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"},
                timeout=timeout_s,
                allow_redirects=False,
                stream=True,
            ) as response:
                if response.status_code != _OK:
                    raise SealError(f"{url}: expected HTTP status 200, found {response.status_code}")
                content = response.raw.read(_LIMIT_BYTES + 1, decode_content=True)
        except (requests.RequestException, HTTPError, UnicodeError) as error:
            # Reading the body raises urllib3's own errors; so do some addresses that requests lets pass.
            raise SealError(f"{url}: no answer: {type(error).__name__}", hint="archiver stamp tries again") from error
    if len(content) > _LIMIT_BYTES:
        raise SealError(f"{url}: expected at most {_LIMIT_BYTES} bytes, found more")
    return TsaAnswer(request=query, response=content)
