"""A disk that loses what was not flushed: names that no folder flush followed are gone after `lose`.

File contents are flushed by `write_new` itself; names (of files and folders, given, taken or replaced)
last only once their folder was flushed. That is what POSIX promises and no more; most file systems keep
more, so a test on one of them cannot show what is missing here. A process that is merely killed loses
nothing: so one `Platter` outlives the processes that write to it.
"""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from tests.support.failing_disk import FailingDisk


class Platter:
    """What was done to names and not flushed yet, with how to undo it, oldest first."""

    def __init__(self) -> None:
        self._pending: list[tuple[Path, Callable[[], object]]] = []

    def did(self, folder: Path, undo: Callable[[], object]) -> None:
        """Note a change of names in a folder."""
        self._pending.append((folder, undo))

    def flushed(self, folder: Path) -> None:
        """Keep what was done in a folder for good."""
        self._pending = [one for one in self._pending if one[0] != folder]

    def lose(self) -> int:
        """Cut the power; give how many changes were lost."""
        lost = len(self._pending)
        while self._pending:
            self._pending.pop()[1]()
        return lost


class LosingDisk(FailingDisk):
    """Writes to a platter, and may be told to crash at one step as `FailingDisk` is."""

    def __init__(self, platter: Platter, *, at: int | None = None, persisted: bool = False) -> None:
        super().__init__(at=at, persisted=persisted)
        self._platter = platter

    def write_new(self, path: Path, source: BinaryIO, *, mode: int) -> None:
        self._platter.did(path.parent, lambda: path.unlink(missing_ok=True))
        super().write_new(path, source, mode=mode)

    def link(self, source: Path, target: Path) -> None:
        if not target.exists():
            self._platter.did(target.parent, lambda: target.unlink(missing_ok=True))
        super().link(source, target)

    def rename(self, source: Path, target: Path) -> None:
        self._platter.did(target.parent, _restore(target))
        super().rename(source, target)

    def unlink(self, path: Path) -> None:
        if path.exists():
            self._platter.did(path.parent, _restore(path))
        super().unlink(path)

    def make_folder(self, path: Path) -> None:
        if not path.exists():
            self._platter.did(path.parent, lambda: shutil.rmtree(path, ignore_errors=True))
        super().make_folder(path)

    def flush_folder(self, path: Path) -> None:
        super().flush_folder(path)
        self._platter.flushed(path)


def _restore(path: Path) -> Callable[[], object]:
    """Give what brings a name back to what it stands for now."""
    if not path.exists():
        return lambda: path.unlink(missing_ok=True)
    content, mode = path.read_bytes(), path.stat().st_mode

    def undo() -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.write_bytes(content)
        path.chmod(mode)

    return undo
