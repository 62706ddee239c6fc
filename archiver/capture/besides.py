"""What is fetched besides the page: bodies of redirects that no browser gives, and what a platform's rules would save.

Each is an exchange of its own, asked by the direct client after the browser was done, and labelled so: another
request at another moment, never passed off as what the browser got.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from archiver.capture.direct import Ask, DirectClient, Fetched
from archiver.capture.document import unpacked
from archiver.capture.exchange import Exchange, Recording
from archiver.capture.platforms.item import Extra
from archiver.capture.settle import Deadline
from archiver.model.evidence import Piece, Role, Unrecorded

REDIRECT_AGAIN: Final = "requests: the redirect asked again for its body, after the browser"
_PAYLOAD_AGAIN: Final = "requests: asked again for the payload of which the browser gave no byte"
_EXTRA: Final = "requests: asked besides the page by the rules of its platform"
_MOST_REDIRECTS: Final = 5
_MOST_LOST: Final = 20
_MOST_EXTRAS: Final = 24
_EACH_S: Final = 10.0


class Besides:
    """Fetches besides one page, until the deadline. What failed is told, never raised."""

    def __init__(self, client: DirectClient, *, deadline: Deadline, scratch: Path) -> None:
        self._client = client
        self._deadline = deadline
        self._scratch = scratch
        self._asked: dict[str, str] = {}
        self._chains: list[tuple[str, tuple[bytes, ...]]] = []
        self._left_bytes = client.max_bytes
        self.exchanges: list[Exchange] = []
        self.unrecorded: list[Unrecorded] = []
        self.pieces: list[Piece] = []

    async def lost(self, recording: Recording) -> None:
        """Ask again for what the browser received and did not give.

        That is the bodies of redirects on the way to the main document, and payloads of which it gave no byte.
        """
        hops = [one for one in recording.redirects if one.truncated and one.method == "GET"]
        rest = [one for one in recording.exchanges if _is_lost(one) and not one.is_main_document]
        for number, exchange in enumerate((*hops[:_MOST_REDIRECTS], *rest[:_MOST_LOST]), 1):
            ask = Ask(
                headers=exchange.request_headers,
                how=REDIRECT_AGAIN if exchange.is_redirect else _PAYLOAD_AGAIN,
                resource_type="Refetched",
                is_main_document=False,
                follows=False,
            )
            fetched = await self._fetch(exchange.url, f"again-{number}", ask)
            self._keep(exchange.url, fetched, "asked again for its payload")
        for exchange in rest[_MOST_LOST:]:
            reason = f"broken off before a byte of it was had; more than {_MOST_LOST} such: not asked again"
            self.unrecorded.append(Unrecorded(url=exchange.url, reason=reason))

    async def extras(self, extras: Sequence[Extra]) -> None:
        """Fetch what the rules of the page's platform would save, each as a file of its own too.

        May be called again with what the first ones told of: an address or a name that was had is not had twice.
        """
        for extra in extras:
            if extra.url in self._asked or extra.name in self._asked.values():
                continue
            if len(self._asked) >= _MOST_EXTRAS:
                self.unrecorded.append(Unrecorded(url=extra.url, reason=f"more than {_MOST_EXTRAS} extras: not asked"))
                continue
            self._asked[extra.url] = extra.name
            ask = Ask(accept=extra.accept, how=_EXTRA, resource_type="Extra", is_main_document=False)
            fetched = await self._fetch(extra.url, f"extra-{len(self._asked):02d}", ask)
            if self._keep(extra.url, fetched, f"extra {extra.name}"):
                self._piece(extra, fetched.recording.exchanges[-1])

    def added(self, recording: Recording) -> Recording:
        """Give the recording with what was fetched besides."""
        return Recording(
            exchanges=(*recording.exchanges, *self.exchanges),
            failures=recording.failures,
            unrecorded=(*recording.unrecorded, *self.unrecorded),
            chains=tuple((dict(self._chains) | dict(recording.chains)).items()),
            websockets=recording.websockets,
            direct_wanted=recording.direct_wanted,
            late_documents=recording.late_documents,
        )

    async def _fetch(self, url: str, name: str, ask: Ask) -> Fetched:
        timeout_s = self._deadline.left(at_most=_EACH_S)
        if not self._left_bytes:
            return Fetched(recording=Recording(), error="the source's bytes are spent: not asked")
        client = replace(self._client, max_bytes=self._left_bytes)
        fetched = await asyncio.to_thread(client.fetch, url, timeout_s=timeout_s, name=name, ask=ask)
        self._left_bytes = max(self._left_bytes - sum(one.body_size_bytes for one in fetched.recording.exchanges), 0)
        return fetched

    def _keep(self, url: str, fetched: Fetched, what: str) -> bool:
        self.exchanges.extend(fetched.recording.exchanges)
        self._chains.extend(fetched.recording.chains)
        why = fetched.refusal.why if fetched.refusal else fetched.error
        if why:
            self.unrecorded.append(Unrecorded(url=url, reason=f"{what}: {why}"))
        return why is None and bool(fetched.recording.exchanges)

    def _piece(self, extra: Extra, exchange: Exchange) -> None:
        """Keep the answer as a file, whatever its status: a refusal is an answer too."""
        name = f"extra-{extra.name}"
        path = self._scratch / name
        encoding = unpacked(exchange, path, max_bytes=self._client.max_bytes)
        if encoding is None:
            self.unrecorded.append(Unrecorded(url=extra.url, reason="extra: could not be unpacked, kept in the WARC"))
            return
        media_type = (exchange.header("content-type") or "application/octet-stream").partition(";")[0].strip().lower()
        made_from = f"HTTP {exchange.status} of {extra.url[:500]}"
        self.pieces.append(Piece(role=Role.EXTRA, name=name, media_type=media_type, path=path, made_from=made_from))


def _is_lost(exchange: Exchange) -> bool:
    """Say whether a payload was broken off before its first byte reached us: some may have come over the wire."""
    return (
        exchange.broken_off
        and exchange.method == "GET"
        and exchange.truncated == "disconnect"
        and exchange.body_size_bytes == 0
        and exchange.resource_type != "EventSource"
    )
