import shutil
import stat
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from archiver.model.errors import Conflict, SealError
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
    with pytest.raises(SealError, match="expected an encrypted key"):
        keys.load(plain, SECRET)
    curve = tmp_path / "curve.pem"
    encryption = BestAvailableEncryption(SECRET)
    curve.write_bytes(
        ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
    )
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
