"""A case's ledger on disk: plain files, one writer. What they mean is `record`'s and `verify`'s business.

Reading here trusts the files: it serves the writer, who checks what it builds upon, and status pages.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from archiver.formats import entry, layout, note, tiles
from archiver.formats.checkpoint import decode as decode_checkpoint
from archiver.formats.tiles import Tile
from archiver.model.errors import Damaged, FormatError, Locked
from archiver.model.provenance import Checkpoint, Note, Opening
from archiver.store import durable
from archiver.store.durable import REAL_DISK, Disk

_LOCK_TIMEOUT_S = 600
_SOON_S = 1


def _silent(_: str) -> None:
    """Tell nobody."""


class LedgerFolder:
    """The ledger of one case. Paths inside are relative to the case's folder."""

    def __init__(
        self,
        case_root: Path,
        *,
        disk: Disk = REAL_DISK,
        waiting: Callable[[str], None] = _silent,
        lock_timeout_s: float = _LOCK_TIMEOUT_S,
    ) -> None:
        self.root = case_root
        self._disk = disk
        self._waiting = waiting
        self._lock_timeout_s = lock_timeout_s
        self._sequences: dict[str, int] = {}

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the writer's lock; tell ``waiting`` if another process has it, raise Locked if it keeps it."""
        path = self.root / layout.LOCK
        durable.make_folders(path.parent, disk=self._disk)
        lock = FileLock(path)
        try:
            try:
                lock.acquire(timeout=min(_SOON_S, self._lock_timeout_s))
            except Timeout:
                self._waiting(f"another process is writing to {self.root}; waiting for it")
                lock.acquire(timeout=self._lock_timeout_s)
        except Timeout as error:
            raise Locked(
                f"{path}: another process held the writer's lock for {self._lock_timeout_s} s",
                hint="wait for the other archiver to end, or look for one that hangs",
            ) from error
        try:
            yield
        finally:
            lock.release()

    def head(self) -> Note | None:
        """Give the newest checkpoint's note, unverified, or None for a ledger without entries."""
        raw = self._read(layout.CHECKPOINT)
        return note.decode(raw) if raw is not None else None

    def checkpoint(self) -> Checkpoint | None:
        """Give the newest checkpoint, unverified, or None for a ledger without entries."""
        head = self.head()
        return decode_checkpoint(head.text) if head is not None else None

    def size(self) -> int:
        """Give how many entries the newest checkpoint counts."""
        found = self.checkpoint()
        return found.size if found is not None else 0

    def checkpoint_bytes(self, size: int) -> bytes:
        """Give the file of the checkpoint of this size: what a timestamp is over."""
        return self._must(layout.checkpoint_of(size))

    def leaves(self) -> tuple[bytes, ...]:
        """Give the bytes of every entry up to the newest checkpoint."""
        wanted = (one for one in tiles.tiles_for(self.size()) if one.level is None)
        return tuple(leaf for one in wanted for leaf in self.entries_in(one))

    def entries_in(self, tile: Tile) -> tuple[bytes, ...]:
        """Give the entries of one tile; raise Damaged if it is missing or not whole."""
        return self._whole(tile, tiles.decode_entries)

    def hashes_in(self, tile: Tile) -> tuple[bytes, ...]:
        """Give the hashes of one tile; raise Damaged if it is missing or not whole."""
        return self._whole(tile, tiles.decode_hashes)

    def openings(self) -> dict[str, int]:
        """Give, for each manifest that an entry of the newest checkpoint opens, the entry's number."""
        size = self.size()
        for seq in range(len(self._sequences), size):
            raw = self._read(layout.opening(seq))
            name = entry.decode_opening(raw).path if raw is not None else f"erased:{seq}"
            self._sequences[name] = seq
        return {name: seq for name, seq in self._sequences.items() if seq < size}

    def read_staged(self) -> bytes | None:
        """Give the journal of an append under way, or None."""
        return self._read(layout.STAGED)

    def write_staged(self, content: bytes) -> None:
        """Write the journal of an append."""
        durable.replace(self.root / layout.STAGED, content, disk=self._disk)

    def clear_staged(self) -> None:
        """Remove the journal: the append is complete."""
        durable.remove(self.root / layout.STAGED, disk=self._disk)

    def put_tile(self, tile: Tile, content: bytes) -> None:
        """Write one tile, once. Safe to repeat."""
        durable.put_once(self.root / tile.path, content, disk=self._disk)

    def put_opening(self, opening: Opening) -> None:
        """Write the opening of the entry being appended, once. Safe to repeat."""
        durable.put_once(self.root / layout.opening(opening.seq), entry.encode_opening(opening), disk=self._disk)

    def put_checkpoint(self, size: int, content: bytes) -> None:
        """Keep a signed checkpoint for ever under its size."""
        durable.put_once(self.root / layout.checkpoint_of(size), content, disk=self._disk)

    def publish(self, content: bytes) -> None:
        """Replace the newest checkpoint: the moment at which an entry comes to exist."""
        durable.replace(self.root / layout.CHECKPOINT, content, disk=self._disk)

    def prune(self, size: int) -> None:
        """Remove the partial tiles that those of this size supersede."""
        keep = {one.path for one in tiles.tiles_for(size)}
        for folder in sorted((self.root / layout.TILES).rglob("*.p")):
            for path in sorted(folder.iterdir()):
                if path.relative_to(self.root).as_posix() not in keep:
                    durable.remove(path, disk=self._disk)
            if not any(folder.iterdir()):
                folder.rmdir()

    def _whole(self, tile: Tile, decode: Callable[..., tuple[bytes, ...]]) -> tuple[bytes, ...]:
        try:
            return decode(self._must(tile.path), width=tile.width)
        except FormatError as error:
            raise Damaged(f"{self.root / tile.path}: {error.message}", hint="archiver verify") from error

    def _must(self, path: str) -> bytes:
        raw = self._read(path)
        if raw is None:
            raise Damaged(f"{self.root / path}: expected a file of the ledger, found none", hint="archiver verify")
        return raw

    def _read(self, path: str) -> bytes | None:
        try:
            return (self.root / path).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Damaged(f"{self.root / path}: cannot be read: {error.strerror or error}") from error
