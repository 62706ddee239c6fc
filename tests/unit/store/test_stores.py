import os
import subprocess
import sys
from pathlib import Path

import pytest

from archiver.formats import layout
from archiver.formats.tiles import Tile
from archiver.model.digest import Digest
from archiver.model.errors import Damaged, Locked, StoreError
from archiver.store import durable
from archiver.store.blobs import FolderBlobs
from archiver.store.ledger import LedgerFolder
from archiver.store.manifests import ManifestFolder
from tests.support.failing_disk import FullDisk, StuckDisk
from tests.support.ledger_kit import CaseKit, fixed_id, new_case, sealed_capture

DIGEST = Digest.of(b"evidence")


@pytest.fixture
def blob(tmp_path: Path) -> Path:
    path = tmp_path / "scratch"
    path.write_bytes(b"evidence")
    return path


@pytest.fixture
def kit(tmp_path: Path) -> CaseKit:
    return new_case(tmp_path)


# --- blobs ---


def test_bytes_are_stored_under_their_digest_and_read_back(tmp_path: Path, blob: Path) -> None:
    blobs = FolderBlobs(tmp_path / "w")
    (tmp_path / "w").mkdir()
    assert not blobs.exists(DIGEST, "txt")
    assert blobs.put_file(blob, "txt", expected=DIGEST) == 8
    assert blobs.exists(DIGEST, "txt")
    with blobs.open(DIGEST, "txt") as file:
        assert file.read() == b"evidence"
    assert blobs.list() == (layout.archive_path(DIGEST, "txt"),)
    blob.unlink()
    assert blobs.put_file(blob, "txt", expected=DIGEST) == 8, "an earlier run stored it and swept its copy"


def test_bytes_that_are_not_those_expected_are_not_stored(tmp_path: Path, blob: Path) -> None:
    blobs = FolderBlobs(tmp_path / "w")
    with pytest.raises(Damaged, match="changed after it was made"):
        blobs.put_file(blob, "txt", expected=Digest.of(b"other"))
    assert blobs.list() == ()


def test_a_stored_file_with_other_bytes_is_told_and_not_written_over(tmp_path: Path, blob: Path) -> None:
    blobs = FolderBlobs(tmp_path / "w")
    path = tmp_path / "w" / layout.archive_path(DIGEST, "txt")
    path.parent.mkdir(parents=True)
    path.write_bytes(b"tampered")
    with pytest.raises(Damaged, match="not those of its name"):
        blobs.put_file(blob, "txt", expected=DIGEST)
    assert path.read_bytes() == b"tampered"


def test_missing_bytes_are_told(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path / "w")
    with pytest.raises(Damaged, match="expected stored bytes"):
        blobs.open(DIGEST, "txt")
    with pytest.raises(StoreError, match="cannot be read"):
        blobs.put_file(tmp_path / "absent", "txt", expected=DIGEST)


# --- durable ---


def test_temporary_files_of_a_living_process_are_left_alone(tmp_path: Path) -> None:
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(30)"])
    try:
        ended = subprocess.Popen([sys.executable, "-c", ""])
        ended.wait()
        names = {
            f".tmp-{other.pid}-x": True,
            f".tmp-{ended.pid}-x": False,
            ".tmp-odd": False,
            f".tmp-{os.getpid()}-x": False,
        }
        for name in names:
            (tmp_path / name).write_bytes(b"")
        durable.sweep(tmp_path)
        assert {path.name for path in durable.temporaries(tmp_path)} == {name for name, stays in names.items() if stays}
    finally:
        other.kill()
        other.wait()


def test_a_process_that_may_not_be_asked_is_taken_for_alive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_pid: int, _signal: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "kill", refuse)
    (tmp_path / ".tmp-1-x").write_bytes(b"")
    durable.sweep(tmp_path)
    assert (tmp_path / ".tmp-1-x").exists()


def test_what_the_disk_refuses_is_told_with_the_path(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"x: could not be replaced: No space left"):
        durable.replace(tmp_path / "x", b"", disk=FullDisk())
    (tmp_path / "y").write_bytes(b"")
    with pytest.raises(StoreError, match=r"y: could not be removed: Permission denied"):
        durable.remove(tmp_path / "y", disk=StuckDisk())
    durable.remove(tmp_path / "absent")
    with pytest.raises(StoreError, match=r"z: could not be replaced"):
        durable.replace(tmp_path / "y" / "z", b"")


