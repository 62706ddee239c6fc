"""Each step of writing fails twice: not persisted, and persisted with the answer lost. Then the next start mends it.

The judge is `verify`, which shares no writer with what is tested, and a full recomputation of the tree.
"""

from contextlib import suppress
from pathlib import Path

import pytest

from archiver.formats import entry
from archiver.formats.layout import archive_path
from archiver.model.digest import Digest
from archiver.model.errors import Conflict, StoreError
from archiver.model.report import Level, Verdict
from archiver.proof.merkle import leaf_hash, root
from archiver.record.recover import recover
from archiver.store import durable
from archiver.store.blobs import FolderBlobs
from archiver.store.manifests import ManifestFolder
from archiver.store.source import FolderSource
from archiver.verify.policy import read_trust
from archiver.verify.run import verify
from tests.support.failing_disk import CrashError, FailingDisk, FullDisk
from tests.support.ledger_kit import CASE, CaseKit, fixed_salt, make_trust, new_case, sealed_capture

BEFORE = 3


def count_steps(folder: Path, *, size: int) -> int:
    """Give how many steps one append takes in a ledger of this size."""
    for number in range(size):
        new_case(folder).record(number)
    disk = FailingDisk()
    new_case(folder, disk=disk).record(size)
    return len(disk.calls)


def check_whole(folder: Path, *, entries: int) -> None:
    kit = new_case(folder)
    leaves = kit.book.ledger.leaves()
    checkpoint = kit.book.ledger.checkpoint()
    assert len(leaves) == entries
    assert checkpoint is not None
    assert root([leaf_hash(one) for one in leaves]) == checkpoint.root
    assert len({entry.decode(one).commit for one in leaves}) == entries
    report = verify(
        FolderSource(kit.workspace),
        cases=(CASE,),
        trust=read_trust(FolderSource(make_trust(folder / "trust")), origin="test"),
        required=Level.LEDGER,
    )
    assert report.verdict is Verdict.PASS, [one for one in report.checks if one.verdict is Verdict.FAIL]


def salts(number: int) -> bytes:
    return fixed_salt(1000 + number)


def mend(kit: CaseKit) -> None:
    """Do what every start does."""
    recover(kit.book, new_salt=lambda: salts(0))


@pytest.mark.parametrize("size", [0, 1, 2, BEFORE])
@pytest.mark.parametrize("persisted", [False, True], ids=["not persisted", "persisted, answer lost"])
def test_an_append_that_is_cut_off_at_any_step_is_whole_after_the_next_start(
    tmp_path: Path, *, size: int, persisted: bool
) -> None:
    steps = count_steps(tmp_path / "counted", size=size)
    assert steps > 20
    for step in range(steps):
        folder = tmp_path / f"{step}"
        for number in range(size):
            new_case(folder).record(number)
        with pytest.raises(CrashError):
            new_case(folder, disk=FailingDisk(at=step, persisted=persisted)).record(size)
        again = new_case(folder)
        mend(again)
        # Whatever had become of the entry, appending it once more records it exactly once.
        recorded = again.record(size)
        assert recorded.seq == size
        check_whole(folder, entries=size + 1)


@pytest.mark.parametrize("persisted", [False, True], ids=["not persisted", "persisted, answer lost"])
def test_what_was_sealed_is_recorded_by_the_next_start_without_being_asked(tmp_path: Path, *, persisted: bool) -> None:
    steps = count_steps(tmp_path / "counted", size=1)
    recorded = []
    for step in range(steps):
        folder = tmp_path / f"{step}"
        new_case(folder).record(0)
        with pytest.raises(CrashError):
            new_case(folder, disk=FailingDisk(at=step, persisted=persisted)).record(1)
        again = new_case(folder)
        sealed = again.book.manifests.list()
        mend(again)
        assert set(again.book.ledger.openings()) == set(sealed)
        recorded.append(len(sealed))
    assert recorded == sorted(recorded), "once the manifest is there it stays"
    assert {1, 2} == set(recorded)


