"""Ed25519 keys at rest: PKCS#8 encrypted with scrypt and AES-256-CBC, as ``openssl pkey`` reads it.

``cryptography`` reads this form and cannot write it: its own writer uses 2,048 rounds of PBKDF2, which
opens in under a millisecond. So the outer shell (RFC 5958, RFC 8018, RFC 7914) is built here from
asn1crypto's structures. scrypt N=2^14, r=8, p=5 costs about 0.2 s; OpenSSL's default memory limit
refuses more.
"""

import os
import secrets
import stat
from datetime import timedelta
from pathlib import Path

from asn1crypto import algos, core, keys, pem
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, padding
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from archiver.formats import canonical
from archiver.model.digest import Digest
from archiver.model.errors import Conflict, FormatError, SealError, StoreError
from archiver.model.instant import Instant
from archiver.proof.signature import Ed25519Signer
from archiver.store import durable
from archiver.store.durable import REAL_DISK, Disk

_N, _R, _P = 1 << 14, 8, 5
_KEY_BYTES = 32
_BLOCK_BITS = 128
_LIMIT_BYTES = 64 << 10
_OWNER_ONLY = 0o600
_OTHERS = 0o077
_IDENTITY_LASTS = timedelta(days=3 * 365)
_SIGNS_ONLY = {
    "digital_signature": True,
    "content_commitment": True,
    "key_encipherment": False,
    "data_encipherment": False,
    "key_agreement": False,
    "key_cert_sign": False,
    "crl_sign": False,
    "encipher_only": False,
    "decipher_only": False,
}
_FOLDER = 0o700


class _ScryptParams(core.Sequence):  # type: ignore[misc] # asn1crypto ships no types
    """RFC 7914 section 7: the parameters of scrypt in a PBES2."""

    _fields = [  # noqa: RUF012 - the form that asn1crypto asks for, and completes in place
        ("salt", core.OctetString),
        ("cost", core.Integer),
        ("block_size", core.Integer),
        ("parallelization", core.Integer),
        ("key_length", core.Integer, {"optional": True}),
    ]


def create(path: Path, passphrase: bytes) -> Ed25519Signer:
    """Make a key and write it encrypted, owner-only; raise Conflict if a key is there already.

    Raises SealError for an empty passphrase, StoreError where the folder cannot be written.
    """
    key = Ed25519PrivateKey.generate()
    _store(path, key, passphrase)
    return Ed25519Signer(key)


def _check_passphrase(path: Path, passphrase: bytes) -> None:
    if not passphrase:
        raise SealError(f"{path}: expected a passphrase, found an empty one: nothing was written")


def _store(path: Path, key: Ed25519PrivateKey | ec.EllipticCurvePrivateKey, passphrase: bytes) -> None:
    _check_passphrase(path, passphrase)
    if path.exists():
        raise Conflict(f"{path}: a key is there already; nothing was changed")
    shell = _encrypted(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()), passphrase)
    durable.make_folders(path.parent)
    try:
        path.parent.chmod(_FOLDER)
    except OSError as error:
        raise StoreError(f"{path.parent}: cannot be closed to others: {error.strerror or error}") from error
    durable.put_once(path, pem.armor("ENCRYPTED PRIVATE KEY", shell), mode=_OWNER_ONLY)


def load(path: Path, passphrase: bytes) -> Ed25519Signer:
    """Open an encrypted key; raise SealError for a missing file, a wrong passphrase or an unencrypted key."""
    key = _decrypted(path, passphrase)
    if not isinstance(key, Ed25519PrivateKey):
        raise SealError(f"{path}: expected an Ed25519 key, found {type(key).__name__}")
    return Ed25519Signer(key)


def load_identity(path: Path, passphrase: bytes) -> ec.EllipticCurvePrivateKey:
    """Open the key of an identity certificate; raise SealError as `load` does."""
    key = _decrypted(path, passphrase)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise SealError(f"{path}: expected a P-256 key, found {type(key).__name__}")
    return key


