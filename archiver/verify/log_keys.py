"""Which keys of a ledger count at which size: those that are trusted, and those joined to them by handovers.

A handover ends one key and begins the next with its own entry, both ways: from a trusted key onwards, and back to
the keys before it, whose checkpoints are prefixes of what the trusted one signs. A key that a handover ended counts
up to the checkpoint that holds the handover, never beyond: whoever steals it later cannot go on with the ledger.
"""

from collections.abc import Sequence

from archiver.model.provenance import Checkpoint, Note, VerifierKey
from archiver.proof.signature import verify_note
from archiver.verify.policy import Handover

_ENDLESS = 1 << 63


def in_force(
    trusted: Sequence[VerifierKey], handovers: Sequence[Handover], *, size: int, origin: str | None = None
) -> tuple[VerifierKey, ...]:
    """Give the keys that may have signed a checkpoint of this size, those that are trusted themselves first."""
    ends, begins = _chain(handovers)
    known = [key for key in trusted if origin is None or key.name == origin]
    for key in known:  # grows while it is gone through: a handover leads to the next
        joined = [ends[key.public_key].new] if key.public_key in ends else []
        joined += [begins[key.public_key].old] if key.public_key in begins else []
        found = (VerifierKey(name=key.name, public_key=raw) for raw in joined)
        known.extend(one for one in found if one not in known)
    return tuple(one for one in known if _spans(one.public_key, size, ends, begins))


def signers(
    found: Note, checkpoint: Checkpoint, trusted: Sequence[VerifierKey], handovers: Sequence[Handover]
) -> list[VerifierKey]:
    """Give the keys in force that signed this checkpoint of their own ledger."""
    known = in_force(trusted, handovers, size=checkpoint.size, origin=checkpoint.origin)
    return [key for key in known if verify_note(found, key)]


def _chain(handovers: Sequence[Handover]) -> tuple[dict[bytes, Handover], dict[bytes, Handover]]:
    """Give the handover that ended each key, and the one that began it: the first of each, in the ledger's order."""
    ends: dict[bytes, Handover] = {}
    begins: dict[bytes, Handover] = {}
    for one in handovers:
        if one.old not in ends and one.new not in begins and one.new not in ends:
            ends[one.old] = begins[one.new] = one
    return ends, begins


def _spans(key: bytes, size: int, ends: dict[bytes, Handover], begins: dict[bytes, Handover]) -> bool:
    first = begins[key].seq + 1 if key in begins else 0
    last = ends[key].seq + 1 if key in ends else _ENDLESS
    return first <= size <= last
