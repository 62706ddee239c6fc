"""A disk that fails at one chosen step: before it took effect, or after, with the answer lost."""

from pathlib import Path
from typing import BinaryIO

from archiver.store.durable import RealDisk


class CrashError(BaseException):
    """The machine stops here. Not an Exception: nothing in the program may catch it and go on."""


class FailingDisk:
    """Counts every call; at number ``at`` it crashes, before or after the call took effect."""

    def __init__(self, *, at: int | None = None, persisted: bool = False) -> None:
        self._disk = RealDisk()
        self._at = at
        self._persisted = persisted
        self.calls: list[str] = []

    def write_new(self, path: Path, source: BinaryIO, *, mode: int) -> None:
        self._step("write", lambda: self._disk.write_new(path, source, mode=mode))

    def link(self, source: Path, target: Path) -> None:
        self._step("link", lambda: self._disk.link(source, target))

    def rename(self, source: Path, target: Path) -> None:
        self._step("rename", lambda: self._disk.rename(source, target))

    def unlink(self, path: Path) -> None:
        self._step("unlink", lambda: self._disk.unlink(path))

    def make_folder(self, path: Path) -> None:
        self._step("mkdir", lambda: self._disk.make_folder(path))

    def flush_folder(self, path: Path) -> None:
        self._step("flush", lambda: self._disk.flush_folder(path))

    def _step(self, name: str, call: object) -> None:
        assert callable(call)
        number = len(self.calls)
        self.calls.append(name)
        if number == self._at and not self._persisted:
            raise CrashError(f"before step {number} ({name})")
        call()
        if number == self._at:
            raise CrashError(f"after step {number} ({name})")


class FullDisk(RealDisk):
    """A disk without room."""

    def write_new(self, path: Path, source: BinaryIO, *, mode: int) -> None:
        """Fail as the system does: after a part of the file was written."""
        path.write_bytes(source.read(1))
        path.chmod(mode)
        raise OSError(28, "No space left on device")


class StuckDisk(RealDisk):
    """A disk on which nothing can be removed."""

    def unlink(self, path: Path) -> None:
        """Refuse as the system does."""
        raise PermissionError(13, "Permission denied", str(path))
