"""The archive: bytes under the name of their SHA-256 digest, written once."""

import hashlib
from pathlib import Path
from typing import BinaryIO, Protocol

from archiver.formats import layout
from archiver.model.digest import Digest
from archiver.model.errors import Conflict, Damaged, StoreError
from archiver.store import durable
from archiver.store.durable import REAL_DISK, Disk


class Blobs(Protocol):
    """Where evidence bytes lie. A folder here; an object store is to fit behind the same calls."""

    def put_file(self, path: Path, extension: str, *, expected: Digest) -> int:
        """Store a file's bytes; give their size. On return they are durable. Safe to repeat."""
        ...

    def open(self, digest: Digest, extension: str) -> BinaryIO:
        """Open stored bytes for reading; raise Damaged if they are not there."""
        ...

    def exists(self, digest: Digest, extension: str) -> bool:
        """Say whether bytes of this digest are stored."""
        ...

    def list(self) -> tuple[str, ...]:
        """Give the paths of all stored files, sorted."""
        ...

    def erase(self, digest: Digest, extension: str) -> None:
        """Destroy stored bytes, durably: only where a recorded erasure says so. Nothing happens if they are gone."""
        ...


class FolderBlobs:
    """An archive in a folder of this machine: ``archive/sha256/ab/<64 hex>.<ext>``."""

    def __init__(self, workspace: Path, *, disk: Disk = REAL_DISK) -> None:
        self._root = workspace
        self._disk = disk

    def put_file(self, path: Path, extension: str, *, expected: Digest) -> int:
        """Store a file whose digest is known; raise Damaged if its bytes have another one."""
        target = self._root / layout.archive_path(expected, extension)
        if target.exists() and not path.exists():
            return target.stat().st_size  # an earlier run stored it and swept its scratch copy
        try:
            with path.open("rb") as source:
                found = Digest(hashlib.file_digest(source, "sha256").hexdigest())
                if found != expected:
                    raise Damaged(
                        f"{path.name}: expected {expected}, found {found}: the file changed after it was made"
                    )
                source.seek(0)
                durable.put_once_from(target, source, disk=self._disk)
                return source.tell()
        except Conflict as error:
            raise Damaged(f"{target}: its bytes are not those of its name", hint="archiver verify") from error
        except OSError as error:
            raise StoreError(f"{path}: cannot be read: {error.strerror or error}") from error

    def open(self, digest: Digest, extension: str) -> BinaryIO:
        """Open stored bytes."""
        path = self._root / layout.archive_path(digest, extension)
        try:
            return path.open("rb")
        except OSError as error:
            raise Damaged(f"{path}: expected stored bytes, found {error.strerror or error}") from error

    def exists(self, digest: Digest, extension: str) -> bool:
        """Say whether a file of this name is there; `verify` says whether its bytes are right."""
        return (self._root / layout.archive_path(digest, extension)).is_file()

    def list(self) -> tuple[str, ...]:
        """Give all stored files' paths."""
        folder = self._root / layout.ARCHIVE / "sha256"
        found = (path.relative_to(self._root).as_posix() for path in folder.glob("*/*") if path.is_file())
        return tuple(sorted(name for name in found if not name.rsplit("/", 1)[-1].startswith(".")))

    def erase(self, digest: Digest, extension: str) -> None:
        """Remove the file. LIMIT: a disk may keep its bytes until they are written over; backups are not reached."""
        durable.remove(self._root / layout.archive_path(digest, extension), disk=self._disk)

    def sweep(self) -> None:
        """Remove what a crash left half-written."""
        durable.sweep(self._root / layout.ARCHIVE, disk=self._disk)
