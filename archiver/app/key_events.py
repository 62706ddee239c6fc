"""Rotation, retirement and compromise of the investigator's key: entries of every ledger of a workspace, then files.

The files (``allowed_signers``, ``krl``) say to ``ssh-keygen`` what the entries say to `verify`; they are made from
them. LIMIT: other workspaces of this person do not learn of it: rotate there too. A ledger's own key is rotated by
`rotate_log`, whose steps stand in `app.log_keys`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from archiver.app.clock import SystemClock
from archiver.app.home import Home
from archiver.app.ids import new_id, new_salt
from archiver.app.key_files import key_events, publish_windows
from archiver.app.keyring import find_key, open_investigator, trust_key
from archiver.app.log_keys import finish_rotation, next_log_key
from archiver.app.next_key import next_key, put_away, retired_signer, swap
from archiver.app.recording import OpenCase, open_case
from archiver.app.workspace import Workspace
from archiver.formats.manifest import statement_of
from archiver.model.errors import UsageError
from archiver.model.events import KeyAction, KeyEvent, KeyRole
from archiver.model.instant import Instant
from archiver.model.provenance import Signer
from archiver.proof.signature import key_id
from archiver.record.append import append
from archiver.seal.manifest import seal


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A change of keys: the key that it is about, the one in its place, and the entry of each case."""

    key: str
    successor: str | None
    entries: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """A workspace and the person who changes keys in it."""

    workspace: Workspace
    home: Home
    passphrase: bytes
    waiting: Callable[[str], None]

    def cases(self) -> list[OpenCase]:
        """Open every case of the workspace that has a ledger."""
        return [self.open(name) for name in sorted(self.workspace.config.cases)]

    def investigator(self) -> Signer:
        """Give the investigator's current key; raises SealError."""
        return open_investigator(self.home, self.passphrase, tell=self.waiting)

    def open(self, case: str) -> OpenCase:
        """Open one case; raise UsageError where there is none of this name."""
        return open_case(self.workspace, case, home=self.home, passphrase=lambda: self.passphrase, waiting=self.waiting)


def rotate(ring: Ring, *, reason: str | None, from_agent: str | None = None) -> Changed:
    """Put a fresh key in the place of the investigator's: signed by both, recorded everywhere, then swapped.

    ``from_agent`` names a key of the SSH agent, which may be a security key; without it a key is made. The old key is
    kept, encrypted, and retired. Repeat it after a crash: it goes on where it ended.
    """
    old = ring.investigator()
    new = next_key(ring.home, ring.passphrase, old, from_agent=from_agent, tell=ring.waiting)
    entries = {}
    for case in ring.cases():
        event = _event(case, KeyAction.ROTATE, new.public_key, reason=reason, predecessor=old.public_key)
        entries[case.name] = _record(case, event, (new, old))
    trust_key(ring.home, new.public_key)
    swap(ring.home, old)
    return Changed(key=key_id(old.public_key), successor=key_id(new.public_key), entries=entries)


def rotate_log(ring: Ring, name: str, *, reason: str | None) -> Changed:
    """Put a fresh key in the place of a ledger's own: an entry that the investigator and both keys sign, then the swap.

    The old key is destroyed. Repeat it after a crash, or just go on: every start ends what the ledger already holds.
    """
    case = ring.open(name)
    old = case.book.signer
    new = next_log_key(ring.home, case.origin, ring.passphrase)
    book = replace(case.book, successor=new)
    event = _event(case, KeyAction.ROTATE, new.public_key, reason=reason, predecessor=old.public_key, role=KeyRole.LOG)
    seq = _record(replace(case, book=book), event, (case.investigator, old, new))
    finish_rotation(book, ring.home)
    return Changed(key=key_id(old.public_key), successor=key_id(new.public_key), entries={name: seq})


def retire(ring: Ring, *, reason: str | None) -> Changed:
    """End the investigator's key without a successor: its last signature says so. `archiver key new` makes another."""
    old = ring.investigator()
    entries = {
        case.name: _record(case, _event(case, KeyAction.RETIRE, old.public_key, reason=reason), (old,))
        for case in ring.cases()
    }
    put_away(ring.home, old)
    return Changed(key=key_id(old.public_key), successor=None, entries=entries)


def revoke(ring: Ring, wanted: str, *, since: Instant, reason: str | None) -> Changed:
    """Say that somebody else may have a key of this person since a time. The current one is rotated first.

    From then on its signatures count only where a timestamp proves that they are older.
    """
    target = find_key(ring.home, ring.passphrase, wanted)
    if target.role != "investigator":
        raise UsageError(f"{target.id} is a {target.role} key: only an investigator's key is revoked here")
    if since > SystemClock().now():
        raise UsageError(f"--since {since} is in the future")
    current = ring.investigator()
    if current.public_key == target.public_key:
        rotate(ring, reason=reason)
    # Its own signature too, if it can still be had: an auditor who trusts this key alone must learn of it.
    retired = retired_signer(ring.home, ring.passphrase, target.id, tell=ring.waiting)
    signers = [ring.investigator(), *([retired] if retired is not None else [])]
    entries = {}
    for case in ring.cases():
        event = _event(case, KeyAction.REVOKE, target.public_key, reason=reason, effective_at=since)
        entries[case.name] = _record(case, event, signers)
    return Changed(key=target.id, successor=key_id(signers[0].public_key), entries=entries)


def _event(
    case: OpenCase,
    action: KeyAction,
    public_key: bytes,
    *,
    reason: str | None,
    predecessor: bytes | None = None,
    effective_at: Instant | None = None,
    role: KeyRole = KeyRole.INVESTIGATOR,
) -> KeyEvent:
    clock = SystemClock()
    now = clock.now()
    return KeyEvent(
        id=new_id(clock),
        case=case.name,
        at=now,
        action=action,
        role=role,
        public_key=public_key.hex(),
        effective_at=effective_at or now,
        predecessor=predecessor.hex() if predecessor is not None else None,
        reason=reason,
    )


def _record(case: OpenCase, event: KeyEvent, signers: Sequence[Signer]) -> int:
    """Record the event unless an earlier run did; make the files of the keys anew. Give its entry."""
    same = [
        seq
        for seq, one in key_events(case.book.ledger, case.book.manifests)
        if (one.action, one.public_key, one.predecessor) == (event.action, event.public_key, event.predecessor)
        and (one.action is not KeyAction.REVOKE or one.effective_at == event.effective_at)
    ]
    seq = same[0] if same else append(case.book, seal(statement_of(event), *signers), salt=new_salt()).seq
    publish_windows(case.book)
    return seq
