"""The certificates of each https origin, as this browser's own connections received them."""

import asyncio
import base64
import binascii
from collections.abc import Iterable
from typing import Final

from archiver.capture.cdp_session import Session, SessionGoneError

_MOST_ORIGINS: Final = 300


async def certificates(
    session: Session | None, urls: Iterable[str], *, timeout_s: float
) -> tuple[tuple[str, tuple[bytes, ...]], ...]:
    """Give each https origin among the URLs with its chain (DER, leaf first); origins without one are left out."""
    if session is None:
        return ()
    origins = dict.fromkeys("/".join(url.split("/", 3)[:3]) for url in urls if url.startswith("https://"))
    asked = list(origins)[:_MOST_ORIGINS]
    found = await asyncio.gather(*(_chain(session, origin, timeout_s) for origin in asked))
    return tuple((origin, chain) for origin, chain in zip(asked, found, strict=True) if chain)


async def _chain(session: Session, origin: str, timeout_s: float) -> tuple[bytes, ...]:
    try:
        answer = await asyncio.wait_for(session.send("Network.getCertificate", {"origin": origin}), timeout_s)
        return tuple(base64.b64decode(str(one)) for one in answer.get("tableNames", ()))
    except (SessionGoneError, TimeoutError, binascii.Error):
        return ()
