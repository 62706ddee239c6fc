"""``--at``: what came later does not count, and a certificate that has ended keeps nothing without a renewal."""

from dataclasses import replace
from pathlib import Path

import pytest

from archiver.app.prepared import describe
from archiver.formats.renewed import encode_list
from archiver.model.digest import Digest
from archiver.model.events import Cosigned, KeyAction, KeyEvent, KeyRole
from archiver.model.evidence import Artifact, Piece, Role
from archiver.model.instant import Instant
from archiver.model.report import Check, Level, Report, Verdict
from archiver.proof import certificates
from archiver.store.source import FolderSource
from archiver.verify.as_of import check_certificates, check_response
from archiver.verify.case import Case
from archiver.verify.policy import read_trust
from archiver.verify.run import verify
from tests.support.ledger_kit import BEGIN, CASE, INVESTIGATOR, CaseKit, fixed_id, new_case
from tests.support.openssl_tsa import OpensslTsa, make_tsa
from tests.support.sealed_workspace import SealedWorkspace, make_sealed_workspace
from tests.unit.verify.test_stamps import renewal, right_list

LATER = Instant.parse("2099-01-01T00:00:00Z")
EARLY = Instant.parse("2001-01-01T00:00:00Z")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[SealedWorkspace, OpensslTsa]:
    folder = tmp_path_factory.mktemp("as_of")
    return make_sealed_workspace(folder / "whole"), make_tsa(folder / "long", name="Long", days=3000)


@pytest.fixture
def whole(made: tuple[SealedWorkspace, OpensslTsa], tmp_path: Path) -> SealedWorkspace:
    copy = made[0].copy(tmp_path / "copy")
    (copy.trust / "tsa/long.pem").write_bytes(made[1].root_pem)
    return copy


def report_at(whole: SealedWorkspace, at: Instant | None, required: Level = Level.TIME) -> Report:
    trust = replace(read_trust(FolderSource(whole.trust), origin="test"), at=at)
    return verify(FolderSource(whole.workspace), cases=(CASE,), trust=trust, required=required)


def found(report: Report, name: str) -> list[Check]:
    return [one for one in report.checks if one.id == name]


def ends(whole: SealedWorkspace) -> Instant:
    return certificates.ends_at(whole.archived("tsr").read_bytes())


def test_as_of_now_nothing_is_left_out_and_certificates_are_told(whole: SealedWorkspace) -> None:
    report = report_at(whole, Instant(ends(whole).epoch_us - 1))
    assert report.verdict is Verdict.PASS
    assert found(report, "as-of") == []
    assert [one.verdict for one in found(report, "certificate-as-of")] == [Verdict.PASS]
    assert found(report_at(whole, None), "certificate-as-of") == []


def test_as_of_a_time_before_anything_was_made_nothing_counts_and_nothing_fails(whole: SealedWorkspace) -> None:
    report = report_at(whole, EARLY)
    assert report.verdict is Verdict.NOT_CHECKED
    assert len(found(report, "as-of")) == 4
    assert found(report, "timestamp") == []
    assert {one.verdict for one in found(report, "timestamp-cover")} == {Verdict.NOT_CHECKED}


def test_a_certificate_that_has_ended_keeps_nothing_without_a_renewal(
    made: tuple[SealedWorkspace, OpensslTsa], whole: SealedWorkspace
) -> None:
    after = Instant(ends(whole).epoch_us + 1)
    (check,) = found(report_at(whole, after), "certificate-as-of")
    assert (check.verdict, "no renewal was made before" in check.reason) == (Verdict.NOT_CHECKED, True)
    kit = new_case(whole.folder)
    kit.record_event(renewal(kit, made[1], encode_list(right_list(whole))))
    report = report_at(whole, after)
    assert [one.verdict for one in found(report, "certificate-as-of")] == [Verdict.PASS, Verdict.PASS]
    assert any("a renewal that was made before goes on" in one.reason for one in found(report, "certificate-as-of"))
    assert {one.verdict for one in found(report_at(whole, LATER), "certificate-as-of")} == {Verdict.NOT_CHECKED}


def test_a_token_that_was_changed_is_no_certificate_to_judge(whole: SealedWorkspace) -> None:
    path = whole.archived("tsr")
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    assert found(report_at(whole, LATER), "certificate-as-of") == []


def test_a_timestamp_without_its_certificate_is_kept_by_nothing_after_its_own_time(whole: SealedWorkspace) -> None:
    case = Case(FolderSource(whole.workspace), CASE)
    good = [one for one in report_at(whole, None).checks if one.id == "timestamp"]
    whole.archived("tsr").unlink()
    (check,) = check_certificates(case, Instant.parse("2027-06-01T00:00:00Z"), good)
    assert check.verdict is Verdict.NOT_CHECKED


def test_a_revocation_to_come_does_not_count_yet(whole: SealedWorkspace) -> None:
    kit = new_case(whole.folder)
    revoked = KeyEvent(
        id=fixed_id(200),
        case=CASE,
        at=BEGIN,
        action=KeyAction.REVOKE,
        role=KeyRole.INVESTIGATOR,
        public_key=INVESTIGATOR.public_key.hex(),
        effective_at=Instant.parse("2030-01-01T00:00:00Z"),
    )
    kit.record_event(revoked)
    before = report_at(whole, Instant.parse("2029-12-31T00:00:00Z"), Level.LEDGER)
    assert {one.verdict for one in found(before, "manifest-signature")} == {Verdict.PASS}
    later = report_at(whole, Instant.parse("2030-01-02T00:00:00Z"), Level.LEDGER)
    assert Verdict.NOT_CHECKED in {one.verdict for one in found(later, "manifest-signature")}


def test_a_cosignature_to_come_does_not_count_yet(whole: SealedWorkspace) -> None:
    kit = new_case(whole.folder)
    kit.record_event(
        Cosigned(
            id=fixed_id(300),
            case=CASE,
            at=BEGIN,
            checkpoint_size=3,
            checkpoint_digest=Digest.of(kit.book.ledger.checkpoint_bytes(3)),
            witness="w",
            cosigned_at=LATER,
            artifacts=(_stored(kit),),
        )
    )
    report = report_at(whole, Instant.parse("2028-01-01T00:00:00Z"))
    assert [one.level for one in found(report, "as-of")] == [Level.INDEPENDENCE]
    assert found(report, "witness") == []


def _stored(kit: CaseKit) -> Artifact:
    path = kit.workspace.parent / "note.txt"
    path.write_bytes(b"note")
    artifact = describe(Piece(role=Role.COSIGNED_CHECKPOINT, name="note.txt", media_type="text/plain", path=path))
    kit.blobs.put_file(path, artifact.extension, expected=artifact.digest)
    return artifact


@pytest.mark.parametrize(
    ("at", "name", "verdict"),
    [
        (None, None, None),
        (EARLY, "as-of", Verdict.NOT_CHECKED),
        (Instant.parse("2027-06-01T00:00:00Z"), "certificate-as-of", Verdict.PASS),
        (LATER, "certificate-as-of", Verdict.NOT_CHECKED),
    ],
)
def test_a_token_by_itself_is_judged_as_of_that_time(
    whole: SealedWorkspace, at: Instant | None, name: str | None, verdict: Verdict | None
) -> None:
    checks = list(check_response(whole.archived("tsr").read_bytes(), at, subject="x.tsr"))
    assert [(one.id, one.verdict) for one in checks] == ([] if name is None else [(name, verdict)])
    assert list(check_response(b"no token", at, subject="x.tsr")) == []
