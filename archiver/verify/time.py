"""Level L3: before which time did the checkpoints exist, by clocks that are not ours.

==================  =======================================================================
timestamp-cover     is each entry covered by a verified timestamp?
clock               did no timestamp come before what it covers, by the capturing machine's clock?
==================  =======================================================================
"""

from collections.abc import Iterator

from archiver.formats import layout
from archiver.model.evidence import Capture
from archiver.model.provenance import TIMED, Opening
from archiver.model.report import Check, Level
from archiver.verify.case import Case, failed, passed, unchecked
from archiver.verify.ledger import Ledger
from archiver.verify.stamps import Stamps

_TOLERANCE_US = 300 * 1_000_000


def check_time(case: Case, ledger: Ledger, stamps: Stamps) -> Iterator[Check]:
    """Say which timestamps verify, what they cover, and whether the clocks contradict each other."""
    yield from stamps.checks
    yield from _check_cover(case, ledger, stamps)
    yield from _check_clock(case, stamps)


def _check_cover(case: Case, ledger: Ledger, stamps: Stamps) -> Iterator[Check]:
    covered = max((size for size, _ in stamps.existed), default=0)
    pending = [number for number, kind in enumerate(ledger.types[covered:], covered) if kind not in TIMED]
    if pending:
        reason = (
            f"{len(pending)} entries from {pending[0]} on have no verified timestamp: their times rest on our own clock"
        )
        yield unchecked("timestamp-cover", Level.TIME, case.full(layout.CHECKPOINT), reason)
    elif ledger.read:
        yield passed("timestamp-cover", Level.TIME, case.full(layout.CHECKPOINT), "every entry is covered")


def _check_clock(case: Case, stamps: Stamps) -> Iterator[Check]:
    seqs = {one.path: one.seq for one in case.openings.values() if isinstance(one, Opening)}
    for one in case.manifests:
        predicate = one.statement.predicate if one.statement else None
        seq = seqs.get(one.path)
        if not isinstance(predicate, Capture) or seq is None:
            continue
        times = [at for size, at in stamps.existed if size > seq]
        if not times:
            continue
        finished = predicate.attempt.finished_at
        if min(times).epoch_us + _TOLERANCE_US < finished.epoch_us:
            reason = f"a timestamp of {min(times)} covers a capture that says it ended at {finished}"
            yield failed("clock", Level.TIME, case.full(one.path), reason)
        else:
            yield passed("clock", Level.TIME, case.full(one.path), f"it existed before {min(times)}")
