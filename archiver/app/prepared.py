"""What lies between a capture and the ledger: a prepared statement in scratch space that a crash cannot lose.

A capture's files are made in ``<home>/scratch/<ledger>/<id>/``. Once they are complete, the statement
about them is written beside them as ``statement.json``; from that moment the capture is finished by
`finish`, in this process or in the next one. A folder without a statement is an attempt that was cut
off: it says nothing, and is swept.
"""

import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from archiver.formats import manifest
from archiver.model.digest import Digest
from archiver.model.errors import FormatError
from archiver.model.evidence import Artifact, Piece
from archiver.model.provenance import Statement
from archiver.store import durable

_STATEMENT = "statement.json"
_LOCK = "lock"
_OWNER_ONLY = 0o700
_CHUNK = 1 << 20
_EXTENSIONS = (".warc.gz",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A scratch folder whose statement is complete: ready to be stored, sealed and recorded."""

    folder: Path
    statement: Statement


@contextmanager
def scratch(parent: Path, name: str) -> Iterator[Path]:
    """Give a fresh folder that no other process will sweep while this one holds it.

    The folder is left as it is at the end: `finish` or `sweep` removes it.
    """
    folder = parent / name
    durable.make_folders(folder)
    folder.chmod(_OWNER_ONLY)
    with FileLock(folder / _LOCK):
        yield folder


def describe(piece: Piece) -> Artifact:
    """Give the artifact that a piece will be: hashed as it lies there, and flushed to the disk."""
    hasher = hashlib.sha256()
    with piece.path.open("rb") as file:
        while block := file.read(_CHUNK):
            hasher.update(block)
        size = file.tell()
        os.fsync(file.fileno())
    return Artifact(
        role=piece.role,
        name=piece.name,
        media_type=piece.media_type,
        extension=extension_of(piece.name),
        size_bytes=size,
        digest=Digest(hasher.hexdigest()),
        made_from=piece.made_from,
        width_px=piece.width_px,
        height_px=piece.height_px,
    )


def extension_of(name: str) -> str:
    """Give the extension under which a file lies in the archive, without its first dot."""
    for known in _EXTENSIONS:
        if name.endswith(known):
            return known[1:]
    return name.rsplit(".", 1)[-1]


def prepare(folder: Path, statement: Statement) -> Prepared:
    """Write the statement beside the pieces: on return a crash loses nothing of them."""
    durable.put_once(folder / _STATEMENT, manifest.encode(statement))
    return Prepared(folder=folder, statement=statement)


def left_behind(parent: Path) -> Iterator[Prepared]:
    """Give what earlier processes prepared and did not finish, oldest first; sweep what they only began.

    A statement that cannot be read was whole once: its folder is left as it is, for `damaged` to tell of.
    """
    if not parent.is_dir():
        return
    for folder in sorted(item for item in parent.iterdir() if item.is_dir()):
        lock = FileLock(folder / _LOCK, timeout=0)
        try:
            lock.acquire()
        except Timeout:
            continue  # another process is at work there
        try:
            if not (folder / _STATEMENT).exists():
                sweep(folder)
                continue
            statement = _read(folder / _STATEMENT)
            if statement is not None:
                yield Prepared(folder=folder, statement=statement)
        finally:
            lock.release()


def damaged(parent: Path) -> tuple[Path, ...]:
    """Give the scratch folders whose statement is there and cannot be read: a person has to look at them."""
    folders = sorted(parent.iterdir()) if parent.is_dir() else []
    return tuple(folder for folder in folders if (folder / _STATEMENT).exists() and _read(folder / _STATEMENT) is None)


def sweep(folder: Path) -> None:
    """Remove a scratch folder: its statement first, so that no half of it is ever taken for a whole."""
    (folder / _STATEMENT).unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)


def pieces_in(prepared: Prepared, artifacts: Sequence[Artifact]) -> Iterator[tuple[Artifact, Path]]:
    """Give each artifact with the scratch file that holds it."""
    for artifact in artifacts:
        yield artifact, prepared.folder / artifact.name


def _read(path: Path) -> Statement | None:
    try:
        return manifest.decode(path.read_bytes())
    except (FileNotFoundError, FormatError):
        return None
