"""Where the passphrase of the keys comes from: a file, the system's keyring, or the person."""

import getpass
import sys

from archiver.app.passphrase import from_environment, from_keyring, keep_in_keyring
from archiver.model.errors import UsageError

_HINT = "set ARCHIVER_PASSPHRASE_FILE to a file that holds it, or run this in a terminal"
_SHORTEST = 8


def passphrase() -> bytes:
    """Give the passphrase that opens the keys; raise UsageError where nobody can be asked."""
    found = from_environment() or from_keyring()
    if found is not None:
        return found
    if not sys.stdin.isatty():
        raise UsageError("the keys need a passphrase and there is no terminal to ask at", hint=_HINT)
    return getpass.getpass("Passphrase of your archiver keys: ").encode()


def changed_passphrase() -> bytes:
    """Give the passphrase to change to: from the file of ARCHIVER_NEW_PASSPHRASE_FILE, or asked twice."""
    found = from_environment("ARCHIVER_NEW_PASSPHRASE_FILE")
    return _long_enough(found if found is not None else _asked_twice())


def new_passphrase(*, keep: bool) -> bytes:
    """Give a passphrase for new keys, asked twice at a terminal; ``keep`` stores it in the keyring."""
    found = from_environment()
    chosen = _long_enough(found if found is not None else _asked_twice())
    if keep:
        keep_in_keyring(chosen)
    return chosen


def _asked_twice() -> bytes:
    if not sys.stdin.isatty():
        raise UsageError("new keys need a passphrase and there is no terminal to ask at", hint=_HINT)
    first = getpass.getpass("Choose a passphrase for your keys: ")
    if first != getpass.getpass("The same again: "):
        raise UsageError("the two passphrases differ; nothing was made")
    return first.encode()


def _long_enough(found: bytes) -> bytes:
    if len(found) < _SHORTEST:
        raise UsageError(f"passphrase: expected at least {_SHORTEST} bytes, found {len(found)}")
    return found
