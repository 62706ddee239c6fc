"""ZIP files read strictly: every form that is written in practice, and every lie that one can hold."""

import io
import struct
import zipfile
from io import BytesIO

import pytest

from archiver.formats import zipped as module
from archiver.formats.zipped import Zipped
from archiver.model.errors import FormatError
from tests.support.waczs import zipped


class OneWay(io.RawIOBase):
    """Somewhere to write that cannot go back: zipfile then puts sizes after the content."""

    def __init__(self) -> None:
        super().__init__()
        self.content = b""

    def writable(self) -> bool:
        return True

    def write(self, block: object, /) -> int:
        added = bytes(block)  # type: ignore[call-overload] # a buffer
        self.content += added
        return len(added)


def opened(content: bytes) -> Zipped:
    return Zipped(BytesIO(content))


def read(content: bytes) -> dict[str, bytes]:
    found = opened(content)
    assert list(found.problems()) == []
    return {one.name: found.read(one, limit_bytes=1 << 20) for one in found.files if not one.is_folder}


FILES = {"a": b"aaaa" * 100, "b/c": b"", "d": bytes(range(256))}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_streamed_zip_is_read(method: int) -> None:
    out = OneWay()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in FILES.items():
            archive.writestr(name, content)
    assert read(out.content) == FILES
    cut = out.content.replace(b"PK\x07\x08", b"PK\x07\x09", 1)
    assert any("belong to no file" in one for one in opened(cut).problems())


def test_a_large_directory_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 0)
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 0)
    content = zipped(FILES)
    assert b"PK\x06\x06" in content
    assert read(content) == FILES
    for mark in (b"PK\x06\x07", b"PK\x06\x06"):
        with pytest.raises(FormatError, match="directory"):
            opened(content.replace(mark, b"PKxx"))
    with pytest.raises(FormatError, match="locator of its large directory is missing"):
        opened(end_with(zipped(FILES), 8, b"\xff\xff" * 2).replace(b"PK\x06\x07", b"PKxx"))
    place = content.rfind(b"PK\x06\x07") + 8
    for far in (1 << 63, 5):
        with pytest.raises(FormatError, match="not where it must be"):
            opened(content[:place] + struct.pack("<Q", far) + content[place + 8 :])


def test_a_folder_is_no_file() -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.mkdir("folder")
        archive.writestr("folder/é", b"x")
    assert read(out.getvalue()) == {"folder/é": b"x"}


def end_with(content: bytes, at: int, value: bytes) -> bytes:
    """Give a ZIP with some bytes of its last 22 replaced."""
    place = len(content) - 22 + at
    return content[:place] + value + content[place + len(value) :]


BROKEN = {
    "of two parts": (end_with(zipped(FILES), 4, b"\x01\x00"), "of several parts"),
    "with a comment": (end_with(zipped(FILES), 20, b"\x01\x00"), "with a comment"),
    "of too many files": (end_with(zipped(FILES), 8, b"\xfe\xff" * 2), "cannot be read"),
    "of fewer files than it has": (end_with(zipped(FILES), 8, b"\x02\x00" * 2), "its 2 files take"),
    "nothing": (b"", "does not end with its directory"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_directory_that_cannot_be_right_is_refused(name: str) -> None:
    content, told = BROKEN[name]
    with pytest.raises(FormatError, match=told):
        opened(content)


def test_more_than_is_read_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_FILES", 2)
    with pytest.raises(FormatError, match="more than are read here"):
        opened(zipped(FILES))
    monkeypatch.setattr(module, "MOST_FILES", 9)
    monkeypatch.setattr(module, "_MOST_BYTES", 9)
    assert any("when unpacked" in one for one in opened(zipped(FILES)).problems())
    whole = opened(zipped(FILES))
    with pytest.raises(FormatError, match="at most 3 bytes"):
        whole.read(whole.files[0], limit_bytes=3)


def changed(content: bytes, old: bytes, new: bytes) -> Zipped:
    assert old in content
    return opened(content.replace(old, new))


def test_what_is_encrypted_or_shares_bytes_is_told() -> None:
    content = zipped({"a": b"x", "b": b"y"})
    at = content.find(b"PK\x01\x02")
    encrypted = opened(content[: at + 8] + b"\x01\x00" + content[at + 10 :])
    assert any("encrypted" in one for one in encrypted.problems())
    with pytest.raises(FormatError, match="encrypted"):
        encrypted.open(encrypted.files[0])
    second = content.find(b"PK\x01\x02", at + 1)
    shared = opened(content[: second + 42] + bytes(4) + content[second + 46 :])
    assert any("its own head says otherwise" in one or "share" in one for one in shared.problems())
    size = content[: at + 20] + struct.pack("<LL", 9, 9) + content[at + 28 :]
    size = size.replace(struct.pack("<LL", 1, 1), struct.pack("<LL", 9, 9), 1)
    assert any("share the bytes" in one for one in opened(size).problems())


def test_content_that_is_not_what_the_zip_says_is_refused() -> None:
    content = zipped({"a": b"a" * 1000}, method=zipfile.ZIP_DEFLATED)
    start = content.find(b"a") + 1
    damaged = opened(content[:start] + b"\xff\xff" + content[start + 2 :])
    with pytest.raises(FormatError, match="damaged"):
        damaged.read(damaged.files[0], limit_bytes=1 << 20)
    stored = opened(zipped({"a": b"bcd"}).replace(b"bcd", b"bce"))
    with pytest.raises(FormatError, match="own checksum"):
        stored.read(stored.files[0], limit_bytes=9)
    longer = changed(content, struct.pack("<L", 1000), struct.pack("<L", 10))
    with pytest.raises(FormatError, match="more bytes than the 10"):
        longer.read(longer.files[0], limit_bytes=1 << 20)
    two = zipped({"a": b"a" * 1000, "b": b"b" * 1000}, method=zipfile.ZIP_DEFLATED)
    one = opened(two).files[0].stored_bytes
    after = changed(two, struct.pack("<LL", one, 1000), struct.pack("<LL", one + 1, 1000))
    with pytest.raises(FormatError, match="after its compressed content"):
        after.read(after.files[0], limit_bytes=1 << 20)


def test_other_extra_fields_are_passed_over() -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        entry = zipfile.ZipInfo("a")
        entry.extra = struct.pack("<HH4sHHQQ", 0x5455, 4, b"time", 1, 16, 1, 1)
        archive.writestr(entry, b"x")
    content = out.getvalue()
    at = content.find(b"PK\x01\x02") + 20
    long = content[:at] + b"\xff" * 8 + content[at + 8 :]
    assert read(long) == {"a": b"x"}
    broken = long.replace(struct.pack("<HH", 0x5455, 4), struct.pack("<HH", 0x5455, 400))
    assert opened(broken).files[0].size_bytes == 0xFFFFFFFF


def test_a_name_that_is_neither_ascii_nor_marked_as_utf_8_is_read_byte_by_byte() -> None:
    content = zipped({"é": b"x"}).replace(b"\x14\x00\x00\x08", b"\x14\x00\x00\x00")
    assert read(content) == {"Ã©": b"x"}
