"""WARC/1.1 files (ISO 28500:2017), written and read with warcio. The one place that knows it.

What warcio does not do by itself is set here: version 1.1, ``sha256:<hex>`` digests instead of SHA-1,
no payload digest on metadata records, one gzip member a record by isal, or stored where compressing saves nothing.
"""

import json
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from typing import BinaryIO, cast

from isal import igzip_lib, isal_zlib
from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.utils import Digester
from warcio.warcwriter import WARCWriter

from archiver.model.errors import FormatError
from archiver.model.instant import Instant

VERSION = "1.1"
_IsalError = cast("type[Exception]", isal_zlib.error)
_GZIP_LEVEL = 2
_GZIP_WINDOW = 31
_DENSE = re.compile(
    r"\s*(?:image/(?:png|jpeg|gif|webp|avif|heic)|(?:video|audio)/(?:mp4|webm|mpeg|ogg|aac)"
    r"|(?:font|application)/(?:font-)?woff2?|application/(?:zip|gzip|x-7z-compressed))\s*(?:;|\Z)",
    re.IGNORECASE,
)
"""Media types whose bytes are compressed already: doing it again costs writer and reader much and saves nothing."""
_MEMBERS = "application/warc-fields"
_LONGEST_HEAD = 4 << 20
_HEAD_BEGINS = b"WARC/1."
_HEAD_ENDS = b"\r\n\r\n"


class _Sha256(Digester):  # type: ignore[misc] # warcio ships no types
    def __init__(self) -> None:
        super().__init__("sha256")

    def __str__(self) -> str:
        return f"sha256:{self.digester.hexdigest()}"


class _Records(WARCWriter):  # type: ignore[misc] # warcio ships no types
    NO_PAYLOAD_DIGEST_TYPES = ("warcinfo", "revisit", "metadata")

    @staticmethod
    def _create_digester() -> _Sha256:
        return _Sha256()


class _Quiet(ArchiveIterator):  # type: ignore[misc] # warcio ships no types
    """Says nothing on standard error about what it reads: problems are told by `read_records`."""

    INC_RECORD = ""


class _Member:
    """One gzip member: what is written becomes a whole member at `close`; ``dense`` content is stored as it is."""

    def __init__(self, out: BinaryIO, *, dense: bool) -> None:
        self._out = out
        self._compressor = (
            zlib.compressobj(0, zlib.DEFLATED, _GZIP_WINDOW)
            if dense
            else isal_zlib.compressobj(_GZIP_LEVEL, isal_zlib.DEFLATED, _GZIP_WINDOW)
        )

    def write(self, block: bytes) -> None:
        self._out.write(self._compressor.compress(block))

    def flush(self) -> None:
        """Do nothing: a member ends with its record."""

    def close(self) -> None:
        self._out.write(self._compressor.flush())


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """An HTTP head to be written: the start line without its line end, and the fields in order.

    ``encoding`` turns the text back into the bytes that it was read from.
    """

    start_line: str
    headers: Sequence[tuple[str, str]]
    encoding: str = "utf-8"


class _HttpHead(StatusAndHeaders):  # type: ignore[misc] # warcio ships no types
    """Keeps what is no ASCII as it was: warcio itself would percent-encode it, which nobody sent."""

    encoding = "utf-8"

    def to_ascii_bytes(self, header_filter: object = None) -> bytes:
        """Give the head's bytes."""
        text: str = self.to_str(header_filter)
        return text.encode(self.encoding, "replace") + b"\r\n"


