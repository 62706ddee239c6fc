"""What is known of each request while a page loads, and how it becomes an `Exchange`.

Redirect hops share one network id. The browser tells of a hop three times: as a paused response (Fetch),
as heads from the wire (``...ExtraInfo``), and as metadata (``responseReceived``). The n-th of each belongs
to the n-th hop. Source: measured facts of reference/recorder.md section 2; Chrome DevTools Protocol.
"""

import base64
import binascii
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from archiver.capture.exchange import Exchange, Failure, Headers, Sct, Security
from archiver.capture.relay import Peer, Peers
from archiver.model.evidence import Unrecorded
from archiver.model.instant import Instant

Event = dict[str, Any]
_BODILESS = frozenset({204, 205, 304})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_SOCKS = "ERR_SOCKS_"
_MOST_SCTS = 20
_BROKEN_OFF = re.compile("ERR_(INCOMPLETE_CHUNKED|CONTENT_LENGTH_MISMATCH|CONNECTION_|HTTP2_|QUIC_|EMPTY_RESPONSE)")
_STATUS_LINE = re.compile(r"HTTP/(1\.[01]) ")


@dataclass(slots=True, kw_only=True)
class Body:
    """A payload on its way into a scratch file."""

    path: Path
    how: str
    size: int = 0
    complete: bool = False
    ready: bool = True
    ended: bool | None = None
    early: list[bytes] = field(default_factory=list)
    file: BinaryIO | None = None

    def write(self, block: bytes) -> None:
        """Append what arrived; keep it back while what the browser had buffered is still on its way."""
        if not self.ready:
            self.early.append(block)
            return
        if self.file is None:
            self.file = self.path.open("wb")
        self.file.write(block)
        self.size += len(block)

    def begin(self, buffered: bytes) -> None:
        """Write what the browser had buffered, then what arrived meanwhile, and end if the end came meanwhile too."""
        self.ready = True
        for block in (buffered, *self.early):
            self.write(block)
        self.early.clear()
        if self.ended is not None:
            self.end(complete=self.ended)

    def end(self, *, complete: bool, at_once: bool = False) -> None:
        """Close the file; not before what the browser had buffered is there, unless ``at_once``."""
        if not self.ready:
            self.ended = complete
            if at_once:
                self.begin(b"")
            return
        self.complete = self.complete or complete
        if self.file is None and not self.path.exists():
            self.path.touch()
        elif self.file is not None:
            self.file.close()
            self.file = None


@dataclass(slots=True, kw_only=True)
class Hop:
    """One paused response."""

    event: Event
    at: Instant
    body: Body | None = None
    problem: str | None = None
    too_large: bool = False

    @property
    def status(self) -> int:
        """Give the status that the page sees: for a revalidated resource 200, where the wire had 304."""
        return int(self.event.get("responseStatusCode", 0))


@dataclass(slots=True, kw_only=True)
class Chain:
    """One request with its redirects: all that the browser told of it."""

    network_id: str
    hops: list[Hop] = field(default_factory=list)
    sent: list[Event] = field(default_factory=list)
    sent_extra: list[Event] = field(default_factory=list)
    received: list[Event] = field(default_factory=list)
    received_extra: list[Event] = field(default_factory=list)
    from_cache: bool = False
    finished: bool = False
    encoded_bytes: int = 0
    error: str | None = None
    blocked: bool = False
    is_main_document: bool = False
    refused: str | None = None
    asked: str = ""

    @property
    def url(self) -> str:
        """Give the URL asked for last."""
        if self.sent:
            return str(self.sent[-1]["request"]["url"])
        return str(self.hops[-1].event["request"]["url"]) if self.hops else self.asked


def exchanges(chain: Chain, peers: Peers) -> Iterator[Exchange]:
    """Give the chain's hops as exchanges, with the addresses they went to; those answered from a cache were none."""
    for index, hop in enumerate(chain.hops):
        extra = chain.received_extra[index] if index < len(chain.received_extra) else None
        if extra is None and (chain.from_cache or _cached(chain, index)):
            continue
        yield _exchange(chain, index, hop, extra, _peer(peers, str(hop.event["request"]["url"])))


def failure(chain: Chain, peers: Peers) -> Failure | None:
    """Give why the chain ended without a response, or None; where the relay knows better than the browser, its word."""
    if chain.error is None or (chain.hops and chain.hops[-1].status not in _REDIRECTS):
        return None
    peer = _peer(peers, chain.url) if _SOCKS in chain.error else None
    error = peer.error if peer is not None and peer.error else chain.error
    return Failure(url=chain.url, error=error, is_main_document=chain.is_main_document)


