"""Does a security key's signature count where the device was touched for these bytes, and nowhere else?"""

import pytest

from archiver.formats import ssh
from archiver.formats.envelope import PAYLOAD_TYPE, decode, encode, pae
from archiver.model.errors import FormatError
from archiver.model.provenance import Envelope, EnvelopeSignature
from archiver.proof.signature import (
    Ed25519Signer,
    device_signature,
    device_signatures,
    key_id,
    public_file,
    public_pem,
    read_public_file,
    sign_envelope,
    verifies,
    verifying_keys,
)
from tests.support.security_key import PERSON_VERIFIED, TOUCHED, Device, string

PLAIN = Ed25519Signer.from_seed(b"p" * 32)
SAME_SECRET = Ed25519Signer.from_seed(b"d" * 32)  # the device's own key, used without the device
PAYLOAD = b'{"a":1}'


def blob_of(envelope: Envelope) -> bytes:
    (one,) = envelope.signatures
    return one.signature


def with_blob(blob: bytes, *, payload: bytes = PAYLOAD) -> Envelope:
    one = EnvelopeSignature(key_id="sha256:" + "0" * 64, signature=blob)
    return Envelope(payload_type=PAYLOAD_TYPE, payload=payload, signatures=(one,))


def test_an_envelope_that_a_touched_device_signed_verifies_and_says_how_it_was_touched() -> None:
    device = Device(counter=6)
    made = sign_envelope(PAYLOAD, device, PLAIN)
    keys = (device.public_key, PLAIN.public_key, Device(seed=b"o" * 32).public_key)
    assert verifying_keys(decode(encode(made)), keys) == (device.public_key, PLAIN.public_key)
    (found,) = device_signatures(made, device.public_key)
    assert (found.counter, found.is_touched, found.is_person_verified) == (7, True, False)
    assert device_signatures(made, PLAIN.public_key) == ()
    assert made.signatures[0].key_id == key_id(device.public_key)
    (said,) = device_signatures(sign_envelope(PAYLOAD, Device(flags=TOUCHED | PERSON_VERIFIED)), device.public_key)
    assert said.is_person_verified


def test_what_a_device_signed_untouched_is_seen_and_does_not_count() -> None:
    device = Device(flags=PERSON_VERIFIED)
    made = sign_envelope(PAYLOAD, device)
    assert verifying_keys(made, [device.public_key]) == ()
    (found,) = device_signatures(made, device.public_key)
    assert not found.is_touched
    signature = device.sign(b"message")
    assert not verifies(device.public_key, signature, b"message")
    assert device_signature(device.public_key, signature, b"message") is not None


ENVELOPE = ssh.ENVELOPE_NAMESPACE
MESSAGE = ssh.signed_message(pae(PAYLOAD_TYPE, PAYLOAD), namespace=ENVELOPE)
GOOD = blob_of(sign_envelope(PAYLOAD, Device()))
KEY = Device().public_key
ATTACKS = {
    "over another message": blob_of(sign_envelope(b'{"a":2}', Device())),
    "for another application": blob_of(sign_envelope(PAYLOAD, Device(application=b"ssh:other"))),
    "for another application, under this key": ssh.signature_blob(
        KEY, Device(application=b"ssh:other").sign(MESSAGE), namespace=ENVELOPE
    ),
    "by another device": blob_of(sign_envelope(PAYLOAD, Device(seed=b"o" * 32))),
    "by another device, under this key": ssh.signature_blob(
        KEY, Device(seed=b"o" * 32).sign(MESSAGE), namespace=ENVELOPE
    ),
    "of the namespace of files": ssh.signature_blob(KEY, Device().sign(ssh.signed_message(pae(PAYLOAD_TYPE, PAYLOAD)))),
    "of the namespace of files, said to be the other": ssh.signature_blob(
        KEY, Device().sign(ssh.signed_message(pae(PAYLOAD_TYPE, PAYLOAD))), namespace=ENVELOPE
    ),
    "by the bare secret, without what a device adds": ssh.signature_blob(
        KEY, SAME_SECRET.sign(MESSAGE) + b"\x01\0\0\0\x01", namespace=ENVELOPE
    ),
    "a plain signature": SAME_SECRET.sign(pae(PAYLOAD_TYPE, PAYLOAD)),
    "a plain signature of 69 bytes": SAME_SECRET.sign(pae(PAYLOAD_TYPE, PAYLOAD)) + b"\x01\0\0\0\x01",
    "an SSHSIG by a plain key": ssh.signature_blob(
        SAME_SECRET.public_key, SAME_SECRET.sign(MESSAGE), namespace=ENVELOPE
    ),
    "touched after it was signed": GOOD[:-5] + bytes([GOOD[-5] | PERSON_VERIFIED]) + GOOD[-4:],
    "counted otherwise": GOOD[:-1] + bytes([GOOD[-1] ^ 1]),
    "cut": GOOD[:-1],
    "with a byte more": GOOD + b"\0",
    "empty": b"",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_signature_that_is_not_the_devices_over_these_bytes_verifies_under_no_key(attack: str) -> None:
    assert verifying_keys(with_blob(GOOD), [KEY]) == (KEY,)
    signed = with_blob(ATTACKS[attack])
    assert verifying_keys(signed, [KEY]) == ()
    assert device_signatures(signed, KEY) == ()


def test_a_devices_signature_does_not_pass_under_a_plain_key_of_the_same_secret() -> None:
    made = sign_envelope(PAYLOAD, Device())
    assert verifying_keys(made, [SAME_SECRET.public_key]) == ()
    assert not verifies(SAME_SECRET.public_key, Device().sign(b"m"), b"m")
    assert not verifies(SAME_SECRET.public_key, Device().sign(b"m")[:64], b"m")
    assert not verifies(KEY, SAME_SECRET.sign(b"m"), b"m")


def test_a_key_that_is_no_key_at_all_verifies_nothing() -> None:
    for odd in (b"", KEY[:-1], KEY + b"x", string(b"ssh-ed25519") + string(b"k" * 32), b"k" * 33):
        assert not verifies(odd, Device().sign(b"m"), b"m")
        assert verifying_keys(with_blob(GOOD), [odd]) == ()


def test_a_public_file_is_pem_or_for_a_security_key_one_line() -> None:
    assert public_file(PLAIN.public_key) == public_pem(PLAIN.public_key)
    assert public_file(KEY).startswith(b"sk-ssh-ed25519@openssh.com ")
    for key in (PLAIN.public_key, KEY):
        assert read_public_file(public_file(key)) == key
    assert read_public_file(ssh.public_line(PLAIN.public_key).encode()) == PLAIN.public_key
    for odd in (b"", b"ssh-rsa AAAA", b"sk-ssh-ed25519@openssh.com AAAA"):
        with pytest.raises(FormatError):
            read_public_file(odd)
