"""A WARC file by itself, whoever made it: can it be followed, does each record keep the standard, do its digests agree.

==================  =======================================================================
warc-whole          can the file be followed from its first byte to its last?
warc-form           does each record keep what the standard demands (ISO 28500:2017)?
warc-digest         does each block's digest agree with its bytes?
warc-payload        does each payload's digest agree with its bytes?
==================  =======================================================================
"""

from collections.abc import Callable, Iterator

from archiver.formats.labelled import WEAK
from archiver.formats.members import Readable
from archiver.formats.warc_walk import DigestFinding, WalkedRecord, walk
from archiver.model.errors import Damaged, FormatError
from archiver.model.report import Check, Level, Verdict
from archiver.verify.case import failed, passed, unchecked

Seen = Callable[[WalkedRecord], None]
MOST_TOLD = 1_000
"""How many answers of one kind are told one by one; the rest is counted."""
_WEAK_TOLD = "by a weak algorithm"
_MOST_PASSED = 1_000
_FORM, _BLOCK, _PAYLOAD = ((name, Verdict.PASS) for name in ("warc-form", "warc-digest", "warc-payload"))
_MOST_PAYLOADS = 1_000_000
NOT_PROVEN = (
    "That the site sent these bytes to anybody: a WARC file is what its maker wrote into it.",
    "When they came, and from where: the dates and addresses are the maker's words.",
    "That nobody changed a record and its digest together: the digests of a WARC are its own, nobody has signed them.",
    "What the heads of its records say (address, time, IP): no digest covers them.",
)
WEAK_DIGESTS = "That no second file has these digests: some are by SHA-1 or MD5, for which such files can be made."


def check_warc(
    stream: Readable, *, subject: str, covered: bool = False, seen: Seen = lambda _: None
) -> Iterator[Check]:
    """Say of each record whether it keeps the standard and its digests.

    ``covered`` says that a digest of the whole file is checked elsewhere: then a record without one of its own is no
    open question. ``seen`` is given every record.
    """
    return _Telling(subject, covered=covered, seen=seen).checks(stream)


class _Telling:
    """Turns what `walk` found into checks, bounded in number."""

    def __init__(self, subject: str, *, covered: bool, seen: Seen) -> None:
        self._seen = seen
        self._subject = subject
        self._covered = covered
        self._told: dict[tuple[str, Verdict], int] = {}
        self._payloads: set[int] = set()

    def checks(self, stream: Readable) -> Iterator[Check]:
        number, size = 0, 0
        problem = ""
        try:
            for record in walk(stream):
                self._seen(record)
                number, size = record.number, size + record.size_bytes
                if self._is_more_of_the_same(record):
                    continue
                yield from self._bounded(self._record(record))
        except (FormatError, Damaged) as error:
            problem = error.message
        yield from self._rest()
        if problem:
            yield failed("warc-whole", Level.FILES, self._subject, problem)
        else:
            yield passed("warc-whole", Level.FILES, self._subject, f"{number} records, {size} bytes of blocks")

    def _is_more_of_the_same(self, record: WalkedRecord) -> bool:
        """Count a record in which all agrees, once enough like it were told; False for any other."""
        block, payload = record.block, record.payload
        whole = block is not None and not (block.problem or block.unchecked or record.problems)
        if not whole or (payload is not None and (payload.problem or payload.unchecked or record.type == "revisit")):
            return False
        kinds = [_FORM, _BLOCK] if payload is None else [_FORM, _BLOCK, _PAYLOAD]
        if any(self._told.get(kind, 0) < _MOST_PASSED for kind in kinds):
            return False
        for kind in kinds:
            self._told[kind] += 1
        if payload is not None:
            self._known(record, payload)
        return True

    def _bounded(self, checks: Iterator[Check]) -> Iterator[Check]:
        for one in checks:
            kind = (one.id, one.verdict)
            self._told[kind] = self._told.get(kind, 0) + 1
            if self._told[kind] <= (_MOST_PASSED if one.verdict is Verdict.PASS else MOST_TOLD):
                yield one

    def _rest(self) -> Iterator[Check]:
        for (name, verdict), count in self._told.items():
            left = count - (_MOST_PASSED if verdict is Verdict.PASS else MOST_TOLD)
            if left > 0:
                reason = f"{left} more records like those above"
                yield Check(id=name, level=Level.RECORDS, subject=self._subject, verdict=verdict, reason=reason)

    def _record(self, record: WalkedRecord) -> Iterator[Check]:
        subject = f"{self._subject}: record {record.number} at byte {record.offset} ({record.type or 'unreadable'})"
        if record.problems:
            yield failed("warc-form", Level.RECORDS, subject, "; ".join(record.problems[:20]))
        else:
            yield passed("warc-form", Level.RECORDS, subject, "; ".join(record.remarks[:20]))
        if record.block is not None:
            yield _digest("warc-digest", record.block, subject)
        elif not self._covered and record.payload is None and not record.lost:
            yield unchecked("warc-digest", Level.RECORDS, subject, "it states no digest: nothing says what it was")
        elif not self._covered and record.payload is not None and not record.payload.problem:
            reason = "it states no digest of its block: nothing covers the HTTP head"
            yield unchecked("warc-digest", Level.RECORDS, subject, reason)
        payload = self._known(record, record.payload) if record.payload else None
        if payload is not None and not (self._covered and payload.unchecked):
            yield _digest("warc-payload", payload, subject)

    def _known(self, record: WalkedRecord, payload: DigestFinding) -> DigestFinding:
        """Take a revisit's payload for seen if a record before holds it."""
        known = hash(payload.stated.lower())
        if record.type != "revisit":
            if not payload.problem and not payload.unchecked and len(self._payloads) < _MOST_PAYLOADS:
                self._payloads.add(known)
            return payload
        if known in self._payloads and payload.unchecked:
            return DigestFinding(stated=payload.stated, by="the payload of a record before")
        return payload


def _digest(name: str, found: DigestFinding, subject: str) -> Check:
    stated = found.stated[:160]
    if found.problem:
        return failed(name, Level.RECORDS, subject, f"it states {stated}: {found.problem}")
    if found.unchecked:
        return unchecked(name, Level.RECORDS, subject, f"it states {stated}: {found.unchecked}")
    weak = stated.partition(":")[0].lower().replace("-", "") in WEAK
    reason = "; ".join(part for part in (found.by and f"of {found.by}", _WEAK_TOLD if weak else "") if part)
    return passed(name, Level.RECORDS, subject, reason)


def not_proven(checks: tuple[Check, ...]) -> tuple[str, ...]:
    """Give what these checks leave open whatever they say."""
    weak = any(one.id in ("warc-digest", "warc-payload") and _WEAK_TOLD in one.reason for one in checks)
    return (*NOT_PROVEN, *((WEAK_DIGESTS,) if weak else ()))
