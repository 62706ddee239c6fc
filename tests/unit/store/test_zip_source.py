"""A ZIP is seen as the one folder at its top: the same answers as from a folder, and what is odd about it told."""

import io
import zipfile
from pathlib import Path

import pytest

from archiver.model.errors import Damaged, FormatError
from archiver.store.source import FolderSource
from archiver.store.zip_source import ZipSource

FILES = {"b/a.txt": b"hello", "b/c/d.bin": bytes(range(256)) * 40, "b/empty": b""}


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as made:
        for name, content in files.items():
            made.writestr(zipfile.ZipInfo(name), content, compress_type=method)
    return out


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_it_answers_as_a_folder_does(tmp_path: Path, method: int) -> None:
    for name, content in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    folder, inside = FolderSource(tmp_path / "b"), ZipSource(zipped(FILES, method))
    assert inside.problems() == ()
    for prefix in ("", "c", "a.txt", "nothing"):
        assert inside.list(prefix) == folder.list(prefix)
    for path in folder.list():
        assert inside.is_file(path)
        assert inside.size(path) == folder.size(path)
        assert inside.read(path, limit_bytes=1 << 20) == folder.read(path, limit_bytes=1 << 20)
        with inside.open(path) as file:
            blocks = list(iter(lambda: file.read(100), b""))
        assert b"".join(blocks) == FILES[f"b/{path}"]
    assert not inside.is_file("x")


def test_a_stored_file_is_read_from_any_place() -> None:
    with ZipSource(zipped(FILES)).open("c/d.bin") as file:
        assert file.seekable()
        assert file.seek(0, io.SEEK_END) == len(FILES["b/c/d.bin"])
        assert file.read() == b""
        file.seek(-3, io.SEEK_END)
        assert file.read() == b"\xfd\xfe\xff"
        file.seek(1)
        file.seek(2, io.SEEK_CUR)
        assert file.tell() == 3
        assert file.read(2) == b"\x03\x04"


def test_a_compressed_file_begins_again_and_goes_nowhere_else() -> None:
    with ZipSource(zipped(FILES, zipfile.ZIP_DEFLATED)).open("c/d.bin") as file:
        assert not file.seekable()
        assert file.read(3) == b"\x00\x01\x02"
        file.seek(0)
        assert file.read(2) == b"\x00\x01"
        with pytest.raises(FormatError, match="compressed"):
            file.seek(5)


@pytest.mark.parametrize(
    "files",
    [{"a/x": b"", "b/y": b""}, {"loose": b""}, {}, {"a/x": b"", "loose": b""}],
    ids=["two", "none", "nothing", "both"],
)
def test_anything_but_one_folder_at_the_top_is_told(files: dict[str, bytes]) -> None:
    assert any("one folder at its top" in one for one in ZipSource(zipped(files)).problems())


def test_folders_entries_are_no_files() -> None:
    source = ZipSource(zipped({"a/": b"", "a/x": b"1"}))
    assert source.list() == ("x",)
    assert source.problems() == ()


def test_what_is_not_there_is_damage_and_what_is_too_large_refused() -> None:
    source = ZipSource(zipped(FILES))
    for ask in (source.size, source.open):
        with pytest.raises(Damaged, match="found none"):
            ask("x")
    with pytest.raises(FormatError, match="at most"):
        source.read("c/d.bin", limit_bytes=5)


def test_of_two_files_with_one_name_the_first_is_read_and_both_are_told() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("a/x", b"1")
        with pytest.warns(UserWarning, match="Duplicate"):
            made.writestr("a/x", b"2")
    source = ZipSource(out)
    assert source.read("x", limit_bytes=9) == b"1"
    assert any("two files have this name" in one for one in source.problems())
