"""Every way in which the tests damage the ZIP of a bundle."""

import re
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

from tests.support.bundle_verifiers import packed

ZipDamage = Callable[[bytes], bytes]
_NAME = b"data/exhibits/0001/viewport.png"


def _heads(raw: bytes, name: bytes = _NAME) -> tuple[int, int]:
    """Give where a file's own head begins, and where that in the directory does."""
    spots = [one.start() for one in re.finditer(re.escape(b"case-1-00000000/" + name), raw)]
    return spots[0] - 30, spots[-1] - 46


def at_head(offset: int, form: str, value: int) -> ZipDamage:
    """Write a number into a file's own head."""

    def change(raw: bytes) -> bytes:
        return _write(raw, _heads(raw)[0] + offset, form, value)

    return change


def at_directory(offset: int, form: str, value: int) -> ZipDamage:
    """Write a number into a file's part of the directory."""

    def change(raw: bytes) -> bytes:
        return _write(raw, _heads(raw)[1] + offset, form, value)

    return change


def at_both(own: int, listed: int, form: str, value: int) -> ZipDamage:
    """Write a number into both."""
    return lambda raw: at_directory(listed, form, value)(at_head(own, form, value)(raw))


def at_end(offset: int, form: str, value: int) -> ZipDamage:
    """Write a number into the end of the directory."""
    return lambda raw: _write(raw, len(raw) - 22 + offset, form, value)


def _write(raw: bytes, at: int, form: str, value: int) -> bytes:
    size = struct.calcsize(form)
    return raw[:at] + struct.pack(form, value) + raw[at + size :]


def renamed(which: str, other: bytes) -> ZipDamage:
    """Give a file another name of the same length, in its own head, in the directory, or in both."""

    def change(raw: bytes) -> bytes:
        own, listed = _heads(raw)
        for at in [
            *([own + 30] if which in ("own", "both") else []),
            *([listed + 46] if which in ("listed", "both") else []),
        ]:
            raw = raw[: at + 16] + other.ljust(len(_NAME), b"x")[: len(_NAME)] + raw[at + 16 + len(_NAME) :]
        return raw

    return change  # fmt: skip


def repacked(
    change: Callable[[list[tuple[str, bytes]]], list[tuple[str, bytes]]], *, top: str = "case-1-00000000"
) -> Callable[[Path], bytes]:
    """Give a ZIP of other files than the folder's."""

    def make(folder: Path) -> bytes:
        paths = sorted(one for one in folder.rglob("*") if one.is_file())
        files = [(one.relative_to(folder).as_posix(), one.read_bytes()) for one in paths]
        return packed(folder, files=change(files), top=top)

    return make  # fmt: skip


def shifted(raw: bytes, by: bytes) -> bytes:
    """Put bytes before a ZIP, every offset made to fit."""
    size, start = struct.unpack("<LL", raw[-10:-2])
    listed = bytearray(raw[start : start + size])
    at = 0
    while at < size:
        offset = struct.unpack_from("<L", listed, at + 42)[0]
        struct.pack_into("<L", listed, at + 42, offset + len(by))
        at += 46 + sum(struct.unpack_from("<3H", listed, at + 28))
    end = raw[start + size : -6] + struct.pack("<L", start + len(by)) + raw[-2:]
    return by + raw[:start] + bytes(listed) + end


def with_gap(raw: bytes) -> bytes:
    """Put bytes between the last file and the directory."""
    size, start = struct.unpack("<LL", raw[-10:-2])
    end = raw[start + size : -6] + struct.pack("<L", start + 5) + raw[-2:]
    return raw[:start] + b"stray" + raw[start : start + size] + end


def deflated(raw_size: int | None = None) -> ZipDamage:
    """Put a bomb in the place of the last file: 300 MiB of zeros, deflated, as small as they get."""

    def change(raw: bytes) -> bytes:
        size, start = struct.unpack("<LL", raw[-10:-2])
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        content, crc, block = b"", 0, bytes(1 << 20)
        for _ in range(300):
            content += packer.compress(block)
            crc = zlib.crc32(block, crc)
        content += packer.flush()
        name = b"case-1-00000000/zeros"
        told = (crc, len(content), 300 << 20 if raw_size is None else raw_size)
        head = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 8, 0, 33, *told, len(name), 0) + name
        more = (
            struct.pack(
                "<4s6H3L5H2L",
                b"PK\1\2",
                3 << 8 | 20,
                20,
                0,
                8,
                0,
                33,
                *told,
                len(name),
                0,
                0,
                0,
                0,
                0o100644 << 16,
                start,
            )
            + name
        )
        count = struct.unpack("<H", raw[-12:-10])[0] + 1
        listed = raw[start : start + size] + more
        end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, len(listed), start + len(head) + len(content), 0)
        return raw[:start] + head + content + listed + end

    return change  # fmt: skip


