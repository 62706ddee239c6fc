"""Record what happens to evidence besides capturing it: remarks, custody, and erasure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from archiver.app.clock import SystemClock
from archiver.app.erase import finish_erasures
from archiver.app.ids import new_id
from archiver.app.prepared import prepare, scratch
from archiver.app.recording import OpenCase, finish
from archiver.formats import entry
from archiver.formats.manifest import statement_of
from archiver.model.errors import UsageError
from archiver.model.events import Annotation, Custody, CustodyAction
from archiver.model.instant import Instant
from archiver.model.provenance import EntryType, Predicate, Recorded

_ERASABLE = frozenset(
    (EntryType.CAPTURE, EntryType.SESSION, EntryType.ANNOTATION, EntryType.EXPORT, EntryType.OBSERVATION)
)


def record_event(case: OpenCase, make: Callable[[str, Instant], Predicate]) -> Recorded:
    """Record what ``make`` gives for a fresh id and the present, by the one write path of every capture."""
    clock = SystemClock()
    identity = new_id(clock)
    with scratch(case.scratch, identity) as folder:
        return finish(case, prepare(folder, statement_of(make(identity, clock.now()))))


def annotate(case: OpenCase, entries: Sequence[int], *, text: str, by: str | None) -> Recorded:
    """Record a remark on entries; raise UsageError if the ledger has not all of them."""
    chosen = _existing(case, entries)
    return record_event(
        case, lambda name, at: Annotation(id=name, case=case.name, at=at, entries=chosen, text=text, by=by)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """Who did something with evidence, to or for whom, and why."""

    by: str | None = None
    to: str | None = None
    reason: str | None = None


def record_custody(case: OpenCase, action: CustodyAction, entries: Sequence[int], how: Handling) -> Recorded:
    """Record that evidence changed hands, was looked at or checked; no entries mean the whole case."""
    chosen = _existing(case, entries)
    return record_event(case, lambda name, at: _custody(case, action, name, at, chosen, (), how))


def erase(case: OpenCase, entries: Sequence[int], how: Handling) -> Recorded:
    """Record that entries are erased, then destroy their manifests, their salts, and files nobody else names.

    Every proof about every entry stays valid. Raises UsageError for entries that the ledger has not, and for those
    that other evidence rests on: timestamps, cosignatures, key events and the record of custody.
    """
    chosen = _existing(case, entries)
    if not chosen or not how.reason:
        raise UsageError("an erasure names at least one entry, and its reason")
    leaves = case.book.ledger.leaves()
    for seq in chosen:
        kind = entry.decode(leaves[seq]).type
        if kind not in _ERASABLE:
            raise UsageError(f"entry {seq} is a {kind}: other evidence rests on it, so it is not erased")
    places = {seq: path for path, seq in case.book.ledger.openings().items()}
    paths = tuple(places[seq] for seq in chosen if seq in places)
    if len(paths) < len(chosen):
        gone = next(seq for seq in chosen if seq not in places)
        raise UsageError(f"entry {gone} has no salt here: it is erased already, or missing (archiver verify)")
    recorded = record_event(case, lambda name, at: _custody(case, CustodyAction.ERASURE, name, at, chosen, paths, how))
    finish_erasures(case.book, case.blobs)
    return recorded


def _existing(case: OpenCase, entries: Sequence[int]) -> tuple[int, ...]:
    size = case.book.ledger.size()
    beyond = [seq for seq in entries if not 0 <= seq < size]
    if beyond:
        raise UsageError(f"the ledger has entries 0 to {size - 1}, found {beyond[0]}", hint="archiver log shows them")
    return tuple(sorted(set(entries)))


def _custody(
    case: OpenCase,
    action: CustodyAction,
    name: str,
    at: Instant,
    entries: tuple[int, ...],
    manifests: tuple[str, ...],
    how: Handling,
) -> Custody:
    return Custody(
        id=name,
        case=case.name,
        at=at,
        action=action,
        entries=entries,
        manifests=manifests,
        by=how.by,
        to=how.to,
        reason=how.reason,
    )
