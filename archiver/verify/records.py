"""Level L1: is each manifest whole, about its own files, and signed by somebody whom the auditor trusts.

===================  ======================================================================
manifest-content     does each manifest decode strictly, and say its own id and case?
manifest-signature   is it signed by an investigator's key that the auditor trusts?
warc-records         has each WARC the records that the manifest counts, each with its digest?
===================  ======================================================================
"""

from collections.abc import Iterator

from archiver.formats import layout
from archiver.formats.envelope import PAYLOAD_TYPE
from archiver.formats.manifest import entry_type
from archiver.formats.warc_walk import WalkedRecord, walk
from archiver.model.errors import Damaged, FormatError
from archiver.model.evidence import Artifact, Capture, Role
from archiver.model.provenance import Envelope
from archiver.model.report import Check, Level, Verdict
from archiver.model.text import visible
from archiver.proof.signature import device_signatures, key_id, read_public_file, verifying_keys
from archiver.store.source import EvidenceSource
from archiver.verify import touch
from archiver.verify.case import Case, ReadManifest, failed, passed, unchecked
from archiver.verify.content import Content
from archiver.verify.keys import KeyTimes
from archiver.verify.policy import Trust
from archiver.verify.wire import KEEP_BYTES, Wire

_WARC_BYTES = 8 << 30


def check_content(case: Case) -> Iterator[Check]:
    """Say of each manifest whether it is well formed and in its place."""
    for one in case.manifests:
        problem = one.problem or _misplaced(case, one)
        subject = case.full(one.path)
        if problem:
            yield failed("manifest-content", Level.RECORDS, subject, problem)
        else:
            yield passed("manifest-content", Level.RECORDS, subject)


def _misplaced(case: Case, one: ReadManifest) -> str:
    assert one.statement is not None, "a manifest without a problem has a statement"
    predicate = one.statement.predicate
    if predicate.case != case.name:
        return f"it is about case {predicate.case}, and lies in {case.name}"
    try:
        place = layout.envelope_path(entry_type(one.statement), predicate.id)
    except FormatError as error:
        return error.message
    return "" if place == one.path else f"it belongs at {place}"


def check_signatures(case: Case, trust: Trust, times: KeyTimes) -> Iterator[Check]:
    """Say of each manifest whether a trusted investigator signed exactly these bytes while the key counted."""
    inside = key_inside(case)
    for one in case.manifests:
        subject = case.full(one.path)
        if one.envelope is None:
            yield failed("manifest-signature", Level.RECORDS, subject, f"no signature can be read: {one.problem}")
            continue
        if one.envelope.payload_type != PAYLOAD_TYPE:
            reason = f"expected payload type {PAYLOAD_TYPE}, found {one.envelope.payload_type[:80]}"
            yield failed("manifest-signature", Level.RECORDS, subject, reason)
            continue
        trusted = verifying_keys(one.envelope, trust.investigator_keys)
        introduced = verifying_keys(one.envelope, tuple(times.introduced))
        if trusted:
            yield _judged(one.envelope, [(key, *times.judge(key, one.path)) for key in trusted], subject)
        elif introduced:
            reason = (
                f"by {key_id(introduced[0])}, which entry {times.introduced[introduced[0]]} puts in the place of a key "
                "that you trust: say whether you trust it too (--trust)"
            )
            yield unchecked("manifest-signature", Level.RECORDS, subject, reason)
        elif trust.investigator_keys:
            why = touch.untouched(one.envelope, (*trust.investigator_keys, *times.introduced))
            yield failed("manifest-signature", Level.RECORDS, subject, why or "not signed by any key that you trust")
        elif inside and verifying_keys(one.envelope, (inside,)):
            reason = (
                f"valid under {key_id(inside)}, a key that came with the evidence: say whether you trust it (--trust)"
            )
            yield unchecked("manifest-signature", Level.RECORDS, subject, reason)
        else:
            why = touch.untouched(one.envelope, (inside,)) if inside else ""
            yield failed("manifest-signature", Level.RECORDS, subject, why or "no signature of it is valid")


