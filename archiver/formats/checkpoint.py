"""C2SP checkpoints (c2sp.org/tlog-checkpoint): three lines, origin, size and root. No extension lines."""

import base64
import binascii
import re

from archiver.model.errors import FormatError
from archiver.model.provenance import Checkpoint

_ORIGIN = re.compile(r"[!-*,-~]{1,256}\Z")
_SIZE = re.compile(r"(0|[1-9][0-9]{0,15})\Z", re.ASCII)
_ROOT_BYTES = 32


def encode(checkpoint: Checkpoint) -> str:
    """Give the text that is signed; raise FormatError for a value that cannot be one."""
    _check(checkpoint)
    return f"{checkpoint.origin}\n{checkpoint.size}\n{base64.b64encode(checkpoint.root).decode()}\n"


def decode(text: str) -> Checkpoint:
    """Give the checkpoint in a note's text; raise FormatError unless it is its one form."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3]:  # noqa: PLR2004 - three lines and the end of the last
        raise FormatError(f"checkpoint: expected three lines, found {len(lines) - 1}")
    origin, size, root = lines[:3]
    if not _SIZE.match(size):
        raise FormatError(f"checkpoint line 2: tree size must be a number without leading zero, found {size[:40]!r}")
    try:
        found = Checkpoint(origin=origin, size=int(size), root=base64.b64decode(root, validate=True))
    except (binascii.Error, ValueError) as error:
        raise FormatError(f"checkpoint line 3: not base64: {error}") from error
    if encode(found) != text:
        raise FormatError("checkpoint line 3: base64 with stray bits")
    return found


def _check(checkpoint: Checkpoint) -> None:
    if not _ORIGIN.match(checkpoint.origin):
        raise FormatError(f"checkpoint line 1: expected an origin without spaces, found {checkpoint.origin[:80]!r}")
    if not _SIZE.match(str(checkpoint.size)):
        raise FormatError(f"checkpoint: expected a size from 0 up, of at most 16 digits, found {checkpoint.size}")
    if len(checkpoint.root) != _ROOT_BYTES:
        raise FormatError(f"checkpoint line 3: expected a root of 32 bytes, found {len(checkpoint.root)}")
