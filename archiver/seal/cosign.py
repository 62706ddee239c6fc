"""A witness's answer to one checkpoint: C2SP tlog-witness ``add-checkpoint``, over HTTP or by file.

The witness sees an origin, a size and hashes, and never a source. What it signs says: this is the largest tree of
this ledger that I have seen at this time, and it only grew.
"""

from dataclasses import dataclass

from archiver.formats import add_checkpoint, note
from archiver.formats.checkpoint import decode as decode_checkpoint
from archiver.model.errors import FormatError
from archiver.model.instant import Clock
from archiver.model.provenance import Checkpoint, Signer
from archiver.proof.merkle import EMPTY_ROOT, verify_consistency
from archiver.proof.signature import cosign_note, verify_note
from archiver.store.witness_state import Turn, WitnessState

_SIZE_TYPE = "text/x.tlog.size"


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessAnswer:
    """An HTTP status and body: signature lines for 200, the size that the witness knows for 409, else a reason."""

    status: int
    body: bytes
    media_type: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosigner:
    """A witness with its key opened."""

    name: str
    signer: Signer
    state: WitnessState
    clock: Clock

    def add_checkpoint(self, raw: bytes) -> WitnessAnswer:
        """Check a checkpoint against the last one of its ledger, keep it durably, then cosign it."""
        try:
            request = add_checkpoint.decode(raw)
            found = decode_checkpoint(request.checkpoint.text)
        except FormatError as error:
            return _refused(400, error.message)
        known = [note.decode_vkey(one) for one in self.state.keys_of(found.origin)]
        if not known:
            return _refused(404, f"this witness does not follow {found.origin}")
        if not any(verify_note(request.checkpoint, key) for key in known):
            return _refused(403, "the checkpoint is not signed by this ledger's key")
        if request.old_size > found.size:
            return _refused(400, f"old size {request.old_size} is larger than the checkpoint's {found.size}")
        with self.state.turn(found.origin, EMPTY_ROOT) as turn:
            refused = _compare(turn, request, found)
            if refused is not None:
                return refused
            turn.advanced = (found.size, found.root)
        # What was kept is durable here: only now does a signature exist.
        line = cosign_note(request.checkpoint.text, self.name, self.signer, at=self.clock.now())
        return WitnessAnswer(status=200, body=note.encode_signature(line))


def _compare(turn: Turn, request: add_checkpoint.AddCheckpoint, found: Checkpoint) -> WitnessAnswer | None:
    if request.old_size != turn.size or (found.size == turn.size and found.root != turn.root):
        return WitnessAnswer(status=409, body=f"{turn.size}\n".encode(), media_type=_SIZE_TYPE)
    if not verify_consistency(turn.size, turn.root, found.size, found.root, request.proof):
        return _refused(422, f"the tree of {found.size} does not extend the tree of {turn.size} that was cosigned")
    return None


def _refused(status: int, reason: str) -> WitnessAnswer:
    return WitnessAnswer(status=status, body=f"{reason}\n".encode())