OF_BYTES: dict[str, ZipDamage] = {
    "bytes after the end": lambda raw: raw + b"more",
    "bytes before the beginning": lambda raw: b"before" + raw,
    "bytes before the beginning, offsets made to fit": lambda raw: shifted(raw, b"before"),
    "bytes before the directory": with_gap,
    "a comment": lambda raw: raw[:-2] + b"\4\0more",
    "cut off": lambda raw: raw[:-30],
    "only its first half": lambda raw: raw[: len(raw) // 2],
    "the directory counts one more": lambda raw: at_end(8, "<H", struct.unpack("<H", raw[-12:-10])[0] + 1)(
        at_end(10, "<H", struct.unpack("<H", raw[-12:-10])[0] + 1)(raw)
    ),
    "of several parts": at_end(4, "<H", 1),
    "another name in its own head": renamed("own", b"data/exhibits/0001/other.png"),
    "another name in the directory": renamed("listed", b"data/exhibits/0001/other.png"),
    "another name in both": renamed("both", b"data/exhibits/0001/other.png"),
    "a name that leaves the folder": renamed("both", b"../../../../../../etc/passwd"),
    "an absolute name": renamed("both", b"/etc/passwd"),
    "a name with a backslash": renamed("both", b"data\\exhibits\\0001\\x"),
    "a name that is another's": renamed("both", b"data/exhibits/0001/viewport.pnG"),
    "another size in its own head": at_head(22, "<L", 5),
    "another size in the directory": at_directory(24, "<L", 5),
    "another checksum in its own head": at_head(14, "<L", 5),
    "another checksum in the directory": at_directory(16, "<L", 5),
    "another checksum in both": at_both(14, 16, "<L", 5),
    "another method in its own head": at_head(8, "<H", 8),
    "another method in both": at_both(8, 10, "<H", 8),
    "a method that nobody knows": at_both(8, 10, "<H", 99),
    "encrypted in its own head": at_head(6, "<H", 1),
    "encrypted": at_both(6, 8, "<H", 1),
    "sizes behind the bytes that are not there": at_both(6, 8, "<H", 8),
    "a link": at_directory(38, "<L", 0o120777 << 16),
    "a device": at_directory(38, "<L", 0o020666 << 16),
    "beginning where another begins": at_directory(42, "<L", 0),
    "beginning beyond the end": at_directory(42, "<L", 0x7FFFFFFF),
    "a bit of a file's bytes": lambda raw: raw.replace(b"\x89PNG", b"\x89PNH", 1),
    "a bomb": deflated(),
    "a bomb that says that it is small": deflated(5),
}
OF_FILES: dict[str, Callable[[Path], bytes]] = {
    "a file twice": repacked(lambda files: sorted([*files, files[5]])),
    "a file twice, with other bytes": repacked(lambda files: sorted([*files, (files[5][0], b"other")])),
    "a file twice, in capitals": repacked(lambda files: [*files, (files[5][0].upper(), b"other")]),
    "a file at the top": repacked(lambda files: [*files, ("../loose", b"x")]),
    "no file": repacked(lambda _: []),
    "a file left out": repacked(lambda files: [one for one in files if not one[0].endswith("viewport.png")]),
    "a file more": repacked(lambda files: [*files, ("zzz", b"x")]),
}  # fmt: skip


def zip_cases() -> dict[str, Callable[[Path], bytes]]:
    """Give every damage of the ZIP: each makes the ZIP of a bundle's folder."""
    cases = dict(OF_FILES)
    for name, change in OF_BYTES.items():
        cases[name] = lambda folder, change=change: change(packed(folder))  # type: ignore[misc] # bound now
    return cases
