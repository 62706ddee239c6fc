"""Power loss: whatever was not flushed is gone. What was reported as done never is, and the rest is mended."""

from pathlib import Path

import pytest

from archiver.formats.layout import archive_path, capture_envelope
from archiver.model.digest import Digest
from archiver.record.recover import recover
from archiver.store import durable
from archiver.store.blobs import FolderBlobs
from tests.crash.test_matrix import check_whole, count_steps, mend, salts
from tests.support.failing_disk import CrashError
from tests.support.ledger_kit import fixed_id, new_case
from tests.support.losing_disk import LosingDisk, Platter

PERSISTED = pytest.mark.parametrize("persisted", [False, True], ids=["not persisted", "persisted, answer lost"])


def test_the_disk_of_these_tests_loses_what_was_not_flushed_and_nothing_else(tmp_path: Path) -> None:
    platter = Platter()
    disk = LosingDisk(platter)
    durable.put_once(tmp_path / "kept", b"1", disk=disk)
    durable.replace(tmp_path / "replaced", b"old", disk=disk)
    (tmp_path / "loose").write_bytes(b"2")
    disk.link(tmp_path / "loose", tmp_path / "lost")
    disk.unlink(tmp_path / "loose")
    disk.make_folder(tmp_path / "folder")
    (tmp_path / "folder" / "within").write_bytes(b"3")
    disk.rename(tmp_path / "kept", tmp_path / "replaced")
    assert platter.lose() > 3
    found = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    assert found["loose"] == b"2"
    assert found["replaced"] == b"old"
    assert not {"lost", "folder"} & {path.name for path in tmp_path.iterdir()}


@pytest.mark.parametrize("size", [0, 1, 2, 3])
def test_an_entry_that_was_reported_is_there_after_power_loss(tmp_path: Path, size: int) -> None:
    platter = Platter()
    for number in range(size + 1):
        new_case(tmp_path, disk=LosingDisk(platter)).record(number)
    platter.lose()
    again = new_case(tmp_path)
    mend(again)
    assert again.book.ledger.openings()[capture_envelope(fixed_id(size))] == size
    check_whole(tmp_path, entries=size + 1)


@pytest.mark.parametrize("size", [0, 1])
@PERSISTED
def test_power_loss_at_any_step_is_mended_by_the_next_start(tmp_path: Path, *, size: int, persisted: bool) -> None:
    steps = count_steps(tmp_path / "counted", size=size)
    assert steps > 20
    for step in range(steps):
        folder, platter = tmp_path / f"{step}", Platter()
        for number in range(size):
            new_case(folder, disk=LosingDisk(platter)).record(number)
        with pytest.raises(CrashError):
            new_case(folder, disk=LosingDisk(platter, at=step, persisted=persisted)).record(size)
        platter.lose()
        again = new_case(folder)
        mend(again)
        assert again.record(size).seq == size
        check_whole(folder, entries=size + 1)


@pytest.mark.parametrize("size", [0, 1])
@PERSISTED
def test_what_a_killed_process_left_unflushed_is_flushed_by_the_one_that_goes_on(
    tmp_path: Path, *, size: int, persisted: bool
) -> None:
    """The first process is killed; the second mends and reports the entry; only then the power fails."""
    steps = count_steps(tmp_path / "counted", size=size)
    for step in range(steps):
        folder, platter = tmp_path / f"{step}", Platter()
        for number in range(size):
            new_case(folder, disk=LosingDisk(platter)).record(number)
        with pytest.raises(CrashError):
            new_case(folder, disk=LosingDisk(platter, at=step, persisted=persisted)).record(size)
        second = new_case(folder, disk=LosingDisk(platter))
        recover(second.book, new_salt=lambda: salts(0))
        assert second.record(size).seq == size
        platter.lose()
        again = new_case(folder)
        mend(again)
        assert again.book.ledger.size() == size + 1, f"step {step}"
        check_whole(folder, entries=size + 1)


@PERSISTED
def test_stored_bytes_are_there_after_power_loss_though_the_first_try_was_killed(
    tmp_path: Path, *, persisted: bool
) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"evidence")
    digest = Digest.of(b"evidence")
    counted = LosingDisk(Platter())
    (tmp_path / "counted").mkdir()
    FolderBlobs(tmp_path / "counted", disk=counted).put_file(source, "txt", expected=digest)
    assert len(counted.calls) > 8
    for step in range(len(counted.calls)):
        folder, platter = tmp_path / f"{step}", Platter()
        folder.mkdir()
        cut_off = FolderBlobs(folder, disk=LosingDisk(platter, at=step, persisted=persisted))
        with pytest.raises(CrashError):
            cut_off.put_file(source, "txt", expected=digest)
        FolderBlobs(folder, disk=LosingDisk(platter)).put_file(source, "txt", expected=digest)
        platter.lose()
        assert (folder / archive_path(digest, "txt")).read_bytes() == b"evidence", f"step {step}"
