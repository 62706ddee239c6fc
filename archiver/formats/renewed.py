"""The list that a renewal is over: SHA-512 digests of files, as ``sha512sum -c`` reads them, sorted by path."""

import re
from collections.abc import Mapping

from archiver.model.errors import FormatError

_LINE = re.compile(r"([0-9a-f]{128})  ([a-z0-9][A-Za-z0-9._/-]{0,255})\Z")
_LIMIT_BYTES = 64 << 10


def encode_list(digests: Mapping[str, str]) -> bytes:
    """Give the list of these digests (hex) by path."""
    return "".join(f"{digest}  {path}\n" for path, digest in sorted(digests.items())).encode()


def decode_list(raw: bytes) -> dict[str, str]:
    """Give the digests by path; raise FormatError for anything but the one form."""
    if len(raw) > _LIMIT_BYTES or not raw.isascii():
        raise FormatError(f"list of a renewal: expected at most {_LIMIT_BYTES} bytes of ASCII")
    matches = [_LINE.match(line) for line in raw.decode().split("\n")[:-1]]
    found = {match[2]: match[1] for match in matches if match}
    if not found or encode_list(found) != raw:
        raise FormatError("list of a renewal: expected lines of SHA-512 and path, sorted by path")
    return found
