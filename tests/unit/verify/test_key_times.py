"""A key that was revoked: the order of the ledger proves nothing any more, a timestamp does."""

from dataclasses import replace
from pathlib import Path

import pytest

from archiver.formats import layout
from archiver.formats.manifest import statement_of
from archiver.model.events import KeyAction, KeyEvent, KeyRole
from archiver.model.instant import Instant
from archiver.model.report import Level, Verdict
from archiver.proof.signature import Ed25519Signer
from archiver.proof.windows import revoked_file, signers_file, windows
from archiver.record.append import append
from archiver.seal.manifest import seal
from archiver.store import durable
from archiver.verify.keys import KeyTimes
from tests.support.ledger_kit import BEGIN, CASE, INVESTIGATOR, CaseKit, fixed_id, fixed_salt, new_case
from tests.support.sealed_workspace import SealedWorkspace, make_sealed_workspace

OTHER = Ed25519Signer.from_seed(b"o" * 32)
LATE, EARLY = Instant.parse("2099-01-01T00:00:00.000Z"), Instant.parse("2001-01-01T00:00:00.000Z")
REVOKED = KeyEvent(
    id=fixed_id(200),
    case=CASE,
    at=BEGIN,
    action=KeyAction.REVOKE,
    role=KeyRole.INVESTIGATOR,
    public_key=INVESTIGATOR.public_key.hex(),
    effective_at=LATE,
)


@pytest.fixture
def whole(tmp_path: Path) -> SealedWorkspace:
    return make_sealed_workspace(tmp_path / "whole")


def record(whole: SealedWorkspace, event: KeyEvent, *signers: Ed25519Signer) -> CaseKit:
    kit = new_case(whole.folder)
    append(kit.book, seal(statement_of(event), *signers), salt=fixed_salt(200))
    found = windows([(kit.book.ledger.size() - 1, event)])
    durable.replace(kit.case_root / layout.ALLOWED_SIGNERS, signers_file(found))
    durable.replace(kit.case_root / layout.REVOKED, revoked_file(found))
    return kit


def verdicts(whole: SealedWorkspace) -> dict[str, tuple[Verdict, str]]:
    report = whole.verify(required=Level.LEDGER)
    return {
        one.subject.rsplit("/", 1)[-1]: (one.verdict, one.reason)
        for one in report.checks
        if one.id == "manifest-signature"
    }


def test_what_a_timestamp_proves_to_be_older_than_the_theft_still_counts(whole: SealedWorkspace) -> None:
    kit = record(whole, REVOKED, INVESTIGATOR)
    kit.record(7)
    found = verdicts(whole)
    for number in (1, 2, 3):
        verdict, reason = found[f"{fixed_id(number)}.dsse.json"]
        assert (verdict, "it existed before" in reason) == (Verdict.PASS, True)
    assert found[f"{fixed_id(200)}.dsse.json"][0] is Verdict.NOT_CHECKED, "it revokes its own signer"
    assert found[f"{fixed_id(7)}.dsse.json"][0] is Verdict.FAIL


def test_a_timestamp_that_is_younger_than_the_theft_proves_nothing(whole: SealedWorkspace) -> None:
    record(whole, replace(REVOKED, effective_at=EARLY), INVESTIGATOR)
    assert verdicts(whole)[f"{fixed_id(1)}.dsse.json"][0] is Verdict.FAIL


def test_a_revocation_by_somebody_whom_nobody_trusts_ends_no_key(whole: SealedWorkspace) -> None:
    record(whole, replace(REVOKED, effective_at=EARLY), OTHER)
    assert verdicts(whole)[f"{fixed_id(1)}.dsse.json"][0] is Verdict.PASS


def test_an_event_that_is_not_what_was_recorded_ends_no_key(whole: SealedWorkspace) -> None:
    kit = record(whole, replace(REVOKED, effective_at=EARLY), INVESTIGATOR)
    path = kit.case_root / f"events/{fixed_id(200)}.dsse.json"
    other = seal(statement_of(replace(REVOKED, effective_at=EARLY, reason="x")), INVESTIGATOR)
    path.chmod(0o644)
    path.write_bytes(other.envelope)
    assert verdicts(whole)[f"{fixed_id(1)}.dsse.json"][0] is Verdict.PASS
    path.write_bytes(b"{}")
    assert verdicts(whole)[f"{fixed_id(1)}.dsse.json"][0] is Verdict.PASS


def test_the_first_end_of_a_key_holds_and_the_earliest_revocation() -> None:
    retired = replace(REVOKED, action=KeyAction.RETIRE, effective_at=LATE)
    again = replace(retired, effective_at=Instant(LATE.epoch_us + 1))
    (found,) = windows(
        [(1, retired), (2, again), (3, REVOKED), (4, replace(REVOKED, effective_at=EARLY)), (5, REVOKED)]
    )
    assert (found.ended_at, found.ended_by, found.revoked_from, found.revoked_by) == (EARLY, 1, EARLY, 4)
    added = replace(REVOKED, action=KeyAction.ADD, effective_at=BEGIN)
    (found,) = windows([(1, added), (2, replace(added, effective_at=LATE))])
    assert (found.began_at, found.ended_at) == (BEGIN, None)
    assert windows([(1, replace(REVOKED, role=KeyRole.LOG))]) == ()


def test_a_signature_without_an_entry_does_not_count_once_its_key_has_ended() -> None:
    times = KeyTimes(windows=windows([(1, REVOKED)]))
    assert times.judge(INVESTIGATOR.public_key, "captures/x")[0] is Verdict.FAIL
    assert times.judge(OTHER.public_key, "captures/x")[0] is Verdict.PASS
