"""Level L2: what do the entries say, and is everything that lies here said by one.

====================  =====================================================================
entry-opening         does each entry's commitment open to the manifest's exact bytes?
entry-erased          is each entry that does not open named by a recorded erasure?
manifest-recorded     is each manifest in the ledger, once?
====================  =====================================================================
"""

from collections.abc import Iterator

from archiver.formats import entry, layout
from archiver.formats.manifest import entry_type
from archiver.model.events import Custody, CustodyAction
from archiver.model.provenance import Opening
from archiver.model.report import Check, Level, Verdict
from archiver.verify.case import Case, ReadManifest, failed, passed, unchecked
from archiver.verify.ledger import Ledger


def check_openings(case: Case, ledger: Ledger) -> Iterator[Check]:
    """Say of each entry whether it opens to its manifest's exact bytes, and of each manifest if it is recorded."""
    by_path = {one.path: one for one in case.manifests}
    opened: dict[str, int] = {}
    closed: list[int] = []
    erased: dict[int, int] = {}
    for number in range(ledger.read):
        opening = case.openings.get(number)
        if opening is None or (isinstance(opening, Opening) and opening.path not in by_path):
            closed.append(number)
            continue
        check = _check_opening(case, ledger, number, opening, by_path)
        yield check
        if not isinstance(opening, Opening):
            continue
        if opening.path in opened:
            reason = f"recorded twice: as entry {opened[opening.path]} and as entry {number}"
            yield failed("manifest-recorded", Level.LEDGER, case.full(opening.path), reason)
        opened.setdefault(opening.path, number)
        if check.verdict is Verdict.PASS:
            erased.update(dict.fromkeys(_erased_by(by_path[opening.path]), number))
    yield from _check_recorded(case, by_path, opened, erased)
    for number in closed:
        yield _check_closed(case, number, erased.get(number))
    yield from _check_strays(case, ledger)


def check_opening_of(case: Case, ledger: Ledger, path: str) -> Iterator[Check]:
    """Say of one manifest whether an entry is about it, and opens to its exact bytes."""
    by_path = {one.path: one for one in case.manifests}
    found = [one for one in case.openings.values() if isinstance(one, Opening) and one.path == path]
    for one in found:
        if one.seq < ledger.read:
            yield _check_opening(case, ledger, one.seq, one, by_path)
    if not found:
        reason = "no entry of the ledger is about this manifest"
        yield failed("manifest-recorded", Level.LEDGER, case.full(path), reason)
    elif len(found) > 1:
        reason = f"recorded twice: as entry {found[0].seq} and as entry {found[1].seq}"
        yield failed("manifest-recorded", Level.LEDGER, case.full(path), reason)
    elif found[0].seq >= ledger.read:
        reason = f"entry {found[0].seq} is about it, and cannot be read"
        yield failed("manifest-recorded", Level.LEDGER, case.full(path), reason)
    else:
        yield passed("manifest-recorded", Level.LEDGER, case.full(path), f"entry {found[0].seq}")


def _erased_by(one: ReadManifest) -> tuple[int, ...]:
    predicate = one.statement.predicate if one.statement else None
    return predicate.entries if isinstance(predicate, Custody) and predicate.action is CustodyAction.ERASURE else ()


def _check_opening(
    case: Case, ledger: Ledger, number: int, opening: Opening | str, by_path: dict[str, ReadManifest]
) -> Check:
    subject = case.full(layout.opening(number))
    if isinstance(opening, str):
        return failed("entry-opening", Level.LEDGER, subject, f"the file that opens this entry is damaged: {opening}")
    found, kind = by_path[opening.path], ledger.types[number]
    if kind is None:
        return failed("entry-opening", Level.LEDGER, subject, "the entry is malformed")
    if bytes.fromhex(entry.commitment(opening.salt, found.raw).hex) != ledger.commit(number):
        reason = f"{opening.path} is not what was recorded as entry {number}: manifest or salt was changed"
        return failed("entry-opening", Level.LEDGER, subject, reason)
    if found.statement is not None and entry_type(found.statement) is not kind:
        reason = f"entry {number} says {kind}, its manifest is another type"
        return failed("entry-opening", Level.LEDGER, subject, reason)
    return passed("entry-opening", Level.LEDGER, subject, opening.path)


def _check_closed(case: Case, number: int, by: int | None) -> Check:
    """Tell an entry that was erased from one whose salt or manifest is missing."""
    subject = case.full(layout.opening(number))
    opening = case.openings.get(number)
    if by is None and opening is None:
        reason = "entry without an opening, and no recorded erasure names it: missing or withheld; its place is proven"
        return failed("entry-opening", Level.LEDGER, subject, reason)
    if by is None or by <= number:
        where = opening.path if isinstance(opening, Opening) else "a manifest"
        reason = f"it opens to {where}, which is not there, and no later entry says that it was erased"
        return failed("entry-opening", Level.LEDGER, subject, reason)
    if opening is not None:
        return unchecked("entry-erased", Level.LEDGER, subject, f"entry {by} erases it, and its salt is still here")
    reason = f"erased by entry {by}: its place, type and time are proven, what it held is gone"
    return passed("entry-erased", Level.LEDGER, subject, reason)


def _check_recorded(
    case: Case, by_path: dict[str, ReadManifest], opened: dict[str, int], erased: dict[int, int]
) -> Iterator[Check]:
    for path in by_path:
        number = opened.get(path)
        if number is None:
            reason = "no entry of the ledger is about this manifest (after a crash, archiver capture records it)"
            yield failed("manifest-recorded", Level.LEDGER, case.full(path), reason)
        elif erased.get(number, number) > number:
            reason = f"entry {erased[number]} erases it, and it is still here: the next start ends the erasure"
            yield unchecked("entry-erased", Level.LEDGER, case.full(path), reason)
        else:
            yield passed("manifest-recorded", Level.LEDGER, case.full(path), f"entry {number}")


def _check_strays(case: Case, ledger: Ledger) -> Iterator[Check]:
    end = -1
    for first, last in case.spans:
        path = case.full(layout.openings(first, last))
        if last >= ledger.read:
            yield failed("entry-opening", Level.LEDGER, path, "it opens an entry that the ledger does not have")
        elif first <= end:
            yield failed("entry-opening", Level.LEDGER, path, "it opens an entry that another file opens too")
        end = max(end, last)
    for path in case.files:
        if path.startswith(f"{layout.SALTS}/") and layout.parse_openings(path) is None and "/.tmp-" not in path:
            yield failed("entry-opening", Level.LEDGER, case.full(path), "no file of salts has this name")
