"""What a report says, as values: sources, their attempts, clocks and counts. Pure; nothing here is verified.

An exhibit is one source: a citation with its attempts, or attempts of a URL that no citation names any more.
Exhibits are numbered from 1 on in the draft's order, then in the ledger's; leaving some out changes no number.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Generic, TypeVar

from archiver.model.citation import Citation, CitationList, Decision
from archiver.model.digest import Digest
from archiver.model.errors import UsageError
from archiver.model.events import Annotation, Cosigned, Custody, Export, Observation, Presence, Redaction, Session
from archiver.model.evidence import Artifact, Capture, Collector, State, ToolFacts
from archiver.model.instant import Instant
from archiver.model.provenance import EntryType, Predicate, Stamp
from archiver.model.report import Level, Verdict

Told_co = TypeVar("Told_co", bound=Predicate, covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed(Generic[Told_co]):
    """One opened entry: its number, its manifest's path and digest, and what it says."""

    seq: int
    path: str
    digest: Digest
    predicate: Told_co


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What `archiver verify` said when the report was made: a verdict for each level, and how many checks failed."""

    levels: Mapping[Level, Verdict]
    failed: int
    checks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerHead:
    """The newest checkpoint: whose ledger, how many entries, which root, the digest of its file, all of its text."""

    origin: str
    size: int
    root: str
    digest: Digest
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFingerprints:
    """Digests by which a reader compares keys that he got from somebody else."""

    investigator: Digest | None = None
    log: Digest | None = None
    identity: Digest | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRecord:
    """All that a case holds, read: one type a leaf, every entry that opens, and the citations as they are now."""

    case: str
    head: LedgerHead
    types: tuple[EntryType, ...]
    filed: tuple[Filed[Predicate], ...]
    citations: CitationList
    keys: KeyFingerprints
    made_at: Instant
    tool: ToolFacts
    collector: Collector | None = None
    checked: Checked | None = None


class SourceState(StrEnum):
    """How a source stands, by the attempt that its sheet shows."""

    OK = "ok"
    PARTIAL = "partial"
    FAILED = "failed"
    NOT_TRIED = "not_tried"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """Whose clocks bound one entry: stamps over trees that count it, its session, witnesses."""

    session: Filed[Session] | None
    stamps: tuple[Filed[Stamp], ...]
    cosigned: tuple[Filed[Cosigned], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One attempt with the clocks that bound it."""

    filed: Filed[Capture]
    clocks: Clocks

    @property
    def capture(self) -> Capture:
        """Give what was captured."""
        return self.filed.predicate


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """One source. ``attempts`` are oldest first; ``taken_out`` are the digests of all originals that were redacted."""

    number: int
    citation: Citation | None
    attempts: tuple[Tried, ...]
    observations: tuple[Filed[Observation], ...]
    annotations: tuple[Filed[Annotation], ...]
    taken_out: frozenset[Digest] = frozenset()

    @property
    def main(self) -> Tried | None:
        """Give the attempt that the sheet shows: the last that got the source, else the last."""
        got = [one for one in self.attempts if one.capture.attempt.outcome.state is not State.FAILED]
        found = got or self.attempts
        return found[-1] if found else None

    @property
    def others(self) -> tuple[Tried, ...]:
        """Give the attempts besides the main one."""
        return tuple(one for one in self.attempts if one is not self.main)

    @property
    def state(self) -> SourceState:
        """Give how the source stands."""
        return SourceState(self.main.capture.attempt.outcome.state) if self.main else SourceState.NOT_TRIED

    @property
    def gone(self) -> Filed[Observation] | None:
        """Give the last look if it found the source gone."""
        last = self.observations[-1] if self.observations else None
        return last if last is not None and last.predicate.presence is Presence.GONE else None

    @property
    def url(self) -> str | None:
        """Give the address that was, or would be, asked for."""
        return self.main.capture.attempt.target.url if self.main else self.citation.url if self.citation else None

    @property
    def title(self) -> str:
        """Give the page's own title, or the draft's words for what has no address; empty where there is neither.

        What came back in place of a source that was not got has a title too: it is not the source's.
        """
        attempt = self.main.capture.attempt if self.main and self.state is not SourceState.FAILED else None
        page, item = (attempt.page, attempt.item) if attempt else (None, None)
        words = self.citation.words if self.citation and not self.url else None
        named = (page.title if page else None, item.headline_claimed if item else None, words)
        return next((one for one in named if one), "")

    @property
    def is_redacted(self) -> bool:
        """Whether a file of any attempt has a redacted copy, or the bytes of one that has, be it of another source."""
        seen = {file.digest for one in self.attempts for file in one.capture.artifacts}
        return not seen.isdisjoint(self.taken_out) or any(one.predicate.redaction for one in self.annotations)

    def redactions_of(self, capture: Capture) -> tuple[tuple[Filed[Annotation], Redaction, Artifact], ...]:
        """Give the redacted copies of a capture's files, oldest first."""
        return tuple(
            (one, one.predicate.redaction, one.predicate.artifacts[0])
            for one in self.annotations
            if one.predicate.redaction is not None and one.predicate.redaction.of == capture.id
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Totals over the whole case, whatever a report shows of it."""

    sources: int
    ok: int
    partial: int
    failed: int
    not_tried: int
    gone: int
    attempts: int
    entries: int
    unopened: int
    by_type: tuple[tuple[EntryType, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReport:
    """A report: the case, the exhibits that it shows of all, the events that it shows, and the totals."""

    record: CaseRecord
    exhibits: tuple[Exhibit, ...]
    events: tuple[Filed[Predicate], ...]
    counts: Counts
    redacted: bool = False

    @property
    def whole(self) -> bool:
        """Say whether every source is shown."""
        return len(self.exhibits) == self.counts.sources


def report_of(
    record: CaseRecord,
    *,
    wanted: Sequence[str] = (),
    disclosed: frozenset[int] | None = None,
    redacted: bool = False,
) -> CaseReport:
    """Give the report of a case, or of the sources named (ids of citations or captures, as they were numbered).

    ``disclosed`` are the entries that may be told, as in a bundle; nothing is said of any other but its number and
    type. Raises UsageError for a source that the case has not.
    """
    exhibits = _exhibits(record)
    chosen = exhibits if not wanted else _chosen(exhibits, wanted)
    if disclosed is not None:
        chosen = tuple(_disclosed(chosen, disclosed))
    shown = {tried.filed.seq: tried.capture.id for one in chosen for tried in one.attempts}
    events = tuple(one for one in record.filed if not isinstance(one.predicate, Capture))
    if len(chosen) < len(exhibits) or disclosed is not None:
        events = tuple(one for one in events if _concerns(one, shown))
    if disclosed is not None:
        events = tuple(one for one in events if one.seq in disclosed)
    return CaseReport(
        record=record, exhibits=chosen, events=events, counts=_counts(record, exhibits), redacted=redacted
    )


def _exhibits(record: CaseRecord) -> tuple[Exhibit, ...]:
    by_source: dict[str, list[Filed[Capture]]] = {}
    for one in record.filed:
        if isinstance(one.predicate, Capture):
            source = one.predicate.citation_id or one.predicate.attempt.target.url
            by_source.setdefault(source, []).append(_as_capture(one))
    found: list[tuple[Citation | None, list[Filed[Capture]]]] = []
    for cited in record.citations.citations:
        attempts = by_source.pop(cited.id, [])
        if attempts or cited.decision is not Decision.DROPPED:
            found.append((cited, attempts))
    found.extend((None, attempts) for attempts in by_source.values())
    clocks = _ClockFinder(record.filed)
    notes = _Notes(record.filed)
    remarks = [one.predicate for one in record.filed if isinstance(one.predicate, Annotation)]
    taken_out = frozenset(one.redaction.original for one in remarks if one.redaction is not None)
    return tuple(
        Exhibit(
            number=number,
            citation=cited,
            attempts=tuple(Tried(filed=one, clocks=clocks.of(one)) for one in attempts),
            observations=notes.observations(attempts),
            annotations=notes.annotations(attempts),
            taken_out=taken_out,
        )
        for number, (cited, attempts) in enumerate(found, 1)
    )


def _as_capture(one: Filed[Predicate]) -> Filed[Capture]:
    assert isinstance(one.predicate, Capture)
    return Filed(seq=one.seq, path=one.path, digest=one.digest, predicate=one.predicate)


class _ClockFinder:
    """Finds what bounds an entry in time: the first stamp of each authority, the session, each witness."""

    def __init__(self, filed: Iterable[Filed[Predicate]]) -> None:
        self._sessions: dict[str, Filed[Session]] = {}
        self._stamps: list[Filed[Stamp]] = []
        self._cosigned: list[Filed[Cosigned]] = []
        for one in filed:
            match one.predicate:
                case Session() as found:
                    self._sessions[found.id] = _again(one, found)
                case Stamp() as found:
                    self._stamps.append(_again(one, found))
                case Cosigned() as found:
                    self._cosigned.append(_again(one, found))
                case _:
                    pass

    def of(self, capture: Filed[Capture]) -> Clocks:
        stamps = sorted(self._stamps, key=lambda one: (one.predicate.checkpoint_size, one.seq))
        witnesses = sorted(self._cosigned, key=lambda one: (one.predicate.checkpoint_size, one.seq))
        first = {one.predicate.tsa_name: one for one in reversed(stamps) if one.predicate.checkpoint_size > capture.seq}
        seen = {
            one.predicate.witness: one for one in reversed(witnesses) if one.predicate.checkpoint_size > capture.seq
        }
        session = self._sessions.get(capture.predicate.session) if capture.predicate.session else None
        return Clocks(
            session=session,
            stamps=tuple(first[name] for name in sorted(first)),
            cosigned=tuple(seen[name] for name in sorted(seen)),
        )


class _Notes:
    """Finds what was recorded later about captures."""

    def __init__(self, filed: Iterable[Filed[Predicate]]) -> None:
        self._observations: list[Filed[Observation]] = []
        self._annotations: list[Filed[Annotation]] = []
        for one in filed:
            match one.predicate:
                case Observation() as found:
                    self._observations.append(_again(one, found))
                case Annotation() as found:
                    self._annotations.append(_again(one, found))
                case _:
                    pass

    def observations(self, captures: Sequence[Filed[Capture]]) -> tuple[Filed[Observation], ...]:
        ids = {one.predicate.id for one in captures}
        return tuple(one for one in self._observations if one.predicate.of in ids)

    def annotations(self, captures: Sequence[Filed[Capture]]) -> tuple[Filed[Annotation], ...]:
        seqs = {one.seq for one in captures}
        return tuple(one for one in self._annotations if seqs.intersection(one.predicate.entries))


_Again = TypeVar("_Again", bound=Predicate)


def _again(one: Filed[Predicate], predicate: _Again) -> Filed[_Again]:
    """Give the same entry with its predicate's own type."""
    return Filed(seq=one.seq, path=one.path, digest=one.digest, predicate=predicate)


def _chosen(exhibits: Sequence[Exhibit], wanted: Sequence[str]) -> tuple[Exhibit, ...]:
    names = [
        {*((one.citation.id,) if one.citation else ()), *(tried.capture.id for tried in one.attempts)}
        for one in exhibits
    ]
    known = set().union(*names) if names else set()
    unknown = [one for one in wanted if one not in known]
    if unknown:
        raise UsageError(f"no source {unknown[0][:80]!r} in this case", hint="archiver status lists them")
    return tuple(one for one, ids in zip(exhibits, names, strict=True) if ids.intersection(wanted))


def _disclosed(exhibits: Sequence[Exhibit], disclosed: frozenset[int]) -> Iterator[Exhibit]:
    """Give the exhibits with the attempts and events that may be told; those without any such attempt not at all."""
    for one in exhibits:
        attempts = tuple(_told(tried, disclosed) for tried in one.attempts if tried.filed.seq in disclosed)
        if attempts:
            yield replace(
                one,
                attempts=attempts,
                observations=tuple(look for look in one.observations if look.seq in disclosed),
                annotations=tuple(note for note in one.annotations if note.seq in disclosed),
            )


def _told(tried: Tried, disclosed: frozenset[int]) -> Tried:
    clocks = tried.clocks
    session = clocks.session if clocks.session and clocks.session.seq in disclosed else None
    return replace(
        tried,
        clocks=Clocks(
            session=session,
            stamps=tuple(one for one in clocks.stamps if one.seq in disclosed),
            cosigned=tuple(one for one in clocks.cosigned if one.seq in disclosed),
        ),
    )


def _concerns(one: Filed[Predicate], shown: Mapping[int, str]) -> bool:
    """Say whether an event may be told beside these entries alone: it names no other."""
    match one.predicate:
        case Annotation(entries=entries) | Custody(entries=entries):
            return set(entries) <= shown.keys()
        case Observation(of=capture):
            return capture in shown.values()
        case Export():
            return False
        case _:
            return True


def _counts(record: CaseRecord, exhibits: Sequence[Exhibit]) -> Counts:
    states = Counter(one.state for one in exhibits)
    kinds = Counter(record.types)
    return Counts(
        sources=len(exhibits),
        ok=states[SourceState.OK],
        partial=states[SourceState.PARTIAL],
        failed=states[SourceState.FAILED],
        not_tried=states[SourceState.NOT_TRIED],
        gone=sum(one.gone is not None for one in exhibits),
        attempts=sum(len(one.attempts) for one in exhibits),
        entries=len(record.types),
        unopened=len(record.types) - len(record.filed),
        by_type=tuple((kind, kinds[kind]) for kind in EntryType if kinds[kind]),
    )
