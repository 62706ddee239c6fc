"""A bundle that a security key signed: what archiver verify, verify.py and verify.html each say, whole and attacked."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from archiver.formats import bag, bundle, envelope, ssh
from archiver.formats.envelope import PAYLOAD_TYPE, pae
from archiver.model.provenance import Envelope, EnvelopeSignature
from archiver.proof.signature import Ed25519Signer, public_file, sign_envelope, sign_file
from tests.support.bundle_verifiers import UNCHECKED, Said, VerifyPage, by_archiver, by_verify_py, open_page, packed
from tests.support.bundles import MadeBundle
from tests.support.device_bundle import make_device_bundle
from tests.support.security_key import PERSON_VERIFIED, Device

RECORD = f"data/exhibits/0001/{bundle.RECORD}"
SAME_SECRET = Ed25519Signer.from_seed(Device().seed)


@pytest.fixture(scope="module")
def page() -> Iterator[VerifyPage]:
    with open_page() as found:
        yield found


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> MadeBundle:
    return make_device_bundle(tmp_path_factory.mktemp("device"))


@pytest.fixture
def copy(made: MadeBundle, tmp_path: Path) -> Path:
    shutil.copytree(made.bundle, tmp_path / "copy")
    return tmp_path / "copy"


def asked(page: VerifyPage, root: Path, trust: Path | None) -> list[Said]:
    place = root.parent / "bundle.zip"
    place.write_bytes(packed(root))
    return [by_archiver(root, trust), by_verify_py(root, trust), page.ask(place, trust)]


@pytest.mark.browser
def test_each_verifier_passes_a_whole_bundle_that_a_security_key_signed(made: MadeBundle, page: VerifyPage) -> None:
    assert (made.bundle / "trust/investigator.pub").read_bytes() == public_file(Device().public_key)
    assert not (made.bundle / "trust/investigator.pem").exists()
    for said in asked(page, made.bundle, made.trust):
        assert (said.failed, said.verdict) == (frozenset(), "PASS")
    for said in asked(page, made.bundle, None):
        assert (said.failed, said.verdict) == (frozenset(), UNCHECKED)
        assert {"manifest-signature", "bundle-seal", "public-keys"} <= said.unchecked


@pytest.mark.browser
def test_each_verifier_follows_a_rotation_from_a_file_to_a_security_key(tmp_path: Path, page: VerifyPage) -> None:
    rotated = make_device_bundle(tmp_path / "own", rotated=True)
    for said in asked(page, rotated.bundle, rotated.trust):
        assert (said.failed, said.verdict) == (frozenset(), "PASS")
    before = tmp_path / "before"
    shutil.copytree(rotated.trust, before)
    (next((before / "keys").glob("*.pub"))).unlink()
    for said in asked(page, rotated.bundle, before):
        assert "manifest-signature" not in said.failed
        assert (said.levels["L1"], "bundle-seal" in said.unchecked) == (UNCHECKED, True)


@pytest.mark.browser
def test_a_security_key_that_is_not_trusted_fails_for_each(made: MadeBundle, tmp_path: Path, page: VerifyPage) -> None:
    trust = tmp_path / "trust"
    shutil.copytree(made.trust, trust)
    (key,) = (trust / "keys").iterdir()
    for other in (Device(seed=b"o" * 32), Device(application=b"ssh:other"), SAME_SECRET):
        key.unlink()
        key = key.with_suffix(".pem" if other is SAME_SECRET else ".pub")
        key.write_bytes(public_file(other.public_key))
        for said in asked(page, made.bundle, trust):
            assert {"manifest-signature", "bundle-seal", "public-keys"} <= said.failed


def re_signed(copy: Path, sign: Callable[[Envelope], bytes]) -> None:
    """Put another signature under the first record."""
    place = copy / RECORD
    found = envelope.decode(place.read_bytes())
    one = EnvelopeSignature(key_id=found.signatures[0].key_id, signature=sign(found))
    place.write_bytes(envelope.encode(Envelope(payload_type=PAYLOAD_TYPE, payload=found.payload, signatures=(one,))))


def by(device: Device, *, payload: bytes | None = None) -> Callable[[Envelope], bytes]:
    return lambda found: sign_envelope(found.payload if payload is None else payload, device).signatures[0].signature


def under_this_key(signer: Device | Ed25519Signer, *, more: bytes = b"") -> Callable[[Envelope], bytes]:
    def sign(found: Envelope) -> bytes:
        message = ssh.signed_message(pae(PAYLOAD_TYPE, found.payload), namespace=ssh.ENVELOPE_NAMESPACE)
        made = signer.sign(message) + more
        return ssh.signature_blob(Device().public_key, made, namespace=ssh.ENVELOPE_NAMESPACE)

    return sign


ATTACKS: dict[str, Callable[[Envelope], bytes]] = {
    "untouched": by(Device(flags=PERSON_VERIFIED)),
    "for another application": by(Device(application=b"ssh:other")),
    "for another application, under this key": under_this_key(Device(application=b"ssh:other")),
    "over another message": by(Device(), payload=b"{}"),
    "by another device, under this key": under_this_key(Device(seed=b"o" * 32)),
    "by the bare secret, under this key": under_this_key(SAME_SECRET, more=b"\x01\0\0\0\x01"),
    "plain": lambda found: SAME_SECRET.sign(pae(PAYLOAD_TYPE, found.payload)),
    "as a file": lambda found: ssh.signature_blob(
        Device().public_key, Device().sign(ssh.signed_message(pae(PAYLOAD_TYPE, found.payload)))
    ),
    "cut": lambda found: by(Device())(found)[:-1],
    "with a byte more": lambda found: by(Device())(found) + b"\0",
}


@pytest.mark.browser
@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("trusting", [True, False])
def test_a_record_that_the_device_did_not_sign_fails_for_each(
    copy: Path, made: MadeBundle, page: VerifyPage, attack: str, *, trusting: bool
) -> None:
    re_signed(copy, ATTACKS[attack])
    for said in asked(page, copy, made.trust if trusting else None):
        assert "manifest-signature" in said.failed


@pytest.mark.browser
def test_another_touched_signature_of_the_device_is_its_signature(
    copy: Path, made: MadeBundle, page: VerifyPage
) -> None:
    """So that the attacks above fail for what they say, and not because another signature is there."""
    re_signed(copy, by(Device(counter=100)))
    for said in asked(page, copy, made.trust):
        assert "manifest-signature" not in said.failed
        assert "entry-opening" in said.failed


SEALS: dict[str, Callable[[bytes], bytes]] = {
    "untouched": lambda listed: sign_file(listed, Device(flags=0)),
    "of the namespace of envelopes": lambda listed: ssh.encode_signature(
        Device().public_key,
        Device().sign(ssh.signed_message(listed, namespace=ssh.ENVELOPE_NAMESPACE)),
        namespace=ssh.ENVELOPE_NAMESPACE,
    ),
    "of the namespace of envelopes, said to be the other": lambda listed: ssh.encode_signature(
        Device().public_key, Device().sign(ssh.signed_message(listed, namespace=ssh.ENVELOPE_NAMESPACE))
    ),
    "over another list": lambda listed: sign_file(listed + b"x", Device()),
    "by another device": lambda listed: sign_file(listed, Device(seed=b"o" * 32)),
    "by the bare secret": lambda listed: sign_file(listed, SAME_SECRET),
    "without armor": lambda listed: ssh.signature_blob(Device().public_key, Device().sign(ssh.signed_message(listed))),
}


@pytest.mark.browser
@pytest.mark.parametrize("seal", SEALS)
@pytest.mark.parametrize("trusting", [True, False])
def test_a_seal_that_the_device_did_not_make_fails_for_each(
    copy: Path, made: MadeBundle, page: VerifyPage, seal: str, *, trusting: bool
) -> None:
    (copy / bag.SEAL).write_bytes(SEALS[seal]((copy / bag.TAG_LIST).read_bytes()))
    for said in asked(page, copy, made.trust if trusting else None):
        assert "bundle-seal" in said.failed


@pytest.mark.browser
@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"sk-ssh-ed25519@openssh.com AAAA\n",
        public_file(Device().public_key).replace(b"sk-ssh", b"sk-sss", 1),
        ssh.public_line(SAME_SECRET.public_key).encode(),
        public_file(Device(application=b"https://bank.example").public_key),
    ],
)
def test_a_key_in_the_bundle_that_is_not_the_devices_fails_for_each(
    copy: Path, made: MadeBundle, page: VerifyPage, line: bytes
) -> None:
    (copy / "trust/investigator.pub").write_bytes(line)
    for trust in (made.trust, None):
        for said in asked(page, copy, trust):
            assert "public-keys" in said.failed


@pytest.mark.browser
def test_a_second_key_beside_the_devices_fails_for_each(copy: Path, made: MadeBundle, page: VerifyPage) -> None:
    """Each reads one of two kinds of file: another kind beside it is a key that nobody looked at."""
    (copy / "trust/investigator.pem").write_bytes(public_file(SAME_SECRET.public_key))
    for trust in (made.trust, None):
        for said in asked(page, copy, trust):
            assert "public-keys" in said.failed
