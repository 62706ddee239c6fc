"""Manifests: in-toto Statements v1 about captures and timestamps. Page: docs/formats/manifest.md.

``subject`` lists exactly the predicate's artifacts, in their order. An attempt without any artifact has
one subject named ``attempt`` whose digest is that of the target URL's UTF-8 bytes, since in-toto asks
for at least one.
"""

from archiver.formats import canonical
from archiver.formats.canonical import JsonValue
from archiver.formats.shape import from_json, to_json
from archiver.model.digest import Digest
from archiver.model.errors import FormatError
from archiver.model.evidence import Capture
from archiver.model.provenance import EntryType, Stamp, Statement, Subject

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
CAPTURE_TYPE = "https://archiver.invalid/capture/v1"
TIMESTAMP_TYPE = "https://archiver.invalid/timestamp/v1"
_PREDICATES: dict[str, type[Capture] | type[Stamp]] = {CAPTURE_TYPE: Capture, TIMESTAMP_TYPE: Stamp}
_ATTEMPT = "attempt"


def entry_type(statement: Statement) -> EntryType:
    """Give what a ledger entry about this statement is called."""
    return EntryType.CAPTURE if isinstance(statement.predicate, Capture) else EntryType.TIMESTAMP


def subjects_of(predicate: Capture | Stamp) -> tuple[Subject, ...]:
    """Give the subjects that a statement with this predicate must have."""
    if predicate.artifacts:
        return tuple(Subject(name=one.name, digest=one.digest) for one in predicate.artifacts)
    assert isinstance(predicate, Capture)
    return (Subject(name=_ATTEMPT, digest=Digest.of(predicate.attempt.target.url.encode())),)


def encode(statement: Statement) -> bytes:
    """Give the statement's canonical bytes: what is signed; raise FormatError if they could not be read back."""
    kind = CAPTURE_TYPE if isinstance(statement.predicate, Capture) else TIMESTAMP_TYPE
    raw = canonical.encode(
        {
            "_type": STATEMENT_TYPE,
            "predicate": to_json(statement.predicate),
            "predicateType": kind,
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
            "predicateType": str(predicate_type),
            "subject": list(subjects),
            **rest,
        } if not rest:
            pass
        case _:
            raise FormatError("manifest: expected exactly _type, predicate, predicateType and subject")
    if kind != STATEMENT_TYPE:
        raise FormatError(f"manifest: expected _type {STATEMENT_TYPE}, found {kind[:80]!r}")
    if predicate_type not in _PREDICATES:
        raise FormatError(f"manifest: unknown predicateType {predicate_type[:80]!r}")
    statement = Statement(
        subjects=tuple(_subject(one) for one in subjects),
        predicate=from_json(_PREDICATES[predicate_type], predicate, what="predicate"),
    )
    _check_subjects(statement)
    return statement


def _check_subjects(statement: Statement) -> None:
    if isinstance(statement.predicate, Stamp) and not statement.predicate.artifacts:
        raise FormatError("manifest: a timestamp without its request and response")
    names = [one.name for one in statement.predicate.artifacts]
    if len(set(names)) != len(names):
        raise FormatError("manifest: two artifacts have the same name")
    if statement.subjects != subjects_of(statement.predicate):
        raise FormatError("manifest: subject and the predicate's artifacts differ")


def _subject(found: JsonValue) -> Subject:
    match found:
        case {"digest": {"sha256": str(value), **more}, "name": str(name), **rest} if not rest and not more:
            return Subject(name=name, digest=Digest(value))
        case _:
            raise FormatError("manifest subject: expected exactly name and digest.sha256")
