"""A proof of one entry by itself (C2SP tlog-proof): is this leaf in a ledger that the auditor trusts.

==================  =======================================================================
proof               is it a proof, in its one form?
proof-checkpoint    is the checkpoint in it signed by a log that the auditor trusts?
proof-inclusion     does the leaf beside it, at this index, lead to that checkpoint's root?
proof-quorum        have as many witnesses of the auditor's policy cosigned that checkpoint as it asks for?
==================  =======================================================================
"""

from collections.abc import Iterator

from archiver.formats import entry, policy, proof
from archiver.formats.checkpoint import decode as decode_checkpoint
from archiver.formats.proof import TlogProof
from archiver.model.errors import FormatError
from archiver.model.provenance import Checkpoint, Note, Policy
from archiver.model.report import Check, Level
from archiver.proof.merkle import leaf_hash, verify_inclusion
from archiver.proof.signature import cosigned_at, key_id, verify_note
from archiver.verify.case import failed, passed, unchecked
from archiver.verify.policy import Trust

LIMIT_BYTES = 128 << 10
NOT_PROVEN = (
    "What the entry is about: a leaf holds a salted commitment, which its manifest and salt open.",
    "When the entry was made: a proof says that a signed ledger holds it, and nothing about a time.",
    "That no second version of this ledger was shown to others, unless the witnesses of your policy cosigned it.",
)


def check_proof(raw: bytes, *, leaf: bytes | None, subject: str, leaf_name: str, trust: Trust) -> Iterator[Check]:
    """Say whether the proof holds for this leaf, under the auditor's keys and policy."""
    try:
        found = proof.decode(raw)
        checkpoint = decode_checkpoint(found.checkpoint.text)
    except FormatError as error:
        yield failed("proof", Level.LEDGER, subject, error.message)
        return
    yield passed("proof", Level.LEDGER, subject, f"entry {found.index} of {checkpoint.size}")
    yield _signed(found.checkpoint, checkpoint, subject, trust)
    yield _included(found, checkpoint, leaf, subject, leaf_name)
    yield _quorum(found.checkpoint, _policy_for(checkpoint, trust), subject, trust)


def _signed(head: Note, checkpoint: Checkpoint, subject: str, trust: Trust) -> Check:
    name = "proof-checkpoint"
    good = [key for key in trust.logs if key.name == checkpoint.origin and verify_note(head, key)]
    if good:
        return passed(name, Level.LEDGER, subject, f"signed by {key_id(good[0].public_key)}, which you trust")
    if trust.logs:
        return failed(
            name, Level.LEDGER, subject, f"not signed by a key that you trust for the ledger {checkpoint.origin}"
        )
    return unchecked(name, Level.LEDGER, subject, "you named no key of a ledger (--trust, --policy)")


def _included(found: TlogProof, checkpoint: Checkpoint, leaf: bytes | None, subject: str, leaf_name: str) -> Check:
    name = "proof-inclusion"
    if leaf is None:
        return unchecked(name, Level.LEDGER, subject, f"no leaf beside it: expected {leaf_name}, or --leaf FILE")
    if not verify_inclusion(leaf_hash(leaf), found.index, checkpoint.size, found.hashes, checkpoint.root):
        reason = f"{leaf_name} is not entry {found.index} of the ledger of {checkpoint.size} entries that was signed"
        return failed(name, Level.LEDGER, subject, reason)
    try:
        one = entry.decode(leaf)
    except FormatError:
        return passed(name, Level.LEDGER, subject, f"{leaf_name}: a leaf that is no entry of archiver's")
    if one.seq != found.index:
        return failed(name, Level.LEDGER, subject, f"{leaf_name} says that it is entry {one.seq}, at {found.index}")
    return passed(name, Level.LEDGER, subject, f"{leaf_name}: entry {one.seq}, {one.type}")


def _policy_for(checkpoint: Checkpoint, trust: Trust) -> Policy:
    return next((one for one in trust.policies if any(log.name == checkpoint.origin for log in one.logs)), Policy())


def _quorum(head: Note, chosen: Policy, subject: str, trust: Trust) -> Check:
    name = "proof-quorum"
    if chosen.quorum == policy.NONE:
        return unchecked(name, Level.INDEPENDENCE, subject, "your policy asks for no witness")
    times = {one.name: cosigned_at(head, one.key) for one in chosen.witnesses}
    seen = {one for one, at in times.items() if at is not None and (trust.at is None or at <= trust.at)}
    if not policy.satisfied(chosen, seen):
        reason = f"the quorum {chosen.quorum} is not reached: {len(seen)} witnesses of your policy have cosigned"
        return unchecked(name, Level.INDEPENDENCE, subject, reason)
    return passed(name, Level.INDEPENDENCE, subject, f"cosigned by {', '.join(sorted(seen))}")
