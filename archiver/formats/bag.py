"""BagIt 1.0 (RFC 8493): the declaration, the lists of digests, and ``bag-info.txt``. Strict: one form of each.

The lists are those of ``sha256sum`` and ``sha512sum``. Paths are those that `bundle.check_path` lets pass, so nothing
in them needs the escapes of section 2.1.3.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from archiver.formats.bundle import check_path
from archiver.model.errors import FormatError

DECLARATION_FILE = "bagit.txt"
INFO = "bag-info.txt"
SHA256_LIST = "manifest-sha256.txt"
SHA512_LIST = "manifest-sha512.txt"
TAG_LIST = "tagmanifest-sha256.txt"
SEAL = "tagmanifest-sha256.txt.sshsig"
DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
LIMIT_BYTES = 64 << 20
SHA256_DIGITS = 64
SHA512_DIGITS = 128
_LINE = re.compile(r"([0-9a-f]{64}|[0-9a-f]{128})  (\S+)\Z")
_INFO = re.compile(
    r"Bag-Software-Agent: ([!-~][ -~]{0,199})\nBagging-Date: (\d{4}-\d\d-\d\d)\n"
    r"External-Identifier: ([!-~]{1,200})\nPayload-Oxum: (0|[1-9]\d{0,17})\.(0|[1-9]\d{0,9})\n\Z",
    re.ASCII,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BagInfo:
    """What ``bag-info.txt`` says: the program, the day (UTC), the export's id, and how much is under ``data/``."""

    software: str
    day: str
    identifier: str
    payload_bytes: int
    payload_files: int


def encode_info(info: BagInfo) -> bytes:
    """Give ``bag-info.txt``."""
    return (
        f"Bag-Software-Agent: {info.software}\nBagging-Date: {info.day}\nExternal-Identifier: {info.identifier}\n"
        f"Payload-Oxum: {info.payload_bytes}.{info.payload_files}\n"
    ).encode("ascii")


def decode_info(raw: bytes) -> BagInfo:
    """Give what ``bag-info.txt`` says; raise FormatError for any other form than ours."""
    match = _INFO.match(raw.decode("latin-1"))
    if not match:
        raise FormatError(f"{INFO}: expected Bag-Software-Agent, Bagging-Date, External-Identifier and Payload-Oxum")
    return BagInfo(
        software=match[1], day=match[2], identifier=match[3], payload_bytes=int(match[4]), payload_files=int(match[5])
    )


def encode_list(digests: Mapping[str, str]) -> bytes:
    """Give a list of these digests (hex) by path, sorted by path."""
    return "".join(f"{digest}  {path}\n" for path, digest in sorted(digests.items())).encode("ascii")


def decode_list(raw: bytes, *, what: str, digits: int) -> dict[str, str]:
    """Give the digests by path; raise FormatError for another form, an unsafe path, or one that stands twice."""
    if len(raw) > LIMIT_BYTES or not raw.isascii():
        raise FormatError(f"{what}: expected at most {LIMIT_BYTES} bytes of ASCII")
    found: dict[str, str] = {}
    folded: set[str] = set()
    for number, line in enumerate(raw.decode("ascii").split("\n")[:-1], 1):
        match = _LINE.match(line)
        if not match or len(match[1]) != digits:
            raise FormatError(f"{what} line {number}: expected {digits} hex digits, two spaces and a path")
        path = check_path(match[2])
        if path.casefold() in folded:
            raise FormatError(f"{what} line {number}: {path} stands twice, or differs from another by case alone")
        folded.add(path.casefold())
        found[path] = match[1]
    if not found or encode_list(found) != raw:
        raise FormatError(f"{what}: expected lines in the order of their paths, each ending in a newline")
    return found
