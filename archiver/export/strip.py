"""Make a publishable copy of a WARC, in scratch space: records with credentials are written anew, the others copied.

LIMIT: a record that is written anew is held in memory, as large as it is.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from isal import isal_zlib

from archiver.export.member import Stored
from archiver.formats import warc_rules, warc_strip
from archiver.formats.members import Members
from archiver.formats.warc_head import RecordHead, read_head
from archiver.formats.warc_walk import LONGEST_HEAD
from archiver.model.digest import Digest
from archiver.model.errors import FormatError, StoreError
from archiver.model.instant import Instant

_BLOCK = 1 << 20
_HTTP_HEAD_BYTES = 1 << 20
_FACTS_BYTES = 16 << 20
_EXCHANGE = "urn:exchange:"
_ENDING = b"\r\n\r\n"
_HTTP = re.compile(r"application/http\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stripped:
    """A derivative: its bytes in scratch space, and the names of the fields that were taken out."""

    stored: Stored
    removed: tuple[str, ...]


def strip_warc(original: Stored, place: Path, *, software: str, at: Instant) -> Stripped | None:
    """Write a copy without credentials to ``place``; give it, or None (and write nothing) where there are none.

    Raises FormatError for a WARC that cannot be followed, StoreError if the disk refuses.
    """
    gone = frozenset(name for record in _records(original.path, write=False) for name in record.gone)
    if not gone:
        return None
    removed = tuple(sorted(gone))
    told = {
        "software": software,
        "format": "WARC File Format 1.1",
        "description": f"derivative for publication of {original.digest}; fields taken out: {', '.join(removed)}",
    }
    try:
        with original.path.open("rb") as source, place.open("xb") as out:
            out.write(_member([warc_strip.derivation(original.digest, told, at=at)]))
            for record in _records(original.path, write=True):
                if record.made:
                    out.writelines(record.made)
                else:
                    source.seek(record.offset)
                    out.writelines(_copied(source, record.end - record.offset))
    except OSError as error:
        raise StoreError(f"{place}: could not be written: {error.strerror or error}") from error
    return Stripped(stored=_hashed(place), removed=removed)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    offset: int
    end: int
    gone: frozenset[str] = frozenset()
    made: tuple[bytes, ...] = ()


def _records(path: Path, *, write: bool) -> Iterator[_Record]:
    """Give each record: where it lies, what is taken out of it and, if they are to be written, its new bytes."""
    with path.open("rb") as file:
        members = Members(file)
        while members.more():
            offset = members.offset
            if not members.starts_member:
                raise FormatError(f"at byte {offset}: a record that shares a gzip member cannot be stripped")
            raw = members.head(LONGEST_HEAD)
            head = read_head(raw)
            size = warc_rules.length_of(head)
            if size is None:
                raise FormatError(f"at byte {offset}: a record without a size")
            gone, made = _stripped(members, raw, head, size, write=write)
            if members.take(len(_ENDING)) != _ENDING or not members.at_end_of_member():
                raise FormatError(f"at byte {offset}: a record and its gzip member do not end together")
            yield _Record(offset=offset, end=members.offset, gone=gone, made=made)


def _stripped(
    members: Members, raw: bytes, head: RecordHead, size: int, *, write: bool
) -> tuple[frozenset[str], tuple[bytes, ...]]:
    kind = (head.get("warc-type") or "").lower()
    if kind == "metadata" and (head.get("warc-target-uri") or "").startswith(_EXCHANGE) and size <= _FACTS_BYTES:
        content, gone = warc_strip.strip_exchange(members.take(size))
        return gone, _made(raw, content) if gone else ()
    if kind not in ("request", "response", "revisit") or not _HTTP.match(head.get("content-type") or ""):
        _skip(members, size)
        return frozenset(), ()
    begins = members.take(min(size, _HTTP_HEAD_BYTES))
    http, ending, rest = begins.partition(_ENDING)
    stripped, gone = warc_strip.strip_head(http)
    if not gone or not write:
        _skip(members, size - len(begins))
        return gone, ()
    return gone, _made(raw, b"".join([stripped, ending, rest, *members.blocks(size - len(begins))]))


def _skip(members: Members, size: int) -> None:
    for _ in members.blocks(size):
        pass


def _made(raw: bytes, block: bytes) -> tuple[bytes, ...]:
    head = warc_strip.derived_head(raw, length=len(block), digest=Digest.of(block))
    return (_member([head, block, _ENDING]),)


def _member(parts: list[bytes]) -> bytes:
    compressor = isal_zlib.compressobj(2, isal_zlib.DEFLATED, 31)
    return b"".join([*(compressor.compress(one) for one in parts), compressor.flush()])


def _copied(source: BinaryIO, size: int) -> Iterator[bytes]:
    while size > 0 and (block := source.read(min(size, _BLOCK))):
        size -= len(block)
        yield block


def _hashed(place: Path) -> Stored:
    hasher = hashlib.sha256()
    with place.open("rb") as file:
        while block := file.read(_BLOCK):
            hasher.update(block)
        size = file.tell()
    return Stored(path=place, size_bytes=size, digest=Digest(hasher.hexdigest()))
