"""OpenTimestamps proofs (opentimestamps.org): which Bitcoin blocks, or which calendars' promises, a digest leads to.

The proof's operations are walked by the library ``opentimestamps``, the extra ``archiver[ots]``: without it every
function here but `available` raises FormatError. A block's header is 80 bytes; whether it is one of the longest chain
is for whoever supplies it to know.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from archiver.model.digest import Digest
from archiver.model.errors import FormatError
from archiver.model.instant import Instant

LIMIT_BYTES = 64 << 10
HEADER_BYTES = 80
_SECOND_US = 1_000_000
_SHA256_TAG = b"\x08"
_MOST_HEIGHT = 100_000_000
_MISSING = "an OpenTimestamps proof cannot be read: the extra archiver[ots] is not installed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A calendar that promised to anchor ``commitment``: where to ask what became of it."""

    calendar: str
    commitment: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A Bitcoin block that the proof names, and the Merkle root that it must have for the proof to hold."""

    height: int
    root: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class OtsProof:
    """What a proof file says: about which SHA-256 digest, by which promises and blocks, each sorted."""

    digest: Digest
    promises: tuple[Promise, ...]
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockHeader:
    """What a block's header says: its Merkle root and its miner's time, which may be two hours off."""

    root: bytes
    mined_at: Instant


def available() -> bool:
    """Say whether the library is installed."""
    return find_spec("opentimestamps") is not None


def commitment(digest: Digest, nonce: bytes) -> bytes:
    """Give what calendars are asked to anchor: a hash that tells them nothing of the digest."""
    return hashlib.sha256(bytes.fromhex(digest.hex) + nonce).digest()


def assemble(digest: Digest, nonce: bytes, answers: Sequence[bytes]) -> bytes:
    """Give the proof file of what calendars answered for `commitment`; raise FormatError for what is no answer."""
    with _Strict() as core:
        begin = core.Timestamp(bytes.fromhex(digest.hex))
        asked = begin.ops.add(core.OpAppend(nonce)).ops.add(core.OpSHA256())
        for answer in answers:
            asked.merge(core.parse(answer, asked.msg))
        return core.write(begin)


def join(proof: bytes, answers: Mapping[bytes, bytes]) -> bytes:
    """Give the proof with what calendars answered later, by the commitment; raise FormatError for what is no answer."""
    with _Strict() as core:
        found = core.read(proof)
        for inner in core.everywhere(found.timestamp):
            if inner.msg in answers:
                inner.merge(core.parse(answers[inner.msg], inner.msg))
        return core.write(found.timestamp)


def read(proof: bytes) -> OtsProof:
    """Give what a proof file says, unverified; raise FormatError if it is none, or not over a SHA-256 digest."""
    with _Strict() as core:
        found = core.read(proof)
        said = list(found.timestamp.all_attestations())
    promises = {Promise(calendar=one.uri, commitment=msg) for msg, one in said if isinstance(one, core.Pending)}
    blocks = {Block(height=one.height, root=msg) for msg, one in said if isinstance(one, core.Bitcoin)}
    if any(one.height > _MOST_HEIGHT for one in blocks):
        raise FormatError("OpenTimestamps proof: a block of no possible height")
    return OtsProof(
        digest=Digest(found.file_digest.hex()),
        promises=tuple(sorted(promises, key=lambda one: (one.calendar, one.commitment))),
        blocks=tuple(sorted(blocks, key=lambda one: (one.height, one.root))),
    )


def read_header(raw: bytes) -> BlockHeader:
    """Give what a block's header says: 80 bytes, or their hex; raise FormatError unless its own work holds.

    That catches a header which was changed, and says nothing of whether the block is in the longest chain.
    """
    header = raw
    if len(raw) != HEADER_BYTES:
        try:
            header = bytes.fromhex(raw.decode("ascii").strip())
        except ValueError as error:
            raise FormatError("Bitcoin header: expected 80 bytes, or their hex") from error
    if len(header) != HEADER_BYTES:
        raise FormatError(f"Bitcoin header: expected {HEADER_BYTES} bytes, found {len(header)}")
    bits = int.from_bytes(header[72:76], "little")
    target = (bits & 0x7FFFFF) << 8 * max(0, (bits >> 24) - 3)
    if int.from_bytes(hashlib.sha256(hashlib.sha256(header).digest()).digest(), "little") > target:
        raise FormatError("Bitcoin header: its proof of work does not hold: it was changed")
    seconds = int.from_bytes(header[68:72], "little")
    return BlockHeader(root=header[36:68], mined_at=Instant(seconds * _SECOND_US))


class _Core:
    """The few names of the library that are used here."""

    def __init__(self) -> None:
        from opentimestamps.core import notary, op, serialize, timestamp  # noqa: PLC0415 - an extra

        self._file, self._serialize = timestamp.DetachedTimestampFile, serialize
        self.Timestamp, self.OpAppend, self.OpSHA256 = timestamp.Timestamp, op.OpAppend, op.OpSHA256
        self.Pending, self.Bitcoin = notary.PendingAttestation, notary.BitcoinBlockHeaderAttestation
        self.malformed = (serialize.DeserializationError, ValueError, TypeError, RecursionError, OverflowError)

    def read(self, raw: bytes) -> Any:  # noqa: ANN401 - the library ships no types
        """Give the file that these bytes hold."""
        if len(raw) > LIMIT_BYTES:
            raise ValueError(f"expected at most {LIMIT_BYTES} bytes, found {len(raw)}")
        found = self._file.deserialize(self._serialize.BytesDeserializationContext(raw))
        if found.file_hash_op.TAG != _SHA256_TAG:
            raise ValueError("expected one over a SHA-256 digest")
        return found

    def parse(self, raw: bytes, message: bytes) -> Any:  # noqa: ANN401 - same
        """Give a calendar's answer about a message."""
        context = self._serialize.BytesDeserializationContext(raw)
        found = self.Timestamp.deserialize(context, message)
        context.assert_eof()
        return found

    def write(self, found: Any) -> bytes:  # noqa: ANN401 - same
        """Give the file of a timestamp over a SHA-256 digest."""
        context = self._serialize.BytesSerializationContext()
        self._file(self.OpSHA256(), found).serialize(context)
        return bytes(context.getbytes())

    def everywhere(self, found: Any) -> list[Any]:  # noqa: ANN401 - same
        """Give each timestamp inside one, itself first."""
        inner = [found]
        for one in inner:  # grows while it is gone through
            inner.extend(one.ops.values())
        return inner


class _Strict:
    """Whatever the library says of bytes that are none becomes one FormatError."""

    def __enter__(self) -> _Core:
        if not available():
            raise FormatError(_MISSING, hint="pip install 'archiver[ots]'")
        self._core = _Core()
        return self._core

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if isinstance(error, self._core.malformed):
            raise FormatError(f"OpenTimestamps proof: it cannot be read: {error}") from error
