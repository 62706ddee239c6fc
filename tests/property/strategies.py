"""Random values of our own types, made from their annotations: a field added tomorrow is tried tomorrow."""

import string
from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from archiver.formats.manifest import subjects_of
from archiver.model.digest import Digest
from archiver.model.events import (
    Anchor,
    Annotation,
    Cosigned,
    Custody,
    CustodyAction,
    KeyAction,
    KeyEvent,
    Redaction,
    Region,
    Renewal,
    Stretch,
)
from archiver.model.evidence import Artifact, Role
from archiver.model.instant import Instant
from archiver.model.provenance import Checkpoint, Note, NoteSignature, Predicate, Stamp, Statement

_SAFE = 2**53 - 1  # integers beyond are not the same in every JSON reader (RFC 8785 section 3.2.2.3)
_FIRST_MS, _LAST_MS = -62_135_596_800_000, 253_402_300_799_999  # the years 1 to 9999

digests = st.binary(min_size=32, max_size=32).map(lambda raw: Digest(raw.hex()))
instants = st.integers(_FIRST_MS, _LAST_MS).map(lambda ms: Instant(ms * 1000))
hashes = st.binary(min_size=32, max_size=32)
texts = st.text(max_size=12)
names = st.text(st.sampled_from(string.ascii_lowercase + string.digits + "./-"), min_size=1, max_size=40)
_LEAVES: dict[Any, st.SearchStrategy[Any]] = {
    str: texts,
    bool: st.booleans(),
    int: st.integers(-_SAFE, _SAFE),
    Digest: digests,
    Instant: instants,
}


def values(kind: Any) -> st.SearchStrategy[Any]:  # noqa: ANN401 - any annotation of the model
    """Give values of an annotation: a frozen dataclass, an enumeration, a tuple, an optional, a leaf."""
    if kind in _LEAVES:
        return _LEAVES[kind]
    if get_origin(kind) in (Union, UnionType):
        return st.one_of(*(st.none() if one is type(None) else values(one) for one in get_args(kind)))
    if get_origin(kind) is tuple:
        return st.lists(values(get_args(kind)[0]), max_size=2).map(tuple)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return st.sampled_from(list(kind))
    assert is_dataclass(kind), kind
    assert isinstance(kind, type)
    hints = get_type_hints(kind)
    return st.builds(kind, **{one.name: values(hints[one.name]) for one in fields(kind)})


@st.composite
def statements(draw: st.DrawFn) -> Statement:
    """Give whole statements: subjects as the predicate asks for, artifacts with names of their own."""
    predicate: Predicate = draw(st.one_of(*(values(one) for one in get_args(Predicate))))
    unique = {one.name: one for one in predicate.artifacts}
    changed = {one.name: getattr(predicate, one.name) for one in fields(predicate)} | {
        "artifacts": tuple(unique.values())
    }
    if isinstance(predicate, Custody):
        together = list(zip(predicate.entries, predicate.manifests, strict=False))
        changed |= {"entries": tuple(one for one, _ in together), "manifests": tuple(one for _, one in together)}
        changed |= {} if together else {"action": CustodyAction.ACCESS}
    if isinstance(predicate, KeyEvent):
        keys = st.binary(min_size=32, max_size=32).map(bytes.hex)
        rotated = predicate.action is KeyAction.ROTATE
        changed |= {"public_key": draw(keys), "predecessor": draw(keys) if rotated else None}
    if isinstance(predicate, Annotation) and predicate.redaction is not None:
        changed |= draw(_redacted(predicate.redaction))
    whole = type(predicate)(**changed)
    if isinstance(whole, Stamp | Anchor | Renewal | Cosigned) and not whole.artifacts:
        return draw(statements())
    return Statement(subjects=subjects_of(whole), predicate=whole)


@st.composite
def _redacted(draw: st.DrawFn, redaction: Redaction) -> dict[str, Any]:
    """Give what a redaction asks of its annotation: one entry, one copy with its own digest, one kind of places."""
    regions = draw(st.booleans())
    places = draw(st.lists(values(Region if regions else Stretch), min_size=1, max_size=2).map(tuple))
    copy = replace(draw(values(Artifact)), role=Role.REDACTED)
    original = draw(digests.filter(lambda one: one != copy.digest))
    found = replace(
        redaction, original=original, regions=places if regions else (), stretches=() if regions else places
    )
    return {"redaction": found, "entries": (draw(st.integers(0, _SAFE)),), "artifacts": (copy,)}


@st.composite
def checkpoints(draw: st.DrawFn) -> Checkpoint:
    """Give checkpoints."""
    return Checkpoint(origin=draw(names), size=draw(st.integers(0, 10**15)), root=draw(hashes))


@st.composite
def notes(draw: st.DrawFn) -> Note:
    """Give notes with signatures of any bytes."""
    lines = draw(st.lists(st.text("abc xyz—+ا", min_size=1, max_size=20), min_size=1, max_size=4))
    line = st.builds(
        NoteSignature,
        name=names,
        key_hash=st.binary(min_size=4, max_size=4),
        signature=st.binary(min_size=64, max_size=64),
    )
    return Note(text="\n".join(lines) + "\n", signatures=tuple(draw(st.lists(line, min_size=1, max_size=3))))


@st.composite
def damaged(draw: st.DrawFn, samples: Sequence[bytes]) -> bytes:
    """Give a sample with some bytes changed, taken out or put in: closer to the truth than noise."""
    raw = bytearray(draw(st.sampled_from(samples)))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, max(0, len(raw) - 1)))
        match draw(st.integers(0, 2)):
            case 0:
                raw[at : at + 1] = bytes([draw(st.integers(0, 255))])
            case 1:
                del raw[at : at + draw(st.integers(1, 5))]
            case _:
                raw[at:at] = draw(st.binary(max_size=5))
    return bytes(raw)
