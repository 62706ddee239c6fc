"""One HTTP exchange with somebody who signs: an authority, a witness, or who publishes a revocation list."""

from collections.abc import Mapping

import requests
from urllib3.exceptions import HTTPError

from archiver.model.errors import SealError


def exchange(
    method: str, url: str, body: bytes, headers: Mapping[str, str], *, timeout_s: float, limit_bytes: int
) -> tuple[int, bytes]:
    """Give status and body; nothing but ``body`` and ``headers`` is sent.

    No redirect is followed, no proxy of the environment used, no more than ``limit_bytes`` read. Raises
    SealError that says what went wrong. LIMIT: ``timeout_s`` bounds each wait for bytes and not their
    sum, so a server that sends them one by one is waited for.
    """
    with requests.Session() as session:
        session.trust_env = False
        try:
            with session.request(
                method, url, data=body, headers=headers, timeout=timeout_s, allow_redirects=False, stream=True
            ) as response:
                content = bytes(response.raw.read(limit_bytes + 1, decode_content=True))
        except (requests.RequestException, HTTPError, UnicodeError) as error:
            # Reading the body raises urllib3's own errors; so do some addresses that requests lets pass.
            raise SealError(f"{url}: no answer: {type(error).__name__}", hint="archiver stamp tries again") from error
    if len(content) > limit_bytes:
        raise SealError(f"{url}: expected at most {limit_bytes} bytes, found more")
    return response.status_code, content