class WarcWriter:
    """Writes records one after another into an open file. Every date and id is given, none is made up."""

    def __init__(self, out: BinaryIO, *, new_id: Callable[[], str]) -> None:
        self._out = out
        self._new_id = new_id
        self._records = _Records(out, gzip=False, warc_version=VERSION)
        self.count = 0

    def info(self, fields: Mapping[str, str], *, at: Instant, filename: str) -> None:
        """Write the warcinfo record: first in the file."""
        content = "".join(f"{key}: {value}\r\n" for key, value in fields.items()).encode()
        headers = [("Content-Type", _MEMBERS), ("WARC-Filename", filename)]
        self._write("warcinfo", None, content=BytesIO(content), length=len(content), at=at, headers=headers)

    def response(
        self,
        url: str,
        head: Head,
        *,
        at: Instant,
        body: BinaryIO,
        size_bytes: int,
        extra: Sequence[tuple[str, str]] = (),
    ) -> str:
        """Write a response record; give its id."""
        kind = "application/http; msgtype=response"
        return self._write(
            "response",
            url,
            content=body,
            length=size_bytes,
            at=at,
            headers=[("Content-Type", kind), *extra],
            http=_http(head, response=True),
        )

    def request(
        self,
        url: str,
        head: Head,
        *,
        at: Instant,
        body: bytes,
        concurrent_to: str,
        extra: Sequence[tuple[str, str]] = (),
    ) -> str:
        """Write a request record that belongs to a response; give its id."""
        kind = "application/http; msgtype=request"
        return self._write(
            "request",
            url,
            content=BytesIO(body),
            length=len(body),
            at=at,
            headers=[("Content-Type", kind), ("WARC-Concurrent-To", concurrent_to), *extra],
            http=_http(head, response=False),
        )

    def resource(self, uri: str, media_type: str, content: BinaryIO, *, size_bytes: int, at: Instant) -> str:
        """Write a resource record: the block is the content itself; give its id."""
        headers = [("Content-Type", media_type)]
        return self._write("resource", uri, content=content, length=size_bytes, at=at, headers=headers)

    def metadata(
        self, uri: str, media_type: str, content: bytes, *, at: Instant, concurrent_to: str | None = None
    ) -> str:
        """Write a metadata record; give its id."""
        headers = [("Content-Type", media_type)]
        if concurrent_to is not None:
            headers.append(("WARC-Concurrent-To", concurrent_to))
        return self._write("metadata", uri, content=BytesIO(content), length=len(content), at=at, headers=headers)

    def _write(
        self,
        kind: str,
        uri: str | None,
        *,
        content: BinaryIO,
        length: int,
        at: Instant,
        headers: Sequence[tuple[str, str]],
        http: StatusAndHeaders | None = None,
    ) -> str:
        identity = self._new_id()
        fields = [("WARC-Type", kind), ("WARC-Record-ID", identity), ("WARC-Date", at.warc())]
        if uri is not None:
            fields.append(("WARC-Target-URI", uri))
        fields.extend(headers)
        content_type = next(value for key, value in headers if key == "Content-Type")
        record = ArcWarcRecord(
            "warc",
            kind,
            StatusAndHeaders("", fields, protocol=f"WARC/{VERSION}"),
            content,
            http,
            content_type,
            length,
            payload_length=length,
            digest_checker=None,
        )
        member = _Member(self._out, dense=bool(_DENSE.match(_media_type(http, content_type))))
        self._records.out = member
        self._records.write_record(record)
        member.close()
        self.count += 1
        return identity


def _media_type(http: StatusAndHeaders | None, content_type: str) -> str:
    """Give what the payload is by its own head, or the block's type where it has none."""
    return content_type if http is None else str(http.get_header("Content-Type") or "")


def json_bytes(value: object) -> bytes:
    """Give a metadata block's JSON: readable, non-ASCII as it is."""
    return json.dumps(value, ensure_ascii=False, indent=1).encode()


def _http(head: Head, *, response: bool) -> StatusAndHeaders:
    protocol, _, rest = head.start_line.partition(" ") if response else ("", "", head.start_line)
    found = _HttpHead(rest, list(head.headers), protocol=protocol, is_http_request=not response)
    found.encoding = head.encoding
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRecord:
    """One record as read: where it lies, what it is, and whether its block digest is that of its bytes.

    ``digest_problem`` is empty if a digest was there and agreed.
    """

    offset: int
    type: str
    record_id: str
    target_uri: str | None
    content_type: str | None
    size_bytes: int
    digest_problem: str


