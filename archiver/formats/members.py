"""A file read as gzip members one after another, or as one plain stretch: in blocks, with offsets, bounded.

gzip (RFC 1952) by isal, which checks each member's CRC and length. What stands in a member's own head (time, name,
comment) is skipped.
"""

import re
from collections.abc import Iterator
from typing import Protocol, cast

from isal import igzip_lib, isal_zlib

from archiver.model.errors import FormatError

_IsalError = cast("type[Exception]", isal_zlib.error)
_MAGIC = b"\x1f\x8b"
_READ_BYTES = 1 << 20
_FEED_BYTES = 32 << 10
_BLOCK_BYTES = 1 << 20
_FREE_BYTES = 256 << 20
_MOST_TIMES = 200
_HEAD_ENDS = re.compile(rb"\r\n\r\n|\n\n")
_OVERLAP_BYTES = 3
_BEGINS = b"WARC/"
_TRAILING = "bytes after the last gzip member, which are no gzip member"


class Readable(Protocol):
    """Something that gives its bytes in order: a file, or a file inside a ZIP."""

    def read(self, size: int, /) -> bytes:
        """Give the next bytes, at most ``size``; nothing at the end."""
        ...


class Members:
    """Reads forward only and holds at most a few MiB.

    ``limit_bytes`` bounds the decompressed size of all members together; past 256 MiB, more than 200 times what was
    read is refused too (a bomb). Everything raises FormatError, which says the byte of the file.
    """

    def __init__(self, stream: Readable, *, limit_bytes: int = 64 << 30) -> None:
        self._stream = stream
        self._limit_bytes = limit_bytes
        self._raw = memoryview(stream.read(_READ_BYTES))
        self._raw_at = 0  # in the raw block
        self._raw_begins = 0  # of the raw block in the file
        self._content = b""
        self._at = 0
        self._size = 0
        self._member: igzip_lib.IgzipDecompressor | None = None
        self._magic = b""  # what the present member begins with
        self.is_gzip = bytes(self._raw[:2]) == _MAGIC
        self.member_count = 0
        self.member_offset = 0
        self.damage = ""  # why nothing more can be read
        self._fresh = True  # nothing of the present member was taken yet

    @property
    def offset(self) -> int:
        """Give where in the file the next byte lies; for gzip where its member begins, or would begin."""
        if not self.is_gzip:
            return self._raw_begins + self._raw_at - (len(self._content) - self._at)
        return self._raw_begins + self._raw_at if self._between() else self.member_offset

    @property
    def starts_member(self) -> bool:
        """Say whether the next byte is the first of a gzip member."""
        return self.is_gzip and (self._between() or (self._fresh and self._at == 0))

    def more(self) -> bool:
        """Say whether any content is left."""
        return self._at < len(self._content) or self._fill()

    def at_end_of_member(self) -> bool:
        """Say whether the present gzip member has no content left."""
        while self.is_gzip and self._at == len(self._content) and self._member is not None:
            self._decompress()
        return self.is_gzip and self._between()

    def head(self, limit_bytes: int) -> bytes:
        """Give what comes up to the first empty line, that line too, or up to the end of the file.

        Raises FormatError if that is longer than the limit.
        """
        start = self._at
        while True:
            found = _HEAD_ENDS.search(self._content, start)
            if found and found.end() - self._at <= limit_bytes:
                return self._take(found.end() - self._at)
            held = len(self._content) - self._at
            if held > limit_bytes or found:
                raise FormatError(f"at byte {self.offset}: a head longer than {limit_bytes} bytes")
            rest = self._content[self._at :]
            self._content, self._at = b"", 0
            if self._ends_here(rest) or not (self._content or self._fill()):
                return rest
            self._fresh = False
            self._content = rest + self._content
            start = max(0, len(rest) - _OVERLAP_BYTES)

    def _ends_here(self, rest: bytes) -> bool:
        """Say whether a gzip member ended with what is no beginning of a record: the next one is another's."""
        return self.at_end_of_member() and rest[: len(_BEGINS)].upper() != _BEGINS

    def blocks(self, size: int) -> Iterator[bytes]:
        """Give the next ``size`` bytes in blocks, fewer if the file ends before."""
        while size > 0 and (self._at < len(self._content) or self._fill()):
            block = self._take(min(size, len(self._content) - self._at))
            size -= len(block)
            yield block

    def take(self, size: int) -> bytes:
        """Give the next few bytes, fewer if the file ends before."""
        return b"".join(self.blocks(size))

    def skip_member(self) -> None:
        """Go to where the next gzip member begins."""
        self._content, self._at = b"", 0
        while not self._between():
            self._decompress()
            self._content = b""

    def _take(self, size: int) -> bytes:
        taken = self._content[self._at : self._at + size]
        self._at += len(taken)
        self._fresh = False
        return taken

    def _between(self) -> bool:
        return self._member is None and self._at == len(self._content)

    def _fill(self) -> bool:
        """Get more content; False at the end of the file."""
        self._content, self._at = b"", 0
        if not self.is_gzip:
            self._next_raw()
            self._content = bytes(self._raw[self._raw_at :])
            self._raw_at += len(self._content)
            return bool(self._content)
        while not self._content:
            if self._member is None and not self._begin():
                return False
            self._decompress()
        return True

    def _begin(self) -> bool:
        self._next_raw()
        if self._raw_at == len(self._raw):
            return False
        self.member_offset = self._raw_begins + self._raw_at
        self.member_count += 1
        self._magic = bytes(self._raw[self._raw_at : self._raw_at + len(_MAGIC)])
        self._fresh = True
        self._member = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)
        return True

    def _next_raw(self) -> None:
        if self._raw_at == len(self._raw):
            self._raw_begins += len(self._raw)
            self._raw = memoryview(self._stream.read(_READ_BYTES))
            self._raw_at = 0

    def _decompress(self) -> None:
        """Get the member's next block of content into the buffer, which is empty; it may stay so."""
        member = self._member
        assert member is not None, "only within a member"
        fed: memoryview | bytes = b""
        if member.needs_input:
            self._next_raw()
            fed = self._raw[self._raw_at : self._raw_at + _FEED_BYTES]
            if not fed:
                raise self._stop(f"at byte {self.member_offset}: {self._cut()}")
        try:
            self._content = member.decompress(fed, _BLOCK_BYTES)
        except _IsalError as error:
            raise self._stop(f"at byte {self.member_offset}: {self._told(error)}") from error
        self._at = 0
        self._raw_at += len(fed)
        if member.eof:
            self._raw_at -= len(member.unused_data)
            self._member = None
        self._size += len(self._content)
        self._bound()

    def _stop(self, problem: str) -> FormatError:
        self.damage = problem
        self._content, self._at = b"", 0
        return FormatError(problem)

    def _told(self, error: Exception) -> str:
        return f"damaged gzip member: {error}" if self._has_magic() else _TRAILING

    def _cut(self) -> str:
        return "the last gzip member is cut off" if self._has_magic() else _TRAILING

    def _has_magic(self) -> bool:
        return _MAGIC.startswith(self._magic)

    def _bound(self) -> None:
        read = self._raw_begins + self._raw_at
        if self._size > self._limit_bytes:
            raise self._stop(f"at byte {read}: more than {self._limit_bytes} bytes when decompressed")
        if self._size > max(_FREE_BYTES, _MOST_TIMES * read):
            raise self._stop(f"at byte {read}: more than {_MOST_TIMES} times as much when decompressed: a bomb")
