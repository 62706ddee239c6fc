import os
from pathlib import Path

import pytest

from archiver.formats import layout
from archiver.model.digest import Digest
from archiver.model.errors import Conflict, StoreError
from archiver.store import durable
from archiver.store.blobs import FolderBlobs
from tests.support.failing_disk import FailingDisk, FullDisk, StuckDisk


def own_temporary(path: Path) -> Path:
    """Give the temporary name that this process uses for a file."""
    return path.with_name(f".tmp-{os.getpid()}-{path.name}")


def test_a_temporary_file_of_an_earlier_process_with_our_number_is_replaced_and_never_written_into(
    tmp_path: Path,
) -> None:
    """Where processes have few numbers, as in a container, the next one has ours."""
    evidence = tmp_path / "evidence"
    durable.put_once(evidence, b"recorded")
    os.link(evidence, own_temporary(tmp_path / "x"))
    durable.put_once(tmp_path / "x", b"other")
    assert evidence.read_bytes() == b"recorded"
    assert (tmp_path / "x").read_bytes() == b"other"


def test_a_link_in_the_place_of_a_temporary_file_leads_nowhere(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(b"mine")
    own_temporary(tmp_path / "x").symlink_to(outside)
    durable.replace(tmp_path / "x", b"content")
    assert outside.read_bytes() == b"mine"
    assert not (tmp_path / "x").is_symlink()


def test_a_failed_write_leaves_no_part_of_a_file(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="No space left"):
        durable.put_once(tmp_path / "x", b"content", disk=FullDisk())
    with pytest.raises(StoreError, match="No space left"):
        durable.replace(tmp_path / "x", b"content", disk=FullDisk())
    assert list(tmp_path.iterdir()) == []


def test_a_write_that_loses_the_race_for_its_name_leaves_no_temporary_file(tmp_path: Path) -> None:
    class Overtaken(durable.RealDisk):
        def link(self, source: Path, target: Path) -> None:
            target.write_bytes(b"another's")
            super().link(source, target)

    with pytest.raises(Conflict):
        durable.put_once(tmp_path / "x", b"ours", disk=Overtaken())
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_where_nothing_can_be_removed_the_first_failure_is_the_one_that_is_told(tmp_path: Path) -> None:
    class Broken(StuckDisk):
        def link(self, source: Path, target: Path) -> None:
            raise OSError(5, "Input/output error", str(source), None, str(target))

    with pytest.raises(StoreError, match="x: could not be written: Input/output error"):
        durable.put_once(tmp_path / "x", b"", disk=Broken())


def test_the_name_is_given_after_the_bytes_are_flushed_and_before_the_folder_is(tmp_path: Path) -> None:
    (tmp_path / "something").write_bytes(b"")
    disk = FailingDisk()
    durable.put_once(tmp_path / "x", b"", disk=disk)
    assert disk.calls == ["write", "link", "flush", "unlink"]
    repeated = FailingDisk()
    durable.put_once(tmp_path / "x", b"", disk=repeated)
    assert repeated.calls == ["flush"]
    replaced = FailingDisk()
    durable.replace(tmp_path / "y", b"", disk=replaced)
    assert replaced.calls == ["write", "rename", "flush"]


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreError, match="a: this folder could not be made"):
        durable.make_folders(tmp_path / "file" / "a")


