"""What an index says of a WARC's records (CDXJ 0.1.0): where each lies, its address, time, status, media type, digest.

Only what replayers look up is indexed: responses, revisits, resources, and metadata that is no plain field list.
"""

import heapq
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from archiver.formats import warc_rules
from archiver.formats.members import Members, Readable
from archiver.formats.surt import surt
from archiver.formats.warc_head import RecordHead, read_head
from archiver.formats.warc_walk import LONGEST_HEAD
from archiver.model.errors import FormatError

_INDEXED = frozenset(("response", "revisit", "resource", "metadata"))
_FIELDS = "application/warc-fields"
_STATUS = re.compile(rb"HTTP/\d(?:\.\d)? (\d{3})")
_MEDIA_TYPE = re.compile(rb"^content-type:[ \t]*([^;\s]+)", re.IGNORECASE | re.MULTILINE)
_HTTP_HEAD_BYTES = 64 << 10
_ENDING_BYTES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedRecord:
    """One record as an index names it. ``date`` is the WARC's own; ``status`` is 200 for what is no response."""

    offset: int
    length: int
    record_id: str
    url: str
    date: str
    media_type: str
    status: int
    digest: str


def index(stream: Readable) -> Iterator[IndexedRecord]:
    """Give each record that is indexed, in the file's order; raise FormatError for what cannot be followed.

    Digests are those that the records state: verification checks them, this does not.
    """
    members = Members(stream)
    while members.more():
        offset = members.offset
        if not members.starts_member:
            raise FormatError(f"at byte {offset}: a record that shares a gzip member: no index can point at it")
        head = read_head(members.head(LONGEST_HEAD))
        size = warc_rules.length_of(head)
        if size is None:
            raise FormatError(f"at byte {offset}: a record without a size")
        block = members.take(min(size, _HTTP_HEAD_BYTES))
        for _ in members.blocks(size - len(block) + _ENDING_BYTES):
            pass
        if not members.at_end_of_member():
            raise FormatError(f"at byte {offset}: a record and its gzip member do not end together")
        kind = (head.get("warc-type") or "").lower()
        url = warc_rules.target_of(head)
        if kind in _INDEXED and url and not (kind == "metadata" and head.get("content-type") == _FIELDS):
            yield _indexed(head, kind, url, block, offset=offset, length=members.offset - offset)


def _indexed(head: RecordHead, kind: str, url: str, block: bytes, *, offset: int, length: int) -> IndexedRecord:
    media_type, status = head.get("content-type") or "", 200
    if kind in ("response", "revisit"):
        http = block.partition(b"\r\n\r\n")[0]
        found, typed = _STATUS.match(http), _MEDIA_TYPE.search(http)
        status = int(found[1]) if found else status
        media_type = typed[1].decode("latin-1").lower() if typed else ""
    return IndexedRecord(
        offset=offset,
        length=length,
        record_id=head.get("warc-record-id") or "",
        url=url,
        date=head.get("warc-date") or "",
        media_type="warc/revisit" if kind == "revisit" else media_type.partition(";")[0].strip(),
        status=status,
        digest=head.get("warc-payload-digest") or head.get("warc-block-digest") or "",
    )


def cdxj_line(record: IndexedRecord, *, filename: str) -> str:
    """Give the record's line, its end too: key, time to the second, and the fields that replayers read."""
    told = {
        "url": record.url,
        "digest": record.digest,
        "mime": record.media_type or "unk",
        "offset": record.offset,
        "length": record.length,
        "status": record.status,
        "filename": filename,
    }
    seconds = re.sub(r"\D", "", record.date[:19])
    return f"{surt(record.url)} {seconds} {json.dumps(told, ensure_ascii=True)}\n"


def cdxj(lines: Iterable[str]) -> bytes:
    """Give an index: its lines sorted by their bytes."""
    return b"".join(sorted(line.encode() for line in lines))


def merged(indexes: Iterable[bytes]) -> bytes:
    """Give one index of several, each sorted already."""
    return b"".join(heapq.merge(*(one.splitlines(keepends=True) for one in indexes)))
