import base64
import json
from dataclasses import replace
from typing import Any

import pytest

from archiver.formats import canonical, envelope, manifest
from archiver.model.digest import Digest
from archiver.model.errors import FormatError
from archiver.model.events import Custody, CustodyAction, KeyAction, KeyEvent, KeyRole
from archiver.model.evidence import Artifact, Role
from archiver.model.instant import Instant
from archiver.model.provenance import EntryType, Envelope, EnvelopeSignature, Stamp, Statement, Subject
from tests.support.ledger_kit import fixed_id, sample_capture, sealed_capture

ARTIFACT = Artifact(
    role=Role.TEXT, name="a.txt", media_type="text/plain", extension="txt", size_bytes=1, digest=Digest.of(b"a")
)
SAMPLE = Envelope(
    payload_type="t", payload=b"\x00\xff", signatures=(EnvelopeSignature(key_id="k", signature=b"s" * 64),)
)


def test_the_pre_authentication_encoding_is_that_of_the_dsse_specification() -> None:
    assert envelope.pae("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_an_envelope_comes_back_equal() -> None:
    assert envelope.decode(envelope.encode(SAMPLE)) == SAMPLE


@pytest.mark.parametrize(
    "change",
    [
        {"payload": "AA"},
        {"payload": "AB=="},
        {"payload": "A A="},
        {"payload": 1},
        {"signatures": []},
        {"signatures": [{"keyid": "k", "sig": "AA=="}] * 17},
        {"signatures": [{"keyid": "k"}]},
        {"signatures": [{"keyid": "k", "sig": "AA==", "cert": "x"}]},
        {"signatures": "none"},
        {"more": 1},
    ],
)
def test_any_other_envelope_is_refused(change: dict[str, Any]) -> None:
    found = json.loads(envelope.encode(SAMPLE))
    with pytest.raises(FormatError):
        envelope.decode(canonical.encode(found | change))


def stamp() -> Stamp:
    return Stamp(
        id=fixed_id(1),
        case="case-1",
        checkpoint_size=1,
        checkpoint_digest=Digest.of(b""),
        tsa_name="t",
        tsa_url="http://t/",
        gen_time=Instant(0),
        serial="1",
        received_at=Instant(0),
        clock_difference_ms=0,
        artifacts=(ARTIFACT,),
    )


@pytest.mark.parametrize("predicate", [sample_capture(1), sample_capture(1, artifacts=(ARTIFACT,)), stamp()])
def test_a_statement_comes_back_equal_and_says_its_type(predicate: Any) -> None:  # noqa: ANN401 - either kind
    statement = Statement(subjects=manifest.subjects_of(predicate), predicate=predicate)
    assert manifest.decode(manifest.encode(statement)) == statement
    expected = EntryType.TIMESTAMP if isinstance(predicate, Stamp) else EntryType.CAPTURE
    assert manifest.entry_type(statement) is expected


def test_an_attempt_without_a_file_is_about_its_target() -> None:
    (subject,) = manifest.subjects_of(sample_capture(1))
    assert subject == Subject(name="attempt", digest=Digest.of(b"https://example.org/"))


def test_a_later_predicate_is_unknown_and_therefore_refused() -> None:
    payload = envelope.decode(sealed_capture(1).envelope).payload
    with pytest.raises(FormatError, match="unknown predicateType"):
        manifest.decode(payload.replace(b"capture/v1", b"capture/v2"))


WRONG: list[dict[str, Any]] = [
    {"_type": "https://in-toto.io/Statement/v0.1"},
    {"subject": []},
    {"subject": [{"name": "attempt"}]},
    {"subject": [{"name": "attempt", "digest": {"sha256": "0" * 64}}]},
    {"subject": [{"name": "attempt", "digest": {"sha512": "0" * 64}}]},
    {"predicate": {}},
    {"note": "x"},
]


@pytest.mark.parametrize("change", WRONG)
def test_any_other_statement_is_refused(change: dict[str, Any]) -> None:
    found = json.loads(envelope.decode(sealed_capture(1).envelope).payload)
    with pytest.raises(FormatError):
        manifest.decode(canonical.encode(found | change))


def test_two_artifacts_of_one_name_are_refused() -> None:
    capture = sample_capture(1, artifacts=(ARTIFACT, replace(ARTIFACT, digest=Digest.of(b"b"))))
    raw = manifest.encode(Statement(subjects=manifest.subjects_of(capture), predicate=capture))
    with pytest.raises(FormatError, match="same name"):
        manifest.decode(raw)


def test_a_timestamp_without_its_files_is_refused() -> None:
    empty = replace(stamp(), artifacts=())
    raw = manifest.encode(Statement(subjects=(), predicate=empty))
    with pytest.raises(FormatError, match="a timestamp without the files"):
        manifest.decode(raw)


def test_the_bytes_that_are_verified_are_the_bytes_that_are_parsed() -> None:
    raw = sealed_capture(1).envelope
    assert base64.b64decode(json.loads(raw)["payload"]) == envelope.decode(raw).payload


def key_event(**changes: Any) -> KeyEvent:  # noqa: ANN401 - fields of the value
    made = KeyEvent(
        id="x", case="c", at=Instant(0), action=KeyAction.ADD, role=KeyRole.LOG, public_key="ab" * 32,
        effective_at=Instant(0),
    )  # fmt: skip
    return replace(made, **changes)


@pytest.mark.parametrize(
    "predicate",
    [
        Custody(id="x", case="c", at=Instant(0), action=CustodyAction.ERASURE),
        Custody(id="x", case="c", at=Instant(0), action=CustodyAction.ERASURE, entries=(1, 2), manifests=("a",)),
        key_event(public_key="zz"),
        key_event(predecessor="ab" * 32),
        key_event(action=KeyAction.ROTATE),
        key_event(action=KeyAction.ROTATE, predecessor="short"),
    ],
)
def test_an_event_that_contradicts_itself_is_refused(predicate: Any) -> None:  # noqa: ANN401 - either kind
    with pytest.raises(FormatError):
        manifest.decode(manifest.encode(manifest.statement_of(predicate)))
