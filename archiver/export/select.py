"""What a bundle opens: the chosen captures, and what their proofs need. Nothing else is disclosed (rule B12)."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from archiver.model.errors import UsageError
from archiver.model.events import Annotation, Cosigned, Custody, CustodyAction, KeyEvent, Observation, Renewal, Session
from archiver.model.evidence import Capture
from archiver.model.instant import Instant
from archiver.model.provenance import Opening, Predicate, Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A recorded manifest with all that opens its entry: ``raw`` are the envelope's exact bytes."""

    seq: int
    opening: Opening
    raw: bytes
    predicate: Predicate


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which captures are asked for: of these citations (all if none is named), finished at this time or later."""

    citations: frozenset[str] = frozenset()
    since: Instant | None = None


def choose(held: Sequence[Held], wanted: Wanted) -> tuple[Held, ...]:
    """Give the captures that are asked for, failed attempts too, in the ledger's order.

    Raises UsageError for a citation without any recorded attempt, and where nothing is left.
    """
    captures = [one for one in held if isinstance(one.predicate, Capture)]
    known = {one.predicate.citation_id for one in captures if isinstance(one.predicate, Capture)}
    unknown = sorted(wanted.citations - {name for name in known if name is not None})
    if unknown:
        raise UsageError(
            f"no capture of citation {', '.join(unknown)[:200]}",
            hint="archiver status shows the citations and what is recorded of them",
        )
    chosen = tuple(one for one in captures if _is_wanted(one.predicate, wanted))
    if not chosen:
        raise UsageError("nothing to export: no recorded capture is as asked for", hint="archiver log shows them")
    return chosen


def _is_wanted(predicate: Predicate, wanted: Wanted) -> bool:
    if not isinstance(predicate, Capture):
        return False
    of_citation = not wanted.citations or predicate.citation_id in wanted.citations
    return of_citation and (wanted.since is None or predicate.attempt.finished_at >= wanted.since)


def redacted_files(held: Sequence[Held], chosen: Sequence[Held]) -> int:
    """Give how many files of the chosen captures have redacted copies: a bundle holds these files, not their copies."""
    ids = {one.predicate.id for one in chosen}
    notes = [one.predicate.redaction for one in held if isinstance(one.predicate, Annotation)]
    return len({(note.of, note.artifact) for note in notes if note is not None and note.of in ids})


def supporting(held: Sequence[Held], opened: Sequence[Held]) -> tuple[Held, ...]:
    """Give what the proofs of these entries need besides them, in the ledger's order."""
    seqs = {one.seq for one in opened}
    found = {one.seq: one for one in _clocks(held, seqs)}
    found.update((one.seq, one) for one in held if _belongs(one.predicate, opened, seqs))
    found.update((one.seq, one) for one in _renewals(held, {one.predicate.id for one in found.values()}))
    return tuple(found[seq] for seq in sorted(found) if seq not in seqs)


def _belongs(predicate: Predicate, opened: Sequence[Held], seqs: Collection[int]) -> bool:
    captures = [one.predicate for one in opened if isinstance(one.predicate, Capture)]
    match predicate:
        case Session():
            return any(one.session == predicate.id for one in captures)
        case KeyEvent():
            return True
        case Custody():
            # A receipt is of somebody else's evidence: it is not ours to hand on.
            return predicate.action is not CustodyAction.RECEIPT and all(seq in seqs for seq in predicate.entries)
        case Observation():
            return any(one.id == predicate.of for one in captures)
        case _:
            return False


def _clocks(held: Sequence[Held], seqs: Collection[int]) -> Iterator[Held]:
    """Give for each entry the earliest timestamp of each authority, and cosignature of each witness, that covers it."""
    by_source: dict[tuple[str, str], list[Held]] = {}
    for one in held:
        match one.predicate:
            case Stamp(tsa_name=name):
                by_source.setdefault(("timestamp", name), []).append(one)
            case Cosigned(witness=name):
                by_source.setdefault(("witness", name), []).append(one)
            case _:
                continue
    for found in by_source.values():
        ordered = sorted(found, key=lambda one: (_size(one), one.seq))
        for seq in seqs:
            yield from [one for one in ordered if _size(one) > seq][:1]


def _size(one: Held) -> int:
    assert isinstance(one.predicate, Stamp | Cosigned), "asked of these alone"
    return one.predicate.checkpoint_size


def _renewals(held: Sequence[Held], ids: set[str]) -> Iterator[Held]:
    """Give the renewals of these timestamps, and of those renewals, and so on."""
    for one in sorted(held, key=lambda each: each.seq):
        if isinstance(one.predicate, Renewal) and one.predicate.of in ids:
            ids.add(one.predicate.id)
            yield one
