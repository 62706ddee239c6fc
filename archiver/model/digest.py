"""SHA-256 digests as values. Written ``sha256:<64 lowercase hex>`` everywhere but in file names."""

import hashlib
import re
from dataclasses import dataclass

from archiver.model.errors import FormatError

_HEX = re.compile(r"[0-9a-f]{64}\Z")


@dataclass(frozen=True, slots=True, order=True)
class Digest:
    """One SHA-256 digest. ``str()`` gives ``sha256:<hex>``; ``hex`` is the bare form for file names."""

    hex: str

    def __post_init__(self) -> None:
        """Refuse anything but 64 lowercase hexadecimal digits."""
        if not _HEX.match(self.hex):
            raise FormatError(f"digest: expected 64 lowercase hex digits, found {self.hex[:80]!r}")

    def __str__(self) -> str:
        return f"sha256:{self.hex}"

    @classmethod
    def parse(cls, text: str) -> "Digest":
        """Read ``sha256:<hex>``; raise FormatError for another algorithm or form."""
        algorithm, _, value = text.partition(":")
        if algorithm != "sha256":
            raise FormatError(f"digest: expected 'sha256:<hex>', found {text[:80]!r}")
        return cls(value)

    @classmethod
    def of(cls, content: bytes) -> "Digest":
        """Give the digest of these bytes."""
        return cls(hashlib.sha256(content).hexdigest())
