"""Encrypt a finished bundle to its recipients (age, through pyrage: docs/decisions/0019)."""

import os
from collections.abc import Sequence
from pathlib import Path

from archiver.model.errors import StoreError, UsageError

Recipient = object
"""What pyrage makes of a recipient's text; it ships no types."""


def read_recipients(texts: Sequence[str]) -> tuple[Recipient, ...]:
    """Give the recipients that these texts name: ``age1...``, or an SSH public key (Ed25519, RSA).

    Raises UsageError for any other text, and where pyrage is not installed.
    """
    try:
        import pyrage  # noqa: PLC0415 - an extra: only who encrypts needs it
    except ImportError as error:
        raise UsageError("--encrypt-to needs pyrage", hint="pip install 'archiver[age]'") from error
    found: list[Recipient] = []
    for text in texts:
        kind = pyrage.x25519.Recipient if text.startswith("age1") else pyrage.ssh.Recipient
        try:
            found.append(kind.from_str(text))
        except pyrage.RecipientError as error:
            raise UsageError(
                f"--encrypt-to: expected age1... or an SSH public key, found {text[:80]!r}: {error}",
                hint="age-keygen makes a key; its line 'public key' is the recipient",
            ) from error
    return tuple(found)


def encrypt(plain: Path, out: Path, recipients: Sequence[Recipient]) -> None:
    """Write the file encrypted, flushed; raise StoreError if the disk refuses."""
    import pyrage  # noqa: PLC0415 - an extra: only who encrypts needs it

    try:
        with plain.open("rb") as source, out.open("xb") as target:
            pyrage.encrypt_io(source, target, list(recipients))
            target.flush()
            os.fsync(target.fileno())
    except (OSError, pyrage.EncryptError) as error:
        raise StoreError(
            f"{out}: could not be encrypted: {error}; what was begun is removed",
            hint="free space there, or choose another place with -o",
        ) from error
