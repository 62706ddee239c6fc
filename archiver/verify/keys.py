"""When a trusted key counted: what the ledger's key events say, and what timestamps prove.

Order in the ledger decides for a key that was retired: what was recorded after its end does not count. For a key
that was revoked the order proves nothing, since whoever has it may have more: then only a timestamp does that is
older than the time from which the key may have leaked.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from archiver.formats import entry
from archiver.model.events import KeyAction, KeyEvent, KeyRole
from archiver.model.instant import Instant
from archiver.model.provenance import EntryType, Opening
from archiver.model.report import Verdict
from archiver.proof.signature import verifying_keys
from archiver.proof.windows import Window, windows
from archiver.verify.case import Case
from archiver.verify.ledger import Ledger
from archiver.verify.policy import Trust


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyTimes:
    """The windows of keys, which keys a trusted one introduced and by which entry, and the places of manifests.

    ``existed`` are pairs (size, time): that many entries existed before that time, as a verified timestamp says.
    """

    windows: tuple[Window, ...] = ()
    introduced: dict[bytes, int] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    existed: Sequence[tuple[int, Instant]] = ()

    def judge(self, key: bytes, path: str) -> tuple[Verdict, str]:
        """Say whether a signature by this key over the manifest at this path counts, and why not."""
        window = next((one for one in self.windows if one.public_key == key), None)
        seq = self.places.get(path)
        if window is None or window.ended_at is None:
            return Verdict.PASS, ""
        if seq is None:
            return Verdict.FAIL, "the key has ended, and no entry tells when this was signed"
        if window.revoked_from is not None:
            return self._judge_revoked(window, window.revoked_from, seq)
        if window.ended_by is not None and seq > window.ended_by:
            return Verdict.FAIL, f"entry {window.ended_by} ended this key before"
        return Verdict.PASS, f"recorded before entry {window.ended_by} ended the key"

    def _judge_revoked(self, window: Window, since: Instant, seq: int) -> tuple[Verdict, str]:
        older = [at for size, at in self.existed if size > seq and at < since]
        if older:
            return Verdict.PASS, f"it existed before {min(older)}, and the key is revoked from {since} on"
        reason = f"entry {window.revoked_by} revokes this key from {since} on, and no timestamp proves that it is older"
        return (Verdict.NOT_CHECKED if seq == window.revoked_by else Verdict.FAIL), reason


def read_key_times(case: Case, ledger: Ledger, trust: Trust, existed: Sequence[tuple[int, Instant]]) -> KeyTimes:
    """Give what recorded key events say. Only those count that a trusted key signed, or the key that they end."""
    by_path = {one.path: one for one in case.manifests}
    places = {one.path: one.seq for one in case.openings.values() if isinstance(one, Opening)}
    events: list[tuple[int, KeyEvent]] = []
    introduced: dict[bytes, int] = {}
    for seq, opening in sorted(case.openings.items()):
        if not isinstance(opening, Opening) or seq >= ledger.read or ledger.types[seq] is not EntryType.KEY_EVENT:
            continue
        one = by_path.get(opening.path)
        event = one.statement.predicate if one and one.statement else None
        if one is None or one.envelope is None or not isinstance(event, KeyEvent):
            continue
        if bytes.fromhex(entry.commitment(opening.salt, one.raw).hex) != ledger.commit(seq):
            continue
        ended = bytes.fromhex(event.predecessor or event.public_key)
        if verifying_keys(one.envelope, (*trust.investigator_keys, ended)):
            events.append((seq, event))
            rotates = event.role is KeyRole.INVESTIGATOR and event.action is KeyAction.ROTATE
            if rotates and ended in trust.investigator_keys:
                introduced[bytes.fromhex(event.public_key)] = seq
    return KeyTimes(windows=windows(events), introduced=introduced, places=places, existed=existed)
