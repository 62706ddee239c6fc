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
from archiver.model.errors import Damaged, FormatError, Locked, StoreError
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
        except OSError as error:
            raise StoreError(f"{path}: cannot be locked for writing: {error.strerror or error}") from error
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

    def has_checkpoint(self, size: int) -> bool:
        """Say whether a checkpoint of this size is kept."""
        return (self.root / layout.checkpoint_of(size)).exists()

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
        size = self._read_openings()
        return {name: seq for name, seq in self._sequences.items() if seq < size}

    def entry_of(self, path: str) -> int | None:
        """Give the number of the entry that opens to this manifest, or None. Cheap in a long ledger."""
        size = self._read_openings()
        seq = self._sequences.get(path, size)
        return seq if seq < size else None

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
        """Remove the partial tiles that wider ones of this size supersede, and nothing else.

        Tiles beyond ``size`` stay: where a checkpoint was lost they are what is left of the entries.
        """
        widths = {f"{one.path.partition('.p/')[0]}.p": one.width for one in tiles.tiles_for(size)}
        for folder in sorted((self.root / layout.TILES).rglob("*.p")):
            width = widths.get(folder.relative_to(self.root).as_posix(), 0)
            for path in sorted(folder.iterdir()):
                if path.name.isascii() and path.name.isdecimal() and int(path.name) < width:
                    durable.remove(path, disk=self._disk)
            if not any(folder.iterdir()):
                folder.rmdir()

    def _read_openings(self) -> int:
        """Read the openings not read yet; give how many entries the newest checkpoint counts."""
        size = self.size()
        for seq in range(len(self._sequences), size):
            self._sequences[self._opened(seq, self._read(layout.opening(seq)))] = seq
        return size

    def _opened(self, seq: int, raw: bytes | None) -> str:
        if raw is None:
            return f"erased:{seq}"
        found = entry.decode_opening(raw)
        if found.seq != seq:
            raise Damaged(
                f"{self.root / layout.opening(seq)}: expected the opening of {seq}, found that of {found.seq}"
            )
        return found.path

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
