"""A ZIP that is written here is read by Python's own reader and by ours, ZIP64 too."""

import struct
import zipfile
import zlib
from io import BytesIO

from archiver.formats.zip_write import Packed, directory, local_head
from archiver.formats.zipped import Zipped

HUGE = 5 << 30


def made(files: dict[str, bytes]) -> bytes:
    out, packed = b"", []
    for name, content in files.items():
        packed.append(Packed(name=name, size_bytes=len(content), crc=zlib.crc32(content), offset=len(out)))
        out += local_head(packed[-1]) + content
    return out + directory(packed, start=len(out))


def test_stored_files_are_read_by_others_and_by_us() -> None:
    files = {"a/b.txt": b"hello", "a/c": b"", "z.bin": bytes(range(256)) * 300}
    raw = made(files)
    with zipfile.ZipFile(BytesIO(raw)) as opened:
        assert opened.testzip() is None
        assert {one.filename: opened.read(one) for one in opened.infolist()} == files
        assert {one.date_time for one in opened.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {one.external_attr >> 16 for one in opened.infolist()} == {0o100644}
    ours = Zipped(BytesIO(raw))
    assert list(ours.problems()) == []
    assert {one.name: ours.read(one, limit_bytes=1 << 20) for one in ours.files} == files


def test_equal_files_give_equal_bytes() -> None:
    assert made({"a": b"1"}) == made({"a": b"1"})


def test_sizes_and_places_beyond_four_gigabytes_are_zip64() -> None:
    large = Packed(name="large", size_bytes=HUGE, crc=1, offset=0)
    head = local_head(large)
    assert struct.unpack("<HHQQ", head[-20:]) == (1, 16, HUGE, HUGE)
    after = Packed(name="after", size_bytes=1, crc=2, offset=HUGE + len(head))
    tail = directory([large, after], start=HUGE + len(head) + 36)

    with zipfile.ZipFile(_Tail(tail, HUGE + len(head) + 36)) as opened:
        found = {one.filename: (one.file_size, one.header_offset) for one in opened.infolist()}
    assert found == {"large": (HUGE, 0), "after": (1, HUGE + len(head))}
    ours = Zipped(_Tail(tail, HUGE + len(head) + 36))  # type: ignore[arg-type] # same
    assert [(one.name, one.size_bytes, one.offset) for one in ours.files] == [
        ("large", HUGE, 0),
        ("after", 1, HUGE + len(head)),
    ]


def test_more_files_than_the_short_form_counts_are_zip64() -> None:
    many = [Packed(name=f"{number:05d}", size_bytes=0, crc=0, offset=0) for number in range(66_000)]
    ours = Zipped(BytesIO(directory(many, start=0)))
    assert len(ours.files) == len(many)


class _Tail:
    """A file whose first gigabytes are not there: only its end is ever read."""

    def __init__(self, tail: bytes, begins: int) -> None:
        self._tail = tail
        self._begins = begins
        self._at = 0

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = offset if whence == 0 else self._begins + len(self._tail) + offset
        return self._at

    def read(self, size: int = -1) -> bytes:
        start = self._at - self._begins
        assert start >= 0, "read from where nothing is"
        content = self._tail[start:] if size < 0 else self._tail[start : start + size]
        self._at += len(content)
        return content
