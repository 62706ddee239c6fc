"""An erasure that is cut off at any step is ended by the next start; before that the verifier says what it sees."""

from pathlib import Path

import pytest

from archiver.app.erase import finish_erasures
from archiver.formats import citations as form
from archiver.formats import layout
from archiver.model.citation import Citation, CitationList, Decision, Kind
from archiver.model.events import Custody, CustodyAction
from archiver.model.evidence import Role
from archiver.model.report import Level, Report, Verdict
from archiver.record.recover import recover
from archiver.store.source import FolderSource
from archiver.verify.policy import read_trust
from archiver.verify.run import verify
from tests.support.failing_disk import CrashError, FailingDisk
from tests.support.ledger_kit import BEGIN, CASE, CaseKit, fixed_id, fixed_salt, make_trust, new_case


def recorded_erasure(folder: Path) -> CaseKit:
    """Give a case with three captures, appended together, whose second is erased on paper and not yet in fact."""
    kit = new_case(folder)
    files = [
        kit.artifact(f"{number}.txt", b"text %d" % number, role=Role.TEXT, media_type="text/plain", extension="txt")
        for number in (0, 1)
    ]
    cited = tuple(Citation(id=f"c0{number}", kind=Kind.WEB_PAGE, url="https://example.org/") for number in (1, 2, 3))
    kit.book.manifests.write_citations(form.encode(CitationList(citations=cited)))
    kit.record(0, artifacts=(files[0],))
    kit.record(1, artifacts=tuple(files))
    kit.record_all([2, 3])
    kit.record_event(
        Custody(
            id=fixed_id(50),
            case=CASE,
            at=BEGIN,
            action=CustodyAction.ERASURE,
            entries=(1, 2),
            manifests=tuple(layout.capture_envelope(fixed_id(number)) for number in (1, 2)),
            reason="asked to",
        )
    )
    return kit


def judged(folder: Path, kit: CaseKit) -> Report:
    trust = read_trust(FolderSource(make_trust(folder / "trust")), origin="test")
    return verify(FolderSource(kit.workspace), cases=(CASE,), trust=trust, required=Level.LEDGER)


@pytest.mark.parametrize("persisted", [False, True], ids=["not persisted", "persisted, answer lost"])
def test_an_erasure_that_is_cut_off_at_any_step_is_ended_by_the_next_start(tmp_path: Path, *, persisted: bool) -> None:
    counted = FailingDisk()
    recorded_erasure(tmp_path / "counted")
    case = new_case(tmp_path / "counted", disk=counted)
    finish_erasures(case.book, case.blobs)
    assert len(counted.calls) > 8
    for step in range(len(counted.calls)):
        folder = tmp_path / f"{step}"
        recorded_erasure(folder)
        cut = new_case(folder, disk=FailingDisk(at=step, persisted=persisted))
        with pytest.raises(CrashError):
            finish_erasures(cut.book, cut.blobs)
        kit = new_case(folder)
        between = judged(folder, kit)
        # Cut off after a file went and before its manifest did: the file is missed, which is true.
        assert {one.id for one in between.checks if one.verdict is Verdict.FAIL} <= {"artifact"}
        recover(kit.book, new_salt=lambda: fixed_salt(99))
        finish_erasures(kit.book, kit.blobs)
        after = judged(folder, kit)
        assert after.verdict is Verdict.PASS, [one for one in after.checks if one.verdict is Verdict.FAIL]
        assert sum(one.id == "entry-erased" for one in after.checks) == 2
        assert kit.book.ledger.size() == 5
        cited = form.decode(kit.book.manifests.read_citations() or b"").citations
        assert [one.decision for one in cited] == [Decision.ERASED, Decision.ERASED, None], "before they were destroyed"
        assert [path.read_bytes() for path in (kit.workspace / "archive").rglob("*.txt")] == [b"text 0"]


def test_an_erasure_that_was_recorded_and_not_done_is_not_called_done(tmp_path: Path) -> None:
    kit = recorded_erasure(tmp_path)
    told = [one for one in judged(tmp_path, kit).checks if one.id == "entry-erased"]
    assert {one.verdict for one in told} == {Verdict.NOT_CHECKED}
    assert all("still here" in one.reason for one in told)
    (kit.case_root / layout.capture_envelope(fixed_id(1))).unlink()
    told = [one for one in judged(tmp_path, kit).checks if one.id == "entry-erased"]
    assert any("its salt is still here" in one.reason for one in told)
