"""Bundles: every path inside one, and ``data/bundle.json``. Page: docs/formats/bundle.md."""

import re
from collections.abc import Sequence

from archiver.formats import canonical
from archiver.formats.canonical import JsonValue
from archiver.model.bundle import Contents, Counts, Exhibit, OpenedEvent
from archiver.model.errors import FormatError
from archiver.model.evidence import State
from archiver.model.provenance import EntryType

DATA = "data"
CONTENTS = "data/bundle.json"
EXHIBITS = "data/exhibits"
EVENTS = "data/events"
CHECKPOINT = "data/log/checkpoint"
CHECKPOINTS = "data/log/checkpoints"
CONSISTENCY = "data/log/consistency"
REPORT = "data/report"
LEAVES = "data/log/leaves.jsonl"
COLLECTION = "data/collection.wacz"
CUSTODY_TABLE = "data/custody.csv"
HASH_TABLE = "data/hashlist.csv"
LOAD_TABLE = "data/loadfile.csv"
TRUST = "trust"
RECORD = "record.dsse.json"
SALT = "salt"
LEAF = "entry.leaf"
PROOF = "entry.tlog-proof"
WACZ = "capture.wacz"
OF_ENTRY = (RECORD, SALT, LEAF, PROOF)
RESERVED = frozenset((*OF_ENTRY, WACZ))
LIMIT_BYTES = 64 << 20
_LONGEST_PATH = 200
_VERSION = 1
_PART = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*\Z")


def check_path(path: str) -> str:
    """Give the path back if a bundle can have it (rule B2); raise FormatError else."""
    if len(path) > _LONGEST_PATH or not all(_PART.match(part) for part in path.split("/")):
        raise FormatError(f"path in a bundle: expected parts of A-Z a-z 0-9 . _ - and '/', found {path[:200]!r}")
    return path


def exhibit_folder(number: int) -> str:
    """Give the folder of an exhibit."""
    return f"{EXHIBITS}/{number:04d}"


def event_folder(number: int) -> str:
    """Give the folder of any other disclosed entry."""
    return f"{EVENTS}/{number:04d}"


def checkpoint_of(size: int) -> str:
    """Give where the checkpoint of this tree size is kept."""
    return f"{CHECKPOINTS}/{size}"


def consistency(old: int, size: int) -> str:
    """Give where the proof lies that one checkpoint is a prefix of the other."""
    return f"{CONSISTENCY}/{old}-{size}"


def encode(contents: Contents) -> bytes:
    """Give the bytes of ``bundle.json``."""
    counts = contents.counts
    return canonical.encode(
        {
            "v": _VERSION,
            "origin": contents.origin,
            "size": contents.size,
            "export_seq": contents.export_seq,
            "exhibits": [
                {
                    "number": one.number,
                    "seq": one.seq,
                    "id": one.id,
                    "citation_id": one.citation_id,
                    "state": one.state.value,
                    "files": list(one.files),
                }
                for one in contents.exhibits
            ],
            "events": [
                {
                    "number": one.number,
                    "seq": one.seq,
                    "id": one.id,
                    "type": one.type.value,
                    "files": list(one.files),
                }
                for one in contents.events
            ],
            "counts": {
                "by_type": {kind.value: number for kind, number in counts.by_type.items()},
                "disclosed": counts.disclosed,
                "entries": counts.entries,
                "erased": counts.erased,
                "failed_disclosed": counts.failed_disclosed,
                "failed_withheld": counts.failed_withheld,
                "withheld": counts.withheld,
            },
        }
    )


def decode(raw: bytes) -> Contents:
    """Give what ``bundle.json`` says; raise FormatError unless it is its one form, in order and numbered."""
    found = canonical.decode(raw, what=CONTENTS, limit_bytes=LIMIT_BYTES)
    match found:
        case {
            "v": int(version),
            "origin": str(origin),
            "size": int(size),
            "export_seq": int(export_seq),
            "exhibits": list(exhibits),
            "events": list(events),
            "counts": counts,
            **rest,
        } if not rest:
            pass
        case _:
            raise FormatError(f"{CONTENTS}: expected exactly counts, events, exhibits, export_seq, origin, size and v")
    contents = Contents(
        origin=origin,
        size=_number(size),
        export_seq=_number(export_seq),
        exhibits=tuple(_exhibit(one) for one in exhibits),
        events=tuple(_event(one) for one in events),
        counts=_counts(counts),
    )
    _check(contents, version)
    return contents


