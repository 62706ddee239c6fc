"""Level L3: before which time did the checkpoints exist, by clocks that are not ours.

==================  =======================================================================
timestamp           does each recorded timestamp verify against roots that the auditor pinned?
timestamp-cover     is each entry covered by a verified timestamp?
clock               did no timestamp come before what it covers, by the capturing machine's clock?
==================  =======================================================================
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from archiver.formats import entry, layout
from archiver.model.digest import Digest
from archiver.model.errors import Damaged, FormatError
from archiver.model.evidence import Artifact, Capture, Role
from archiver.model.provenance import EntryType, Stamp
from archiver.model.report import Check, Level
from archiver.proof import timestamp
from archiver.proof.timestamp import TimestampToken
from archiver.store.source import EvidenceSource
from archiver.verify.case import Case, failed, passed, unchecked
from archiver.verify.ledger import Ledger
from archiver.verify.policy import Trust

_LIMIT_BYTES = 64 << 10
_TOLERANCE_US = 300 * 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """A timestamp that verified: everything up to this size existed before this time."""

    stamp: Stamp
    token: TimestampToken


def check_time(source: EvidenceSource, case: Case, ledger: Ledger, trust: Trust) -> Iterator[Check]:
    """Say which timestamps verify, what they cover, and whether the clocks contradict each other."""
    proven: list[Proven] = []
    for one in case.manifests:
        if one.stamp is not None:
            check, found = _check_stamp(source, case, one.stamp, trust, subject=case.full(one.path))
            yield check
            proven.extend(found)
    yield from _check_cover(case, ledger, proven)
    yield from _check_clock(case, ledger, proven)


def _check_stamp(
    source: EvidenceSource, case: Case, stamp: Stamp, trust: Trust, *, subject: str
) -> tuple[Check, Sequence[Proven]]:
    try:
        query = _artifact(source, stamp, Role.TIMESTAMP_REQUEST)
        response = _artifact(source, stamp, Role.TIMESTAMP_RESPONSE)
        digest = Digest.of(case.read(layout.checkpoint_of(stamp.checkpoint_size)))
        asked, nonce = timestamp.read_request(query)
        claimed = timestamp.read(response)
    except (FormatError, Damaged) as error:
        return failed("timestamp", Level.TIME, subject, error.message), ()
    if digest != stamp.checkpoint_digest or asked != digest or claimed.imprint != digest:
        reason = f"it is not about checkpoint {stamp.checkpoint_size} as it lies here"
        return failed("timestamp", Level.TIME, subject, reason), ()
    if (claimed.gen_time, claimed.serial) != (stamp.gen_time, stamp.serial):
        return failed("timestamp", Level.TIME, subject, "manifest and token say different times or serials"), ()
    if not trust.tsa_roots:
        reason = f"{stamp.tsa_name} says {claimed.gen_time}; you pinned no root of a time-stamping authority"
        return unchecked("timestamp", Level.TIME, subject, reason), ()
    try:
        token = timestamp.verify(response, digest=digest, roots=trust.tsa_roots, nonce=nonce)
    except FormatError as error:
        return failed("timestamp", Level.TIME, subject, error.message), ()
    reason = f"{stamp.checkpoint_size} entries existed before {token.gen_time}, says {stamp.tsa_name}"
    return passed("timestamp", Level.TIME, subject, reason), (Proven(stamp=stamp, token=token),)


def _artifact(source: EvidenceSource, stamp: Stamp, role: Role) -> bytes:
    found: Artifact | None = next((one for one in stamp.artifacts if one.role is role), None)
    if found is None:
        raise FormatError(f"the manifest names no {role}")
    content = source.read(layout.archive_path(found.digest, found.extension), limit_bytes=_LIMIT_BYTES)
    if Digest.of(content) != found.digest:
        raise FormatError(f"{found.name}: its bytes are not those that were signed")
    return content


def _check_cover(case: Case, ledger: Ledger, proven: Sequence[Proven]) -> Iterator[Check]:
    covered = max((one.stamp.checkpoint_size for one in proven), default=0)
    pending = [
        number for number, leaf in enumerate(ledger.leaves[covered:], covered) if _type(leaf) is not EntryType.TIMESTAMP
    ]
    if pending:
        reason = (
            f"{len(pending)} entries from {pending[0]} on have no verified timestamp: their times rest on our own clock"
        )
        yield unchecked("timestamp-cover", Level.TIME, case.full(layout.CHECKPOINT), reason)
    elif ledger.leaves:
        yield passed("timestamp-cover", Level.TIME, case.full(layout.CHECKPOINT), "every entry is covered")


def _check_clock(case: Case, ledger: Ledger, proven: Sequence[Proven]) -> Iterator[Check]:
    seqs = {opening.path: opening.seq for opening in ledger.openings if opening is not None}
    for one in case.manifests:
        predicate = one.statement.predicate if one.statement else None
        seq = seqs.get(one.path)
        if not isinstance(predicate, Capture) or seq is None:
            continue
        times = [each.token.gen_time for each in proven if each.stamp.checkpoint_size > seq]
        if not times:
            continue
        finished = predicate.attempt.finished_at
        if min(times).epoch_us + _TOLERANCE_US < finished.epoch_us:
            reason = f"a timestamp of {min(times)} covers a capture that says it ended at {finished}"
            yield failed("clock", Level.TIME, case.full(one.path), reason)
        else:
            yield passed("clock", Level.TIME, case.full(one.path), f"it existed before {min(times)}")


def _type(leaf: bytes) -> EntryType | None:
    try:
        return entry.decode(leaf).type
    except FormatError:
        return None
