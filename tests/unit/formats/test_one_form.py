"""A value has one form: what the parsers give back is written to the very bytes that were read."""

import re
import subprocess
from dataclasses import replace

import pytest

from archiver.formats import canonical, checkpoint, envelope, manifest, note
from archiver.formats.manifest import subjects_of
from archiver.model.errors import FormatError
from archiver.model.evidence import Unrecorded
from archiver.model.provenance import Checkpoint, Note, Statement, VerifierKey
from archiver.proof.signature import public_from_pem
from tests.support.ledger_kit import sample_capture

CAPTURE = sample_capture(1)
MANIFEST = manifest.encode(Statement(subjects=subjects_of(CAPTURE), predicate=CAPTURE))


@pytest.mark.parametrize("form", ["2026-11-24T10:01:00Z", "2026-11-24T10:01:00.0Z", "2026-11-24T10:01:00.000000Z"])
def test_a_time_that_is_not_in_milliseconds_is_refused(form: str) -> None:
    changed = MANIFEST.replace(b"2026-11-24T10:01:00.000Z", form.encode())
    assert changed != MANIFEST
    with pytest.raises(FormatError, match=re.escape("started_at: expected the form '2026-11-24T10:01:00.000Z'")):
        manifest.decode(changed)


@pytest.mark.parametrize("letter", ["\x01", "\x1f", "\x7f", "\x00"])
def test_a_control_character_in_the_name_of_a_signature_is_refused(letter: str) -> None:
    assert note.decode("a\n\n— xy AAAAAAAA\n".encode()).signatures[0].name == "xy"
    with pytest.raises(FormatError, match="signature line"):
        note.decode(f"a\n\n— x{letter}y AAAAAAAA\n".encode())


def test_a_hyphen_is_not_the_em_dash_of_a_signature_line() -> None:
    for dash in ("-", "–", "―"):
        with pytest.raises(FormatError, match="signature line"):
            note.decode(f"a\n\n{dash} x AAAAAAAA\n".encode())


def test_a_lone_surrogate_is_refused_before_it_is_written() -> None:
    with pytest.raises(FormatError, match="surrogate"):
        note.encode(Note(text="\ud800\n", signatures=()))
    with pytest.raises(FormatError, match="key name"):
        note.encode_vkey(VerifierKey(name="\ud800", public_key=b"k" * 32))
    with pytest.raises(FormatError, match="surrogate"):
        canonical.encode({"\ud800": 1})


def test_a_size_that_could_not_be_read_back_is_not_written() -> None:
    whole = Checkpoint(origin="a", size=10**16 - 1, root=b"r" * 32)
    assert checkpoint.decode(checkpoint.encode(whole)) == whole
    with pytest.raises(FormatError, match="at most 16 digits"):
        checkpoint.encode(replace(whole, size=10**16))


def test_a_public_key_on_a_curve_that_nobody_knows_is_refused() -> None:
    made = subprocess.run(
        ["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp160r1"],
        capture_output=True,
        check=True,
    )
    public = subprocess.run(["openssl", "pkey", "-pubout"], input=made.stdout, capture_output=True, check=True)
    with pytest.raises(FormatError, match="not a PEM public key"):
        public_from_pem(public.stdout)


def test_what_could_not_be_read_back_is_never_signed() -> None:
    many = tuple(Unrecorded(url="https://example.org/" + "a" * 2_000, reason="failed") for _ in range(2_500))
    large = replace(CAPTURE, attempt=replace(CAPTURE.attempt, seen_not_recorded=many))
    with pytest.raises(FormatError, match="at most 4194304 bytes, would be"):
        manifest.encode(Statement(subjects=subjects_of(large), predicate=large))


def test_an_envelope_without_a_signature_is_refused() -> None:
    raw = canonical.encode({"payload": "", "payloadType": "x", "signatures": []})
    with pytest.raises(FormatError, match="1 to 16 signatures, found 0"):
        envelope.decode(raw)
