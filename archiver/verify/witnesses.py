"""Level L4: did others see this ledger, and no other one, grow.

====================  =====================================================================
witness               is each recorded cosignature one over this ledger's checkpoint, by a trusted witness?
witness-quorum        have as many trusted witnesses cosigned the ledger as the auditor's policy asks?
====================  =====================================================================

Which witnesses count, and how many, comes from the auditor's policy. Without one nothing is independent.
"""

from collections.abc import Iterator

from archiver.formats import layout, note
from archiver.formats import policy as policies
from archiver.model.digest import Digest
from archiver.model.errors import Damaged, FormatError
from archiver.model.events import Cosigned
from archiver.model.evidence import Role
from archiver.model.provenance import TIMED, Policy
from archiver.model.report import Check, Level
from archiver.proof.signature import cosigned_at
from archiver.store.source import EvidenceSource
from archiver.verify.case import Case, failed, passed, unchecked
from archiver.verify.ledger import Ledger
from archiver.verify.policy import Trust

_LIMIT_BYTES = 64 << 10


def check_witnesses(source: EvidenceSource, case: Case, ledger: Ledger, trust: Trust) -> Iterator[Check]:
    """Say which cosignatures verify, and whether they reach the quorum over all entries."""
    policy = _policy_for(ledger, trust)
    sizes: dict[str, int] = {}
    for one in case.manifests:
        predicate = one.statement.predicate if one.statement else None
        if isinstance(predicate, Cosigned):
            check, name = _check(source, case, predicate, policy, subject=case.full(one.path))
            yield check
            if name:
                sizes[name] = max(sizes.get(name, 0), predicate.checkpoint_size)
    yield _check_quorum(case, ledger, policy, sizes)


def _policy_for(ledger: Ledger, trust: Trust) -> Policy:
    origin = ledger.checkpoint.origin if ledger.checkpoint else ""
    return next((one for one in trust.policies if any(log.name == origin for log in one.logs)), Policy())


def _check(
    source: EvidenceSource, case: Case, cosigned: Cosigned, policy: Policy, *, subject: str
) -> tuple[Check, str]:
    try:
        artifact = next((one for one in cosigned.artifacts if one.role is Role.COSIGNED_CHECKPOINT), None)
        if artifact is None:
            raise FormatError("the manifest names no cosigned checkpoint")  # noqa: TRY301 - told like any other
        kept = case.read(layout.checkpoint_of(cosigned.checkpoint_size))
        path = layout.archive_path(artifact.digest, artifact.extension)
        found = note.decode(source.read(path, limit_bytes=_LIMIT_BYTES))
        own = note.decode(kept)
    except (FormatError, Damaged) as error:
        return failed("witness", Level.INDEPENDENCE, subject, error.message), ""
    if Digest.of(kept) != cosigned.checkpoint_digest or found.text != own.text:
        reason = f"it is not about checkpoint {cosigned.checkpoint_size} as it lies here"
        return failed("witness", Level.INDEPENDENCE, subject, reason), ""
    for witness in policy.witnesses:
        at = cosigned_at(found, witness.key)
        if at is not None and at == cosigned.cosigned_at:
            reason = f"{witness.name} saw {cosigned.checkpoint_size} entries at {at}, and a ledger that only grew"
            return passed("witness", Level.INDEPENDENCE, subject, reason), witness.name
    reason = f"no valid cosignature by a witness whom your policy names (it says {cosigned.witness})"
    return unchecked("witness", Level.INDEPENDENCE, subject, reason), ""


def _check_quorum(case: Case, ledger: Ledger, policy: Policy, sizes: dict[str, int]) -> Check:
    subject = case.full(layout.CHECKPOINT)
    if policy.quorum == policies.NONE:
        reason = "your policy asks for no witness: that another version of this ledger exists is not excluded"
        return unchecked("witness-quorum", Level.INDEPENDENCE, subject, reason)
    # The largest size that the quorum has seen; what came later and needs it is told.
    reached = [size for size in sorted(set(sizes.values())) if policies.satisfied(policy, _seen(sizes, size))]
    covered = max(reached, default=0)
    later = [seq for seq, kind in enumerate(ledger.types[covered:], covered) if kind not in TIMED]
    if not covered:
        reason = f"the quorum {policy.quorum} is not reached: {len(sizes)} witnesses of your policy have cosigned"
        return unchecked("witness-quorum", Level.INDEPENDENCE, subject, reason)
    if later:
        reason = f"{len(later)} entries from {later[0]} on came after what the quorum has seen"
        return unchecked("witness-quorum", Level.INDEPENDENCE, subject, reason)
    return passed("witness-quorum", Level.INDEPENDENCE, subject, f"the quorum has seen {covered} entries")


def _seen(sizes: dict[str, int], size: int) -> set[str]:
    return {name for name, largest in sizes.items() if largest >= size}