def test_a_name_that_another_process_took_meanwhile_is_fine_if_the_bytes_are_equal(tmp_path: Path) -> None:
    class Overtaken(durable.RealDisk):
        def link(self, source: Path, target: Path) -> None:
            target.write_bytes(b"same")
            super().link(source, target)

    durable.put_once(tmp_path / "x", b"same", disk=Overtaken())
    with pytest.raises(StoreError, match="already holds other bytes"):
        durable.put_once(tmp_path / "z", b"different", disk=Overtaken())
    assert (tmp_path / "x").read_bytes() == b"same"


# --- manifests ---


def test_citations_are_replaced_and_the_old_ones_kept(kit: CaseKit) -> None:
    manifests = kit.book.manifests
    assert manifests.read_citations() is None
    manifests.write_citations(b"one")
    manifests.write_citations(b"one")
    assert not manifests.citations_path.with_name("citations.yaml.old").exists()
    manifests.write_citations(b"two")
    assert manifests.read_citations() == b"two"
    assert manifests.citations_path.with_name("citations.yaml.old").read_bytes() == b"one"


def test_manifests_that_cannot_be_read_are_told(kit: CaseKit) -> None:
    with pytest.raises(Damaged, match="expected a manifest"):
        kit.book.manifests.read(layout.capture_envelope(fixed_id(1)))
    kit.book.manifests.citations_path.mkdir(parents=True)
    with pytest.raises(StoreError, match="cannot be read"):
        kit.book.manifests.read_citations()


def test_half_written_manifests_are_not_listed(kit: CaseKit) -> None:
    sealed = sealed_capture(1)
    kit.book.manifests.put_all([(sealed.path, sealed.envelope)])
    (kit.case_root / "captures" / ".tmp-1-x.dsse.json").write_bytes(b"")
    assert kit.book.manifests.list() == (sealed.path,)


# --- the ledger's files ---


def test_an_empty_ledger_has_no_head(kit: CaseKit) -> None:
    ledger = kit.book.ledger
    assert (ledger.head(), ledger.checkpoint(), ledger.size(), ledger.leaves()) == (None, None, 0, ())


def test_a_missing_or_cut_tile_is_told(kit: CaseKit) -> None:
    kit.record(0)
    tile = Tile(level=0, index=0, width=1)
    path = kit.case_root / tile.path
    path.chmod(0o644)
    path.write_bytes(b"short")
    with pytest.raises(Damaged, match="hash tile: expected 32 bytes"):
        kit.book.ledger.hashes_in(tile)
    path.unlink()
    with pytest.raises(Damaged, match="expected a file of the ledger, found none"):
        kit.book.ledger.hashes_in(tile)
    path.mkdir()
    with pytest.raises(Damaged, match="cannot be read"):
        kit.book.ledger.hashes_in(tile)


def test_an_erased_opening_leaves_the_others_in_place(kit: CaseKit) -> None:
    for number in range(3):
        kit.record(number)
    (kit.case_root / "ledger/salts/1").unlink()
    found = LedgerFolder(kit.case_root).openings()
    assert found == {layout.capture_envelope(fixed_id(0)): 0, layout.capture_envelope(fixed_id(2)): 2}


def test_one_writer_at_a_time_the_other_is_told_and_gives_up_at_last(kit: CaseKit) -> None:
    told: list[str] = []
    other = LedgerFolder(kit.case_root, waiting=told.append, lock_timeout_s=0.3)
    silent = LedgerFolder(kit.case_root, lock_timeout_s=0.1)
    with kit.book.ledger.lock():
        with pytest.raises(Locked, match="held the writer's lock"), other.lock():
            pytest.fail("two writers")
        with pytest.raises(Locked), silent.lock():
            pytest.fail("two writers")
    assert len(told) == 1
    with other.lock():
        pass


def test_manifests_lie_where_their_names_say(kit: CaseKit) -> None:
    from archiver.model.errors import FormatError  # noqa: PLC0415 - only here

    with pytest.raises(FormatError, match="manifest path"):
        ManifestFolder(kit.case_root).put_all([("elsewhere/x.json", b"")])