def read_records(stream: BinaryIO, *, limit_bytes: int = 8 << 30) -> Iterator[ReadRecord]:
    """Give each record of a WARC with its block digest checked; raise FormatError where it is no WARC.

    ``limit_bytes`` bounds the decompressed size of all records together, against gzip bombs. A gzip
    member that is cut off raises FormatError: warcio alone would be silent about it. So does a member that does
    not begin with a record's head, or whose head is longer than any that we write: warcio would hold all of it.
    """
    checked = _CheckedGzip(stream, limit_bytes=limit_bytes)
    checked.walk()
    stream.seek(0)
    iterator = _Quiet(stream, no_record_parse=True, verify_http=False, arc2warc=False)
    try:
        for record in iterator:
            found = _read(record)
            yield replace(found, offset=iterator.get_record_offset())
    except (ArchiveLoadFailed, EOFError, AttributeError, ValueError, OSError) as error:
        raise FormatError(f"WARC: cannot be read: {error}") from error


def _read(record: ArcWarcRecord) -> ReadRecord:
    stated = record.rec_headers.get_header("WARC-Block-Digest")
    digester = _Sha256()
    size = 0
    while block := record.raw_stream.read(1 << 20):
        digester.update(block)
        size += len(block)
    length = record.rec_headers.get_header("Content-Length")
    problem = ""
    if stated is None:
        problem = "has no WARC-Block-Digest"
    elif stated != str(digester):
        problem = f"WARC-Block-Digest says {stated[:80]}, its bytes give {digester}"
    elif length != str(size):
        problem = f"Content-Length says {length}, found {size} bytes"
    return ReadRecord(
        offset=0,
        type=str(record.rec_type),
        record_id=str(record.rec_headers.get_header("WARC-Record-ID")),
        target_uri=record.rec_headers.get_header("WARC-Target-URI"),
        content_type=record.rec_headers.get_header("Content-Type"),
        size_bytes=size,
        digest_problem=problem,
    )


class _Head:
    """The head of one record as its bytes arrive: where it must begin, and how far it may go."""

    def __init__(self) -> None:
        self._start = b""
        self._whole = False

    def take(self, content: bytes) -> None:
        """Look at the next bytes; raise FormatError if they are no head, or too much of one."""
        if self._whole:
            return
        self._start += content
        self._whole = _HEAD_ENDS in self._start[:_LONGEST_HEAD]
        if not self._whole and len(self._start) > _LONGEST_HEAD:
            raise FormatError(f"WARC: a record's head is longer than {_LONGEST_HEAD} bytes")

    def close(self) -> None:
        """Raise FormatError unless a whole head came."""
        if not self._start.startswith(_HEAD_BEGINS) or not self._whole:
            raise FormatError("WARC: a gzip member that does not begin with the head of a record")


class _CheckedGzip:
    """Walks the gzip members of a file once: whole, nothing after them, not larger than allowed."""

    def __init__(self, stream: BinaryIO, *, limit_bytes: int) -> None:
        self._stream = stream
        self._limit_bytes = limit_bytes

    def walk(self) -> None:
        """Read to the end; raise FormatError for a cut or damaged member, trailing bytes, or too much content."""
        left = b""
        size = 0
        while True:
            member = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)
            block = left or self._stream.read(1 << 20)
            if not block:
                return
            head = _Head()
            while True:
                try:
                    content = member.decompress(block, 1 << 20)
                except _IsalError as error:
                    raise FormatError(f"WARC: damaged gzip member: {error}") from error
                size += len(content)
                head.take(content)
                if size > self._limit_bytes:
                    raise FormatError(f"WARC: more than {self._limit_bytes} bytes when decompressed")
                if member.eof:
                    head.close()
                    break
                block = self._stream.read(1 << 20) if member.needs_input else b""
                if member.needs_input and not block:
                    raise FormatError("WARC: the last gzip member is cut off")
            left = member.unused_data
