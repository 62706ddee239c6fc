"""What opens keys, kept outside the workspace: a passphrase in a file or in the system's keyring; an SSH agent."""

import os
from pathlib import Path

from archiver.model.errors import SealError, UsageError

_SERVICE = "archiver"
_ACCOUNT = "keys"
_LONGEST = 4096


def from_environment(variable: str = "ARCHIVER_PASSPHRASE_FILE") -> bytes | None:
    """Give the first line of the file that a variable names, or None if it names none."""
    name = os.environ.get(variable)
    if not name:
        return None
    try:
        with Path(name).open("rb") as file:
            line = file.readline(_LONGEST).rstrip(b"\r\n")
    except OSError as error:
        raise UsageError(f"{variable}: cannot read {name}: {error.strerror}") from error
    if not line:
        raise UsageError(f"{variable}: the first line of {name} is empty")
    return line


def agent_socket() -> Path:
    """Give where the SSH agent listens; raise SealError where SSH_AUTH_SOCK names none."""
    name = os.environ.get("SSH_AUTH_SOCK")
    if not name:
        raise SealError("SSH_AUTH_SOCK names no SSH agent", hint="eval $(ssh-agent), then ssh-add your key")
    return Path(name)


def from_keyring() -> bytes | None:
    """Give the passphrase that the system's keyring holds for archiver, or None."""
    import keyring  # noqa: PLC0415 - 150 ms, and D-Bus on Linux
    from keyring.errors import KeyringError  # noqa: PLC0415 - same

    try:
        found = keyring.get_password(_SERVICE, _ACCOUNT)
    except KeyringError:
        return None  # no keyring here, or a locked one: the person is asked instead
    return found.encode() if found else None


def keep_in_keyring(passphrase: bytes) -> None:
    """Store the passphrase in the system's keyring; raise SealError if there is none."""
    import keyring  # noqa: PLC0415 - see above
    from keyring.errors import KeyringError  # noqa: PLC0415 - same

    try:
        keyring.set_password(_SERVICE, _ACCOUNT, passphrase.decode())
    except (KeyringError, UnicodeDecodeError) as error:
        raise SealError(f"the system's keyring did not take the passphrase: {error}") from error
