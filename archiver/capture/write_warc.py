"""Write one capture's recording into one WARC: exchanges, their verbatim heads, certificates, screenshots, text.

A payload that the browser decoded is written with the convention of Webrecorder's tools
(``x-orig-content-encoding`` and the like), which every replayer reads; a metadata record beside it holds
the head as it was on the wire and names each altered field. So nothing is silently rewritten.
Metadata stands under ``urn:exchange:``, ``urn:certificates:`` and ``urn:tls:``: replayers index it, and under the
page's own URL it would be answered in the page's place.
"""

import base64
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

from archiver import __version__
from archiver.capture.connections import connections
from archiver.capture.exchange import Exchange, Headers, Recording
from archiver.formats.warc import Head, WarcWriter, json_bytes
from archiver.model.evidence import WarcFacts
from archiver.model.instant import Instant

_FORMAT = {
    "software": f"archiver/{__version__}",
    "format": "WARC File Format 1.1",
    "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
}
_TLS_13 = {
    "AES_128_GCM": "TLS_AES_128_GCM_SHA256",
    "AES_256_GCM": "TLS_AES_256_GCM_SHA384",
    "CHACHA20_POLY1305": "TLS_CHACHA20_POLY1305_SHA256",
}
_ASKED = "as the page asked, without the fields that the browser's network stack adds"
_OF_ORIGIN = "protocol and TLS as of the other exchanges with this origin: the browser told none for this one"
_THUMBNAIL_PX = (640, 360)
_PROTOCOLS = {"h2": "h2", "h3": "h3", "http/1.1": "http/1.1", "http/1.0": "http/1.0"}
_TLS = {"TLS 1.0": "tls/1.0", "TLS 1.1": "tls/1.1", "TLS 1.2": "tls/1.2", "TLS 1.3": "tls/1.3", "QUIC": "tls/1.3"}


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A file of the capture that also goes into the WARC: ``urn:<kind>:<page URL>``."""

    kind: str
    media_type: str
    path: Path


def write(
    recording: Recording,
    *,
    path: Path,
    page_url: str,
    at: Instant,
    recorder: str,
    views: Sequence[View],
    user_agent: str | None,
    new_id: Callable[[], str],
) -> WarcFacts:
    """Write the file and give what it holds. Bodies are streamed, never held whole.

    Records follow in the order in which requests were made; one gzip member each.
    """
    agent = {"http-header-user-agent": user_agent} if user_agent else {}
    main_id: str | None = None
    with path.open("wb") as out:
        warc = WarcWriter(out, new_id=new_id)
        warc.info(_FORMAT | agent, at=at, filename=path.name)
        for exchange in recording.exchanges:
            identity = _exchange(warc, exchange)
            if exchange is recording.main:
                main_id = identity
        _certificates(warc, recording, at=at)
        _websockets(warc, recording, at=at)
        for view in views:
            with view.path.open("rb") as content:
                size = view.path.stat().st_size
                warc.resource(f"urn:{view.kind}:{page_url}", view.media_type, content, size_bytes=size, at=at)
            if view.kind == "view":
                _thumbnail(warc, view.path, page_url=page_url, at=at)
        _page_info(warc, recording, page_url=page_url, at=at)
    forms = {exchange.body_form for exchange in recording.exchanges if exchange.body is not None}
    return WarcFacts(
        records=warc.count,
        exchanges=len(recording.exchanges),
        main_record_id=main_id,
        recorder=recorder,
        payload_form="+".join(sorted(forms)) or "none",
    )


def _exchange(warc: WarcWriter, exchange: Exchange) -> str:
    size = exchange.body_size_bytes
    head, altered = _response_head(exchange)
    shared = list(_connection(exchange))
    truncated = [("WARC-Truncated", exchange.truncated)] if exchange.truncated else []
    with exchange.body.open("rb") if exchange.body else BytesIO() as body:
        identity = warc.response(
            exchange.url, head, at=exchange.started_at, body=body, size_bytes=size, extra=[*shared, *truncated]
        )
    warc.request(
        exchange.url,
        Head(
            start_line=f"{exchange.method} {_path(exchange.url)} HTTP/1.1",
            headers=exchange.request_headers,
            encoding=_encoding(exchange),
        ),
        at=exchange.started_at,
        body=exchange.request_body or b"",
        concurrent_to=identity,
        extra=shared,
    )
    facts = {
        "how": exchange.how,
        "payload": exchange.body_form if exchange.body else "none",
        "head": _head_form(exchange),
        "request_head": None if exchange.request_head_sent else _ASKED,
        "connection": _OF_ORIGIN if exchange.connection_of_origin else None,
        "verbatim_head": exchange.verbatim_head,
        "altered_fields": altered,
        "resource_type": exchange.resource_type,
        "truncated": exchange.truncated,
    }
    content = json_bytes({key: value for key, value in facts.items() if value})
    name = f"urn:exchange:{exchange.url}"
    warc.metadata(name, "application/json", content, at=exchange.started_at, concurrent_to=identity)
    return identity


def _response_head(exchange: Exchange) -> tuple[Head, list[str]]:
    """Give the head to write, and the names of the fields in it that are not as they were received."""
    start = f"HTTP/1.1 {exchange.status} {exchange.status_text}".rstrip()
    if exchange.verbatim_head:
        start = exchange.verbatim_head.split("\r\n", 1)[0]
    names = {name.lower() for name, _ in exchange.headers}
    # No client hands out chunks: a chunked payload is never as it was on the wire, whoever fetched it.
    away = {"transfer-encoding"} if exchange.body_form == "wire" else {"content-encoding", "transfer-encoding"}
    if not names & away or exchange.body is None:
        return Head(start_line=start, headers=exchange.headers, encoding=_encoding(exchange)), []
    altered = names & (away | {"content-length"})
    headers = tuple(_decoded(exchange, altered))
    return Head(start_line=start, headers=headers, encoding=_encoding(exchange)), sorted(altered)


def _encoding(exchange: Exchange) -> str:
    """Give what turns a head's text into bytes again: the direct client read it as Latin-1, the browser as UTF-8."""
    return "latin-1" if exchange.body_form == "wire" else "utf-8"