@pytest.mark.parametrize("persisted", [False, True], ids=["not persisted", "persisted, answer lost"])
def test_mending_that_is_itself_cut_off_is_mended_by_the_next_start(tmp_path: Path, *, persisted: bool) -> None:
    for step in range(0, count_steps(tmp_path / "counted", size=1), 3):
        for second in range(0, 30, 4):
            folder = tmp_path / f"{step}-{second}"
            new_case(folder).record(0)
            with pytest.raises(CrashError):
                new_case(folder, disk=FailingDisk(at=step, persisted=persisted)).record(1)
            with suppress(CrashError):
                mend(new_case(folder, disk=FailingDisk(at=second, persisted=not persisted)))
            again = new_case(folder)
            mend(again)
            again.record(1)
            check_whole(folder, entries=2)


def test_a_full_tile_is_closed_and_the_next_begun_through_crashes(tmp_path: Path) -> None:
    folder = tmp_path / "wide"
    kit = new_case(folder)
    for number in range(255):
        kit.record(number)
    for number in (255, 256):
        for step in range(0, 40, 7):
            try:
                new_case(folder, disk=FailingDisk(at=step, persisted=step % 2 == 0)).record(number)
            except CrashError:
                mend(new_case(folder))
        new_case(folder).record(number)
    check_whole(folder, entries=257)


# --- one file ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("persisted", [False, True])
def test_a_write_once_file_is_absent_or_whole_at_every_step(tmp_path: Path, *, persisted: bool) -> None:
    (tmp_path / "something").write_bytes(b"")
    counted = FailingDisk()
    durable.put_once(tmp_path / "counted" / "a" / "b", b"content", disk=counted)
    assert len(counted.calls) == 8
    for step in range(len(counted.calls)):
        path = tmp_path / f"{step}" / "a" / "b"
        with pytest.raises(CrashError):
            durable.put_once(path, b"content", disk=FailingDisk(at=step, persisted=persisted))
        assert not path.exists() or path.read_bytes() == b"content"
        durable.sweep(tmp_path / f"{step}")
        durable.put_once(path, b"content")
        assert path.read_bytes() == b"content"
        assert list(durable.temporaries(tmp_path / f"{step}")) == []


@pytest.mark.parametrize("persisted", [False, True])
def test_a_replaced_file_is_the_old_or_the_new_one_at_every_step(tmp_path: Path, *, persisted: bool) -> None:
    for step in range(3):
        path = tmp_path / f"{step}"
        durable.replace(path, b"old")
        with pytest.raises(CrashError):
            durable.replace(path, b"new", disk=FailingDisk(at=step, persisted=persisted))
        assert path.read_bytes() in (b"old", b"new")


def test_a_write_once_name_is_never_given_other_bytes(tmp_path: Path) -> None:
    path = tmp_path / "x"
    durable.put_once(path, b"first")
    durable.put_once(path, b"first")
    with pytest.raises(Conflict, match="already holds other bytes"):
        durable.put_once(path, b"other")
    assert path.read_bytes() == b"first"
    assert path.stat().st_mode & 0o777 == 0o444


@pytest.mark.parametrize("persisted", [False, True])
def test_storing_bytes_that_is_cut_off_can_be_repeated(tmp_path: Path, *, persisted: bool) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"evidence" * 1000)
    digest = Digest.of(source.read_bytes())
    for step in range(9):
        root_folder = tmp_path / f"{step}"
        root_folder.mkdir()
        with suppress(CrashError):
            cut_off = FolderBlobs(root_folder, disk=FailingDisk(at=step, persisted=persisted))
            cut_off.put_file(source, "txt", expected=digest)
        blobs = FolderBlobs(root_folder)
        blobs.sweep()
        assert blobs.put_file(source, "txt", expected=digest) == 8000
        assert blobs.list() == (archive_path(digest, "txt"),)


def test_a_disk_that_is_full_is_told_and_nothing_half_written_counts(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="No space left"):
        durable.put_once(tmp_path / "x", b"1", disk=FullDisk())
    assert not (tmp_path / "x").exists()
    sealed = sealed_capture(0)
    kit = new_case(tmp_path / "case")
    full = ManifestFolder(kit.case_root, disk=FullDisk())
    with pytest.raises(StoreError, match="No space left"):
        full.put_all([(sealed.path, sealed.envelope)])
    assert kit.book.manifests.list() == ()