def unrecorded(chain: Chain, peers: Peers) -> Iterator[Unrecorded]:
    """Give what was seen of the chain and is not recorded, with the reason."""
    failed = failure(chain, peers)
    if chain.refused:
        yield Unrecorded(url=chain.url, reason=f"refused: {chain.refused}")
    elif failed is not None:
        yield Unrecorded(url=chain.url, reason=f"failed: {failed.error}")
    elif not chain.hops and not chain.from_cache and chain.url.startswith(("http:", "https:")):
        reason = "seen on the network, never offered for recording" if chain.received_extra else "no response yet"
        yield Unrecorded(url=chain.url, reason=reason)
    elif 0 < len(chain.hops) < len(chain.received_extra):
        seen = f"{len(chain.received_extra)} responses seen on the network, {len(chain.hops)} offered for recording"
        yield Unrecorded(url=chain.url, reason=seen)
    for hop in chain.hops:
        if hop.problem:
            yield Unrecorded(url=str(hop.event["request"]["url"]), reason=hop.problem)


def may_have_body(event: Event) -> bool:
    """Say whether a paused response can have a payload that the browser would give."""
    status = int(event.get("responseStatusCode", 0))
    return status not in _BODILESS and not is_redirect(event) and event["request"]["method"] != "HEAD"


def is_redirect(event: Event) -> bool:
    """Say whether a paused response sends the browser elsewhere."""
    return int(event.get("responseStatusCode", 0)) in _REDIRECTS and header_of(event, "location") is not None


def header_of(event: Event, name: str) -> str | None:
    """Give a header of a paused response."""
    return next((str(one["value"]) for one in _list(event) if one["name"].lower() == name), None)


def _list(event: Event) -> list[dict[str, str]]:
    return event.get("responseHeaders") or []


def _cached(chain: Chain, index: int) -> bool:
    response = _received(chain, index)
    return bool(response.get("fromDiskCache") or response.get("fromPrefetchCache")) if response else False


def _received(chain: Chain, index: int) -> Event:
    """Give the browser's metadata about a hop: of a redirect in the next request, of the last by itself."""
    redirects = [one["redirectResponse"] for one in chain.sent if one.get("redirectResponse")]
    if index < len(redirects):
        return dict(redirects[index])
    return dict(chain.received[-1]["response"]) if chain.received else {}


def _peer(peers: Peers, url: str) -> Peer | None:
    return peers.peer(urlsplit(url).hostname or "", _port(url))


def _port(url: str) -> int:
    parts = urlsplit(url)
    return parts.port or (443 if parts.scheme in {"https", "wss"} else 80)


def _exchange(chain: Chain, index: int, hop: Hop, extra: Event | None, peer: Peer | None) -> Exchange:
    event = hop.event
    response = _received(chain, index)
    status = int(extra["statusCode"]) if extra else hop.status
    headers = _response_headers(event, extra)
    verbatim = _verbatim(extra, headers)
    changed = status == 304 != hop.status  # noqa: PLR2004 - revalidated: the wire had no body
    body = None if changed else hop.body
    security = response.get("securityDetails")
    return Exchange(
        url=_without_fragment(str(event["request"]["url"])),
        method=str(event["request"]["method"]),
        request_headers=_request_headers(chain, index, event),
        request_body=_request_body(event),
        status=status,
        status_text=str(event.get("responseStatusText") or response.get("statusText") or ""),
        headers=fields_of(verbatim) or headers,
        verbatim_head=verbatim,
        started_at=hop.at,
        resource_type=str(event.get("resourceType", "Other")),
        body=body.path if body else None,
        body_size_bytes=body.size if body else 0,
        body_form="decoded",
        how=body.how if body else "none",
        truncated=None if changed else _truncated(chain, hop, headers),
        protocol=response.get("protocol") or _protocol_of(verbatim),
        remote_ip=peer.address if peer else None,
        remote_port=_port(str(event["request"]["url"])) if peer and peer.address else None,
        security=_security(security) if security else None,
        is_main_document=chain.is_main_document,
        request_head_sent=index < len(chain.sent_extra),
        too_large=hop.too_large,
        broken_off=_BROKEN_OFF.search(chain.error or "") is not None,
    )


def of_origin(found: Sequence[Exchange]) -> tuple[Exchange, ...]:
    """Give the exchanges, with protocol and TLS where the browser told none but all others of the origin agree."""
    known: dict[tuple[str, str], set[tuple[str | None, Security | None]]] = {}
    for one in found:
        if one.protocol is not None and (one.security is not None or one.url.startswith("http:")):
            known.setdefault(_origin(one), set()).add((one.protocol, one.security))
    return tuple(_completed(one, known.get(_origin(one), set())) for one in found)


def _completed(one: Exchange, known: set[tuple[str | None, Security | None]]) -> Exchange:
    is_told = one.security is not None or (one.protocol is not None and one.url.startswith("http:"))
    if is_told or len(known) != 1:
        return one
    protocol, security = next(iter(known))
    return replace(one, protocol=one.protocol or protocol, security=security, connection_of_origin=True)


def _origin(one: Exchange) -> tuple[str, str]:
    parts = urlsplit(one.url)
    return parts.scheme, parts.netloc


