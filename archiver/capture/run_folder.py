"""A temporary folder of one run's own, for the browser and its driver: what they leave, and what outlives us, is found.

Chromium and Playwright's driver keep profiles, sockets and shared memory in the temporary folder, and remove them when
they end in order. Killed, they leave them. So a run gives them a folder of its own (``TMPDIR``), under a lock that the
system lets go of when the run ends, however it ends. At its end, or at the next start where it was killed, whatever
still runs with exactly this folder in its environment is killed with its descendants, and the folder is removed.

LIMIT: where there is no /proc (macOS) a process that outlives its run is not found, only its folder.
"""

import fcntl
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from archiver.model.errors import StoreError

_PREFIX: Final = "archiver-run-"  # nothing else of ours begins so: what does is swept
# Chromium binds ``org.chromium.Chromium.XXXXXX/SingletonSocket`` in it: the whole path has at most 103 bytes.
_RANDOM: Final = 8  # what mkdtemp adds
_LONGEST_PARENT: Final = 103 - len("/archiver-run-12345678/org.chromium.Chromium.123456/SingletonSocket")
_ENDING_S: Final = 5.0
_GLANCE_S: Final = 0.02
_PROC: Final = Path("/proc")


@contextmanager
def run_folder(environ: Mapping[str, str]) -> Iterator[Path]:
    """Give a fresh folder, for this run alone; at the end it is gone, and every process whose ``TMPDIR`` it was.

    It lies in the environment's temporary folder, or in the system's where that name is too long for a socket.
    What runs that were killed have left there is cleared first. Raises StoreError where none can be made.
    """
    parent = _parent(environ)
    sweep(parent)
    try:
        folder, lock = _held(parent)
    except OSError as error:
        raise StoreError(f"{parent}: no temporary folder could be made: {error.strerror or error}") from error
    try:
        yield folder
    finally:
        _clear(folder)
        os.close(lock)


def sweep(parent: Path) -> None:
    """Clear what runs of this user that are dead have left; those that live hold a lock and are left alone."""
    for folder in parent.glob(_PREFIX + "?" * _RANDOM):
        try:
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:
            continue  # no folder, somebody else's, or just removed by another run
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(lock).st_uid == os.geteuid():
                _clear(folder)
        except OSError:
            continue  # its run lives
        finally:
            os.close(lock)


def _held(parent: Path) -> tuple[Path, int]:
    """Give a new folder and its lock. One that another run swept before it was locked is not there: make another."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
        with suppress(FileNotFoundError):
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(lock, fcntl.LOCK_EX)
            if folder.is_dir():
                return folder, lock
            os.close(lock)


def _clear(folder: Path) -> None:
    end = time.monotonic() + _ENDING_S
    while (left := _processes(folder)) and time.monotonic() < end:
        for process in left:
            _kill(process)
        time.sleep(_GLANCE_S)
    shutil.rmtree(folder, ignore_errors=True)


def _processes(folder: Path) -> frozenset[int]:
    """Give the processes that were started with this ``TMPDIR``, and their descendants."""
    parents: dict[int, int] = {}
    marked: set[int] = set()
    marker = f"TMPDIR={folder}".encode()
    for place in _PROC.glob("[0-9]*"):
        with suppress(OSError):
            parents[int(place.name)] = int((place / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()[1])
            if marker in (place / "environ").read_bytes().split(b"\0"):
                marked.add(int(place.name))
    edge = marked
    while edge:
        edge = {child for child, parent in parents.items() if parent in edge} - marked
        marked |= edge
    return frozenset(marked - {os.getpid()})


def _kill(process: int) -> None:
    with suppress(OSError):
        os.kill(process, signal.SIGKILL)


def _parent(environ: Mapping[str, str]) -> Path:
    wanted = Path(environ.get("TMPDIR") or tempfile.gettempdir())
    is_fit = wanted.is_absolute() and wanted.is_dir() and len(os.fsencode(wanted)) <= _LONGEST_PARENT
    return wanted if is_fit else Path("/tmp")  # noqa: S108 - mkdtemp makes the folder ours alone
