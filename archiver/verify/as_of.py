"""What an auditor would have seen at an earlier time (``--at``): what came later does not count.

====================  =====================================================================
as-of                 was this made by then?
certificate-as-of     was the authority's certificate in force then, or had a younger timestamp taken its place?
====================  =====================================================================

A token is always judged at its own time. Once its certificate has ended, whoever breaks or finds the old key can date
back: only a renewal that was made before keeps what the token says.
"""

from collections.abc import Iterator, Sequence

from archiver.formats import layout
from archiver.model.errors import Damaged, FormatError
from archiver.model.events import Cosigned, KeyEvent, Renewal
from archiver.model.evidence import Capture, Role
from archiver.model.instant import Instant
from archiver.model.provenance import Predicate, Stamp
from archiver.model.report import Check, Level, Verdict
from archiver.proof import certificates, timestamp
from archiver.verify.case import Case, ReadManifest, View, passed, unchecked

_LIMIT_BYTES = 64 << 10
_LEVELS = {Stamp: Level.TIME, Renewal: Level.TIME, Cosigned: Level.INDEPENDENCE}


def as_of(case: Case, at: Instant | None) -> Case:
    """Give the case without the manifests of what was made later; the case itself where no time is asked for."""
    return case if at is None else View(case, lambda one: not _is_later(one, at))


def check_later(case: Case, at: Instant | None) -> Iterator[Check]:
    """Say of each manifest that was made later that it does not count."""
    for one in case.manifests if at is not None else ():
        if at is not None and one.statement is not None and _is_later(one, at):
            predicate = one.statement.predicate
            level = _LEVELS.get(type(predicate), Level.RECORDS)
            reason = f"it is of {_made_at(predicate)}, after {at}: it does not count"
            yield unchecked("as-of", level, case.full(one.path), reason)


def check_certificates(case: Case, at: Instant | None, checks: Sequence[Check]) -> Iterator[Check]:
    """Say of each timestamp that verified (among ``checks``) whether its certificate, or a renewal, held until then."""
    if at is None:
        return
    good = {one.subject for one in checks if one.id in ("timestamp", "renewal") and one.verdict is Verdict.PASS}
    ends = dict(_ends(case, good))
    renewals = [
        one.statement.predicate
        for one in case.manifests
        if one.statement and isinstance(one.statement.predicate, Renewal) and one.statement.predicate.id in ends
    ]
    for identity, (subject, end) in ends.items():
        held = _held_until(identity, ends, renewals)
        if held >= at:
            how = "" if held == end else ", and a renewal that was made before goes on"
            yield passed("certificate-as-of", Level.TIME, subject, f"it ends at {end}{how}")
        else:
            reason = f"it ended at {held}, before {at}, and no renewal was made before: what it says is not kept"
            yield unchecked("certificate-as-of", Level.TIME, subject, reason)


def check_response(response: bytes, at: Instant | None, *, subject: str) -> Iterator[Check]:
    """Say of a token by itself whether it was made by then, and whether its certificate was in force."""
    if at is None:
        return
    try:
        made, end = timestamp.read(response).gen_time, certificates.ends_at(response)
    except FormatError:  # told by the check of the token itself
        return
    if made > at:
        yield unchecked("as-of", Level.TIME, subject, f"it is of {made}, after {at}: it does not count")
    elif end < at:
        reason = f"it ended at {end}, before {at}: what it says is not kept by this certificate"
        yield unchecked("certificate-as-of", Level.TIME, subject, reason)
    else:
        yield passed("certificate-as-of", Level.TIME, subject, f"it ends at {end}")


def _is_later(one: ReadManifest, at: Instant) -> bool:
    return one.statement is not None and _made_at(one.statement.predicate) > at


def _made_at(predicate: Predicate) -> Instant:
    if isinstance(predicate, Capture):
        return predicate.attempt.finished_at
    if isinstance(predicate, Stamp | Renewal):
        return predicate.gen_time
    if isinstance(predicate, Cosigned):
        return predicate.cosigned_at
    return predicate.effective_at if isinstance(predicate, KeyEvent) else predicate.at


def _ends(case: Case, good: set[str]) -> Iterator[tuple[str, tuple[str, Instant]]]:
    """Give the id of each timestamp that verified, its subject, and when its certificate ends."""
    for one in case.manifests:
        predicate = one.statement.predicate if one.statement else None
        subject = case.full(one.path)
        if subject in good and isinstance(predicate, Stamp | Renewal):
            try:
                yield predicate.id, (subject, certificates.ends_at(_response(case, predicate)))
            except (FormatError, Damaged):  # without the certificate inside nothing is known of its end
                yield predicate.id, (subject, predicate.gen_time)


def _response(case: Case, said: Stamp | Renewal) -> bytes:
    found = next(one for one in said.artifacts if one.role is Role.TIMESTAMP_RESPONSE)
    return case.source.read(layout.archive_path(found.digest, found.extension), limit_bytes=_LIMIT_BYTES)


def _held_until(identity: str, ends: dict[str, tuple[str, Instant]], renewals: Sequence[Renewal]) -> Instant:
    """Give until when a timestamp is kept by its own certificate and by renewals that were each made in time."""
    seen = {identity}
    held = ends[identity][1]
    found = True
    while found:
        found = False
        for one in renewals:
            if one.of in seen and one.id not in seen and one.gen_time <= held:
                seen.add(one.id)
                held, found = max(held, ends[one.id][1]), True
    return held