def _truncated(chain: Chain, hop: Hop, headers: Headers) -> str | None:
    fields = {name.lower(): value.strip() for name, value in headers}
    length = fields.get("content-length", "0")
    broken = chain.error is not None and hop is chain.hops[-1] and not chain.blocked
    broken = broken and "ERR_ABORTED" not in str(chain.error)
    if hop.body is not None:
        if not hop.body.complete or broken:
            return "disconnect" if chain.error else "time"
        plain = fields.get("content-encoding", "identity").lower() == "identity"
        shorter = length.isdecimal() and hop.body.size < int(length)
        return "disconnect" if plain and shorter and not fields.get("transfer-encoding") else None
    chunked = "transfer-encoding" in fields
    if hop.event["request"]["method"] == "HEAD" or hop.status in _BODILESS:
        return None
    if "content-length" not in fields:
        return "unspecified"  # framed by the connection's or the stream's end: there may have been a body
    return "unspecified" if chunked or length not in {"", "0"} else None


def fields_of(head: str | None) -> Headers:
    """Give a verbatim head's fields in their own order; none where a line is not a field of its own."""
    lines = [line for line in (head or "").split("\r\n")[1:] if line]
    if any(line[0] in " \t" or ":" not in line for line in lines):
        return ()
    return tuple((name, value.strip(" \t")) for name, _, value in (line.partition(":") for line in lines))


def _request_headers(chain: Chain, index: int, event: Event) -> Headers:
    extra = chain.sent_extra[index] if index < len(chain.sent_extra) else None
    found = extra["headers"] if extra else event["request"]["headers"]
    return tuple((str(name), str(value)) for name, value in found.items() if not str(name).startswith(":"))


def _request_body(event: Event) -> bytes | None:
    entries = event["request"].get("postDataEntries") or []
    blocks = [one.get("bytes") for one in entries]
    if not blocks or any(one is None for one in blocks):
        text = event["request"].get("postData")
        return str(text).encode() if text is not None else None
    try:
        return b"".join(base64.b64decode(str(one)) for one in blocks)
    except binascii.Error:
        return None


def _response_headers(event: Event, extra: Event | None) -> Headers:
    """Give order and duplicates from the paused response, and the cookies it leaves out from the wire's heads."""
    listed = [(str(one["name"]), str(one["value"])) for one in _list(event)]
    if extra is None:
        return tuple(listed)
    if int(extra.get("statusCode", 0)) != int(event.get("responseStatusCode", 0)):
        return tuple(_split(extra["headers"]))
    if any(name.lower() == "set-cookie" for name, _ in listed):
        return tuple(listed)
    return (*listed, *((name, value) for name, value in _split(extra["headers"]) if name.lower() == "set-cookie"))


def _split(headers: dict[str, str]) -> Iterator[tuple[str, str]]:
    for name, joined in headers.items():
        for value in str(joined).split("\n"):
            yield str(name), value


def _verbatim(extra: Event | None, headers: Headers) -> str | None:
    """Give the head byte for byte, unless the browser's conversion to text damaged it."""
    text = extra.get("headersText") if extra else None
    if not text:
        return None
    lines = [line for line in str(text).split("\r\n")[1:] if line]
    return str(text) if len(lines) == len(headers) else None


def _protocol_of(verbatim: str | None) -> str | None:
    """Give what a head as on the wire says of itself: only HTTP/1 has one."""
    found = _STATUS_LINE.match(verbatim or "")
    return f"http/{found.group(1)}" if found else None


def _security(found: Event) -> Security:
    return Security(
        protocol=str(found.get("protocol", "")),
        cipher=str(found.get("cipher", "")),
        key_exchange_group=found.get("keyExchangeGroup") or found.get("keyExchange") or None,
        subject=found.get("subjectName"),
        issuer=found.get("issuer"),
        valid_from=_instant(found.get("validFrom")),
        valid_to=_instant(found.get("validTo")),
        scts=tuple(_sct(one) for one in (found.get("signedCertificateTimestampList") or [])[:_MOST_SCTS]),
    )


def _sct(found: Event) -> Sct:
    millis = found.get("timestamp")
    return Sct(
        status=str(found.get("status", "")),
        source=str(found.get("origin", "")),
        log_name=str(found.get("logDescription", "")),
        log_id=str(found.get("logId", "")).lower(),
        timestamp=_instant(millis / 1000) if isinstance(millis, (int, float)) else None,
        signature_algorithm=f"{found.get('hashAlgorithm', '')}/{found.get('signatureAlgorithm', '')}",
        signature=str(found.get("signatureData", "")).lower(),
    )


def _instant(seconds: object) -> Instant | None:
    return Instant(int(seconds * 1_000_000)) if isinstance(seconds, (int, float)) and seconds > 0 else None


def _without_fragment(url: str) -> str:
    return url.partition("#")[0]
