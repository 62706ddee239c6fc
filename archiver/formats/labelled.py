"""Digests as WARC files write them: ``algorithm:value``, the value in base 16, 32 or 64 (ISO 28500 section 5.8)."""

import base64
import binascii
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from archiver.model.errors import FormatError

_FORM = re.compile(r"([A-Za-z0-9!#$%&'*+.^_`|~/-]{1,40}):(\S{1,400})\Z")
_USUAL = re.compile(r"sha256:[0-9a-f]{64}\Z")
_ALGORITHMS = {
    "md5": ("md5", 16),
    "sha1": ("sha1", 20),
    "sha224": ("sha224", 28),
    "sha256": ("sha256", 32),
    "sha384": ("sha384", 48),
    "sha512": ("sha512", 64),
    "sha3256": ("sha3_256", 32),
    "sha3512": ("sha3_512", 64),
    "blake2b": ("blake2b", 64),
    "blake2s": ("blake2s", 32),
}
WEAK = frozenset(("md5", "sha1"))


class Hasher(Protocol):
    """What hashlib gives."""

    def update(self, data: bytes, /) -> None:
        """Take more bytes."""
        ...

    def digest(self) -> bytes:
        """Give the digest of all that was taken."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A digest with its algorithm; ``value`` is empty if the algorithm is none that is known here."""

    algorithm: str
    value: bytes

    @property
    def known(self) -> bool:
        """Say whether it can be recomputed here."""
        return bool(self.value)

    def hasher(self) -> Hasher:
        """Give a new hasher of its algorithm."""
        if self.algorithm == "sha256":  # nearly always, and quicker by its own name
            return hashlib.sha256()
        return hashlib.new(_ALGORITHMS[self.algorithm][0], usedforsecurity=False)


def parse(text: str) -> Labelled:
    """Give the digest that a field states; raise FormatError if it has another form or length."""
    if _USUAL.match(text):
        return Labelled(algorithm="sha256", value=bytes.fromhex(text[7:]))
    match = _FORM.match(text)
    if not match:
        raise FormatError(f"expected algorithm:value, found {text[:80]!r}")
    algorithm = match[1].lower().replace("-", "").replace("_", "")
    if algorithm not in _ALGORITHMS:
        return Labelled(algorithm=match[1].lower(), value=b"")
    return Labelled(algorithm=algorithm, value=_decoded(match[2], _ALGORITHMS[algorithm][1], algorithm))


def _decoded(text: str, size: int, algorithm: str) -> bytes:
    """Give the bytes; their number tells the base, which no field names."""
    bare = text.rstrip("=")
    forms: tuple[tuple[int, Callable[[str], bytes]], ...] = (
        (size * 2, bytes.fromhex),
        (-(-size * 8 // 5), lambda bare: base64.b32decode(bare.upper() + "=" * (-len(bare) % 8))),
        (-(-size * 8 // 6), lambda bare: base64.b64decode(_standard(bare), validate=True)),
    )
    for length, decode in forms:
        if len(bare) == length:
            try:
                return decode(bare)
            except (ValueError, binascii.Error) as error:
                raise FormatError(f"{algorithm}: {text[:80]!r} is in no base that is known: {error}") from error
    raise FormatError(f"{algorithm}: expected {size} bytes in base 16, 32 or 64, found {len(text)} characters")


def _standard(bare: str) -> str:
    """Give base64 in its standard alphabet, padded: the one for URLs is in use too."""
    return bare.replace("-", "+").replace("_", "/") + "=" * (-len(bare) % 4)
