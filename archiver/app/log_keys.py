"""Rotation of a ledger's own key: announced by an entry that both keys sign, then swapped; the old one is destroyed.

The order keeps a crash harmless. While the next key's file is there, both keys sign each checkpoint, whatever becomes
of the rotation; from the entry on, every start ends the swap. Both use one note of the largest tree that was signed,
so neither signs a smaller one. LIMIT: somebody who had stolen the old key before can go on with a fork of the ledger
from before the rotation, for auditors who know the old key alone; only witnesses, timestamps and the new key in the
auditor's trust tell the two apart.
"""

from collections.abc import Sequence
from dataclasses import replace

from archiver.app.home import Home
from archiver.app.key_files import key_events
from archiver.formats import layout, note
from archiver.formats import policy as policies
from archiver.model.events import KeyAction, KeyRole
from archiver.model.provenance import Signer, VerifierKey
from archiver.proof.signature import key_id, public_pem
from archiver.record.append import Book
from archiver.seal import keys
from archiver.store import durable

_OWNER_ONLY = 0o600


def open_log_keys(home: Home, origin: str, passphrase: bytes) -> tuple[Signer, Signer | None]:
    """Give the ledger's key and, during a rotation, the next one. Raises SealError."""
    present = keys.load(home.log_key(origin), passphrase)
    path = home.next_log_key(origin)
    if not path.exists():
        return present, None
    following = keys.load(path, passphrase)
    if following.public_key == present.public_key:
        durable.remove(path)  # cut off after the swap: that rotation was whole
        return present, None
    return present, following


def next_log_key(home: Home, origin: str, passphrase: bytes) -> Signer:
    """Give the key that a rotation which was cut off had made, or a fresh one. From here on both keys sign."""
    _, following = open_log_keys(home, origin, passphrase)
    return following or keys.create(home.next_log_key(origin), passphrase)


def finish_rotation(book: Book, home: Home) -> bool:
    """End a rotation that the ledger holds and a crash cut off: say whether there was one. Safe to repeat.

    The next key takes the place of the old one, which is destroyed: nothing is left for it to sign, and what is
    gone cannot be stolen.
    """
    following = book.successor
    if following is None or not _announced(book, following):
        return False
    with book.ledger.lock():
        if home.next_log_key(book.origin).exists():  # else another process has ended it meanwhile
            _swap(book, home, following)
    return True


def _swap(book: Book, home: Home, following: Signer) -> None:
    _trust(home, book.origin, following)
    _publish(book, following)
    durable.replace(home.log_key(book.origin), home.next_log_key(book.origin).read_bytes(), mode=_OWNER_ONLY)
    durable.remove(home.next_log_key(book.origin))


def _announced(book: Book, following: Signer) -> bool:
    return any(
        (one.role, one.action, one.public_key) == (KeyRole.LOG, KeyAction.ROTATE, following.public_key.hex())
        for _, one in key_events(book.ledger, book.manifests)
    )


def _trust(home: Home, origin: str, following: Signer) -> None:
    vkey = note.encode_vkey(VerifierKey(name=origin, public_key=following.public_key))
    durable.put_once(home.trusted_log(origin, key_id(following.public_key)), f"{vkey}\n".encode())
    policy = home.trusted_policy(origin)
    if policy.exists():
        durable.replace(policy, _with_log(policy.read_bytes(), origin, following))


def _publish(book: Book, following: Signer) -> None:
    vkey = note.encode_vkey(VerifierKey(name=book.origin, public_key=following.public_key))
    files = {
        layout.LOG_VKEY: f"{vkey}\n".encode(),
        layout.LOG_PEM: public_pem(following.public_key),
        layout.POLICY: _with_log((book.ledger.root / layout.POLICY).read_bytes(), book.origin, following),
    }
    for path, content in files.items():
        durable.replace(book.ledger.root / path, content)


def _with_log(raw: bytes, origin: str, following: Signer) -> bytes:
    key = VerifierKey(name=origin, public_key=following.public_key)
    return policies.encode(replace(policies.decode(raw), logs=_logs(policies.decode(raw).logs, key)))


def _logs(before: Sequence[VerifierKey], key: VerifierKey) -> tuple[VerifierKey, ...]:
    return (*(one for one in before if one.name != key.name), key)
