"""Manifests: in-toto Statements v1 about captures and whatever else is recorded. Page: docs/formats/manifest.md.

``subject`` lists exactly the predicate's artifacts, in their order. In-toto asks for at least one: without any
artifact an attempt has one subject named ``attempt`` whose digest is that of the target URL's UTF-8 bytes, and
an event one named ``event`` with the digest of its id.
"""

import re

from archiver.formats import canonical
from archiver.formats.canonical import JsonValue
from archiver.formats.security_key import decode_key
from archiver.formats.shape import from_json, to_json
from archiver.model.digest import Digest
from archiver.model.errors import FormatError
from archiver.model.events import (
    Anchor,
    Annotation,
    Cosigned,
    Custody,
    CustodyAction,
    Export,
    KeyAction,
    KeyEvent,
    KeyRole,
    Observation,
    Redaction,
    Renewal,
    Session,
)
from archiver.model.evidence import Capture, Role
from archiver.model.provenance import EntryType, Predicate, Stamp, Statement, Subject

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
_TYPES: dict[type[Predicate], EntryType] = {
    Session: EntryType.SESSION,
    Capture: EntryType.CAPTURE,
    Stamp: EntryType.TIMESTAMP,
    Anchor: EntryType.TIMESTAMP,
    Renewal: EntryType.RENEWAL,
    Cosigned: EntryType.WITNESS,
    KeyEvent: EntryType.KEY_EVENT,
    Custody: EntryType.CUSTODY,
    Annotation: EntryType.ANNOTATION,
    Export: EntryType.EXPORT,
    Observation: EntryType.OBSERVATION,
}
_OWN_NAMES: dict[type[Predicate], str] = {Anchor: "anchor"}  # where two predicates have entries of one type
_LONGER = re.compile(r"(?:[0-9a-f]{2}){33,400}\Z", re.ASCII)  # in hex, than 32 raw bytes
_WITH_FILES = (Stamp, Anchor, Renewal, Cosigned)


def predicate_type(kind: type[Predicate]) -> str:
    """Give the ``predicateType`` of statements with this predicate."""
    return f"https://archiver.invalid/{_OWN_NAMES.get(kind, _TYPES[kind])}/v1"


def entry_type(statement: Statement) -> EntryType:
    """Give what a ledger entry about this statement is called."""
    return _TYPES[type(statement.predicate)]


def subjects_of(predicate: Predicate) -> tuple[Subject, ...]:
    """Give the subjects that a statement with this predicate must have."""
    if predicate.artifacts:
        return tuple(Subject(name=one.name, digest=one.digest) for one in predicate.artifacts)
    if isinstance(predicate, Capture):
        return (Subject(name="attempt", digest=Digest.of(predicate.attempt.target.url.encode())),)
    return (Subject(name="event", digest=Digest.of(predicate.id.encode())),)


def statement_of(predicate: Predicate) -> Statement:
    """Give the whole statement about this predicate."""
    return Statement(subjects=subjects_of(predicate), predicate=predicate)


def encode(statement: Statement) -> bytes:
    """Give the statement's canonical bytes: what is signed; raise FormatError if they could not be read back."""
    raw = canonical.encode(
        {
            "_type": STATEMENT_TYPE,
            "predicate": to_json(statement.predicate),
            "predicateType": predicate_type(type(statement.predicate)),
            "subject": [{"digest": {"sha256": one.digest.hex}, "name": one.name} for one in statement.subjects],
        }
    )
    if len(raw) > canonical.LIMIT_BYTES:
        raise FormatError(f"manifest: expected at most {canonical.LIMIT_BYTES} bytes, would be {len(raw)}")
    return raw


def decode(raw: bytes) -> Statement:
    """Give the statement in these bytes; raise FormatError for an unknown predicate or any loose end."""
    found = canonical.decode(raw, what="manifest")
    match found:
        case {
            "_type": str(kind),
            "predicate": predicate,
            "predicateType": str(said),
            "subject": list(subjects),
            **rest,
        } if not rest:
            pass
        case _:
            raise FormatError("manifest: expected exactly _type, predicate, predicateType and subject")
    if kind != STATEMENT_TYPE:
        raise FormatError(f"manifest: expected _type {STATEMENT_TYPE}, found {kind[:80]!r}")
    known = {predicate_type(one): one for one in _TYPES}
    if said not in known:
        raise FormatError(f"manifest: unknown predicateType {said[:80]!r}")
    statement = Statement(
        subjects=tuple(_subject(one) for one in subjects),
        predicate=from_json(known[said], predicate, what="predicate"),
    )
    _check_subjects(statement)
    return statement


def _check_subjects(statement: Statement) -> None:
    if isinstance(statement.predicate, _WITH_FILES) and not statement.predicate.artifacts:
        raise FormatError(f"manifest: a {entry_type(statement)} without the files that it is about")
    if isinstance(statement.predicate, Custody) and statement.predicate.action is CustodyAction.ERASURE:
        _check_erasure(statement.predicate)
    if isinstance(statement.predicate, KeyEvent):
        _check_key_event(statement.predicate)
    if isinstance(statement.predicate, Annotation) and statement.predicate.redaction is not None:
        _check_redaction(statement.predicate, statement.predicate.redaction)
    names = [one.name for one in statement.predicate.artifacts]
    if len(set(names)) != len(names):
        raise FormatError("manifest: two artifacts have the same name")
    if statement.subjects != subjects_of(statement.predicate):
        raise FormatError("manifest: subject and the predicate's artifacts differ")


def _check_erasure(erasure: Custody) -> None:
    if not erasure.entries or len(erasure.entries) != len(erasure.manifests):
        raise FormatError("manifest: an erasure names its entries, and for each the manifest")


def _check_key_event(event: KeyEvent) -> None:
    for key in (event.public_key, *([event.predecessor] if event.predecessor is not None else [])):
        _check_key(key, event.role)
    if (event.predecessor is not None) is not (event.action is KeyAction.ROTATE):
        raise FormatError("manifest: a rotation names the key before, and nothing else does")


def _check_key(key: str, role: KeyRole) -> None:
    """Raise FormatError unless it is 32 raw bytes of Ed25519 in hex, or an investigator's security key in hex."""
    if role is KeyRole.INVESTIGATOR and _LONGER.match(key):
        decode_key(bytes.fromhex(key))
    else:
        Digest(key)  # a raw Ed25519 key in hex has the form of a digest


def _check_redaction(annotation: Annotation, redaction: Redaction) -> None:
    if bool(redaction.regions) is bool(redaction.stretches):
        raise FormatError("manifest: a redaction names regions of a picture or stretches of a text, one of the two")
    if [one.role for one in annotation.artifacts] != [Role.REDACTED] or len(annotation.entries) != 1:
        raise FormatError("manifest: a redaction is about one entry and has the copy as its only artifact")
    if annotation.artifacts[0].digest == redaction.original:
        raise FormatError("manifest: the copy of a redaction is the original itself")


def _subject(found: JsonValue) -> Subject:
    match found:
        case {"digest": {"sha256": str(value), **more}, "name": str(name), **rest} if not rest and not more:
            return Subject(name=name, digest=Digest(value))
        case _:
            raise FormatError("manifest subject: expected exactly name and digest.sha256")
