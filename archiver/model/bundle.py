"""What a bundle opens, and how much it does not: the value of its ``data/bundle.json``."""

from collections.abc import Mapping
from dataclasses import dataclass

from archiver.model.evidence import State
from archiver.model.provenance import EntryType


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """A disclosed attempt to capture. ``number`` counts from 1 and names its folder; ``files`` lie in it."""

    number: int
    seq: int
    id: str
    citation_id: str | None
    state: State
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedEvent:
    """Any other disclosed entry: a timestamp, a cosignature, a session, the export itself."""

    number: int
    seq: int
    id: str
    type: EntryType
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many entries the ledger has, of which type, and how many of them the bundle opens.

    ``erased`` and ``failed_withheld`` rest on the signed word of the export's entry; the others can be recounted.
    """

    entries: int
    by_type: Mapping[EntryType, int]
    disclosed: int
    withheld: int
    erased: int
    failed_disclosed: int
    failed_withheld: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """All that ``bundle.json`` says: of the ledger of this origin as far as its first ``size`` entries."""

    origin: str
    size: int
    export_seq: int
    exhibits: tuple[Exhibit, ...]
    events: tuple[OpenedEvent, ...]
    counts: Counts
