"""C2SP tiles (c2sp.org/tlog-tiles): where the tree's hashes and entries lie in plain files.

A tile holds up to 256 hashes of one level, or up to 256 entries; a narrower one is partial and says so
in its name. Locally only the partial tiles of the present size are kept (docs/decisions/0004).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from archiver.formats.layout import TILES
from archiver.model.errors import FormatError

WIDTH = 256
HASH_BYTES = 32
_LEVEL_BITS = 8
_LONGEST_ENTRY = 0xFFFF
_GROUP = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One tile: its level (None for entries), its index in the level, and how many of 256 it holds."""

    level: int | None
    index: int
    width: int

    @property
    def path(self) -> str:
        """Give the tile's file."""
        level = "entries" if self.level is None else str(self.level)
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"{TILES}/{level}/{_grouped(self.index)}{partial}"


def tiles_for(size: int) -> Iterator[Tile]:
    """Give every tile of a tree of this size: entries first, then the levels upwards."""
    yield from _level(None, size)
    level = 0
    while size:
        yield from _level(level, size)
        level, size = level + 1, size >> _LEVEL_BITS


def partials(size: int) -> Iterator[Tile]:
    """Give the partial tiles of a tree of this size: at most one of entries and one of each level."""
    if size % WIDTH:
        yield Tile(level=None, index=size // WIDTH, width=size % WIDTH)
    level = 0
    while size:
        if size % WIDTH:
            yield Tile(level=level, index=size // WIDTH, width=size % WIDTH)
        level, size = level + 1, size >> _LEVEL_BITS


def tiles_touched(old_size: int, size: int) -> Iterator[Tile]:
    """Give the tiles of ``size`` that differ from those of ``old_size``, entries first."""
    level: int | None = None
    old, new = old_size, size
    yield from _level(None, new, start=old // WIDTH)
    level = 0
    while new and new != old:
        yield from _level(level, new, start=old // WIDTH)
        level, old, new = level + 1, old >> _LEVEL_BITS, new >> _LEVEL_BITS


def encode_entries(entries: tuple[bytes, ...]) -> bytes:
    """Give an entry tile: each entry after its length in two bytes, big-endian."""
    for one in entries:
        if len(one) > _LONGEST_ENTRY:
            raise FormatError(f"entry tile: expected entries of at most {_LONGEST_ENTRY} bytes, found {len(one)}")
    return b"".join(len(one).to_bytes(2, "big") + one for one in entries)


def decode_entries(raw: bytes, *, width: int) -> tuple[bytes, ...]:
    """Give the entries of a tile; raise FormatError unless there are exactly ``width`` and no byte more."""
    found: list[bytes] = []
    at = 0
    while at < len(raw):
        length = int.from_bytes(raw[at : at + 2], "big")
        one = raw[at + 2 : at + 2 + length]
        if at + 2 > len(raw) or len(one) != length:
            raise FormatError(f"entry tile: cut short at byte {at}")
        found.append(one)
        at += 2 + length
    if len(found) != width:
        raise FormatError(f"entry tile: expected {width} entries, found {len(found)}")
    return tuple(found)


def decode_hashes(raw: bytes, *, width: int) -> tuple[bytes, ...]:
    """Give the hashes of a tile; raise FormatError unless there are exactly ``width``."""
    if len(raw) != width * HASH_BYTES:
        raise FormatError(f"hash tile: expected {width * HASH_BYTES} bytes, found {len(raw)}")
    return tuple(raw[at : at + HASH_BYTES] for at in range(0, len(raw), HASH_BYTES))


def _level(level: int | None, size: int, *, start: int = 0) -> Iterator[Tile]:
    full, rest = divmod(size, WIDTH)
    for index in range(start, full):
        yield Tile(level=level, index=index, width=WIDTH)
    if rest and start <= full:
        yield Tile(level=level, index=full, width=rest)


def _grouped(index: int) -> str:
    groups = [f"{index % _GROUP:03d}"]
    while index := index // _GROUP:
        groups.append(f"x{index % _GROUP:03d}")
    return "/".join(reversed(groups))
