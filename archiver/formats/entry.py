r"""Ledger entries: the leaves of the Merkle tree, and the openings of their commitments.

A leaf is small and says nothing of its content: ``commit = SHA-256("evl1\\0" || salt || envelope)``. Who
has salt and envelope can show what was committed; destroying both erases the content and leaves every
proof valid. ``prev`` is the digest of the previous leaf's bytes, zeros for the first: the chain that can
be explained without a tree. Page: docs/formats/ledger.md.
"""

import hashlib
import re
from collections.abc import Sequence

from archiver.formats import canonical
from archiver.model.digest import Digest
from archiver.model.errors import FormatError
from archiver.model.provenance import Entry, EntryType, Opening

FIRST_PREV = Digest("0" * 64)
SALT_BYTES = 32
_DOMAIN = b"evl1\x00"
_VERSION = 1
_LIMIT_BYTES = 4096
_LARGEST = (1 << 53) - 1
_MOST_OPENINGS = 4096
_PLAIN = re.compile(r"[a-z0-9/.-]+")
_TYPES = {one.value.encode(): one for one in EntryType}
_LEAF = re.compile(
    rb'\{"commit":"([0-9a-f]{64})","prev":"([0-9a-f]{64})","seq":(0|[1-9][0-9]{0,15}),"type":"([a-z-]{1,16})","v":1\}'
)


def commitment(salt: bytes, envelope: bytes) -> Digest:
    """Give the salted commitment to an envelope's exact bytes; raise FormatError unless the salt is 32 bytes."""
    if len(salt) != SALT_BYTES:
        raise FormatError(f"salt: expected {SALT_BYTES} bytes, found {len(salt)}")
    return Digest(hashlib.sha256(_DOMAIN + salt + envelope).hexdigest())


def encode(entry: Entry) -> bytes:
    """Give the leaf's exact bytes: RFC 8785 JSON, written out since every field has one form."""
    if not 0 <= entry.seq <= _LARGEST:
        raise FormatError(f"ledger entry: expected seq from 0 to 2^53 - 1, found {entry.seq}")
    return (
        f'{{"commit":"{entry.commit.hex}","prev":"{entry.prev.hex}","seq":{entry.seq},'
        f'"type":"{entry.type.value}","v":{_VERSION}}}'
    ).encode()


def fields(raw: bytes) -> tuple[bytes, bytes, int, EntryType] | None:
    """Give commit and prev in hex, seq and type of a leaf, or None where `decode` would refuse it. For long ledgers."""
    match = _LEAF.fullmatch(raw)
    if match is None:
        return None
    commit, prev, number, kind = match.groups()
    seq, known = int(number), _TYPES.get(kind)
    return (commit, prev, seq, known) if known is not None and seq <= _LARGEST else None


def decode(raw: bytes) -> Entry:
    """Give the entry in a leaf's bytes; raise FormatError else."""
    found = canonical.decode(raw, what="ledger entry", limit_bytes=_LIMIT_BYTES)
    match found:
        case {"commit": str(commit), "prev": str(prev), "seq": int(seq), "type": str(kind), "v": int(v), **rest} if (
            not rest
        ):
            _check_numbers(seq, v, what="ledger entry")
        case _:
            raise FormatError("ledger entry: expected exactly commit, prev, seq, type and v")
    if kind not in {one.value for one in EntryType}:
        raise FormatError(f"ledger entry: unknown type {kind[:40]!r}")
    return Entry(seq=seq, type=EntryType(kind), prev=Digest(prev), commit=Digest(commit))


def encode_opening(opening: Opening) -> bytes:
    """Give the file that opens an entry's commitment."""
    if _PLAIN.fullmatch(opening.path) and opening.seq <= _LARGEST:
        # What canonical JSON gives, written out: an append of many spends its time here.
        return f'{{"path":"{opening.path}","salt":"{opening.salt.hex()}","seq":{opening.seq},"v":{_VERSION}}}'.encode()
    return canonical.encode({"path": opening.path, "salt": opening.salt.hex(), "seq": opening.seq, "v": _VERSION})


def decode_opening(raw: bytes) -> Opening:
    """Give the opening in these bytes; raise FormatError else."""
    found = canonical.decode(raw, what="opening", limit_bytes=_LIMIT_BYTES)
    match found:
        case {"path": str(path), "salt": str(salt), "seq": int(seq), "v": int(v), **rest} if not rest:
            _check_numbers(seq, v, what="opening")
        case _:
            raise FormatError("opening: expected exactly path, salt, seq and v")
    return Opening(seq=seq, path=path, salt=bytes.fromhex(Digest(salt).hex))


def encode_openings(openings: Sequence[Opening], *, first: int, last: int) -> bytes:
    """Give the file that opens the entries of one append: a line for each, or for an entry alone its bytes only."""
    if first == last:
        return encode_opening(openings[0])
    return b"".join(encode_opening(one) + b"\n" for one in openings)


def decode_openings(raw: bytes, *, first: int, last: int) -> tuple[Opening, ...]:
    """Give the openings in the file of these entries; where some were erased, the others. Raises FormatError else."""
    if first == last:
        found: tuple[Opening, ...] = (decode_opening(raw),)
    else:
        lines = raw.split(b"\n")
        if lines.pop() or len(lines) > _MOST_OPENINGS:
            raise FormatError(f"openings: expected at most {_MOST_OPENINGS} lines, each ending in a newline")
        found = tuple(decode_opening(line) for line in lines)
    places = [one.seq for one in found]
    if places != sorted(set(places)) or not all(first <= one <= last for one in places):
        raise FormatError(f"openings: expected those of entries {first} to {last}, found {places[:5]}")
    return found


def _check_numbers(seq: int, version: int, *, what: str) -> None:
    if isinstance(seq, bool) or isinstance(version, bool) or seq < 0 or version != _VERSION:
        raise FormatError(f"{what}: expected seq from 0 up and v = {_VERSION}, found seq {seq} and v {version}")
