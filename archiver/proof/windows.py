"""From when until when a key counts, as the key events of a ledger say."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from archiver.formats.ssh import AllowedSigner, allowed_signers, revocation_list
from archiver.model.events import KeyAction, KeyEvent, KeyRole
from archiver.model.instant import Instant

PRINCIPAL = "investigator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One key: when it began and ended to count, and by which entries. ``revoked_from`` is when it may have leaked."""

    public_key: bytes
    began_at: Instant | None = None
    ended_at: Instant | None = None
    ended_by: int | None = None
    revoked_from: Instant | None = None
    revoked_by: int | None = None


def windows(events: Sequence[tuple[int, KeyEvent]]) -> tuple[Window, ...]:
    """Give the window of each investigator's key that these events name, in the order of their naming.

    ``events`` are entry numbers and key events in the order of the ledger. A first end holds; a revocation with an
    earlier time than one before holds instead of it.
    """
    found: dict[str, Window] = {}
    for seq, one in events:
        if one.role is not KeyRole.INVESTIGATOR:
            continue
        if one.predecessor is not None:
            _end(found, one.predecessor, one.effective_at, seq)
        _apply(found, seq, one)
    return tuple(found.values())


def _apply(found: dict[str, Window], seq: int, one: KeyEvent) -> None:
    if one.action in {KeyAction.ADD, KeyAction.ROTATE}:
        window = _of(found, one.public_key)
        found[one.public_key] = replace(window, began_at=window.began_at or one.effective_at)
        return
    _end(found, one.public_key, one.effective_at, seq)
    window = found[one.public_key]
    earlier = window.revoked_from is None or one.effective_at < window.revoked_from
    if one.action is KeyAction.REVOKE and earlier:
        found[one.public_key] = replace(window, revoked_from=one.effective_at, revoked_by=seq)


def _end(found: dict[str, Window], key: str, at: Instant, seq: int) -> None:
    window = _of(found, key)
    if window.ended_at is None or at < window.ended_at:
        found[key] = replace(window, ended_at=at, ended_by=seq if window.ended_by is None else window.ended_by)
    else:
        found[key] = window


def _of(found: dict[str, Window], key: str) -> Window:
    return found.get(key) or Window(public_key=bytes.fromhex(key))


def signers_file(found: Sequence[Window]) -> bytes:
    """Give the allowed_signers of these windows."""
    return allowed_signers(
        [
            AllowedSigner(
                principal=PRINCIPAL, public_key=one.public_key, valid_after=one.began_at, valid_before=one.ended_at
            )
            for one in found
        ]
    )


def revoked_file(found: Sequence[Window]) -> bytes:
    """Give the revocation list of these windows; its date is the latest time from which a key is revoked."""
    revoked = [one for one in found if one.revoked_from is not None]
    latest = max((one.revoked_from for one in revoked if one.revoked_from is not None), default=Instant(0))
    return revocation_list([one.public_key for one in revoked], generated_at=latest)
