"""Level L2: by which entries did a ledger's own key pass on to the next one.

====================  =====================================================================
ledger-handover       is each rotation of the ledger's key signed by both keys and the investigator?
====================  =====================================================================
"""

from dataclasses import replace

from archiver.formats import entry
from archiver.model.events import KeyAction, KeyEvent, KeyRole
from archiver.model.provenance import EntryType, Envelope, Opening
from archiver.model.report import Check, Level, Verdict
from archiver.proof.signature import key_id, verifying_keys
from archiver.verify.case import Case, failed, passed, unchecked
from archiver.verify.keys import KeyTimes
from archiver.verify.ledger import Ledger
from archiver.verify.policy import Handover, Trust


def follow(case: Case, ledger: Ledger, trust: Trust, times: KeyTimes) -> tuple[Trust, tuple[Check, ...]]:
    """Give the trust with the handovers that this ledger holds, and what is to be said of each.

    One counts only if its entry commits to it and both keys signed it; where the auditor named investigators' keys,
    one of them must have signed it too, while it counted.
    """
    by_path = {one.path: one for one in case.manifests}
    handovers: list[Handover] = []
    checks: list[Check] = []
    for seq, opening in sorted(case.openings.items()):
        if not isinstance(opening, Opening) or seq >= ledger.read or ledger.types[seq] is not EntryType.KEY_EVENT:
            continue
        one = by_path.get(opening.path)
        event = one.statement.predicate if one and one.statement else None
        if one is None or one.envelope is None or not isinstance(event, KeyEvent) or event.role is not KeyRole.LOG:
            continue
        if event.predecessor is None:  # only a rotation names one: `formats.manifest` sees to it
            if event.action is not KeyAction.ADD:
                reason = f"it says {event.action} of a ledger's key: only a rotation changes what counts here"
                checks.append(unchecked("ledger-handover", Level.LEDGER, case.full(one.path), reason))
            continue
        recorded = entry.commitment(opening.salt, one.raw).hex == ledger.commit(seq).hex()
        both = (bytes.fromhex(event.predecessor), bytes.fromhex(event.public_key))
        problem = _unsigned(one.envelope, both) if recorded else "its entry is not about this manifest"
        problem = problem or _unauthorised(one.envelope, one.path, trust, times)
        if problem:
            checks.append(failed("ledger-handover", Level.LEDGER, case.full(one.path), problem))
            continue
        handovers.append(Handover(seq=seq, old=both[0], new=both[1]))
        reason = f"entry {seq} hands the ledger over from {key_id(both[0])} to {key_id(both[1])}; both signed it"
        checks.append(passed("ledger-handover", Level.LEDGER, case.full(one.path), reason))
    return replace(trust, handovers=tuple(handovers)), tuple(checks)


def _unsigned(signed: Envelope, both: tuple[bytes, bytes]) -> str:
    missing = [key for key in both if key not in verifying_keys(signed, both)]
    return f"not signed by {key_id(missing[0])}, one of the two keys that it is about" if missing else ""


def _unauthorised(signed: Envelope, path: str, trust: Trust, times: KeyTimes) -> str:
    known = (*trust.investigator_keys, *times.introduced)
    if not trust.investigator_keys:
        return ""
    if any(times.judge(key, path)[0] is Verdict.PASS for key in verifying_keys(signed, known)):
        return ""
    return "not signed by an investigator whom you trust: a ledger's key alone hands nothing over"
