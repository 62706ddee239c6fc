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
