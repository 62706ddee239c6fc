"""Writing that survives power loss, and files that are written once.

`put_once` in system calls::

    open(.tmp-<pid>-<name>) write fsync close   link(.tmp-..., name)   fsync(folder)   unlink(.tmp-...)

`put_all_once` does the same for several files and flushes each folder once, which is half of the work.

The name appears with ``link``, which fails if it exists: no reader ever sees half a file, and nothing
is ever overwritten. Every call goes through a `Disk`, so that tests can fail each of them, before or
after it took effect. LIMIT: a disk that lies about fsync can lose what was reported as written.
LIMIT: whether a temporary file's writer is still at work is told by its process number, so two machines
or containers must not write into one workspace at the same time.
"""

import io
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Protocol

from archiver.model.errors import Conflict, StoreError

PREFIX = ".tmp-"
_CHUNK = 1 << 20
_READ_ONLY = 0o444
_EDITABLE = 0o644


class Disk(Protocol):
    """The few system calls that make writing durable. Each takes effect whole or raises OSError."""

    def write_new(self, path: Path, source: BinaryIO, *, mode: int) -> None:
        """Write all of ``source`` into a new file ``path``, in place of any old one; set its mode, flush it."""
        ...

    def link(self, source: Path, target: Path) -> None:
        """Give ``source`` a second name; FileExistsError if ``target`` is there."""
        ...

    def rename(self, source: Path, target: Path) -> None:
        """Put ``source`` in the place of ``target``, atomically."""
        ...

    def unlink(self, path: Path) -> None:
        """Remove a name; nothing if it is not there."""
        ...

    def make_folder(self, path: Path) -> None:
        """Make one folder; nothing if it is there."""
        ...

    def flush_folder(self, path: Path) -> None:
        """Make the names in a folder durable."""
        ...


class RealDisk:
    """The operating system's own calls."""

    def write_new(self, path: Path, source: BinaryIO, *, mode: int) -> None:
        """Write and flush one file."""
        # An old one may be read-only, a second name of evidence, or a link that somebody planted: never written into.
        path.unlink(missing_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            shutil.copyfileobj(source, file, _CHUNK)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())

    def link(self, source: Path, target: Path) -> None:
        """Link without following or replacing."""
        os.link(source, target, follow_symlinks=False)

    def rename(self, source: Path, target: Path) -> None:
        """Replace atomically."""
        os.replace(source, target)  # noqa: TID251, PTH105 - the one place; Path.replace hides from the ban

    def unlink(self, path: Path) -> None:
        """Remove a name."""
        path.unlink(missing_ok=True)

    def make_folder(self, path: Path) -> None:
        """Make one folder."""
        path.mkdir(exist_ok=True)

    def flush_folder(self, path: Path) -> None:
        """Flush a folder's entries."""
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


REAL_DISK = RealDisk()


def put_once(path: Path, content: bytes, *, disk: Disk = REAL_DISK, mode: int = _READ_ONLY) -> None:
    """Write a file that is never written again. On return it survives power loss.

    Equal bytes under that name are fine, so repeating after a crash is safe; different bytes raise
    Conflict and change nothing. If it raises OSError-born StoreError the name is absent or complete.
    """
    put_once_from(path, io.BytesIO(content), disk=disk, mode=mode)


def put_once_from(path: Path, source: BinaryIO, *, disk: Disk = REAL_DISK, mode: int = _READ_ONLY) -> None:
    """Do as `put_once` with a stream, never holding more than a megabyte of it."""
    temporary = temporary_of(path)
    try:
        if path.exists():
            _check_equal(path, source)
            # Whoever gave it the name may have been killed before flushing it.
            disk.flush_folder(path.parent)
            return
        _make_folders(path.parent, disk=disk)
        # (1) The bytes, flushed under a name that nothing reads.
        disk.write_new(temporary, source, mode=mode)
        # (2) The name. A crash before this leaves a temporary file that `sweep` removes.
        _link(temporary, path, disk=disk)
        # (3) The folder. A crash before this may lose the name, never half of the file.
        disk.flush_folder(path.parent)
        disk.unlink(temporary)
    except Conflict:
        _discard(temporary, disk=disk)
        raise
    except OSError as error:
        _discard(temporary, disk=disk)
        raise StoreError(f"{path}: could not be written: {error.strerror or error}") from error


def put_all_once(files: Sequence[tuple[Path, bytes]], *, disk: Disk = REAL_DISK, mode: int = _READ_ONLY) -> None:
    """Write several files that are never written again: each as `put_once` does, each folder flushed once, at the end.

    On return all of them survive power loss; if it raises or the power goes before, any of them may be there, whole.
    """
    temporaries: list[Path] = []
    try:
        for path, content in files:
            if path.exists():
                _check_equal(path, io.BytesIO(content))
                continue
            _make_folders(path.parent, disk=disk)
            temporaries.append(temporary_of(path))
            disk.write_new(temporaries[-1], io.BytesIO(content), mode=mode)
            _link(temporaries[-1], path, disk=disk)
        for folder in dict.fromkeys(path.parent for path, _ in files):
            disk.flush_folder(folder)
        for temporary in temporaries:
            disk.unlink(temporary)
    except (Conflict, OSError) as error:
        for temporary in temporaries:
            _discard(temporary, disk=disk)
        if isinstance(error, Conflict):
            raise
        raise StoreError(f"{files[0][0].parent}: could not be written to: {error.strerror or error}") from error


