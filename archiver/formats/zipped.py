"""A ZIP file read strictly (APPNOTE 6.3.10): no byte that belongs to nothing, no name that means two things.

Readers take a ZIP's central directory for the truth and never look at the rest; here both must say the same, and every
byte up to the end must belong to a file or to the directory. Stored and deflated files only. Nothing is ever extracted.
"""

import re
import stat
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from archiver.model.errors import FormatError
from archiver.model.text import visible

MOST_FILES = 100_000
_MOST_DIRECTORY_BYTES = 64 << 20
_MOST_BYTES = 64 << 30
_FREE_BYTES = 256 << 20
_MOST_TIMES = 200
_BLOCK = 1 << 20
STORED, DEFLATED = 0, 8
_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_LONG, _SHORT = 0xFFFFFFFF, 0xFFFF
_ENCRYPTED, _STREAMED, _UTF8 = 0x1, 0x8, 0x800
_UNIX = 3
_DESCRIPTORS = (12, 16, 20, 24)
_UNSAFE = re.compile(r"(?:\A|/)\.{1,2}(?:/|\Z)|\\|\A/|//|\A[A-Za-z]:|\A\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class ZippedFile:
    """One file of the directory: its name, where it begins, and what the directory says of it."""

    name: str
    offset: int
    method: int
    size_bytes: int
    stored_bytes: int
    crc: int
    flags: int
    mode: int

    @property
    def is_folder(self) -> bool:
        """Say whether it is a folder's entry, with nothing in it."""
        return self.name.endswith("/") and self.size_bytes == 0


class Zipped:
    """The files of a ZIP, and what is wrong with it. Raises FormatError where it has no directory that can be read."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._size = stream.seek(0, 2)
        start, size, count = self._end()
        self._directory = start
        if count > MOST_FILES or size > _MOST_DIRECTORY_BYTES:
            raise FormatError(
                f"ZIP: {count} files in a directory of {size} bytes: more than are read here ({MOST_FILES})"
            )
        self.files = tuple(self._central(start, size, count))

    def problems(self) -> Iterator[str]:
        """Give everything about the ZIP that a reader could be misled by."""
        seen: set[str] = set()
        for one in self.files:
            if one.name.casefold() in seen:
                yield f"{one.name[:200]}: two files have this name"
            seen.add(one.name.casefold())
            yield from (f"{one.name[:200]!r}: {problem}" for problem in _problems(one))
        total = sum(one.size_bytes for one in self.files)
        if total > _MOST_BYTES:
            yield f"{total} bytes when unpacked: more than are read here ({_MOST_BYTES})"
        yield from self._covered()

    def find(self, name: str) -> ZippedFile | None:
        """Give the first file of this name."""
        return next((one for one in self.files if one.name == name), None)

    def open(self, file: ZippedFile) -> "ZippedReader":
        """Open a file; raise FormatError if it is of no kind that is read here, or a bomb."""
        problem = next(_unreadable(file), "")
        if problem:
            raise FormatError(f"{file.name[:200]}: {problem}")
        return ZippedReader(self._stream, file, start=self._local(file))

    def read(self, file: ZippedFile, *, limit_bytes: int) -> bytes:
        """Give a small file whole; raise FormatError if it is larger than the limit or not what the ZIP says."""
        if file.size_bytes > limit_bytes:
            raise FormatError(f"{file.name[:200]}: expected at most {limit_bytes} bytes, found {file.size_bytes}")
        reader = self.open(file)
        return b"".join(iter(lambda: reader.read(_BLOCK), b""))

    def _end(self) -> tuple[int, int, int]:
        """Give where the directory begins, its size, and how many files it has."""
        raw = self._at(max(0, self._size - _END.size), _END.size)
        if len(raw) < _END.size or raw[:4] != b"PK\x05\x06":
            raise FormatError("ZIP: it does not end with its directory: cut off, or something follows it")
        _, disk, of, here, count, size, start, comment = _END.unpack(raw)
        end = self._size - _END.size
        if (disk, of, comment) != (0, 0, 0) or here != count:
            raise FormatError("ZIP: of several parts, or with a comment")
        if _LONG in (start, size) or count == _SHORT or self._at(max(0, end - _LOCATOR.size), 4) == b"PK\x06\x07":
            start, size, count, end = self._end64(end)
        if start + size != end:
            raise FormatError(f"ZIP: its directory of {size} bytes at {start} does not end where it must ({end})")
        return start, size, count

    def _end64(self, end: int) -> tuple[int, int, int, int]:
        raw = self._at(max(0, end - _LOCATOR.size), _LOCATOR.size)
        if len(raw) < _LOCATOR.size or raw[:4] != b"PK\x06\x07":
            raise FormatError("ZIP: the locator of its large directory is missing")
        place = _LOCATOR.unpack(raw)[2]
        found = self._at(place, _END64.size)
        if len(found) < _END64.size or found[:4] != b"PK\x06\x06" or place + _END64.size != end - _LOCATOR.size:
            raise FormatError("ZIP: the end of its large directory is not where it must be")
        *_, count, size, start = _END64.unpack(found)
        return start, size, count, place

    def _central(self, start: int, size: int, count: int) -> Iterator[ZippedFile]:
        raw = self._at(start, size)
        at = 0
        for number in range(1, count + 1):
            head = raw[at : at + _CENTRAL.size]
            if len(head) < _CENTRAL.size or head[:4] != b"PK\x01\x02":
                raise FormatError(f"ZIP: file {number} of its directory cannot be read")
            found = _CENTRAL.unpack(head)
            name_size, extra_size, comment_size = found[10:13]
            at += _CENTRAL.size
            name, extra = raw[at : at + name_size], raw[at + name_size : at + name_size + extra_size]
            at += name_size + extra_size + comment_size
            yield _file(found, name, extra)
        if at != size:
            raise FormatError(f"ZIP: its directory has {size} bytes, its {count} files take {at}")

    def _local(self, file: ZippedFile) -> int:
        """Give where a file's bytes begin; raise FormatError if its own head says otherwise than the directory."""
        raw = self._at(file.offset, _LOCAL.size)
        if len(raw) < _LOCAL.size or raw[:4] != b"PK\x03\x04":
            raise FormatError(f"{file.name[:200]}: no file begins at byte {file.offset}")
        _, _, flags, method, _, _, crc, stored, size, name_size, extra_size = _LOCAL.unpack(raw)
        name = self._at(file.offset + _LOCAL.size, name_size)
        said = (flags, method, _name(name, flags))
        if said != (file.flags, file.method, file.name):
            raise FormatError(f"{file.name[:200]}: its own head says otherwise than the directory: {said!r}")
        sizes = {(crc, stored, size)}
        told = (file.crc, file.stored_bytes, file.size_bytes)
        if not flags & _STREAMED and _LONG not in (stored, size) and sizes != {told}:
            raise FormatError(f"{file.name[:200]}: its own head says another size or checksum than the directory")
        return int(file.offset + _LOCAL.size + name_size + extra_size)

    def _covered(self) -> Iterator[str]:
        """Tell bytes that belong to no file, and files that share bytes."""
        end = 0
        for one in sorted(self.files, key=lambda file: file.offset):
            yield from _gap(end, one.offset)
            try:
                start = self._local(one)
            except FormatError as error:
                yield error.message
                return
            end = start + one.stored_bytes
            if one.flags & _STREAMED:
                behind = self._descriptor(one, end)
                if not behind:
                    yield f"{one.name[:200]!r}: its checksum and sizes do not stand behind its bytes, as its head says"
                end += behind
        yield from _gap(end, self._directory)

    def _descriptor(self, file: ZippedFile, at: int) -> int:
        """Give the size of what stands after a streamed file's bytes: checksum and sizes, with a mark or without."""
        raw = self._at(at, max(_DESCRIPTORS))
        for size in _DESCRIPTORS:
            form = "<4sL" if size in (16, 24) else "<L"
            form += "QQ" if size > 16 else "LL"  # noqa: PLR2004 - the long form
            found = struct.unpack(form, raw[:size]) if len(raw) >= size else ()
            told = (file.crc, file.stored_bytes, file.size_bytes)
            if found[-3:] == told and (len(found) == len(told) or found[0] == b"PK\x07\x08"):
                return size
        return 0

    def _at(self, offset: int, size: int) -> bytes:
        if offset > self._size:  # further than a file can be asked to go
            return b""
        self._stream.seek(offset)
        return self._stream.read(size)


class ZippedReader:
    """The bytes of one file, in order; raises FormatError at the end if they are not what the directory says.

    ``start`` is where in the ZIP they begin, as they are stored.
    """

    def __init__(self, stream: BinaryIO, file: ZippedFile, *, start: int) -> None:
        self._stream = stream
        self._file = file
        self.start = start
        self._at = start
        self._left = file.stored_bytes
        self._inflate = zlib.decompressobj(-15) if file.method == DEFLATED else None
        self._found = 0
        self._crc = 0
        self._done = False

    def read(self, size: int = _BLOCK) -> bytes:
        """Give the next bytes, at most ``size``; nothing at the end."""
        content = b""
        while not content and not self._done:
            content = self._stored(size) if self._inflate is None else self._inflated(size)
            self._found += len(content)
            self._crc = zlib.crc32(content, self._crc)
            if self._found > self._file.size_bytes:
                raise FormatError(
                    f"{self._file.name[:200]}: more bytes than the {self._file.size_bytes} that the ZIP says"
                )
        if self._done and (self._found, self._crc) != (self._file.size_bytes, self._file.crc):
            raise FormatError(f"{self._file.name[:200]}: its bytes are not those of the ZIP's own checksum")
        return content

    def _raw(self, size: int) -> bytes:
        self._stream.seek(self._at)
        raw = self._stream.read(min(size, self._left))
        self._at += len(raw)
        self._left -= len(raw)
        return raw

    def _stored(self, size: int) -> bytes:
        content = self._raw(size)
        self._done = self._left == 0 or not content
        return content

    def _inflated(self, size: int) -> bytes:
        assert self._inflate is not None, "only for deflated files"
        raw = self._inflate.unconsumed_tail or self._raw(_BLOCK >> 4)
        try:
            content = self._inflate.decompress(raw, size)
        except zlib.error as error:
            raise FormatError(f"{self._file.name[:200]}: damaged: {error}") from error
        if self._inflate.eof and (self._inflate.unused_data or self._left):
            raise FormatError(f"{self._file.name[:200]}: bytes after its compressed content")
        self._done = self._inflate.eof or (not content and not raw)
        return content


def _file(found: tuple[int, ...], raw_name: bytes, extra: bytes) -> ZippedFile:
    _, made_by, _, flags, method, _, _, crc, stored, size, _, _, _, _, _, attributes, offset = found
    values = iter(_long_values(extra))
    size = next(values, size) if size == _LONG else size
    stored = next(values, stored) if stored == _LONG else stored
    offset = next(values, offset) if offset == _LONG else offset
    return ZippedFile(
        name=_name(raw_name, flags),
        offset=offset,
        method=method,
        size_bytes=size,
        stored_bytes=stored,
        crc=crc,
        flags=flags,
        mode=attributes >> 16 if made_by >> 8 == _UNIX else 0,
    )


def _long_values(extra: bytes) -> tuple[int, ...]:
    """Give the 64-bit values of the extra field that holds them."""
    at = 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack("<HH", extra[at : at + 4])
        if kind == 1:
            content = extra[at + 4 : at + 4 + size // 8 * 8]
            return struct.unpack(f"<{len(content) // 8}Q", content[: len(content) // 8 * 8])
        at += 4 + size
    return ()


def _name(raw: bytes, flags: int) -> str:
    try:
        return raw.decode("utf-8" if flags & _UTF8 else "ascii")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _problems(file: ZippedFile) -> Iterator[str]:
    if _UNSAFE.search(file.name.removesuffix("/") if file.is_folder else file.name):
        yield "a name that leaves the folder, or none"
    if visible(file.name, longest=1 << 16) != file.name:
        yield "a name with control, bidi or invisible characters"
    yield from _unreadable(file)


def _unreadable(file: ZippedFile) -> Iterator[str]:
    if file.flags & _ENCRYPTED:
        yield "encrypted"
    if file.method not in (STORED, DEFLATED):
        yield f"compression method {file.method}: expected stored or deflated"
    if file.method == STORED and file.stored_bytes != file.size_bytes:
        yield "stored, and of two sizes"
    if stat.S_IFMT(file.mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        yield "a link or a device, not a file"
    if file.size_bytes > max(_FREE_BYTES, _MOST_TIMES * file.stored_bytes):
        yield f"{file.size_bytes} bytes out of {file.stored_bytes}: a bomb"


def _gap(end: int, start: int) -> Iterator[str]:
    if start > end:
        yield f"{start - end} bytes at byte {end} belong to no file"
    if start < end:
        yield f"two files share the bytes at byte {start}"
