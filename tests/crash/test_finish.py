"""From prepared to recorded: cut off at every step, then finished by the next start."""

from dataclasses import replace
from pathlib import Path

import pytest

from archiver.app.home import Home
from archiver.app.prepared import describe, left_behind, prepare, scratch
from archiver.app.reading import captures
from archiver.app.recording import OpenCase, finish, repair
from archiver.formats.manifest import subjects_of
from archiver.model.evidence import Piece, Role
from archiver.model.provenance import Statement
from archiver.model.report import Level, Verdict
from archiver.store.source import FolderSource
from archiver.verify.policy import read_trust
from archiver.verify.run import verify
from tests.support.failing_disk import CrashError, FailingDisk
from tests.support.ledger_kit import CASE, INVESTIGATOR, ORIGIN, fixed_id, make_trust, new_case, sample_capture


def open_there(folder: Path, disk: FailingDisk | None = None) -> OpenCase:
    kit = new_case(folder, disk=disk) if disk else new_case(folder)
    return OpenCase(
        name=CASE,
        origin=ORIGIN,
        scratch=Home(root=folder / "home").scratch(ORIGIN),
        investigator=INVESTIGATOR,
        book=kit.book,
        blobs=kit.blobs,
    )


def prepare_one(case: OpenCase, number: int) -> None:
    with scratch(case.scratch, fixed_id(number)) as folder:
        pieces = []
        for role, name in ((Role.TEXT, "text.txt"), (Role.DOM, "dom.html")):
            (folder / name).write_text(f"{name} of {number}")
            pieces.append(Piece(role=role, name=name, media_type="text/plain", path=folder / name))
        capture = sample_capture(number, artifacts=tuple(describe(piece) for piece in pieces))
        prepare(folder, Statement(subjects=subjects_of(capture), predicate=replace(capture)))


def steps_of_finishing(folder: Path) -> int:
    prepare_one(open_there(folder), 1)
    disk = FailingDisk()
    case = open_there(folder, disk)
    _finish_all(case)
    return len(disk.calls)


def _finish_all(case: OpenCase) -> None:
    for prepared in left_behind(case.scratch):
        finish(case, prepared)


@pytest.mark.parametrize("persisted", [False, True], ids=["not persisted", "persisted, answer lost"])
def test_a_capture_that_is_cut_off_between_any_two_steps_is_recorded_once_by_the_next_start(
    tmp_path: Path, *, persisted: bool
) -> None:
    steps = steps_of_finishing(tmp_path / "counted")
    assert steps > 40
    for step in range(steps):
        folder = tmp_path / f"{step}"
        prepare_one(open_there(folder), 1)
        case = open_there(folder, FailingDisk(at=step, persisted=persisted))
        with pytest.raises(CrashError):
            _finish_all(case)
        again = open_there(folder)
        repair(again)
        assert [one.id for one in captures(again.book.manifests)] == [fixed_id(1)]
        assert again.book.ledger.size() == 1
        assert list(again.scratch.iterdir()) == []
        report = verify(
            FolderSource(folder / "workspace"),
            cases=(CASE,),
            trust=read_trust(FolderSource(make_trust(folder / "trust")), origin="test"),
            required=Level.LEDGER,
        )
        assert report.verdict is Verdict.PASS, [one for one in report.checks if one.verdict is not Verdict.PASS]
