"""A security key: an Ed25519 key that a FIDO2 device holds and uses when it is touched, as OpenSSH has it.

Its name here is its whole public key as OpenSSH carries it, with the application for which the device made it; a key
without a device is named by its 32 raw bytes, so that the two are never taken for one another. What the device signs is
no message but ``SHA256(application) || flags || counter || SHA256(message)``.

LIMIT: ``ssh-keygen -Y verify`` does not ask whether the device was touched; who checks by hand alone has to look at the
flags, as the commands of README-VERIFY.txt do.

Source: OpenSSH's PROTOCOL.u2f (``sk-ssh-ed25519@openssh.com``); flags: WebAuthn Level 2, section 6.1.
"""

import hashlib
import re
from dataclasses import dataclass

from archiver.formats.ssh_wire import take, text
from archiver.model.errors import FormatError

KIND = b"sk-ssh-ed25519@openssh.com"
_RAW_BYTES = 32
_SIGNATURE_BYTES = 64
_COUNTED_BYTES = _SIGNATURE_BYTES + 5
_TOUCHED, _PERSON_VERIFIED = 0x01, 0x04
_APPLICATION = re.compile(r"ssh:[ -~]{0,251}\Z", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityKey:
    """What a security key's public key says: 32 raw bytes of Ed25519, and for what the device made it (``ssh:``)."""

    raw: bytes
    application: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSignature:
    """What a device gives: a signature of 64 bytes, its flags, and how often it signed. The last is its own word."""

    signature: bytes
    flags: int
    counter: int

    @property
    def is_touched(self) -> bool:
        """Say whether somebody touched the device for this signature."""
        return bool(self.flags & _TOUCHED)

    @property
    def is_person_verified(self) -> bool:
        """Say whether the device knew the person too, by a PIN or a finger."""
        return bool(self.flags & _PERSON_VERIFIED)


def is_security_key(public_key: bytes) -> bool:
    """Say whether a key's name is that of a security key: every other is 32 bytes long."""
    return len(public_key) != _RAW_BYTES


def encode_key(key: SecurityKey) -> bytes:
    """Give the public key as OpenSSH carries it."""
    return text(KIND) + text(key.raw) + text(key.application.encode())


def decode_key(blob: bytes) -> SecurityKey:
    """Give what a security key's public key says; raise FormatError for anything else.

    The application begins with ``ssh:``, as OpenSSH asks for it: a key that a web site had made signs nothing here.
    """
    kind, rest = take(blob)
    raw, rest = take(rest)
    application, rest = take(rest)
    if kind != KIND or len(raw) != _RAW_BYTES or rest:
        raise FormatError(f"security key: expected {KIND.decode()} with 32 bytes of Ed25519 and an application")
    said = application.decode("latin-1")
    if not _APPLICATION.match(said):
        raise FormatError(f"security key: expected an application like 'ssh:', found {said[:80]!r}")
    return SecurityKey(raw=raw, application=said)


def encode_signature(one: DeviceSignature) -> bytes:
    """Give a device's signature as 69 bytes: the signature, flags, counter."""
    return one.signature + bytes([one.flags]) + one.counter.to_bytes(4, "big")


def decode_signature(raw: bytes) -> DeviceSignature:
    """Give the signature in 69 bytes; raise FormatError for another number of them."""
    if len(raw) != _COUNTED_BYTES:
        raise FormatError(f"security key: expected a signature of {_COUNTED_BYTES} bytes, found {len(raw)}")
    counter = int.from_bytes(raw[_SIGNATURE_BYTES + 1 :], "big")
    return DeviceSignature(signature=raw[:_SIGNATURE_BYTES], flags=raw[_SIGNATURE_BYTES], counter=counter)


def signed_bytes(key: SecurityKey, one: DeviceSignature, message: bytes) -> bytes:
    """Give the bytes that the device signed: not the message, but digests of it and of the application."""
    head = hashlib.sha256(key.application.encode()).digest() + bytes([one.flags]) + one.counter.to_bytes(4, "big")
    return head + hashlib.sha256(message).digest()
