"""The payload inside an ``application/http`` block, as it arrives: what stands after the HTTP head.

The standard means the entity-body, chunked coding undone; most writers of WARC files digest the bytes as stored. Both
are hashed, so that a digest by either is recognised for what it is.
"""

import re

from archiver.formats.labelled import Hasher, Labelled

_ENDS = re.compile(rb"\n\r?\n")
_CHUNKED = re.compile(rb"^transfer-encoding:[^\r\n]*chunked", re.IGNORECASE | re.MULTILINE)
_SIZE = re.compile(rb"[0-9A-Fa-f]{1,15}(?=[;\s]|\Z)")
_LONGEST_HEAD = 1 << 20
_LONGEST_LINE = 4096


class Whole:
    """A payload that is the whole block."""

    def __init__(self, stated: Labelled) -> None:
        self._stated = stated
        self._hasher = stated.hasher()

    def take(self, block: bytes) -> None:
        """Take the next bytes of the block."""
        self._hasher.update(block)

    def agrees(self) -> str:
        """Give how the stated digest came about, empty if it is not that of the payload."""
        return "the block" if self._hasher.digest() == self._stated.value else ""


class Entity:
    """A payload that follows an HTTP head."""

    def __init__(self, stated: Labelled) -> None:
        self._stated = stated
        self._head: bytes | None = b""
        self._stored = stated.hasher()
        self._chunks: _Chunks | None = None

    def take(self, block: bytes) -> None:
        """Take the next bytes of the block."""
        if self._head is not None:
            block = self._after_head(self._head + block)
        if block:
            self._stored.update(block)
            if self._chunks is not None:
                self._chunks.take(block)

    def agrees(self) -> str:
        """Give how the stated digest came about, empty if it is not that of the payload."""
        if self._stored.digest() == self._stated.value:
            return "the payload as stored"
        if self._chunks is not None and self._chunks.whole and self._chunks.digest() == self._stated.value:
            return "the payload without its chunked coding"
        return ""

    def _after_head(self, joined: bytes) -> bytes:
        found = _ENDS.search(joined)
        if found is None and len(joined) <= _LONGEST_HEAD:
            self._head = joined
            return b""
        head = joined[: found.end()] if found else joined[:_LONGEST_HEAD]
        self._head = None
        if _CHUNKED.search(head):
            self._chunks = _Chunks(self._stated.hasher())
        return joined[len(head) :]


class _Chunks:
    """Undoes chunked coding (RFC 9112 section 7.1) as far as it goes."""

    def __init__(self, hasher: Hasher) -> None:
        self._hasher = hasher
        self._line = b""
        self._left = 0  # of the present chunk, its line end counted
        self._broken = False
        self.whole = False

    def digest(self) -> bytes:
        return self._hasher.digest()

    def take(self, block: bytes) -> None:
        at = 0
        while at < len(block) and not self.whole and not self._broken:
            at = self._within(block, at) if self._left else self._size(block, at)

    def _within(self, block: bytes, at: int) -> int:
        part = block[at : at + self._left]
        content = part[: max(0, self._left - 2)]
        self._hasher.update(content)
        self._left -= len(part)
        return at + len(part)

    def _size(self, block: bytes, at: int) -> int:
        end = block.find(b"\n", at)
        if end < 0 or len(self._line) + end - at > _LONGEST_LINE:
            self._line += block[at : at + _LONGEST_LINE]
            self._broken = len(self._line) > _LONGEST_LINE
            return len(block)
        found = _SIZE.match((self._line + block[at:end]).strip())
        self._line = b""
        size = int(found[0], 16) if found else 0
        self._broken = found is None
        self.whole = found is not None and size == 0
        self._left = size + 2
        return end + 1