def test_an_empty_folder_in_one_that_is_not_ours_is_used_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its parent may not even be readable, and we cannot have made it."""
    (tmp_path / "empty").mkdir()
    monkeypatch.setattr(os, "access", lambda *_: False)
    disk = FailingDisk()
    durable.put_once(tmp_path / "empty" / "x", b"", disk=disk)
    assert disk.calls == ["write", "link", "flush", "unlink"]


def test_large_files_are_copied_and_compared_in_pieces(tmp_path: Path) -> None:
    """Two files that differ in their last byte only, larger than one piece."""
    content = b"0123456789abcdef" * (3 << 16)
    for name, last in (("a", b"a"), ("b", b"b")):
        (tmp_path / name).write_bytes(content + last)
    with (tmp_path / "a").open("rb") as source:
        durable.put_once_from(tmp_path / "x", source)
    with (tmp_path / "a").open("rb") as source:
        durable.put_once_from(tmp_path / "x", source)
    with (tmp_path / "b").open("rb") as source, pytest.raises(Conflict):
        durable.put_once_from(tmp_path / "x", source)
    assert (tmp_path / "x").read_bytes() == content + b"a"


def test_what_is_shorter_or_longer_than_what_is_there_is_other_bytes(tmp_path: Path) -> None:
    durable.put_once(tmp_path / "x", b"123")
    for other in (b"12", b"1234", b""):
        with pytest.raises(Conflict):
            durable.put_once(tmp_path / "x", other)


def test_the_archive_is_swept_of_what_was_left_half_written(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"evidence")
    digest = Digest.of(b"evidence")
    blobs = FolderBlobs(tmp_path)
    blobs.put_file(source, "txt", expected=digest)
    stored = tmp_path / layout.archive_path(digest, "txt")
    own_temporary(stored).write_bytes(b"evi")
    blobs.sweep()
    assert [path.name for path in stored.parent.iterdir()] == [stored.name]


def test_a_finished_file_or_folder_gets_its_name_and_takes_nobodys(tmp_path: Path) -> None:
    def make(path: Path, number: int) -> None:
        if number:
            path.mkdir()
        else:
            path.write_bytes(b"x")

    for number in (0, 1):
        temporary, target = tmp_path / f"t{number}", tmp_path / f"n{number}"
        make(temporary, number)
        durable.publish_new(temporary, target)
        assert target.exists()
        assert not temporary.exists()
        make(temporary, number)
        with pytest.raises(Conflict, match="already there"):
            durable.publish_new(temporary, target)
        assert temporary.exists()


def test_a_link_that_leads_nowhere_has_the_name_too(tmp_path: Path) -> None:
    (tmp_path / "t").write_bytes(b"x")
    (tmp_path / "n").symlink_to("nowhere")
    with pytest.raises(Conflict):
        durable.publish_new(tmp_path / "t", tmp_path / "n")


def test_a_name_that_somebody_took_meanwhile_is_left_to_them(tmp_path: Path) -> None:
    class Taken(durable.RealDisk):
        def link(self, source: Path, target: Path) -> None:
            target.write_bytes(b"theirs")
            super().link(source, target)

    (tmp_path / "t").write_bytes(b"ours")
    with pytest.raises(Conflict):
        durable.publish_new(tmp_path / "t", tmp_path / "n", disk=Taken())
    assert (tmp_path / "n").read_bytes() == b"theirs"


def test_a_name_that_cannot_be_given_is_told(tmp_path: Path) -> None:
    (tmp_path / "t").write_bytes(b"x")
    with pytest.raises(StoreError, match="could not be written"):
        durable.publish_new(tmp_path / "t", tmp_path / "nowhere" / "n")


def test_several_files_are_flushed_one_by_one_and_their_folders_once(tmp_path: Path) -> None:
    (tmp_path / "something").write_bytes(b"")
    files = [(tmp_path / name, name.encode()) for name in ("a", "b", "c")]
    disk = FailingDisk()
    durable.put_all_once(files, disk=disk)
    assert disk.calls == [*["write", "link"] * 3, "flush", *["unlink"] * 3]
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        "a": b"a",
        "b": b"b",
        "c": b"c",
        "something": b"",
    }
    repeated = FailingDisk()
    durable.put_all_once(files, disk=repeated)
    assert repeated.calls == ["flush"], "whoever gave the names may have been killed before flushing them"


def test_of_several_files_one_that_is_there_with_other_bytes_is_kept_and_told(tmp_path: Path) -> None:
    durable.put_once(tmp_path / "b", b"recorded")
    with pytest.raises(Conflict):
        durable.put_all_once([(tmp_path / "a", b"a"), (tmp_path / "b", b"b"), (tmp_path / "c", b"c")])
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": b"a", "b": b"recorded"}
    with pytest.raises(Conflict):
        durable.put_all_once([(tmp_path / "d", b"1"), (tmp_path / "d", b"2")])
    with pytest.raises(StoreError, match="No space left"):
        durable.put_all_once([(tmp_path / "e", b"content")], disk=FullDisk())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b", "d"]
