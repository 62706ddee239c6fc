"""Passphrases kept outside the workspace: in a file that the person names, or in the system's keyring."""

import os
from pathlib import Path

from archiver.model.errors import SealError, UsageError

_SERVICE = "archiver"
_ACCOUNT = "keys"
_LONGEST = 4096


def from_environment() -> bytes | None:
    """Give the first line of the file that ARCHIVER_PASSPHRASE_FILE names, or None if it names none."""
    name = os.environ.get("ARCHIVER_PASSPHRASE_FILE")
    if not name:
        return None
    try:
        with Path(name).open("rb") as file:
            line = file.readline(_LONGEST).rstrip(b"\r\n")
    except OSError as error:
        raise UsageError(f"ARCHIVER_PASSPHRASE_FILE: cannot read {name}: {error.strerror}") from error
    if not line:
        raise UsageError(f"ARCHIVER_PASSPHRASE_FILE: the first line of {name} is empty")
    return line


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