def replace(path: Path, content: bytes, *, disk: Disk = REAL_DISK, mode: int = _EDITABLE) -> None:
    """Put new content in the place of old, atomically and durably: readers see the one or the other."""
    temporary = temporary_of(path)
    try:
        _make_folders(path.parent, disk=disk)
        disk.write_new(temporary, io.BytesIO(content), mode=mode)
        disk.rename(temporary, path)
        disk.flush_folder(path.parent)
    except OSError as error:
        _discard(temporary, disk=disk)
        raise StoreError(f"{path}: could not be replaced: {error.strerror or error}") from error


def publish_new(temporary: Path, target: Path, *, disk: Disk = REAL_DISK) -> None:
    """Give a finished file or folder, flushed already, its name; raise Conflict if something has it.

    LIMIT: an empty folder that another process makes under that name in the same instant is replaced.
    """
    try:
        if target.is_symlink() or target.exists():
            raise Conflict(f"{target}: already there; nothing was changed", hint="choose another name, or remove it")
        if temporary.is_dir():
            disk.rename(temporary, target)
        else:
            disk.link(temporary, target)
            disk.unlink(temporary)
        disk.flush_folder(target.parent)
    except FileExistsError as error:
        raise Conflict(f"{target}: already there; nothing was changed") from error
    except OSError as error:
        raise StoreError(f"{target}: could not be written: {error.strerror or error}") from error


def remove(path: Path, *, disk: Disk = REAL_DISK) -> None:
    """Remove a file that is no evidence, durably. Nothing happens if it is not there."""
    try:
        if path.exists():
            disk.unlink(path)
            disk.flush_folder(path.parent)
    except OSError as error:
        raise StoreError(f"{path}: could not be removed: {error.strerror or error}") from error


def make_folders(path: Path, *, disk: Disk = REAL_DISK) -> None:
    """Make a folder and those above it so that they survive power loss; raise StoreError if that cannot be."""
    try:
        _make_folders(path, disk=disk)
    except OSError as error:
        raise StoreError(f"{path}: this folder could not be made: {error.strerror or error}") from error


def temporaries(root: Path) -> Iterator[Path]:
    """Give the temporary files under ``root``: of a writer at work, or left by a crash."""
    for folder, _, names in os.walk(root):
        yield from (Path(folder) / name for name in names if name.startswith(PREFIX))


def sweep(root: Path, *, disk: Disk = REAL_DISK) -> None:
    """Remove the temporary files under ``root`` whose writer is gone. They were never evidence."""
    for path in list(temporaries(root)):
        if abandoned(path.name):
            remove(path, disk=disk)


def _make_folders(path: Path, *, disk: Disk) -> None:
    missing = []
    while not path.is_dir():
        missing.append(path)
        path = path.parent
    if _is_empty(path) and os.access(path.parent, os.W_OK):
        # Nothing was put here yet: whoever made it may have been killed before flushing its name.
        disk.flush_folder(path.parent)
    for folder in reversed(missing):
        disk.make_folder(folder)
        disk.flush_folder(folder.parent)


def _is_empty(folder: Path) -> bool:
    with os.scandir(folder) as found:
        return next(found, None) is None


def _discard(temporary: Path, *, disk: Disk) -> None:
    """Remove a temporary file after a failure; if that fails too, `sweep` does it later."""
    with suppress(OSError):
        disk.unlink(temporary)


def temporary_of(path: Path) -> Path:
    """Give the name under which this process writes what will have this path."""
    return path.with_name(f"{PREFIX}{os.getpid()}-{path.name}")


def abandoned(name: str) -> bool:
    """Say whether the process that a temporary file is named after has ended, or is this one."""
    owner = name.removeprefix(PREFIX).partition("-")[0]
    if not owner.isdecimal() or int(owner) == os.getpid():
        return True
    try:
        os.kill(int(owner), 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return False


def _link(temporary: Path, path: Path, *, disk: Disk) -> None:
    try:
        disk.link(temporary, path)
    except FileExistsError:
        # Another process published this name meanwhile: fine if its bytes are ours.
        with temporary.open("rb") as ours:
            _check_equal(path, ours)


def _check_equal(path: Path, source: BinaryIO) -> None:
    with path.open("rb") as present:
        while True:
            ours, theirs = source.read(_CHUNK), present.read(_CHUNK)
            if ours != theirs:
                raise Conflict(
                    f"{path}: already holds other bytes; nothing was changed",
                    hint="archiver verify tells whether what is there is what was recorded",
                )
            if not ours:
                return
