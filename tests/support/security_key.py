"""A FIDO2 device without hardware, and an agent that holds it: it signs as OpenSSH's PROTOCOL.u2f has it.

Written without our formats, so that nothing of ours judges itself: the judge is ``ssh-keygen``, in tests/foreign.
"""

import base64
import hashlib
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

KIND = b"sk-ssh-ed25519@openssh.com"
TOUCHED, PERSON_VERIFIED = 0x01, 0x04


def string(content: bytes) -> bytes:
    """Give a string of RFC 4251."""
    return struct.pack(">I", len(content)) + content


@dataclass(slots=True, kw_only=True)
class Device:
    """A device with one key. It counts its signatures; ``flags`` are what it says of the person before it."""

    seed: bytes = b"d" * 32
    application: bytes = b"ssh:"
    flags: int = TOUCHED
    counter: int = 0
    signed: list[bytes] = field(default_factory=list)

    @property
    def public_key(self) -> bytes:
        """Give the public key as OpenSSH carries it."""
        raw = Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw()
        return string(KIND) + string(raw) + string(self.application)

    def sign(self, message: bytes) -> bytes:
        """Give the signature, flags and counter."""
        self.counter += 1
        self.signed.append(message)
        said = struct.pack(">BI", self.flags, self.counter)
        covered = hashlib.sha256(self.application).digest() + said + hashlib.sha256(message).digest()
        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(covered) + said


@contextmanager
def device_agent(folder: Path, *devices: Device) -> Iterator[Path]:
    """Give the socket of an agent that holds these devices; their comments are ``device-0`` and so on."""
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / "agent"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(str(place))
        server.listen()
        thread = threading.Thread(target=_serve, args=(server, devices), daemon=True)
        thread.start()
        try:
            yield place
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(timeout=5)
            place.unlink()


def _serve(server: socket.socket, devices: tuple[Device, ...]) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        with connection, connection.makefile("rb") as file:
            while head := file.read(4):
                connection.sendall(string(_answer(file.read(struct.unpack(">I", head)[0]), devices)))


def _answer(request: bytes, devices: tuple[Device, ...]) -> bytes:
    if request == b"\x0b":
        held = (string(one.public_key) + string(b"device-%d" % at) for at, one in enumerate(devices))
        return b"\x0c" + struct.pack(">I", len(devices)) + b"".join(held)
    blob, rest = _take(request[1:])
    message, _ = _take(rest)
    device = next((one for one in devices if one.public_key == blob), None)
    if device is None:
        return b"\x05"
    made = device.sign(message)
    return b"\x0e" + string(string(KIND) + string(made[:64]) + made[64:])


def _take(raw: bytes) -> tuple[bytes, bytes]:
    (size,) = struct.unpack(">I", raw[:4])
    return raw[4 : 4 + size], raw[4 + size :]


KEY = Device().public_key


def samples() -> Iterator[bytes]:
    """Give well-formed bytes of each kind that are about a security key, for what reads any bytes at all."""
    made = Device().sign(b"message")
    inner = string(KIND) + string(made[:64]) + made[64:]
    blob = b"SSHSIG\0\0\0\1" + string(KEY) + string(b"archiver-dsse") + string(b"") + string(b"sha512") + string(inner)
    lines = (KIND + b" " + base64.b64encode(KEY) + b" a comment\n", base64.b64encode(blob))
    yield from (KEY, made, blob, *lines)
    yield b"\x0c\0\0\0\x01" + string(KEY) + string(b"a device")
    yield b"\x0e" + string(inner)
