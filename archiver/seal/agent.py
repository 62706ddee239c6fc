"""An SSH agent as signer: the investigator's key stays in it, and on whatever it keeps its keys.

So a FIDO2 security key signs too: OpenSSH's agent asks it, and it answers when somebody touches it. A PIN, where the
key asks for one, is asked for by the agent and not by us.
LIMIT: keys of Ed25519 alone, so no security key that knows ECDSA only (``sk-ecdsa-sha2-nistp256``).
"""

import socket
from collections.abc import Callable
from pathlib import Path

from archiver.formats import security_key, ssh
from archiver.model.errors import FormatError, SealError
from archiver.proof.signature import device_signature, verifies

_TIMEOUT_S = 120  # a person may have to confirm, or to touch a key
_LIMIT_BYTES = 256 << 10
_TOUCH = "touch your security key: it is to sign"
_TOUCH_HINT = "plug it in and touch it when it blinks; what was captured is kept, and the next start seals it"


class AgentSigner:
    """A key that an agent holds. Every signature is checked before it is used.

    ``tell`` is told, in words, when a person has to touch the key.
    """

    def __init__(self, agent: Path, public_key: bytes, *, tell: Callable[[str], None]) -> None:
        self._agent = agent
        self._public_key = public_key
        self._tell = tell

    @property
    def public_key(self) -> bytes:
        """Give the raw 32-byte public key, or a security key's whole public key."""
        return self._public_key

    def sign(self, message: bytes) -> bytes:
        """Ask the agent; raise SealError where it has not the key, refuses, signs something else, or untouched."""
        touched = security_key.is_security_key(self._public_key)
        if touched:
            self._tell(_TOUCH)
        try:
            answer = _ask(self._agent, ssh.sign_request(self._public_key, message))
            signature = ssh.read_signed(answer, public_key=self._public_key)
        except FormatError as error:
            hint = _TOUCH_HINT if touched else "ssh-add -l shows what it holds"
            raise SealError(f"{self._agent}: {error.message}", hint=hint) from error
        if not verifies(self._public_key, signature, message):
            if touched and device_signature(self._public_key, signature, message):
                raise SealError(
                    f"{self._agent}: the security key signed without being touched: not used",
                    hint="make one that asks for it: ssh-keygen -t ed25519-sk, without -O no-touch-required",
                )
            raise SealError(f"{self._agent}: the agent's signature is not one of the key over this message")
        return signature


def keys_of(agent: Path) -> tuple[tuple[bytes, str], ...]:
    """Give the Ed25519 keys that the agent at this socket holds, security keys too, with their comments.

    Raises SealError if none answers.
    """
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
