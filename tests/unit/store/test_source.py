import os
from pathlib import Path

import pytest

from archiver.model.errors import Damaged, FormatError
from archiver.store import source as module
from archiver.store.source import FolderSource


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    (root / "a" / "b").mkdir(parents=True)
    (root / "a" / "b" / "file").write_bytes(b"12345")
    (root / "top").write_bytes(b"1")
    (tmp_path / "outside").write_bytes(b"secret")
    return root


def test_files_are_listed_sorted_with_forward_slashes(folder: Path) -> None:
    assert FolderSource(folder).is_file("a/b/file")
    assert FolderSource(folder).list() == ("a/b/file", "top")
    assert FolderSource(folder).list("a") == ("a/b/file",)
    assert FolderSource(folder).list("absent") == ()


def test_a_file_is_read_up_to_its_limit_and_never_cut(folder: Path) -> None:
    source = FolderSource(folder)
    assert source.read("a/b/file", limit_bytes=5) == b"12345"
    assert source.size("a/b/file") == 5
    with pytest.raises(FormatError, match="at most 4 bytes"):
        source.read("a/b/file", limit_bytes=4)


@pytest.mark.parametrize("path", ["../outside", "/etc/passwd", "a/../../outside", "a\x00b"])
def test_nothing_outside_is_reachable(folder: Path, path: str) -> None:
    source = FolderSource(folder)
    for read in (source.size, source.open):
        with pytest.raises(Damaged, match="leaves the folder"):
            read(path)
    assert not source.is_file(path)


@pytest.mark.parametrize("path", ["link", "linked/outside", "a", "absent"])
def test_a_link_a_folder_or_nothing_is_no_file(folder: Path, path: str) -> None:
    (folder / "link").symlink_to(folder.parent / "outside")
    (folder / "linked").symlink_to(folder.parent)
    source = FolderSource(folder)
    assert not source.is_file(path)
    with pytest.raises(Damaged):
        source.open(path)
    assert {"link", "linked"} <= set(source.list())


def test_a_file_that_cannot_be_opened_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(Damaged, match="cannot be read: Permission denied"):
        FolderSource(folder).open("top")


def test_a_flood_of_files_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_FILES", 1)
    with pytest.raises(FormatError, match="more than 1 files"):
        FolderSource(folder).list()


def test_what_lies_behind_a_link_is_not_even_listed(folder: Path) -> None:
    (folder / "linked").symlink_to(folder.parent)
    source = FolderSource(folder)
    assert source.list("linked") == ("linked",)
    assert source.list("linked/root") == ("linked/root",)
    assert source.list("top") == ("top",), "a file in the place of a folder shows as a file"


def test_a_folder_that_cannot_be_listed_is_told_and_not_taken_for_empty(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    list_one = os.scandir

    def refuse(path: str) -> object:
        if path.endswith("b"):
            raise PermissionError(13, "Permission denied", path)
        return list_one(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(Damaged, match="this folder cannot be listed: Permission denied"):
        FolderSource(folder).list()


@pytest.mark.parametrize("path", ["x" * 300, "top/x", "\ud800", "a/" * 3000])
def test_what_can_be_no_name_is_no_file(folder: Path, path: str) -> None:
    source = FolderSource(folder)
    assert not source.is_file(path)
    with pytest.raises(Damaged):
        source.size(path)


def test_bytes_that_the_disk_does_not_give_are_damage() -> None:
    memory = Path("/proc/self/mem")
    if not memory.exists():
        pytest.skip("needs a file whose first bytes cannot be read")
    source = FolderSource(memory.parent)
    with pytest.raises(Damaged, match="mem: cannot be read: Input/output error"):
        source.read("mem", limit_bytes=10)
    with source.open("mem") as file, pytest.raises(Damaged, match="mem: cannot be read: Input/output error"):
        file.read()


def test_a_whole_file_is_read_in_one_call(folder: Path) -> None:
    with FolderSource(folder).open("a/b/file") as file:
        assert (file.read(2), file.read(), file.read(1)) == (b"12", b"345", b"")


def test_names_that_are_not_utf8_are_listed_and_read(folder: Path) -> None:
    (folder / os.fsdecode(b"\xff")).write_bytes(b"x")
    source = FolderSource(folder)
    name = next(path for path in source.list() if path not in ("a/b/file", "top"))
    assert source.read(name, limit_bytes=1) == b"x"


def test_of_very_many_folders_only_so_many_are_remembered_as_no_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MOST_PLAIN", 1)
    (tmp_path / "a/b/c").mkdir(parents=True)
    (tmp_path / "a/b/c/d").write_bytes(b"x")
    source = FolderSource(tmp_path)
    assert source.read("a/b/c/d", limit_bytes=1) == source.read("a/b/c/d", limit_bytes=1) == b"x"
