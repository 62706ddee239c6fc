"""``ssh-keygen`` judges what we write for it: signatures, windows, revocation lists; and keys that a CA issued."""

from pathlib import Path

import pytest

from archiver.app import key_events, keyring
from archiver.formats import layout, ssh
from archiver.model.instant import Instant
from archiver.proof.signature import Ed25519Signer, sign_file
from archiver.seal import keys
from tests.support.own_case import SECRET, OwnCase, new_own_case
from tests.support.ssh import accepts, keygen, need_ssh
from tests.unit.app.test_key_events import current

MESSAGE = b"the text that a second person signs\n"
KEY = Ed25519Signer.from_seed(b"k" * 32)


@pytest.fixture
def own(tmp_path: Path) -> OwnCase:
    need_ssh()
    made = new_own_case(tmp_path)
    made.capture(1)
    return made


def signed(folder: Path, signer: Ed25519Signer, name: str = "signature") -> Path:
    path = folder / name
    path.write_bytes(sign_file(MESSAGE, signer))
    return path


def test_a_signature_is_taken_and_one_over_other_bytes_is_not(tmp_path: Path) -> None:
    need_ssh()
    signers = tmp_path / "signers"
    signers.write_bytes(ssh.allowed_signers([ssh.AllowedSigner(principal="investigator", public_key=KEY.public_key)]))
    signature = signed(tmp_path, KEY)
    assert accepts(MESSAGE, signature, signers)
    assert not accepts(MESSAGE + b"x", signature, signers)
    assert not accepts(MESSAGE, signed(tmp_path, Ed25519Signer.from_seed(b"o" * 32), "other"), signers)
    assert keygen("-l", "-f", _public(tmp_path, KEY.public_key)).returncode == 0


def _public(folder: Path, public_key: bytes) -> Path:
    path = folder / "key.pub"
    path.write_text(f"{ssh.public_line(public_key)}\n")
    return path


def test_what_ssh_keygen_signs_we_read_and_write_to_the_same_bytes(tmp_path: Path) -> None:
    need_ssh()
    assert keygen("-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "theirs").returncode == 0
    (tmp_path / "m").write_bytes(MESSAGE)
    assert keygen("-q", "-Y", "sign", "-n", "archiver", "-f", tmp_path / "theirs", tmp_path / "m").returncode == 0
    raw = (tmp_path / "m.sig").read_bytes()
    public, signature, namespace = ssh.decode_signature(raw)
    assert (ssh.encode_signature(public, signature), namespace) == (raw, "archiver")


def test_a_retired_key_counts_at_its_time_and_not_now(own: OwnCase, tmp_path: Path) -> None:
    old = keys.load(own.home.investigator_key, SECRET)
    signature = signed(tmp_path, old)
    key_events.rotate(own.ring(), reason=None)
    signers = own.root / layout.ALLOWED_SIGNERS
    assert not accepts(MESSAGE, signature, signers, options=("-Overify-time=20990101000000Z",))
    assert accepts(MESSAGE, signature, signers, options=("-Overify-time=20200101000000Z",))
    fresh = keys.load(own.home.investigator_key, SECRET)
    assert accepts(MESSAGE, signed(tmp_path, fresh, "fresh"), signers)
    assert not accepts(MESSAGE, tmp_path / "fresh", signers, options=("-Overify-time=20200101000000Z",))


def test_a_revoked_key_counts_at_no_time(own: OwnCase, tmp_path: Path) -> None:
    old = keys.load(own.home.investigator_key, SECRET)
    signature = signed(tmp_path, old)
    since = Instant.parse("2026-01-01T00:00:00.000Z")
    key_events.revoke(own.ring(), current(own), since=since, reason=None)
    signers, revoked = own.root / layout.ALLOWED_SIGNERS, own.root / layout.REVOKED
    earlier = ("-Overify-time=20250101000000Z",)
    assert accepts(MESSAGE, signature, signers, options=earlier)
    assert not accepts(MESSAGE, signature, signers, options=(*earlier, "-r", revoked))
    assert keygen("-Q", "-f", revoked, _public(tmp_path, old.public_key)).returncode != 0
    fresh = keys.load(own.home.investigator_key, SECRET)
    assert keygen("-Q", "-f", revoked, _public(tmp_path, fresh.public_key)).returncode == 0
    assert accepts(MESSAGE, signed(tmp_path, fresh, "fresh"), signers, options=("-r", revoked))


def test_a_key_that_a_newsrooms_authority_vouches_for_counts_as_whom_it_names(own: OwnCase, tmp_path: Path) -> None:
    """A reader who knows the authority alone: the certificate says who the investigator's key is."""
    assert keygen("-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "authority").returncode == 0
    private = tmp_path / "carol"
    assert keygen("-q", "-t", "ed25519", "-N", "", "-f", private).returncode == 0
    public = tmp_path / "carol.pub"
    certify = ("-q", "-s", tmp_path / "authority", "-I", "carol", "-n", "carol@newsroom.example", public)
    assert keygen(*certify).returncode == 0
    certificate = tmp_path / "carol-cert.pub"
    (tmp_path / "m").write_bytes(MESSAGE)
    assert keygen("-q", "-Y", "sign", "-n", "archiver", "-f", certificate, tmp_path / "m").returncode == 0
    signers = tmp_path / "signers"
    signers.write_text(f"*@newsroom.example cert-authority {(tmp_path / 'authority.pub').read_text()}")
    verify = ("-Y", "verify", "-n", "archiver", "-f", signers, "-s", tmp_path / "m.sig", "-I")
    assert keygen(*verify, "carol@newsroom.example", message=MESSAGE).returncode == 0
    assert keygen(*verify, "mallory@newsroom.example", message=MESSAGE).returncode != 0


def test_the_file_that_key_sign_writes_is_taken(own: OwnCase, tmp_path: Path) -> None:
    (tmp_path / "m").write_bytes(MESSAGE)
    made = keyring.sign(own.home, SECRET, tmp_path / "m")
    key_events.rotate(own.ring(), reason=None)
    earlier = ("-Overify-time=20200101000000Z",)
    assert accepts(MESSAGE, made, own.root / layout.ALLOWED_SIGNERS, options=earlier)
