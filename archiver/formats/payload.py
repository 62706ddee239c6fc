"""What an ``application/http`` block of a WARC record carries: its payload, decoded as far as bounded and sure."""

import re
import zlib
from dataclasses import dataclass

from archiver.model.errors import FormatError

LIMIT_BYTES = 16 << 20
_ENDS = re.compile(rb"\r?\n\r?\n")
_FIELD = re.compile(rb"^([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*:[ \t]*([^\r\n]*)", re.MULTILINE)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)
_META = re.compile(rb"<meta[^>]{0,1000}?charset\s*=\s*[\"']?([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)
_LOOKED_FOR_BYTES = 4096
_TEXTUAL = re.compile(
    r"text/(?!css)|application/(?:json|javascript|x-javascript|ecmascript|xml|xhtml|rss|atom|ld|x-ndjson|graphql)|[^;]*\+(?:json|xml)",
    re.IGNORECASE,
)
_MARKED = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """An entity as its receiver saw it. ``content`` is decoded; ``media_type`` is lowercase, without parameters."""

    status: int
    media_type: str
    charset: str | None
    content: bytes

    @property
    def is_text(self) -> bool:
        """Say whether people's words can be looked for in it: HTML, JSON, scripts, plain text, feeds."""
        return is_text(self.media_type)

    def text(self) -> tuple[str, str]:
        """Give its text and the codec by which every byte of it stands for that text.

        A charset that is unknown or does not fit gives way to UTF-8, and that to Latin-1, in which any bytes are text.
        """
        stated = [mark for begins, mark in _MARKED if self.content.startswith(begins)]
        meta = _META.search(self.content[:_LOOKED_FOR_BYTES]) if "html" in self.media_type else None
        for codec in (*stated, self.charset, meta[1].decode() if meta else None, "utf-8"):
            try:
                if codec:
                    return self.content.decode(codec), codec
            except (LookupError, ValueError):
                continue
        return self.content.decode("latin-1"), "latin-1"


def is_text(media_type: str) -> bool:
    """Say whether people's words can be looked for in payloads of this media type."""
    return bool(_TEXTUAL.match(media_type))


def read_payload(block: bytes) -> Payload:
    """Give the payload of a response's block; raise FormatError where it cannot be decoded here."""
    found = _ENDS.search(block)
    head, content = (block[: found.start()], block[found.end() :]) if found else (block, b"")
    fields = {name.lower(): value.decode("latin-1").strip() for name, value in _FIELD.findall(head)}
    if "chunked" in fields.get(b"transfer-encoding", "").lower():
        content = _dechunked(content)
    for coding in reversed([one.strip().lower() for one in fields.get(b"content-encoding", "").split(",")]):
        content = _decoded(content, coding)
    media_type, _, rest = fields.get(b"content-type", "").partition(";")
    charset = _CHARSET.search(rest)
    status = re.match(rb"HTTP/[0-9.]+ ([0-9]{3})", head)
    return Payload(
        status=int(status[1]) if status else 0,
        media_type=media_type.strip().lower(),
        charset=charset[1].lower() if charset else None,
        content=content,
    )


def _dechunked(content: bytes) -> bytes:
    parts: list[bytes] = []
    at = 0
    while True:
        end = content.find(b"\n", at)
        size = re.match(rb"\s*([0-9A-Fa-f]{1,8})", content[at:end]) if end >= 0 else None
        if size is None:
            raise FormatError("its chunked coding is damaged")
        length = int(size[1], 16)
        if not length:
            return b"".join(parts)
        parts.append(content[end + 1 : end + 1 + length])
        at = end + 1 + length + 2


def _decoded(content: bytes, coding: str) -> bytes:
    if coding in ("", "identity"):
        return content
    if coding not in ("gzip", "x-gzip", "deflate"):
        raise FormatError(f"its content coding {coding[:20]!r} is not undone here")
    window = 47 if coding != "deflate" or content[:1] == b"\x78" else -15  # zlib's or gzip's head, or neither
    inflater = zlib.decompressobj(window)
    try:
        found = inflater.decompress(content, LIMIT_BYTES)
    except zlib.error as error:
        raise FormatError(f"its content coding is damaged: {error}") from error
    if inflater.unconsumed_tail:
        raise FormatError(f"it is larger than {LIMIT_BYTES} bytes when decoded")
    if not inflater.eof:
        raise FormatError("its content coding is damaged: it is cut off")
    return found
