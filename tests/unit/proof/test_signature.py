from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from archiver.model.errors import FormatError
from archiver.model.provenance import VerifierKey
from archiver.proof.signature import (
    Ed25519Signer,
    key_id,
    public_from_pem,
    public_pem,
    sign_envelope,
    sign_note,
    verifies,
    verify_note,
    verifying_keys,
)

ONE, OTHER = Ed25519Signer.from_seed(b"1" * 32), Ed25519Signer.from_seed(b"2" * 32)


def test_an_envelope_is_verified_by_the_key_that_signed_whatever_its_hint_says() -> None:
    made = sign_envelope(b"payload", ONE)
    assert verifying_keys(made, (OTHER.public_key, ONE.public_key)) == (ONE.public_key,)
    lying = replace(made, signatures=(replace(made.signatures[0], key_id=key_id(OTHER.public_key)),))
    assert verifying_keys(lying, (OTHER.public_key, ONE.public_key)) == (ONE.public_key,)


def test_the_payload_and_its_type_are_both_signed() -> None:
    made = sign_envelope(b"payload", ONE)
    assert verifying_keys(replace(made, payload=b"other"), (ONE.public_key,)) == ()
    assert verifying_keys(replace(made, payload_type="text/plain"), (ONE.public_key,)) == ()


def test_a_note_is_verified_by_name_and_key() -> None:
    made = sign_note("origin\n1\nx\n", "origin", ONE)
    assert verify_note(made, VerifierKey(name="origin", public_key=ONE.public_key))
    assert not verify_note(made, VerifierKey(name="other", public_key=ONE.public_key))
    assert not verify_note(made, VerifierKey(name="origin", public_key=OTHER.public_key))
    assert not verify_note(replace(made, text="origin\n2\nx\n"), VerifierKey(name="origin", public_key=ONE.public_key))


def test_an_envelope_can_never_pass_as_a_note() -> None:
    made = sign_envelope(b"origin\n1\nx\n", ONE)
    assert not verifies(ONE.public_key, made.signatures[0].signature, b"origin\n1\nx\n")


def test_a_public_key_comes_back_from_its_file() -> None:
    assert public_from_pem(public_pem(ONE.public_key)) == ONE.public_key


def test_another_kind_of_key_or_none_is_refused() -> None:
    curve = ec.generate_private_key(ec.SECP256R1()).public_key()
    pem = curve.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(FormatError, match="expected Ed25519"):
        public_from_pem(pem)
    with pytest.raises(FormatError, match="not a PEM"):
        public_from_pem(b"nothing")


def test_a_signature_or_a_key_that_is_none_verifies_nothing() -> None:
    assert not verifies(b"short", b"s" * 64, b"m")
    assert not verifies(ONE.public_key, b"short", b"m")


def test_a_signer_shows_nothing_of_its_key() -> None:
    assert "1" * 8 not in repr(ONE)
    assert ONE.sign(b"m") == ONE.sign(b"m")
