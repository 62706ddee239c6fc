import shutil
import stat
import subprocess
from pathlib import Path

import pytest
from asn1crypto import pem
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from archiver.model.errors import Conflict, SealError, StoreError
from archiver.model.instant import Instant
from archiver.seal import keys

SECRET = b"correct horse"


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keys") / "keys" / "investigator.pem"
    keys.create(path, SECRET)
    return path


def test_a_key_opens_with_its_passphrase_and_for_its_owner_alone(key: Path) -> None:
    opened = keys.load(key, SECRET)
    assert len(opened.public_key) == 32
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(key.parent.stat().st_mode) == 0o700


def test_openssl_opens_it_and_says_that_it_is_scrypt(key: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not on this machine")
    opened = subprocess.run(
        ["openssl", "pkey", "-in", key, "-passin", "pass:correct horse", "-pubout", "-outform", "DER"],
        capture_output=True,
        check=True,
    )
    assert opened.stdout[-32:] == keys.load(key, SECRET).public_key
    shown = subprocess.run(["openssl", "asn1parse", "-in", key], capture_output=True, text=True, check=True).stdout
    assert "scrypt" in shown
    assert "aes-256-cbc" in shown
    assert "INTEGER           :4000" in shown


def test_a_wrong_passphrase_is_told(key: Path) -> None:
    with pytest.raises(SealError, match="the passphrase does not open this key"):
        keys.load(key, b"wrong horse")


def test_a_key_is_never_written_over(key: Path) -> None:
    before = key.read_bytes()
    with pytest.raises(Conflict, match="a key is there already"):
        keys.create(key, SECRET)
    assert key.read_bytes() == before


def test_a_missing_an_open_or_another_kind_of_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SealError, match="no key to sign with"):
        keys.load(tmp_path / "absent.pem", SECRET)
    plain = tmp_path / "plain.pem"
    plain.write_bytes(Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    plain.chmod(0o600)
    with pytest.raises(SealError, match="expected an encrypted key"):
        keys.load(plain, SECRET)
    curve = tmp_path / "curve.pem"
    encryption = BestAvailableEncryption(SECRET)
    curve.write_bytes(
        ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
    )
    curve.chmod(0o600)
    with pytest.raises(SealError, match="expected an Ed25519 key"):
        keys.load(curve, SECRET)


def test_the_state_comes_back_and_a_damaged_one_stops(tmp_path: Path) -> None:
    state = keys.FileKeyState(tmp_path / "log.state")
    assert state.read() is None
    state.write(7, b"r" * 32)
    assert state.read() == (7, b"r" * 32)
    for wrong in (b"", b"{}", b'{"root":"zz","size":1}'):
        (tmp_path / "log.state").write_bytes(wrong)
        with pytest.raises(SealError, match="damaged"):
            state.read()
    (tmp_path / "folder").mkdir()
    with pytest.raises(SealError, match="cannot be read"):
        keys.FileKeyState(tmp_path / "folder").read()


def test_a_key_without_a_passphrase_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(SealError, match="found an empty one: nothing was written"):
        keys.create(tmp_path / "keys" / "a.pem", b"")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_for_keys_that_cannot_be_made_or_closed_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreError, match="this folder could not be made"):
        keys.create(tmp_path / "file" / "a.pem", SECRET)

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "chmod", refuse)
    with pytest.raises(StoreError, match="cannot be closed to others: Operation not permitted"):
        keys.create(tmp_path / "keys" / "a.pem", SECRET)
    assert not (tmp_path / "keys" / "a.pem").exists()


def test_an_encrypted_key_of_an_unknown_kind_is_told(tmp_path: Path) -> None:
    plain = Ed25519PrivateKey.generate().private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    kind = bytes.fromhex("06032b6570")
    assert plain.count(kind) == 1
    odd = tmp_path / "odd.pem"
    shell = keys._encrypted(plain.replace(kind, bytes.fromhex("06032b657f")), SECRET)
    odd.write_bytes(pem.armor("ENCRYPTED PRIVATE KEY", shell))
    odd.chmod(0o600)
    with pytest.raises(SealError, match="found a kind that is not known here"):
        keys.load(odd, SECRET)


@pytest.mark.parametrize("length", [60, 200])
def test_a_key_that_was_cut_short_is_told(key: Path, tmp_path: Path, length: int) -> None:
    cut = tmp_path / "cut.pem"
    cut.write_bytes(key.read_bytes()[:length])
    cut.chmod(0o600)
    with pytest.raises(SealError, match="does not open this key"):
        keys.load(cut, SECRET)


def test_each_key_has_its_own_salt(tmp_path: Path) -> None:
    made = [keys.create(tmp_path / f"{number}.pem", SECRET).public_key for number in range(2)]
    assert made[0] != made[1]
    assert keys.load(tmp_path / "0.pem", SECRET).public_key == made[0]


@pytest.mark.parametrize(
    "raw",
    [
        b'{"root":"' + b"0" * 62 + b'","size":1}',
        b'{"root":"' + b"0" * 64 + b'","size":0}',
        b'{"root":"' + b"0" * 64 + b'","size":true}',
        b'{"more":1,"root":"' + b"0" * 64 + b'","size":1}',
        b"[]",
    ],
)
def test_a_state_that_no_key_could_have_is_damaged(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "log.state").write_bytes(raw)
    with pytest.raises(SealError, match="damaged"):
        keys.FileKeyState(tmp_path / "log.state").read()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o777])
def test_a_key_that_others_may_read_or_change_is_not_used(key: Path, mode: int) -> None:
    key.chmod(mode)
    with pytest.raises(SealError, match=f"others may read or change this key .mode {mode:03o}") as told:
        keys.load(key, SECRET)
    assert told.value.hint == f"chmod 600 {key}"
    key.chmod(0o600)
    assert keys.load(key, SECRET).public_key


def test_a_passphrase_is_changed_and_a_change_that_was_cut_off_is_repeated(tmp_path: Path) -> None:
    path = tmp_path / "a.pem"
    public = keys.create(path, SECRET).public_key
    assert keys.change_passphrase(path, SECRET, b"another one")
    assert not keys.change_passphrase(path, SECRET, b"another one"), "it was changed before"
    assert path.stat().st_mode & 0o777 == 0o600
    assert keys.load(path, b"another one").public_key == public
    with pytest.raises(SealError, match="does not open"):
        keys.load(path, SECRET)
    with pytest.raises(SealError, match="does not open"):
        keys.change_passphrase(path, b"wrong", b"third")
    with pytest.raises(SealError, match="found an empty one"):
        keys.change_passphrase(path, b"another one", b"")


def test_an_identity_is_a_certificate_that_openssl_reads_and_its_key_is_no_investigators(tmp_path: Path) -> None:
    path, certificate = tmp_path / "identity.pem", tmp_path / "identity.crt.pem"
    made = keys.create_identity(path, certificate, SECRET, name="رنا", now=Instant.parse("2026-11-24T10:00:00.000Z"))
    assert certificate.read_bytes() == made
    done = subprocess.run(
        ["openssl", "x509", "-noout", "-subject", "-nameopt", "utf8", "-enddate", "-in", certificate],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "رنا" in done.stdout
    assert "Nov 23 10:00:00 2029 GMT" in done.stdout
    subprocess.run(
        ["openssl", "pkey", "-in", path, "-passin", f"pass:{SECRET.decode()}", "-noout"],
        check=True,
        capture_output=True,
    )
    with pytest.raises(SealError, match="expected an Ed25519 key, found"):
        keys.load(path, SECRET)
    assert keys.change_passphrase(path, SECRET, b"another one")
