"""A ZIP with one folder at its top, seen as a folder: the read-only view of evidence that came as one file.

Nothing is extracted. Stored files can be read from any place; compressed ones in order, and again from their beginning.
"""

import io
from typing import TYPE_CHECKING, BinaryIO, cast

from isal import isal_zlib

from archiver.formats.zipped import STORED, Zipped, ZippedFile, ZippedReader
from archiver.model.errors import Damaged, FormatError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer as Buffer


class ZipSource:
    """The files below the ZIP's one folder. Raises FormatError where its directory cannot be read."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._zipped = Zipped(stream)
        self.tops = tuple(sorted({one.name.partition("/")[0] for one in self._zipped.files}))
        top = f"{self.tops[0]}/" if self.tops else ""
        inside = (one for one in self._zipped.files if one.name.startswith(top) and not one.is_folder)
        self._files: dict[str, ZippedFile] = {}
        for one in inside:
            self._files.setdefault(one.name[len(top) :], one)
        self._sorted = tuple(sorted(self._files))

    def problems(self) -> tuple[str, ...]:
        """Give everything about the ZIP that a reader could be misled by."""
        found = list(self._zipped.problems())
        loose = [one.name for one in self._zipped.files if "/" not in one.name]
        if len(self.tops) != 1 or loose:
            found.append(f"expected one folder at its top, found {', '.join(self.tops[:5]) or 'nothing'}"[:400])
        return tuple(found)

    def list(self, prefix: str = "") -> tuple[str, ...]:
        """Give the paths below the prefix, sorted."""
        begins = f"{prefix}/" if prefix else ""
        return tuple(path for path in self._sorted if path.startswith(begins) or path == prefix)

    def is_file(self, path: str) -> bool:
        """Say whether a file is there."""
        return path in self._files

    def size(self, path: str) -> int:
        """Give a file's size as the ZIP says it."""
        return self._file(path).size_bytes

    def read(self, path: str, *, limit_bytes: int) -> bytes:
        """Give a small file; raise FormatError if it is larger, or not what the ZIP says."""
        return self._zipped.read(self._file(path), limit_bytes=limit_bytes)

    def open(self, path: str) -> BinaryIO:
        """Open a file; raise Damaged if it is not there, FormatError if it is of a kind that is not read."""
        file = self._file(path)
        reader = self._zipped.open(file)
        if file.method == STORED:
            return cast("BinaryIO", io.BufferedReader(_Window(self._stream, file, start=reader.start)))
        return cast("BinaryIO", _Unpacked(self._zipped, file))

    def _file(self, path: str) -> ZippedFile:
        found = self._files.get(path)
        if found is None:
            raise Damaged(f"{path}: expected a file, found none")
        return found


class _Window(io.RawIOBase):
    """A stretch of a file, as a file of its own.

    Whoever reads it from beginning to end gets FormatError there if its bytes are not those of the ZIP's own checksum.
    """

    def __init__(self, stream: BinaryIO, file: ZippedFile, *, start: int) -> None:
        self._stream = stream
        self._file = file
        self._start = start
        self._size = file.size_bytes
        self._at = 0
        self._summed = 0
        self._crc = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: "Buffer", /) -> int:
        view = memoryview(buffer).cast("B")
        self._stream.seek(self._start + self._at)
        found = self._stream.read(max(0, min(len(view), self._size - self._at)))
        view[: len(found)] = found
        self._sum(found)
        self._at += len(found)
        return len(found)

    def _sum(self, found: bytes) -> None:
        if self._at != self._summed or not found:
            return
        self._crc = isal_zlib.crc32(found, self._crc)
        self._summed += len(found)
        if self._summed == self._size and self._crc != self._file.crc:
            raise FormatError(f"{self._file.name[:200]}: its bytes are not those of the ZIP's own checksum")


class _Unpacked(io.RawIOBase):
    """A compressed file, read in order; it can begin again, and nothing else: so it says that it cannot seek."""

    def __init__(self, zipped: Zipped, file: ZippedFile) -> None:
        self._zipped = zipped
        self._file = file
        self._reader: ZippedReader = zipped.open(file)
        self._rest = b""

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        if (offset, whence) != (0, io.SEEK_SET):
            raise FormatError(f"{self._file.name[:200]}: compressed in the ZIP: not read from a place inside")
        self._reader = self._zipped.open(self._file)
        self._rest = b""
        return 0

    def readinto(self, buffer: "Buffer", /) -> int:
        view = memoryview(buffer).cast("B")
        self._rest = self._rest or self._reader.read(len(view))
        taken, self._rest = self._rest[: len(view)], self._rest[len(view) :]
        view[: len(taken)] = taken
        return len(taken)
