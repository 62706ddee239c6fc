"""Ed25519 (RFC 8032) over DSSE envelopes and C2SP notes. Both bind what is signed to its kind.

DSSE signs ``DSSEv1 <type> <payload>``; a note's first line is its origin: a signature over one can never
pass as a signature over the other. A key is 32 raw bytes, or the whole public key of a security key
(`formats.security_key`): over an envelope that one makes an SSHSIG signature in a namespace of its own, which
``ssh-keygen -Y verify`` checks, and counts only where the device was touched.
"""

from collections.abc import Sequence

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from archiver.formats import envelope as dsse
from archiver.formats import note as notes
from archiver.formats import security_key, ssh
from archiver.formats.security_key import DeviceSignature
from archiver.model.digest import Digest
from archiver.model.errors import FormatError
from archiver.model.instant import Instant
from archiver.model.provenance import Envelope, EnvelopeSignature, Note, NoteSignature, Signer, VerifierKey

_SECOND_US = 1_000_000
_LAST_SECOND = 253_402_300_799  # the end of the year 9999


class Ed25519Signer:
    """A private key in memory that signs. Its ``repr`` shows nothing of the key."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    @classmethod
    def from_seed(cls, seed: bytes) -> "Ed25519Signer":
        """Give the signer of a 32-byte seed (RFC 8032 section 5.1.5)."""
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @property
    def public_key(self) -> bytes:
        """Give the raw 32-byte public key."""
        return self._key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """Give the 64-byte signature; equal messages give equal signatures."""
        return self._key.sign(message)


def key_id(public_key: bytes) -> str:
    """Give the name of a key: ``sha256:`` and the digest of its 32 raw bytes, or of a security key's whole public key.

    A name, never a proof. Of a security key it is the fingerprint that ``ssh-keygen -l`` prints, in hex.
    """
    return str(Digest.of(public_key))


def public_pem(public_key: bytes) -> bytes:
    """Give the public key as PEM, as ``openssl pkeyutl`` reads it."""
    return Ed25519PublicKey.from_public_bytes(public_key).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def public_from_pem(pem: bytes) -> bytes:
    """Give the raw Ed25519 public key in a PEM file; raise FormatError for anything else."""
    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise FormatError(f"public key: not a PEM public key: {error}") from error
    if not isinstance(key, Ed25519PublicKey):
        raise FormatError(f"public key: expected Ed25519, found {type(key).__name__}")
    return key.public_bytes_raw()


def public_file(public_key: bytes) -> bytes:
    """Give the file of a public key: PEM, or for a security key, which PEM has no form for, OpenSSH's one line."""
    if security_key.is_security_key(public_key):
        return f"{ssh.public_line(public_key)}\n".encode()
    return public_pem(public_key)


def read_public_file(raw: bytes) -> bytes:
    """Give the key in a PEM file or in OpenSSH's one line; raise FormatError for anything else."""
    return ssh.read_public_line(raw) if raw.startswith((b"ssh-", b"sk-")) else public_from_pem(raw)


