"""Evidence in memory, behind the same calls as a folder: to damage and verify it thousands of times without a disk."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from archiver.model.errors import Damaged, FormatError


class MemorySource:
    """Files by path. No folders, no links."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = dict(files)

    def list(self, prefix: str = "") -> tuple[str, ...]:
        """Give every path under ``prefix``, sorted."""
        return tuple(sorted(path for path in self.files if not prefix or path.startswith(f"{prefix}/")))

    def is_file(self, path: str) -> bool:
        """Say whether it is there."""
        return path in self.files

    def size(self, path: str) -> int:
        """Give its size."""
        return len(self._content(path))

    def read(self, path: str, *, limit_bytes: int) -> bytes:
        """Give its bytes; a larger file is refused."""
        content = self._content(path)
        if len(content) > limit_bytes:
            raise FormatError(f"{path}: expected at most {limit_bytes} bytes")
        return content

    def open(self, path: str) -> BinaryIO:
        """Open it for reading."""
        return io.BytesIO(self._content(path))

    def _content(self, path: str) -> bytes:
        if path not in self.files:
            raise Damaged(f"{path}: expected a file, found none")
        return self.files[path]


def read_folder(root: Path) -> dict[str, bytes]:
    """Give every file below a folder by its path."""
    return {one.relative_to(root).as_posix(): one.read_bytes() for one in root.rglob("*") if one.is_file()}
