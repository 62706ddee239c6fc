"""A read-only view of evidence for verification: a folder here, other shapes behind the same calls later."""

import io
import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from archiver.model.errors import Damaged, FormatError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer as Buffer

_UNNAMEABLE = re.compile("[\x00\ud800-\udc7f\udd00-\udfff]")
"""What no file name holds; the surrogates between stand for bytes that are not UTF-8."""
_MOST_FILES = 5_000_000
_MOST_PLAIN = 100_000


class EvidenceSource(Protocol):
    """Files by relative path with forward slashes. Nothing outside is reachable, nothing is written."""

    def list(self, prefix: str = "") -> tuple[str, ...]:
        """Give the paths of everything that is no folder under ``prefix``, sorted; symbolic links included."""
        ...

    def is_file(self, path: str) -> bool:
        """Say whether a regular file is there. A symbolic link is none."""
        ...

    def size(self, path: str) -> int:
        """Give a file's size in bytes; raise Damaged if it is no regular file."""
        ...

    def read(self, path: str, *, limit_bytes: int) -> bytes:
        """Give a file's bytes; raise Damaged if it is missing, FormatError if it is larger than the limit."""
        ...

    def open(self, path: str) -> BinaryIO:
        """Open a regular file for reading; raise Damaged if it is none."""
        ...


class _Reader(io.FileIO):
    """A file whose unreadable sectors are told as what they are: damage."""

    def __init__(self, handle: int, path: str) -> None:
        super().__init__(handle)
        self._path = path

    def readinto(self, buffer: "Buffer", /) -> int | None:
        """Fill the buffer."""
        try:
            return super().readinto(buffer)
        except OSError as error:
            raise _unreadable(self._path, error) from error

    def readall(self) -> bytes:
        """Give all that is left."""
        try:
            return super().readall()
        except OSError as error:
            raise _unreadable(self._path, error) from error


class FolderSource:
    """A folder, seen without following any symbolic link below it."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folder = os.fspath(root)
        self._plain: set[str] = set()  # folders that were looked at and are no link

    def list(self, prefix: str = "") -> tuple[str, ...]:
        """Give every path below, at most five million; raise Damaged for a folder that cannot be listed."""
        top = self._inside(prefix) if prefix else self._folder
        if prefix and (self._linked(prefix) or Path(top).is_file()):
            return (prefix,)  # what should be a folder is none, and shows as that
        found: list[str] = []
        for folder, folders, names in os.walk(top, onerror=_refuse, followlinks=False):
            below = folder[len(self._folder) :].replace(os.sep, "/").lstrip("/")
            begin = f"{below}/" if below else ""
            links = [name for name in folders if _is_link(Path(folder) / name)]
            found.extend(begin + name for name in (*names, *links))
            if len(found) > _MOST_FILES:
                raise FormatError(f"{prefix or '.'}: more than {_MOST_FILES} files")
        return tuple(sorted(found))

    def is_file(self, path: str) -> bool:
        """Say whether a regular file is there, no link on the way."""
        try:
            self._regular(path)
        except Damaged:
            return False
        return True

    def size(self, path: str) -> int:
        """Give the size that the file system reports."""
        return self._regular(path)[1].st_size

    def read(self, path: str, *, limit_bytes: int) -> bytes:
        """Give at most ``limit_bytes``; a larger file is refused, not cut."""
        with self.open(path) as file:
            content = file.read(limit_bytes + 1)
        if len(content) > limit_bytes:
            raise FormatError(f"{path}: expected at most {limit_bytes} bytes")
        return content

    def open(self, path: str) -> BinaryIO:
        """Open for reading without following a link; sectors that cannot be read raise Damaged too."""
        try:
            handle = os.open(self._regular(path)[0], os.O_RDONLY | os.O_NOFOLLOW)
        except OSError as error:
            raise _unreadable(path, error) from error
        return io.BufferedReader(_Reader(handle, path))

    def _regular(self, path: str) -> tuple[str, os.stat_result]:
        """Give where a regular file lies and what the system says of it; raise Damaged for anything else."""
        place = self._inside(path)
        try:
            if self._linked(path.rpartition("/")[0]):
                raise Damaged(f"{path}: a symbolic link, not a file of evidence")
            found = os.lstat(place)
        except FileNotFoundError as error:
            raise Damaged(f"{path}: expected a file, found none") from error
        except OSError as error:
            raise _unreadable(path[:200], error) from error
        if stat.S_ISLNK(found.st_mode):
            raise Damaged(f"{path}: a symbolic link, not a file of evidence")
        if not stat.S_ISREG(found.st_mode):
            raise Damaged(f"{path}: expected a regular file")
        return place, found

    def _linked(self, path: str) -> bool:
        """Say whether the path is a symbolic link or goes through one. What is not there is none."""
        if path in self._plain or not path:
            return False
        at = 0
        while at >= 0:
            at = path.find("/", at + 1)
            here = path if at < 0 else path[:at]
            if here not in self._plain and _is_link(Path(self._folder, here)):
                return True
            if len(self._plain) < _MOST_PLAIN:
                self._plain.add(here)
        return False

    def _inside(self, path: str) -> str:
        if path.startswith("/") or ".." in path.split("/") or _UNNAMEABLE.search(path):
            raise Damaged(f"{path[:200]!r}: a path that leaves the folder, or none")
        return f"{self._folder}/{path}"


def _is_link(path: Path) -> bool:
    try:
        return path.is_symlink()
    except OSError as error:  # a path longer than the system takes
        raise _unreadable(f"{str(path)[:200]}…", error) from error


def _unreadable(path: str, error: OSError) -> Damaged:
    return Damaged(f"{path}: cannot be read: {error.strerror or error}")


def _refuse(error: OSError) -> None:
    """Raise for a folder that cannot be listed: what is not seen cannot be verified."""
    if not isinstance(error, FileNotFoundError):
        raise Damaged(f"{error.filename}: this folder cannot be listed: {error.strerror or error}") from error
