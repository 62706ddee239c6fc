"""Every record of a WARC file, whoever wrote it, with its place and all that is wrong with it.

Strict where `archiver/formats/warc.py` reads what we wrote ourselves: docs/decisions/0012 says why this is no library.
Memory: one block of at most a few MiB, and eight bytes for each record id.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from archiver.formats import labelled, warc_rules
from archiver.formats.entity import Entity, Whole
from archiver.formats.labelled import Labelled
from archiver.formats.members import Members, Readable
from archiver.formats.warc_head import RecordHead, read_head
from archiver.model.errors import FormatError

LONGEST_HEAD = 4 << 20
_MOST_IDS = 2_000_000
_ENDING = b"\r\n\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestFinding:
    """What became of a digest that a record states: it agrees if there is neither ``problem`` nor ``unchecked``."""

    stated: str
    problem: str = ""
    unchecked: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkedRecord:
    """One record. ``offset`` to ``end`` is what it takes in the file; ``end`` is 0 where it has no bytes of its own.

    ``addressable`` says that a reader can begin at ``offset``; ``lost`` that what follows it could not be told.
    """

    number: int
    offset: int
    end: int
    type: str
    record_id: str
    target_uri: str | None
    date: str
    size_bytes: int
    addressable: bool
    lost: bool
    problems: tuple[str, ...]
    remarks: tuple[str, ...]
    block: DigestFinding | None
    payload: DigestFinding | None
    content: bytes | None = None


Keep = Callable[[RecordHead, bytes], bool]
"""Says by its head and the first bytes of its block whether a record's block is wanted."""


def walk(
    stream: Readable, *, limit_bytes: int = 64 << 30, keep: Keep | None = None, keep_bytes: int = 0
) -> Iterator[WalkedRecord]:
    """Give each record in order; raise FormatError where the file cannot be followed further.

    A file of gzip members is followed past a record that cannot be read, from the next member on. ``content`` is the
    block of a record that ``keep`` asks for, if it has at most ``keep_bytes``.
    LIMIT: of more than two million records, an id that stands there twice is not looked for any more.
    """
    members = Members(stream, limit_bytes=limit_bytes)
    seen: set[int] = set()
    number = 0
    while members.more():
        number += 1
        record = _Walk(members, number, seen, keep, keep_bytes).read()
        yield record
        if record.lost:
            if members.damage or not members.is_gzip:
                raise FormatError(f"nothing can be told of what follows: {members.damage or record.problems[-1]}")
            members.skip_member()
    if not number:
        raise FormatError("no record: the file is empty")


class _Walk:
    """Reads one record."""

    def __init__(self, members: Members, number: int, seen: set[int], keep: Keep | None, keep_bytes: int) -> None:
        self._members = members
        self._keep = keep
        self._keep_bytes = keep_bytes
        self._kept: list[bytes] | None = None
        self._number = number
        self._seen = seen
        self._offset = members.offset
        self._addressable = members.starts_member or not members.is_gzip
        self._member = members.member_count
        self._head = RecordHead(version="")
        self._problems: list[str] = []
        self._remarks: list[str] = []
        self._digests: _Digests | None = None

    def read(self) -> WalkedRecord:
        """Give the record; what is wrong with it is in it."""
        try:
            lost = self._read()
        except FormatError as error:
            self._problems.append(error.message)
            return self._record(lost=True)
        return self._record(lost=lost)

    def _read(self) -> bool:
        self._head = read_head(self._members.head(LONGEST_HEAD))
        self._problems.extend(warc_rules.problems(self._head))
        self._remarks.extend(warc_rules.remarks(self._head))
        self._check_id()
        length = warc_rules.length_of(self._head)
        if length is None:
            return True
        digests = _Digests(self._head)
        found = 0
        for block in self._members.blocks(length):
            if self._keep and not found and length <= self._keep_bytes and self._keep(self._head, block):
                self._kept = []
            found += len(block)
            digests.take(block)
            if self._kept is not None:
                self._kept.append(block)
        if found < length:
            self._problems.append(f"content-length says {length} bytes, found {found}: the file is cut off")
            return False
        self._digests = digests
        return self._ends()

    def _ends(self) -> bool:
        ending = self._members.take(len(_ENDING))
        if ending != _ENDING:
            self._problems.append(f"after its block: expected CR LF CR LF, found {ending!r}")
            return True
        return False

    def _check_id(self) -> None:
        identity = self._head.get("warc-record-id")
        if not identity or len(self._seen) >= _MOST_IDS:
            return
        known = int.from_bytes(hashlib.blake2b(identity.encode(), digest_size=8).digest(), "big")
        if known in self._seen:
            self._problems.append(f"a record before has the id {identity[:80]}: ids are unique")
        self._seen.add(known)

    def _end(self, *, lost: bool) -> int:
        """Give where the record ends in the file, 0 if it shares a gzip member."""
        members = self._members
        if not members.is_gzip:
            return members.offset
        if lost:
            return 0
        if not self._addressable:
            self._remarks.append("it shares a gzip member with the record before: no index can point at it")
        elif members.at_end_of_member() and members.member_count == self._member:
            return members.offset
        elif members.member_count != self._member:
            self._remarks.append("it lies in more than one gzip member")
        return 0

    def _record(self, *, lost: bool) -> WalkedRecord:
        try:
            end = self._end(lost=lost)
        except FormatError as error:  # the member's own checksum, after its content
            self._problems.append(error.message)
            lost, end = True, 0
        head = self._head
        return WalkedRecord(
            number=self._number,
            offset=self._offset,
            end=end,
            type=(head.get("warc-type") or "").lower(),
            record_id=head.get("warc-record-id") or "",
            target_uri=warc_rules.target_of(head),
            date=head.get("warc-date") or "",
            size_bytes=warc_rules.length_of(head) or 0,
            addressable=self._addressable,
            lost=lost,
            problems=tuple(self._problems),
            remarks=tuple(self._remarks),
            block=self._digests.block() if self._digests else None,
            payload=self._digests.payload() if self._digests else None,
            content=b"".join(self._kept) if self._kept is not None and self._digests else None,
        )


