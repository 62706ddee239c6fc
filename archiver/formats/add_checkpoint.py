"""C2SP tlog-witness: what is sent to a witness, over HTTP or as a file: the size it knows, a proof, the checkpoint."""

import base64
import re
from dataclasses import dataclass

from archiver.formats import base64text, note
from archiver.model.errors import FormatError
from archiver.model.provenance import Note

LIMIT_BYTES = 128 << 10
_OLD = re.compile(r"old (0|[1-9][0-9]{0,15})\Z", re.ASCII)
_MOST_HASHES = 63
_HASH_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class AddCheckpoint:
    """The last size that the witness cosigned, the consistency proof from there, and the signed checkpoint."""

    old_size: int
    proof: tuple[bytes, ...]
    checkpoint: Note


def encode(request: AddCheckpoint) -> bytes:
    """Give the request's bytes."""
    proof = "".join(f"{base64.b64encode(one).decode()}\n" for one in request.proof)
    return f"old {request.old_size}\n{proof}\n".encode() + note.encode(request.checkpoint)


def decode(raw: bytes) -> AddCheckpoint:
    """Give the request in these bytes; raise FormatError unless they are its one form."""
    if len(raw) > LIMIT_BYTES:
        raise FormatError(f"add-checkpoint: expected at most {LIMIT_BYTES} bytes, found {len(raw)}")
    head, separator, tail = raw.partition(b"\n\n")
    if not separator or not head.isascii():
        raise FormatError("add-checkpoint: expected 'old <size>', hashes, an empty line and a checkpoint")
    first, *hashes = head.decode().split("\n")
    match = _OLD.match(first)
    if not match or len(hashes) > _MOST_HASHES:
        raise FormatError(f"add-checkpoint: expected 'old <size>' and at most {_MOST_HASHES} hashes")
    proof = tuple(base64text.decode(one, what="add-checkpoint hash") for one in hashes)
    if any(len(one) != _HASH_BYTES for one in proof):
        raise FormatError("add-checkpoint: expected hashes of 32 bytes")
    return AddCheckpoint(old_size=int(match[1]), proof=proof, checkpoint=note.decode(tail))