def _exhibit(found: JsonValue) -> Exhibit:
    match found:
        case {
            "number": int(number),
            "seq": int(seq),
            "id": str(identity),
            "citation_id": str() | None as citation,
            "state": str(state),
            "files": list(files),
            **rest,
        } if not rest and state in set(State):
            return Exhibit(
                number=_number(number),
                seq=_number(seq),
                id=identity,
                citation_id=citation,
                state=State(state),
                files=_files(files),
            )
        case _:
            raise FormatError(f"{CONTENTS}: an exhibit of another form: {str(found)[:100]}")


def _event(found: JsonValue) -> OpenedEvent:
    match found:
        case {
            "number": int(number),
            "seq": int(seq),
            "id": str(identity),
            "type": str(kind),
            "files": list(files),
            **rest,
        } if not rest and kind in set(EntryType):
            return OpenedEvent(
                number=_number(number), seq=_number(seq), id=identity, type=EntryType(kind), files=_files(files)
            )
        case _:
            raise FormatError(f"{CONTENTS}: an event of another form: {str(found)[:100]}")


def _counts(found: JsonValue) -> Counts:
    match found:
        case {
            "by_type": dict(by_type),
            "disclosed": int(disclosed),
            "entries": int(entries),
            "erased": int(erased),
            "failed_disclosed": int(failed_disclosed),
            "failed_withheld": int(failed_withheld),
            "withheld": int(withheld),
            **rest,
        } if not rest:
            return Counts(
                by_type=_by_type(by_type),
                disclosed=_number(disclosed),
                entries=_number(entries),
                erased=_number(erased),
                failed_disclosed=_number(failed_disclosed),
                failed_withheld=_number(failed_withheld),
                withheld=_number(withheld),
            )
        case _:
            raise FormatError(f"{CONTENTS}: counts of another form: {str(found)[:100]}")


def _by_type(found: dict[str, JsonValue]) -> dict[EntryType, int]:
    if not found.keys() <= set(EntryType):
        raise FormatError(f"{CONTENTS}: counts of unknown types: {sorted(found)[:10]}")
    return {EntryType(kind): _number(number) for kind, number in found.items()}


def _number(found: JsonValue) -> int:
    if isinstance(found, bool) or not isinstance(found, int) or found < 0:
        raise FormatError(f"{CONTENTS}: expected a whole number from 0 up, found {str(found)[:40]}")
    return found


def _files(found: list[JsonValue]) -> tuple[str, ...]:
    names = tuple(one for one in found if isinstance(one, str))
    if len(names) != len(found) or list(names) != sorted(set(names)) or not all(_PART.match(one) for one in names):
        raise FormatError(f"{CONTENTS}: expected names of files, sorted, found {str(found)[:100]}")
    return names


def _check(contents: Contents, version: int) -> None:
    if isinstance(version, bool) or version != _VERSION:
        raise FormatError(f"{CONTENTS}: expected v = {_VERSION}, found {version}")
    if not contents.exhibits:
        raise FormatError(f"{CONTENTS}: it names no exhibit")
    opened: tuple[Sequence[Exhibit | OpenedEvent], ...] = (contents.exhibits, contents.events)
    if not all(_in_order(one) for one in opened):
        raise FormatError(f"{CONTENTS}: expected exhibits and events in the order of their entries, numbered from 1")
    seqs = [one.seq for each in opened for one in each]
    if len(set(seqs)) != len(seqs) or not all(seq < contents.size for seq in seqs):
        raise FormatError(f"{CONTENTS}: an entry is opened twice, or is beyond the size")
    if any(one.type is EntryType.CAPTURE for one in contents.events):
        raise FormatError(f"{CONTENTS}: a capture among the events")
    if not any((one.seq, one.type) == (contents.export_seq, EntryType.EXPORT) for one in contents.events):
        raise FormatError(f"{CONTENTS}: the export itself is not among the events")


def _in_order(opened: Sequence[Exhibit | OpenedEvent]) -> bool:
    places = [one.seq for one in opened]
    numbered = [one.number for one in opened] == list(range(1, len(opened) + 1))
    return numbered and places == sorted(set(places))