class _Digests:
    """Recomputes what a record states of its block and its payload while the block passes."""

    def __init__(self, head: RecordHead) -> None:
        self._truncated = "warc-truncated" in head.fields
        self._block, block = _stated(head, "warc-block-digest")
        self._hasher = (block, block.hasher()) if block else None
        self._payload, payload = _stated(head, "warc-payload-digest")
        self._found: Entity | Whole | None = None
        if self._payload is None or payload is None:
            return
        kind = (head.get("warc-type") or "").lower()
        if kind == "revisit" or "warc-segment-number" in head.fields:
            reason = "its payload is in another record" if kind == "revisit" else "its payload is in several records"
            self._payload = DigestFinding(stated=self._payload.stated, unchecked=reason)
            return
        if _is_http(head, kind):
            self._found = Entity(payload)
        elif self._hasher is None or self._hasher[0] != payload:
            self._found = Whole(payload)
        else:  # one digest of the same bytes, stated twice
            self._payload = DigestFinding(stated=self._payload.stated, by="the block")

    def take(self, block: bytes) -> None:
        """Take the next bytes of the block."""
        if self._hasher is not None:
            self._hasher[1].update(block)
        if self._found is not None:
            self._found.take(block)

    def block(self) -> DigestFinding | None:
        """Give what became of the block's digest, None if none is stated."""
        if self._hasher is None or self._block is None:
            return self._block
        stated, hasher = self._hasher
        found = hasher.digest()
        if found == stated.value:
            return self._block
        problem = f"the bytes give {stated.algorithm}:{found.hex()}"
        return DigestFinding(stated=self._block.stated, problem=problem)

    def payload(self) -> DigestFinding | None:
        """Give what became of the payload's digest, None if none is stated."""
        if self._found is None or self._payload is None:
            return self._payload
        by = self._found.agrees()
        if by:
            return DigestFinding(stated=self._payload.stated, by=by)
        if self._truncated:
            return DigestFinding(stated=self._payload.stated, unchecked="the payload is cut, and says so")
        return DigestFinding(stated=self._payload.stated, problem="it is the digest of no form of the payload")


def _stated(head: RecordHead, name: str) -> tuple[DigestFinding | None, Labelled | None]:
    value = head.get(name)
    if value is None:
        return None, None
    try:
        stated = labelled.parse(value)
    except FormatError as error:
        return DigestFinding(stated=value, problem=error.message), None
    if not stated.known:
        return DigestFinding(stated=value, unchecked=f"the algorithm {stated.algorithm} is not known here"), None
    return DigestFinding(stated=value), stated


def _is_http(head: RecordHead, kind: str) -> bool:
    if kind not in ("response", "request"):
        return False
    media_type = head.get("content-type")
    if media_type is None:
        return (warc_rules.target_of(head) or "").lower().startswith(("http:", "https:"))
    return media_type.lower().startswith("application/http")
