"""A ZIP whose every byte is known before it is written (APPNOTE 6.3.10): stored files, one date, ZIP64 where needed.

Own code, for a bundle is a stream with ZIPs inside whose sizes must be known first: docs/decisions/0020.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")
_LONG, _SHORT = 0xFFFFFFFF, 0xFFFF
_UNIX, _VERSION, _VERSION64 = 3 << 8, 20, 45
_DATE = 0x0021  # 1980-01-01, the first day that the format can name
_MODE = 0o100644 << 16
_EXTRA64 = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """A stored file of a ZIP: ASCII name, size, CRC-32 of its bytes, and where its head begins."""

    name: str
    size_bytes: int
    crc: int
    offset: int


def local_head(file: Packed) -> bytes:
    """Give what stands before a file's bytes."""
    long = file.size_bytes >= _LONG
    extra = struct.pack("<HHQQ", _EXTRA64, 16, file.size_bytes, file.size_bytes) if long else b""
    size = _LONG if long else file.size_bytes
    name = file.name.encode("ascii")
    version = _VERSION64 if long else _VERSION
    return (
        _LOCAL.pack(b"PK\x03\x04", version, 0, 0, 0, _DATE, file.crc, size, size, len(name), len(extra)) + name + extra
    )


def directory(files: Sequence[Packed], *, start: int) -> bytes:
    """Give what stands after the last file's bytes, which end at ``start``: the directory and its end."""
    listed = b"".join(_central(one) for one in files)
    count, size = len(files), len(listed)
    long = count >= _SHORT or size >= _LONG or start >= _LONG
    end = b""
    if long:
        version = _UNIX | _VERSION64
        end = _END64.pack(b"PK\x06\x06", _END64.size - 12, version, _VERSION64, 0, 0, count, count, size, start)
        end += _LOCATOR.pack(b"PK\x06\x07", 0, start + size, 1)
    shown = min(count, _SHORT), min(count, _SHORT), min(size, _LONG), min(start, _LONG)
    return listed + end + _END.pack(b"PK\x05\x06", 0, 0, *shown, 0)


def _central(file: Packed) -> bytes:
    size, offset = min(file.size_bytes, _LONG), min(file.offset, _LONG)
    values = [file.size_bytes] * 2 * (size == _LONG) + [file.offset] * (offset == _LONG)
    extra = struct.pack(f"<HH{len(values)}Q", _EXTRA64, 8 * len(values), *values) if values else b""
    name = file.name.encode("ascii")
    version = _VERSION64 if values else _VERSION
    head = (b"PK\x01\x02", _UNIX | version, version, 0, 0, 0, _DATE, file.crc, size, size, len(name), len(extra))
    return _CENTRAL.pack(*head, 0, 0, 0, _MODE, offset) + name + extra