def _judged(signed: Envelope, found: list[tuple[bytes, Verdict, str]], subject: str) -> Check:
    """Give the best that any of the trusted keys which signed gives."""
    order = (Verdict.PASS, Verdict.NOT_CHECKED, Verdict.FAIL)
    key, verdict, why = min(found, key=lambda one: order.index(one[1]))
    by = f"by {key_id(key)}, which you trust{touch.shown(device_signatures(signed, key))}"
    reason = by + (f": {why}" if why else "")
    return Check(
        id="manifest-signature", level=Level.RECORDS, subject=visible(subject), verdict=verdict, reason=visible(reason)
    )


def key_inside(case: Case) -> bytes | None:
    """Give the investigator's key that came with the evidence, or None where none can be read. It proves nothing."""
    try:
        return read_public_file(case.read(case.investigator_file))
    except (FormatError, Damaged):
        return None


def check_warcs(source: EvidenceSource, case: Case, content: Content) -> Iterator[Check]:
    """Say of each capture's WARC whether its records are whole and as many as the manifest says.

    ``content`` sees what the records say besides, and gives its own checks of each capture.
    """
    for one in case.manifests:
        if one.statement is not None and isinstance(one.statement.predicate, Capture):
            yield from _check_capture(source, case, one.path, one.statement.predicate, content)


def _check_capture(
    source: EvidenceSource, case: Case, path: str, capture: Capture, content: Content
) -> Iterator[Check]:
    wire = content.wire(capture)
    warcs = [artifact for artifact in capture.artifacts if artifact.role is Role.WARC]
    for artifact in warcs:
        yield _check_warc(source, wire, artifact, subject=f"{case.full(path)}: {artifact.name}")
    if capture.attempt.warc is not None and not warcs:
        reason = "the manifest counts the records of a WARC that it does not name"
        yield failed("warc-records", Level.RECORDS, case.full(path), reason)
    yield from content.check(wire, path)


def _check_warc(source: EvidenceSource, wire: Wire, artifact: Artifact, *, subject: str) -> Check:
    facts = wire.capture.attempt.warc
    main_id = facts.main_record_id if facts else None
    count, problem, mains = 0, "", 0
    try:
        with source.open(layout.archive_path(artifact.digest, artifact.extension)) as file:
            for record in walk(file, limit_bytes=_WARC_BYTES, keep=wire.keep, keep_bytes=KEEP_BYTES):
                count += 1
                mains += record.type == "response" and record.record_id == main_id
                problem = problem or _wrong(record)
                wire.take(record)
    except (FormatError, Damaged) as error:
        return failed("warc-records", Level.RECORDS, subject, problem or error.message)
    if not problem and (facts is None or facts.records != count):
        said = "no number" if facts is None else str(facts.records)
        problem = f"the manifest says {said} of records, found {count}"
    if not problem and main_id and mains != 1:
        problem = "the main document's record is not in it, once and as a response"
    if problem:
        return failed("warc-records", Level.RECORDS, subject, problem)
    return passed("warc-records", Level.RECORDS, subject, f"{count} records")


def _wrong(record: WalkedRecord) -> str:
    """Give what is wrong with a record of our own: stricter than the standard, which asks for no digest."""
    where = f"record {record.record_id} at byte {record.offset}: "
    if record.problems:
        return where + record.problems[0]
    if record.block is None or not record.block.stated.startswith("sha256:"):
        return where + "has no WARC-Block-Digest by SHA-256"
    for found, name in ((record.block, "WARC-Block-Digest"), (record.payload, "WARC-Payload-Digest")):
        if found is not None and found.problem:
            return where + f"{name} says {found.stated[:80]}: {found.problem}"
    return "" if record.end else where + "does not have a gzip member of its own"
