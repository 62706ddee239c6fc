"""C2SP offline proofs (c2sp.org/tlog-proof@v1): one file that proves one entry against one checkpoint."""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass

from archiver.formats import note
from archiver.model.errors import FormatError
from archiver.model.provenance import Note

_HEADER = "c2sp.org/tlog-proof@v1"
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,15})\Z", re.ASCII)
_MOST_HASHES = 63
_HASH_BYTES = 32
_LIMIT_BYTES = 128 << 10


@dataclass(frozen=True, slots=True, kw_only=True)
class TlogProof:
    """An entry's index, its audit path from the leaf up, and the signed checkpoint it leads to."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: Note


def encode_hashes(hashes: Sequence[bytes]) -> bytes:
    """Give hashes a line each in base64: a consistency proof as its own file."""
    return "".join(f"{base64.b64encode(one).decode()}\n" for one in hashes).encode()


def decode_hashes(raw: bytes) -> tuple[bytes, ...]:
    """Give the hashes in such a file; raise FormatError unless it is its one form."""
    if len(raw) > _LIMIT_BYTES or not raw.isascii():
        raise FormatError("proof: expected lines of base64")
    found = _hashes(raw.decode().split("\n")[:-1])
    if encode_hashes(found) != raw:
        raise FormatError("proof: expected a hash a line, each ending in a newline")
    return found


def encode(proof: TlogProof) -> bytes:
    """Give the proof's file."""
    hashes = "".join(f"{base64.b64encode(one).decode()}\n" for one in proof.hashes)
    return f"{_HEADER}\nindex {proof.index}\n{hashes}\n".encode() + note.encode(proof.checkpoint)


def decode(raw: bytes) -> TlogProof:
    """Give the proof in these bytes, unverified; raise FormatError unless they are its one form."""
    if len(raw) > _LIMIT_BYTES:
        raise FormatError(f"tlog-proof: expected at most {_LIMIT_BYTES} bytes, found {len(raw)}")
    head, separator, tail = raw.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise FormatError(f"tlog-proof: not ASCII at byte {error.start}") from error
    match = _INDEX.match(lines[1]) if len(lines) > 1 else None
    if lines[0] != _HEADER or not match or not separator:
        raise FormatError(f"tlog-proof: expected '{_HEADER}', an index line, hashes and an empty line")
    proof = TlogProof(index=int(match[1]), hashes=_hashes(lines[2:]), checkpoint=note.decode(tail))
    if encode(proof) != raw:
        raise FormatError("tlog-proof: not in its one form")
    return proof


def _hashes(lines: list[str]) -> tuple[bytes, ...]:
    if len(lines) > _MOST_HASHES:
        raise FormatError(f"tlog-proof: expected at most {_MOST_HASHES} hashes, found {len(lines)}")
    try:
        found = tuple(base64.b64decode(line, validate=True) for line in lines)
    except (binascii.Error, ValueError) as error:
        raise FormatError(f"tlog-proof: a hash is not base64: {error}") from error
    if any(len(one) != _HASH_BYTES for one in found):
        raise FormatError("tlog-proof: expected hashes of 32 bytes")
    return found