def _head_form(exchange: Exchange) -> str:
    if not exchange.verbatim_head:
        return "as the client reported it, order kept, re-serialised"
    return "verbatim" if exchange.status_text else "verbatim, but for spaces at the end of the status line"


def _decoded(exchange: Exchange, altered: set[str]) -> Iterator[tuple[str, str]]:
    for name, value in exchange.headers:
        yield (f"x-orig-{name.lower()}" if name.lower() in altered else name), value
    yield "Content-Length", str(exchange.body_size_bytes)


def _connection(exchange: Exchange) -> Iterator[tuple[str, str]]:
    if exchange.remote_ip:
        yield "WARC-IP-Address", exchange.remote_ip
    protocol = _PROTOCOLS.get((exchange.protocol or "").lower())
    if protocol:
        yield "WARC-Protocol", protocol
    if exchange.security:
        if exchange.security.protocol in _TLS:
            yield "WARC-Protocol", _TLS[exchange.security.protocol]
        suite = _TLS_13.get(exchange.security.cipher) if exchange.security.protocol in ("TLS 1.3", "QUIC") else None
        if suite:
            yield "WARC-Cipher-Suite", suite


def _certificates(warc: WarcWriter, recording: Recording, *, at: Instant) -> None:
    for origin, chain in recording.chains:
        warc.metadata(f"urn:certificates:{origin}/", "application/pem-certificate-chain", pem_chain(chain), at=at)
    for origin, told in connections(recording):
        warc.metadata(f"urn:tls:{origin}/", "application/json", json_bytes(told), at=at)


def _websockets(warc: WarcWriter, recording: Recording, *, at: Instant) -> None:
    for log in recording.websockets:
        content = "".join(f"{line}\n" for line in log.lines).encode()
        warc.resource(
            f"urn:websocket:{log.url}", "application/x-ndjson", BytesIO(content), size_bytes=len(content), at=at
        )


def _thumbnail(warc: WarcWriter, picture: Path, *, page_url: str, at: Instant) -> None:
    """Write the small picture that ReplayWeb.page shows in its list. Nothing where the picture cannot be read."""
    from PIL import Image  # noqa: PLC0415 - only captures with a picture

    small = BytesIO()
    try:
        with Image.open(picture) as opened:
            # Cut and halved before anything else is done with it: a quarter of the work, the same picture.
            part = opened.crop(_top(opened.size))
            part = part.reduce(max(1, min(part.width // _THUMBNAIL_PX[0], part.height // _THUMBNAIL_PX[1])))
            part.convert("RGB").resize(_THUMBNAIL_PX).save(small, "JPEG", quality=80)
    except OSError:
        return
    size = small.tell()
    small.seek(0)
    warc.resource(f"urn:thumbnail:{page_url}", "image/jpeg", small, size_bytes=size, at=at)


def _top(size_px: tuple[int, int]) -> tuple[int, int, int, int]:
    """Give the part of a picture, from its top, that has the thumbnail's proportions."""
    width, height = size_px
    wanted = width * _THUMBNAIL_PX[1] // _THUMBNAIL_PX[0]
    return (0, 0, width, max(1, min(height, wanted)))


def _page_info(warc: WarcWriter, recording: Recording, *, page_url: str, at: Instant) -> None:
    urls: dict[str, object] = {
        exchange.url: {"status": exchange.status, "mime": _mime(exchange.headers), "type": exchange.resource_type}
        for exchange in recording.exchanges
    }
    urls |= {one.url: {"status": 0, "error": one.error} for one in recording.failures if one.url not in urls}
    unrecorded = [{"url": one.url, "reason": one.reason} for one in recording.unrecorded]
    content = json_bytes({"url": page_url, "ts": str(at), "urls": urls, "unrecorded": unrecorded})
    warc.resource(f"urn:pageinfo:{page_url}", "application/json", BytesIO(content), size_bytes=len(content), at=at)


def pem_chain(chain: Sequence[bytes]) -> bytes:
    """Give DER certificates as one PEM file, in their order."""
    return b"".join(_pem(one) for one in chain)


def _pem(der: bytes) -> bytes:
    text = base64.b64encode(der)
    lines = b"".join(text[at : at + 64] + b"\n" for at in range(0, len(text), 64))
    return b"-----BEGIN CERTIFICATE-----\n" + lines + b"-----END CERTIFICATE-----\n"


def _mime(headers: Headers) -> str:
    found = next((value for name, value in headers if name.lower() == "content-type"), "")
    return found.partition(";")[0].strip()


def _path(url: str) -> str:
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