def create_identity(path: Path, certificate: Path, passphrase: bytes, *, name: str, now: Instant) -> bytes:
    """Make a P-256 key with a certificate of its own for ``name``, valid three years; give the certificate (PEM).

    For signatures in PDF files, which name a person. Nobody vouches for it: a reader has to be told its digest.
    Raises as `create` does.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    _store(path, key, passphrase)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder(subject_name=subject, issuer_name=subject, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now.as_datetime)
        .not_valid_after(now.as_datetime + _IDENTITY_LASTS)
        .add_extension(x509.KeyUsage(**_SIGNS_ONLY), critical=True)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
        .public_bytes(Encoding.PEM)
    )
    durable.put_once(certificate, made)
    return made


def change_passphrase(path: Path, old: bytes, new: bytes) -> bool:
    """Encrypt a key anew; say whether it had to be: after a crash, the keys before it were. Raises SealError."""
    _check_passphrase(path, new)
    try:
        _decrypted(path, new)
    except SealError:
        key = _decrypted(path, old)
    else:
        return False
    plain = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    durable.replace(path, pem.armor("ENCRYPTED PRIVATE KEY", _encrypted(plain, new)), mode=_OWNER_ONLY)
    return True


def _decrypted(path: Path, passphrase: bytes) -> Ed25519PrivateKey | ec.EllipticCurvePrivateKey:
    try:
        with path.open("rb") as file:
            content = file.read(_LIMIT_BYTES)
            rights = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
    except OSError as error:
        raise SealError(
            f"{path}: no key to sign with: {error.strerror or error}",
            hint="keys lie in $ARCHIVER_HOME or your data folder; restore them from your backup, or archiver init",
        ) from error
    if rights & _OTHERS:
        raise SealError(f"{path}: others may read or change this key (mode {rights:03o})", hint=f"chmod 600 {path}")
    if b"BEGIN ENCRYPTED PRIVATE KEY" not in content:
        raise SealError(f"{path}: expected an encrypted key (PKCS#8), found something else: not used")
    try:
        key = load_pem_private_key(content, passphrase)
    except UnsupportedAlgorithm as error:
        raise SealError(f"{path}: expected an Ed25519 key, found a kind that is not known here: {error}") from error
    except (ValueError, TypeError) as error:
        raise SealError(f"{path}: the passphrase does not open this key", hint="ARCHIVER_PASSPHRASE_FILE") from error
    if not isinstance(key, Ed25519PrivateKey | ec.EllipticCurvePrivateKey):
        raise SealError(f"{path}: expected an Ed25519 key, found {type(key).__name__}")
    return key


class FileKeyState:
    """The largest tree that a log key has signed, in a small file beside the key."""

    def __init__(self, path: Path, *, disk: Disk = REAL_DISK) -> None:
        self._path = path
        self._disk = disk

    def read(self) -> tuple[int, bytes] | None:
        """Give size and root, or None before the first; raise SealError if the file is damaged."""
        try:
            raw = self._path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise SealError(f"{self._path}: cannot be read: {error.strerror or error}") from error
        try:
            return _state(canonical.decode(raw, what="key state", limit_bytes=4096))
        except FormatError as error:
            raise SealError(
                f"{self._path}: damaged: {error}",
                hint="it holds the largest tree this key signed; restore it, or remove it after archiver verify",
            ) from error

    def write(self, size: int, root: bytes) -> None:
        """Keep size and root durably."""
        durable.replace(self._path, canonical.encode({"root": root.hex(), "size": size}), disk=self._disk)


def _state(found: canonical.JsonValue) -> tuple[int, bytes]:
    match found:
        case {"root": str(root), "size": int(size), **rest} if not rest and size > 0 and size is not True:
            return size, bytes.fromhex(Digest(root).hex)
        case _:
            raise FormatError("expected root and size")


def _encrypted(plain: bytes, passphrase: bytes) -> bytes:
    salt, vector = secrets.token_bytes(16), os.urandom(16)
    derived = Scrypt(salt=salt, length=_KEY_BYTES, n=_N, r=_R, p=_P).derive(passphrase)
    padder = padding.PKCS7(_BLOCK_BITS).padder()
    encryptor = Cipher(algorithms.AES256(derived), modes.CBC(vector)).encryptor()
    content = encryptor.update(padder.update(plain) + padder.finalize()) + encryptor.finalize()
    scrypt = _ScryptParams({"salt": salt, "cost": _N, "block_size": _R, "parallelization": _P})
    parameters = algos.Pbes2Params(
        {
            "key_derivation_func": algos.KdfAlgorithm({"algorithm": "1.3.6.1.4.1.11591.4.11", "parameters": scrypt}),
            "encryption_scheme": {"algorithm": "aes256_cbc", "parameters": vector},
        }
    )
    return bytes(
        keys.EncryptedPrivateKeyInfo(
            {
                "encryption_algorithm": {"algorithm": "pbes2", "parameters": parameters},
                "encrypted_data": content,
            }
        ).dump()
    )