def verifies(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Say whether this key made this signature over this message; a security key, whether it was touched for it."""
    if security_key.is_security_key(public_key):
        found = device_signature(public_key, signature, message)
        return found is not None and found.is_touched
    return _is_ed25519(public_key, signature, message)


def device_signature(public_key: bytes, signature: bytes, message: bytes) -> DeviceSignature | None:
    """Give what a security key says of its signature over this message, touched or not; None if it is not one."""
    try:
        key, found = security_key.decode_key(public_key), security_key.decode_signature(signature)
    except FormatError:
        return None
    good = _is_ed25519(key.raw, found.signature, security_key.signed_bytes(key, found, message))
    return found if good else None


def _is_ed25519(public_key: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def sign_envelope(payload: bytes, *signers: Signer, payload_type: str = dsse.PAYLOAD_TYPE) -> Envelope:
    """Give the payload in an envelope with a signature of each signer."""
    message = dsse.pae(payload_type, payload)
    return Envelope(
        payload_type=payload_type,
        payload=payload,
        signatures=tuple(
            EnvelopeSignature(key_id=key_id(one.public_key), signature=_sign_pae(message, one)) for one in signers
        ),
    )


def _sign_pae(message: bytes, signer: Signer) -> bytes:
    if not security_key.is_security_key(signer.public_key):
        return signer.sign(message)
    signature = signer.sign(ssh.signed_message(message, namespace=ssh.ENVELOPE_NAMESPACE))
    return ssh.signature_blob(signer.public_key, signature, namespace=ssh.ENVELOPE_NAMESPACE)


def sign_file(message: bytes, signer: Signer) -> bytes:
    """Give an SSHSIG signature over a file's bytes, as ``ssh-keygen -Y verify`` reads it."""
    return ssh.encode_signature(signer.public_key, signer.sign(ssh.signed_message(message)))


def verifying_keys(envelope: Envelope, keys: Sequence[bytes]) -> tuple[bytes, ...]:
    """Give those of the keys by which some signature of the envelope verifies. Key ids are not looked at."""
    message = dsse.pae(envelope.payload_type, envelope.payload)
    return tuple(key for key in keys if any(_verifies_pae(key, one, message) for one in envelope.signatures))


def _verifies_pae(key: bytes, one: EnvelopeSignature, message: bytes) -> bool:
    if security_key.is_security_key(key):
        found = _device_signature_over(key, one, message)
        return found is not None and found.is_touched
    return verifies(key, one.signature, message)


def device_signatures(envelope: Envelope, key: bytes) -> tuple[DeviceSignature, ...]:
    """Give what a security key says of each of its signatures over the envelope, touched or not; none of other keys."""
    if not security_key.is_security_key(key):
        return ()
    message = dsse.pae(envelope.payload_type, envelope.payload)
    found = (_device_signature_over(key, one, message) for one in envelope.signatures)
    return tuple(one for one in found if one is not None)


def _device_signature_over(key: bytes, one: EnvelopeSignature, message: bytes) -> DeviceSignature | None:
    try:
        public, signature, namespace = ssh.read_signature_blob(one.signature)
    except FormatError:
        return None
    if (public, namespace) != (key, ssh.ENVELOPE_NAMESPACE):
        return None
    return device_signature(key, signature, ssh.signed_message(message, namespace=namespace))


def sign_note(text: str, name: str, signer: Signer) -> Note:
    """Give the text as a note with one Ed25519 signature by ``name``."""
    line = NoteSignature(
        name=name,
        key_hash=notes.key_hash(name, signer.public_key),
        signature=signer.sign(text.encode()),
    )
    return Note(text=text, signatures=(line,))


def cosign_note(text: str, name: str, signer: Signer, *, at: Instant) -> NoteSignature:
    """Give a witness's line over a checkpoint's text (c2sp.org/tlog-cosignature, Ed25519): time to the second."""
    seconds = at.epoch_us // _SECOND_US
    signature = signer.sign(_cosigned(text, seconds))
    return NoteSignature(
        name=name,
        key_hash=notes.key_hash(name, signer.public_key, algorithm=notes.COSIGNATURE),
        signature=seconds.to_bytes(8, "big") + signature,
    )


def cosigned_at(note: Note, key: VerifierKey) -> Instant | None:
    """Give when this witness cosigned the note, or None if no line of it is a valid cosignature by this key."""
    expected = notes.key_hash(key.name, key.public_key, algorithm=notes.COSIGNATURE)
    for line in note.signatures:
        seconds, signature = int.from_bytes(line.signature[:8], "big"), line.signature[8:]
        if line.name != key.name or line.key_hash != expected or seconds > _LAST_SECOND:
            continue
        if verifies(key.public_key, signature, _cosigned(note.text, seconds)):
            return Instant(seconds * _SECOND_US)
    return None


def _cosigned(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def verify_note(note: Note, key: VerifierKey) -> bool:
    """Say whether the note has a valid Ed25519 signature by this key under its name."""
    return any(
        line.name == key.name
        and line.key_hash == notes.key_hash(key.name, key.public_key)
        and verifies(key.public_key, line.signature, note.text.encode())
        for line in note.signatures
    )
