"""What goes under ``data/``: folders of entries, the ledger, WACZ files, tables, and what the maker adds."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from archiver.export import entries
from archiver.export.entries import Find, LedgerCopy
from archiver.export.member import Member, small
from archiver.export.select import Held
from archiver.export.tables import table_members
from archiver.export.wacz import WaczSigner, WarcPart, read_part, wacz_member
from archiver.formats import bundle, entry
from archiver.formats.wacz_write import Told
from archiver.model.bundle import Contents, Counts, Exhibit, OpenedEvent
from archiver.model.events import Export
from archiver.model.evidence import Capture, Role, State

Tell = Callable[[int, int], None]
"""Told how many WARC files are indexed, and of how many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """What a bundle opens: the export's own statement and entry, the captures, all other entries, the ledger."""

    made: Export
    export_seq: int
    captures: Sequence[Held]
    events: Sequence[Held]
    ledger: LedgerCopy


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembled:
    """The files under ``data/``, and what they are: each exhibit and event with what it opens."""

    contents: Contents
    payload: tuple[Member, ...]
    exhibits: tuple[tuple[Exhibit, Held], ...]
    events: tuple[tuple[OpenedEvent, Held], ...]


Extras = Callable[[Assembled], Iterable[Member]]
"""Gives further files for under ``data/``, of what is there without them: a report, a certification."""


def nothing_more(_: Assembled) -> Iterable[Member]:
    """Give no further file."""
    return ()


def assemble(
    given: Disclosure, *, find: Find, signer: WaczSigner, software: str, extras: Extras = nothing_more, tell: Tell
) -> Assembled:
    """Give the files of a bundle under ``data/``, and what they are.

    Raises FormatError where a file has a name that no bundle can have, Damaged where a WARC cannot be read.
    """
    made, ledger = given.made, given.ledger
    parts = _warcs(given.captures, find, tell)
    exhibits = list(entries.exhibit_members(given.captures, ledger, find, _wacz(given, parts, signer, software)))
    events = list(entries.event_members(given.events, ledger, find))
    contents = Contents(
        origin=ledger.checkpoint.origin,
        size=len(ledger.leaves),
        export_seq=given.export_seq,
        exhibits=tuple(one for one, _ in exhibits),
        events=tuple(one for one, _ in events),
        counts=_counts(made, ledger, [one for one, _ in exhibits], events=len(events)),
    )
    of_exhibits = tuple(zip(contents.exhibits, given.captures, strict=True))
    of_events = tuple(zip(contents.events, given.events, strict=True))
    files = [member for _, found in exhibits for member in found]
    folders = [(bundle.event_folder(one.number), held) for one, held in of_events]
    payload = (
        *files,
        *(member for _, found in events for member in found),
        *entries.ledger_members(ledger),
        small(bundle.CONTENTS, bundle.encode(contents)),
        *table_members(of_exhibits, folders, files),
        *_collection(given, parts, signer, software),
    )
    whole = Assembled(contents=contents, payload=payload, exhibits=of_exhibits, events=of_events)
    return Assembled(contents=contents, payload=(*payload, *extras(whole)), exhibits=of_exhibits, events=of_events)


def _counts(made: Export, ledger: LedgerCopy, exhibits: Sequence[Exhibit], *, events: int) -> Counts:
    disclosed = len(exhibits) + events
    return Counts(
        entries=len(ledger.leaves),
        by_type=dict(Counter(entry.decode(leaf).type for leaf in ledger.leaves)),
        disclosed=disclosed,
        withheld=len(ledger.leaves) - disclosed - made.erased,
        erased=made.erased,
        failed_disclosed=sum(one.state is State.FAILED for one in exhibits),
        failed_withheld=made.failed_withheld,
    )


def _warcs(captures: Sequence[Held], find: Find, tell: Tell) -> dict[int, WarcPart]:
    """Give the WARC of each exhibit that has one, by the exhibit's number."""
    found: dict[int, WarcPart] = {}
    for number, one in enumerate(captures, 1):
        assert isinstance(one.predicate, Capture), "an exhibit is a capture"
        for artifact in one.predicate.artifacts:
            if artifact.role is Role.WARC and number not in found:
                found[number] = read_part(f"{number:04d}.warc.gz", one.predicate, find(one, artifact))
        tell(number, len(captures))
    return found


def _wacz(
    given: Disclosure, parts: dict[int, WarcPart], signer: WaczSigner, software: str
) -> Callable[[int], Sequence[Member]]:
    def of(number: int) -> Sequence[Member]:
        if number not in parts:
            return ()
        title = f"{given.made.bundle_name}, exhibit {number}"
        path = f"{bundle.exhibit_folder(number)}/{bundle.WACZ}"
        return (wacz_member(path, [parts[number]], _told(given, title, software), signer),)

    return of


def _collection(given: Disclosure, parts: dict[int, WarcPart], signer: WaczSigner, software: str) -> Iterator[Member]:
    if parts:
        told = _told(given, given.made.bundle_name, software)
        yield wacz_member(bundle.COLLECTION, list(parts.values()), told, signer)


def _told(given: Disclosure, title: str, software: str) -> Told:
    description = (
        "Made for a bundle out of WARC files whose digests a signed record names. Its signature is by a key of this "
        f"export alone; what proves anything is in the bundle, entry {given.export_seq}."
    )
    created = f"{str(given.made.at)[:19]}Z"
    return Told(title=title, description=description, software=software, created=created)
