"""An SSH agent as signer: the investigator's key stays in it, and on whatever it keeps its keys.

LIMIT: plain Ed25519 keys only. What a FIDO2 token signs (``sk-ssh-ed25519``) is not the message alone, so such a
signature would verify with no program that reads DSSE.
"""

import socket
from pathlib import Path

from archiver.formats import ssh
from archiver.model.errors import FormatError, SealError
from archiver.proof.signature import verifies

_TIMEOUT_S = 120  # a person may have to confirm
_LIMIT_BYTES = 256 << 10


class AgentSigner:
    """A key that an agent holds. Every signature is checked before it is used."""

    def __init__(self, agent: Path, public_key: bytes) -> None:
        self._agent = agent
        self._public_key = public_key

    @property
    def public_key(self) -> bytes:
        """Give the raw 32-byte public key."""
        return self._public_key

    def sign(self, message: bytes) -> bytes:
        """Ask the agent; raise SealError where it has not the key, refuses, or signs something else."""
        try:
            signature = ssh.read_signed(_ask(self._agent, ssh.sign_request(self._public_key, message)))
        except FormatError as error:
            raise SealError(f"{self._agent}: {error.message}", hint="ssh-add -l shows what it holds") from error
        if not verifies(self._public_key, signature, message):
            raise SealError(f"{self._agent}: the agent's signature is not one of the key over this message")
        return signature


def keys_of(agent: Path) -> tuple[tuple[bytes, str], ...]:
    """Give the Ed25519 keys that the agent at this socket holds, with comments; raise SealError if none answers."""
    try:
        return ssh.read_identities(_ask(agent, ssh.identities_request()))
    except FormatError as error:
        raise SealError(f"{agent}: {error.message}") from error


def _ask(agent: Path, request: bytes) -> bytes:
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(_TIMEOUT_S)
            connection.connect(str(agent))
            connection.sendall(request)
            size = int.from_bytes(_read(connection, 4), "big")
            if size > _LIMIT_BYTES:
                raise SealError(f"{agent}: expected an answer of at most {_LIMIT_BYTES} bytes, found {size}")
            return _read(connection, size)
    except OSError as error:
        raise SealError(
            f"{agent}: no SSH agent answers: {error.strerror or error}", hint="start ssh-agent, ssh-add your key"
        ) from error


def _read(connection: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        part = connection.recv(size - len(found))
        if not part:
            raise SealError("the SSH agent hung up")
        found += part
    return found
