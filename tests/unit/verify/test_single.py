"""One manifest: within its case with all that bears on it, and alone with what it can show alone."""

import shutil
from pathlib import Path

import pytest

from archiver.formats import layout
from archiver.model.report import Check, Level, Verdict
from archiver.store.source import FolderSource
from archiver.verify.case import Case
from archiver.verify.policy import Trust, read_trust
from archiver.verify.single import check_alone, check_recorded
from tests.support.ledger_kit import CASE, fixed_id, new_case
from tests.support.sealed_workspace import STAMP_ID, SealedWorkspace, make_sealed_workspace

FIRST = f"captures/{fixed_id(1)}.dsse.json"
STAMP = f"events/{STAMP_ID}.dsse.json"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> SealedWorkspace:
    return make_sealed_workspace(tmp_path_factory.mktemp("single") / "whole")


@pytest.fixture
def whole(made: SealedWorkspace, tmp_path: Path) -> SealedWorkspace:
    return made.copy(tmp_path / "copy")


def recorded(whole: SealedWorkspace, path: str = FIRST) -> list[Check]:
    source = FolderSource(whole.workspace)
    trust = read_trust(FolderSource(whole.trust), origin="test")
    return list(check_recorded(source, Case(source, CASE), path, trust))


def alone(whole: SealedWorkspace, folder: Path, *, trust: Trust | None = None) -> list[Check]:
    raw = (whole.case_root / FIRST).read_bytes()
    chosen = trust if trust is not None else read_trust(FolderSource(whole.trust), origin="test")
    return list(check_alone(raw, folder=FolderSource(folder), subject="one.dsse.json", trust=chosen))


def bad(checks: list[Check]) -> dict[str, Verdict]:
    return {one.id: one.verdict for one in checks if one.verdict is not Verdict.PASS}


def test_a_manifest_in_its_case_is_judged_with_its_entry_and_the_ledger_and_with_no_other_capture(
    whole: SealedWorkspace,
) -> None:
    checks = recorded(whole)
    assert set(bad(checks)) == {"witness-quorum"}
    ids = {one.id for one in checks}
    assert {"archive-name", "artifact", "manifest-content", "manifest-signature", "warc-records"} <= ids
    assert {"manifest-recorded", "entry-opening", "ledger-root", "ledger-history", "timestamp-cover", "clock"} <= ids
    assert not any(fixed_id(2) in one.subject for one in checks)


def test_damage_to_another_capture_is_none_of_this_one_s_affair(whole: SealedWorkspace) -> None:
    (whole.case_root / f"captures/{fixed_id(2)}.dsse.json").write_bytes(b"x")
    assert set(bad(recorded(whole))) == {"witness-quorum"}


def test_what_no_timestamp_covers_is_not_checked(whole: SealedWorkspace) -> None:
    covers = [one for one in recorded(whole, STAMP) if one.id == "timestamp-cover"]
    assert [one.verdict for one in covers] == [Verdict.NOT_CHECKED]


def test_a_missing_file_of_it_is_missed(whole: SealedWorkspace) -> None:
    whole.archived("txt").unlink()
    assert [
        bad(recorded(whole, f"captures/{fixed_id(number)}.dsse.json")).get("artifact") for number in (1, 2, 3)
    ].count(Verdict.FAIL) == 1


def test_a_manifest_that_no_entry_is_about_fails(whole: SealedWorkspace) -> None:
    (whole.case_root / layout.opening(0)).unlink()
    assert bad(recorded(whole))["manifest-recorded"] is Verdict.FAIL


def test_a_manifest_of_an_entry_that_cannot_be_read_fails(whole: SealedWorkspace) -> None:
    (whole.case_root / "ledger/checkpoint").write_bytes((whole.case_root / "ledger/checkpoints/2").read_bytes())
    checks = recorded(whole, f"captures/{fixed_id(3)}.dsse.json")
    assert any("cannot be read" in one.reason for one in checks if one.id == "manifest-recorded")


def test_a_manifest_that_was_recorded_twice_fails(whole: SealedWorkspace) -> None:
    kit = new_case(whole.folder)
    kit.record(9)
    opening = (whole.case_root / layout.opening(4)).read_bytes()
    (whole.case_root / layout.opening(4)).write_bytes(opening.replace(fixed_id(9).encode(), fixed_id(1).encode()))
    checks = recorded(whole)
    assert any("recorded twice" in one.reason for one in checks if one.id == "manifest-recorded")


def test_a_manifest_that_is_not_there_is_nothing(whole: SealedWorkspace) -> None:
    assert bad(recorded(whole, "captures/none.dsse.json")) == {"nothing-to-verify": Verdict.FAIL}


def test_alone_it_is_signed_and_its_files_are_looked_for_beside_it(whole: SealedWorkspace, tmp_path: Path) -> None:
    folder = tmp_path / "beside"
    folder.mkdir()
    checks = alone(whole, folder)
    assert bad(checks) == {"artifact": Verdict.NOT_CHECKED, "manifest-recorded": Verdict.NOT_CHECKED}
    for path in (whole.workspace / "archive").rglob("*.*"):
        shutil.copy(path, folder / path.name)
    checks = alone(whole, folder)
    assert bad(checks) == {"manifest-recorded": Verdict.NOT_CHECKED}
    assert {one.level for one in checks} == {Level.FILES, Level.RECORDS, Level.LEDGER}
    (folder / "text.txt").write_bytes(b"other words")
    assert bad(alone(whole, folder))["artifact"] is Verdict.FAIL


def test_alone_nobody_is_trusted_who_is_not_named(whole: SealedWorkspace, tmp_path: Path) -> None:
    found = bad(alone(whole, tmp_path, trust=Trust()))
    assert found["manifest-signature"] is Verdict.FAIL


def test_a_file_beside_it_that_cannot_be_read_is_damage(whole: SealedWorkspace, tmp_path: Path) -> None:
    class Torn(FolderSource):
        def open(self, path: str):  # type: ignore[no-untyped-def] # noqa: ANN202 - it only raises
            from archiver.model.errors import Damaged  # noqa: PLC0415 - one use

            raise Damaged(f"{path}: cannot be read")

    (tmp_path / "text.txt").write_bytes(b"x")
    raw = (whole.case_root / FIRST).read_bytes()
    checks = list(check_alone(raw, folder=Torn(tmp_path), subject="one", trust=Trust()))
    assert any("cannot be read" in one.reason for one in checks if one.id == "artifact")


def test_what_is_no_manifest_is_told_and_nothing_else_asked(tmp_path: Path) -> None:
    checks = list(check_alone(b"{}", folder=FolderSource(tmp_path), subject="one", trust=Trust()))
    assert bad(checks)["manifest-content"] is Verdict.FAIL
    assert "artifact" not in {one.id for one in checks}
