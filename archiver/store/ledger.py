"""A case's ledger on disk: plain files, one writer. What they mean is `record`'s and `verify`'s business.

Reading here trusts the files: it serves the writer, who checks what it builds upon, and status pages.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
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
        self._read_to = 0

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

    def places(self, paths: Iterable[str]) -> dict[str, int]:
        """Give the numbers of the entries that open to these manifests, as far as there are any.

        Cheap in a long ledger.
        """
        size = self._read_openings()
        found = ((path, self._sequences.get(path, size)) for path in paths)
        return {path: seq for path, seq in found if seq < size}

    def openings_of(self, wanted: Collection[int]) -> dict[int, Opening]:
        """Give what opens these entries, as far as it is here; reads the files of their appends and no others."""
        folder = self.root / layout.SALTS
        names = sorted(one.name for one in folder.iterdir()) if folder.is_dir() else []
        found: dict[int, Opening] = {}
        for span in (layout.parse_openings(f"{layout.SALTS}/{name}") for name in names):
            if span is not None and any(seq in wanted for seq in range(span[0], span[1] + 1)):
                opened = self._opened(*span, self._must(layout.openings(*span)))
                found.update((one.seq, one) for one in opened if one.seq in wanted)
        return found

    def newest_kept(self) -> int:
        """Give the size of the largest checkpoint that is kept, 0 for none."""
        folder = self.root / layout.CHECKPOINTS
        names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
        return max((int(name) for name in names if name.isascii() and name.isdecimal()), default=0)

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

    def put_openings(self, openings: Sequence[Opening]) -> None:
        """Write the openings of the entries being appended, once. Safe to repeat."""
        first, last = openings[0].seq, openings[-1].seq
        content = entry.encode_openings(openings, first=first, last=last)
        durable.put_once(self.root / layout.openings(first, last), content, disk=self._disk)

    def erase_opening(self, seq: int) -> None:
        """Destroy the salt of an entry. Nothing happens if it is gone already; the others of its append stay."""
        first, last = self._span(seq)
        path = layout.openings(first, last)
        self._sequences = {name: place for name, place in self._sequences.items() if place != seq}
        if first == last:
            durable.remove(self.root / path, disk=self._disk)
            return
        kept = entry.decode_openings(self._must(path), first=first, last=last)
        left = [one for one in kept if one.seq != seq]
        if len(left) < len(kept):
            content = entry.encode_openings(left, first=first, last=last)
            durable.replace(self.root / path, content, disk=self._disk)

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
            _remove_if_empty(folder)

    def prune_from(self, old_size: int, size: int) -> None:
        """Remove those partial tiles of ``old_size`` that ``size`` supersedes: what one append left."""
        present = {one.path for one in tiles.partials(size)}
        for tile in tiles.partials(old_size):
            if tile.path not in present:
                path = self.root / tile.path
                durable.remove(path, disk=self._disk)
                _remove_if_empty(path.parent)

    def _read_openings(self) -> int:
        """Read the openings not read yet; give how many entries the newest checkpoint counts."""
        size = self.size()
        while self._read_to < size:
            first, last = self._span(self._read_to)
            raw = self._read(layout.openings(first, last))
            for one in self._opened(first, last, raw) if raw is not None else ():
                self._sequences[one.path] = one.seq
            self._read_to = last + 1
        return size

    def _span(self, seq: int) -> tuple[int, int]:
        """Give the first and the last entry of the append that added this one, by the file of its salts."""
        if not (self.root / layout.opening(seq)).exists() and (self.root / layout.SALTS).is_dir():
            found = (
                layout.parse_openings(f"{layout.SALTS}/{one.name}") for one in (self.root / layout.SALTS).iterdir()
            )
            return next((span for span in found if span and span[0] <= seq <= span[1]), (seq, seq))
        return seq, seq

    def _opened(self, first: int, last: int, raw: bytes) -> tuple[Opening, ...]:
        try:
            return entry.decode_openings(raw, first=first, last=last)
        except FormatError as error:
            raise Damaged(f"{self.root / layout.openings(first, last)}: {error.message}") from error

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


def _remove_if_empty(folder: Path) -> None:
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
