from archiver.formats import envelope, layout, manifest
from archiver.formats.manifest import subjects_of
from archiver.model.digest import Digest
from archiver.model.evidence import Artifact, Role
from archiver.model.provenance import EntryType, Stamp, Statement
from archiver.proof.signature import verifying_keys
from archiver.seal.manifest import seal
from tests.support.ledger_kit import BEGIN, CASE, INVESTIGATOR, LOG, fixed_id, sample_capture


def artifact(role: Role, name: str) -> Artifact:
    return Artifact(
        role=role,
        name=name,
        media_type="application/octet-stream",
        extension=name.rsplit(".", 1)[-1],
        size_bytes=1,
        digest=Digest.of(name.encode()),
    )


def stamp() -> Stamp:
    return Stamp(
        id=fixed_id(9),
        case=CASE,
        checkpoint_size=4,
        checkpoint_digest=Digest.of(b"checkpoint"),
        tsa_name="example",
        tsa_url="https://tsa.invalid/",
        gen_time=BEGIN,
        serial="1",
        received_at=BEGIN,
        clock_difference_ms=0,
        artifacts=(
            artifact(Role.TIMESTAMP_REQUEST, "request.tsq"),
            artifact(Role.TIMESTAMP_RESPONSE, "response.tsr"),
        ),
    )


def test_a_capture_is_sealed_into_its_place_with_the_exact_bytes_of_its_statement() -> None:
    capture = sample_capture(1, artifacts=(artifact(Role.DOM, "dom.html"),))
    statement = Statement(subjects=subjects_of(capture), predicate=capture)
    sealed = seal(statement, INVESTIGATOR)
    opened = envelope.decode(sealed.envelope)
    assert (sealed.id, sealed.type, sealed.path) == (capture.id, EntryType.CAPTURE, layout.capture_envelope(capture.id))
    assert opened.payload == manifest.encode(statement)
    assert manifest.decode(opened.payload) == statement
    assert verifying_keys(opened, [LOG.public_key, INVESTIGATOR.public_key]) == (INVESTIGATOR.public_key,)


def test_a_timestamp_lies_among_the_events() -> None:
    found = stamp()
    sealed = seal(Statement(subjects=subjects_of(found), predicate=found), INVESTIGATOR)
    assert (sealed.type, sealed.path) == (EntryType.TIMESTAMP, f"events/{fixed_id(9)}.dsse.json")


def test_sealing_again_gives_the_same_bytes_and_another_key_gives_others() -> None:
    capture = sample_capture(1)
    statement = Statement(subjects=subjects_of(capture), predicate=capture)
    assert seal(statement, INVESTIGATOR) == seal(statement, INVESTIGATOR)
    assert seal(statement, INVESTIGATOR).envelope != seal(statement, LOG).envelope
