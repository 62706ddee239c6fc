"""One file of a bundle before it is written: bytes in memory, stretches of files on the disk, or both in a row."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from archiver.formats.bundle import check_path
from archiver.model.digest import Digest
from archiver.model.errors import Damaged

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A whole file on the disk that is copied as it is. ``digest`` is what its bytes must give."""

    path: Path
    size_bytes: int
    digest: Digest

    def blocks(self) -> Iterator[bytes]:
        """Give its bytes; raise Damaged if it cannot be read or has another size."""
        found = 0
        try:
            with self.path.open("rb") as file:
                while block := file.read(_BLOCK):
                    found += len(block)
                    yield block
        except OSError as error:
            raise Damaged(f"{self.path}: cannot be read: {error.strerror or error}", hint="archiver verify") from error
        if found != self.size_bytes:
            raise Damaged(f"{self.path}: expected {self.size_bytes} bytes, found {found}", hint="archiver verify")


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A file of the bundle: its path, and its content in order."""

    path: str
    parts: tuple[bytes | Stored, ...]

    def __post_init__(self) -> None:
        """Refuse a path that no bundle can have."""
        check_path(self.path)

    @property
    def size_bytes(self) -> int:
        """Give its size."""
        return sum(len(one) if isinstance(one, bytes) else one.size_bytes for one in self.parts)

    @property
    def digest(self) -> Digest | None:
        """Give the digest that its bytes must have, if it is one stored file."""
        first = self.parts[0] if len(self.parts) == 1 else b""
        return first.digest if isinstance(first, Stored) else None

    def blocks(self) -> Iterator[bytes]:
        """Give its bytes; raise Damaged where a stored file is not what it was."""
        for one in self.parts:
            if isinstance(one, bytes):
                yield one
            else:
                yield from one.blocks()


def small(path: str, content: bytes) -> Member:
    """Give a file of these bytes."""
    return Member(path=path, parts=(content,))
