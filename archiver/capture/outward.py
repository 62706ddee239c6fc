"""How a capture reaches the network: directly to addresses that the guard gave, or through a configured proxy.

Through a proxy (SOCKS5, SOCKS4, HTTP; Tor is one) names are resolved by the proxy: none is looked up here,
so none leaks, and no address is known.
LIMIT: through a proxy the guard sees names and numbers only; where a name leads is the proxy's affair.
"""

import asyncio
import re
from typing import Final
from urllib.parse import urlsplit

from archiver.capture.guard import Guard, Refusal
from archiver.model.errors import UsageError

_CONNECT_S: Final = 20.0
_SCHEMES: Final = frozenset({"socks5", "socks5h", "socks4", "socks4a", "http"})
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Outward:
    """Makes connections for the relay. ``proxy`` is a URL, or empty for none."""

    def __init__(self, proxy: str = "") -> None:
        self._proxy = proxy

    @property
    def is_direct(self) -> bool:
        """Say whether connections go straight to the source."""
        return not self._proxy

    async def addresses(self, guard: Guard, host: str) -> tuple[str, ...] | Refusal:
        """Give what to connect to for a name, in order: its addresses, or the name itself where a proxy resolves."""
        return await asyncio.to_thread(guard.look_up, host)

    async def connect(self, address: str, port: int) -> Connection:
        """Give a connection; raise OSError or TimeoutError where there is none."""
        async with asyncio.timeout(_CONNECT_S):
            if self.is_direct:
                return await asyncio.open_connection(address, port)
            return await _through(self._proxy, address, port)


async def _through(proxy: str, host: str, port: int) -> Connection:
    from python_socks import ProxyError  # noqa: PLC0415 - only captures through a proxy
    from python_socks.async_.asyncio import Proxy  # noqa: PLC0415

    try:
        sock = await Proxy.from_url(_named(proxy), rdns=True).connect(host, port)
    except ProxyError as error:
        raise OSError(f"proxy: {error}") from error
    return await asyncio.open_connection(sock=sock)


def read_proxy(text: str) -> str:
    """Give a proxy's URL as configured; raise UsageError where it is none that a capture can go through."""
    try:
        parts = urlsplit(text)
        beyond = parts.path.strip("/") + parts.query + parts.fragment
        good = parts.scheme in _SCHEMES and parts.hostname and parts.port and not beyond
    except ValueError:
        good = False
    if not good:
        raise UsageError(
            "proxy: expected socks5://HOST:PORT, socks4://HOST:PORT or http://HOST:PORT, found another form",
            hint="Tor listens on socks5://127.0.0.1:9050",
        )
    return text


def shown(proxy: str) -> str | None:
    """Give the proxy as a manifest names it: its scheme and place, never its user or password."""
    parts = urlsplit(proxy)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}" if proxy else None


def _named(proxy: str) -> str:
    """Give the URL as python-socks reads it, which knows no ``socks5h`` and no ``socks4a``: names go to the proxy."""
    return re.sub(r"\A(socks[45])[ah]?(?=:)", lambda match: match[1].lower(), proxy, flags=re.IGNORECASE)
