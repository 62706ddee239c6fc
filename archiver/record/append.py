"""Append sealed manifests to a case's ledger, so that a crash at any step loses nothing.

The life of an entry is told in numbered steps at `_add` and `publish`. `recover` runs the same
`publish`: there is one way in which an entry comes to exist.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from archiver.formats import canonical, entry, note, tiles
from archiver.formats.checkpoint import decode as decode_checkpoint
from archiver.formats.checkpoint import encode as encode_checkpoint
from archiver.formats.tiles import Tile
from archiver.model.digest import Digest
from archiver.model.errors import Damaged, FormatError
from archiver.model.provenance import Checkpoint, Entry, EntryType, Note, Opening, Recorded, Sealed, Signer, VerifierKey
from archiver.proof.merkle import Frontier, leaf_hash, root
from archiver.proof.signature import sign_note, verify_note
from archiver.store.ledger import LedgerFolder
from archiver.store.manifests import ManifestFolder

_TOGETHER = 1024
_HINT = "archiver verify says what differs; restore the workspace from a backup that is not older"


class KeyState(Protocol):
    """The largest tree that the log's key has signed, kept beside the key and not in the workspace."""

    def read(self) -> tuple[int, bytes] | None:
        """Give size and root of the largest tree, or None before the first."""
        ...

    def write(self, size: int, root: bytes) -> None:
        """Keep size and root durably: called before the key signs them."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """A ledger with all that is needed to write into it. ``investigator`` is whose seals `recover` records.

    ``successor`` is the key that is being put in the place of ``signer``: until it is, both sign each checkpoint.
    """

    ledger: LedgerFolder
    manifests: ManifestFolder
    signer: Signer
    origin: str
    state: KeyState
    investigator: bytes
    successor: Signer | None = None

    def log_keys(self) -> tuple[VerifierKey, ...]:
        """Give the keys that sign this ledger's checkpoints now."""
        signers = [self.signer] if self.successor is None else [self.signer, self.successor]
        return tuple(VerifierKey(name=self.origin, public_key=one.public_key) for one in signers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """An append under way: enough to finish it, to the byte, in another process. Entries follow one another."""

    ids: tuple[str, ...]
    leaves: tuple[bytes, ...]
    openings: tuple[Opening, ...]

    @property
    def first(self) -> int:
        """Give the number of the first entry that is added."""
        return self.openings[0].seq

    @property
    def size(self) -> int:
        """Give the size of the tree with all of them."""
        return self.first + len(self.leaves)


def append(book: Book, sealed: Sealed, *, salt: bytes) -> Recorded:
    """Add one sealed manifest to the ledger and give its place.

    On return the entry survives power loss. If it raises, the ledger is unchanged or will hold the
    entry once `recover` has run. Appending what is recorded already adds nothing and gives its place;
    another manifest under the same id raises Conflict. Raises Locked, Conflict, Damaged, FormatError;
    never signs a tree that does not extend what was signed before.
    """
    return append_all(book, (sealed,), new_salt=lambda: salt)[0]


def append_all(book: Book, sealed: Sequence[Sealed], *, new_salt: Callable[[], bytes]) -> tuple[Recorded, ...]:
    """Add manifests, up to a thousand under one checkpoint; give their places. Each thousand is whole or not at all.

    All that `append` promises holds for each of them. Many at once cost hardly more than one: what takes
    time is flushing to the disk.
    """
    with book.ledger.lock():
        finish_staged(book)
        return add(book, sealed, new_salt=new_salt)


def add(book: Book, sealed: Sequence[Sealed], *, new_salt: Callable[[], bytes]) -> tuple[Recorded, ...]:
    """Do as `append_all` does where nothing is staged. The caller holds the lock."""
    parts = [sealed[at : at + _TOGETHER] for at in range(0, len(sealed), _TOGETHER)]
    return tuple(one for part in parts for one in _add(book, part, new_salt=new_salt))


def _add(book: Book, sealed: Sequence[Sealed], *, new_salt: Callable[[], bytes]) -> list[Recorded]:
    present = check_ready(book)
    # (1) The manifests themselves. A crash after this leaves them without an entry: `recover` appends them.
    book.manifests.put_all([(one.path, one.envelope) for one in sealed])
    places = book.ledger.places(one.path for one in sealed)
    fresh = {one.path: one for one in sealed if one.path not in places}
    if fresh:
        # (2) The journal. From here on the entries' places, salts and bytes are decided.
        size = present.size if present else 0
        staged = _stage(book, tuple(fresh.values()), new_salt, first=size)
        book.ledger.write_staged(_encode_staged(staged))
        publish(book, staged)
        present = book.ledger.checkpoint()
        places = book.ledger.places(one.path for one in sealed)
    assert present is not None, "what is recorded or was published has a checkpoint"
    return [Recorded(id=one.id, seq=places[one.path], checkpoint=present) for one in sealed]


def finish_staged(book: Book) -> tuple[Recorded, ...]:
    """Finish the append that a crash cut off, if there is one. The caller holds the lock."""
    raw = book.ledger.read_staged()
    return publish(book, _decode_staged(raw)) if raw is not None else ()


def publish(book: Book, staged: Staged) -> tuple[Recorded, ...]:
    """Bring staged entries into being. Every step may be repeated: equal input gives equal bytes."""
    first, size = staged.first, staged.size
    present = _checked(book)
    if present is not None and present.size > first:
        # A crash after (6): the entries exist, only the journal was left.
        if present.size < size or tuple(_leaf(book, seq, present.size) for seq in range(first, size)) != staged.leaves:
            raise Damaged(f"{book.ledger.root}: the journal's entry {first} is not the one in the ledger", hint=_HINT)
        book.ledger.prune(present.size)
        book.ledger.clear_staged()
        return _recorded(staged, present)
    if (present.size if present else 0) != first:
        raise Damaged(
            f"{book.ledger.root}: the journal holds entry {first}, the ledger {present.size if present else 0}",
            hint=_HINT,
        )
    checkpoint = _next(book, staged)
    again = book.state.read() == (checkpoint.size, checkpoint.root)  # a crash after (4): the same is signed once more
    if not again:
        _check_extends(book, first)
    # (3) The openings, and the tiles of the new size. A crash leaves files that no checkpoint counts.
    book.ledger.put_openings(staged.openings)
    _write_tiles(book, staged)
    # (4) What the key is about to sign is kept beside the key, so that it can never sign a smaller tree.
    book.state.write(checkpoint.size, checkpoint.root)
    # (5) The signed checkpoint, kept for ever under its size. Ed25519 gives the same bytes on repeat.
    signed = _signed(book, checkpoint)
    book.ledger.put_checkpoint(checkpoint.size, signed)
    # (6) The newest checkpoint is replaced. This is the single moment at which the entries come to exist.
    book.ledger.publish(signed)
    # (7) What is superseded goes; a crash before this is tidied by the next start.
    book.ledger.prune_from(first, checkpoint.size)
    book.ledger.clear_staged()
    return _recorded(staged, checkpoint)


def _signed(book: Book, checkpoint: Checkpoint) -> bytes:
    """Give the signed checkpoint: the one that a crash after (5) kept, also if other keys sign by now, or a new one."""
    text = encode_checkpoint(checkpoint)
    if book.ledger.has_checkpoint(checkpoint.size):
        kept = book.ledger.checkpoint_bytes(checkpoint.size)
        found = note.decode(kept)
        if found.text == text and _last_is_ours(book, found):
            return kept
    made = sign_note(text, book.origin, book.signer)
    if book.successor is not None:
        other = sign_note(text, book.origin, book.successor)
        made = Note(text=text, signatures=(*made.signatures, *other.signatures))
    return note.encode(made)


def _last_is_ours(book: Book, found: Note) -> bool:
    """Say whether the last line is by a key that signs now. After a rotation a line of the key before stands above."""
    last = Note(text=found.text, signatures=found.signatures[-1:])
    return any(verify_note(last, key) for key in book.log_keys())


def _recorded(staged: Staged, checkpoint: Checkpoint) -> tuple[Recorded, ...]:
    return tuple(
        Recorded(id=name, seq=one.seq, checkpoint=checkpoint)
        for name, one in zip(staged.ids, staged.openings, strict=True)
    )


def check_ready(book: Book) -> Checkpoint | None:
    """Give the present checkpoint of a ledger that may be continued; raise Damaged else. Nothing is staged.

    An older copy put in the place of the ledger shows in the key's state, or, where that was lost, in a
    kept checkpoint that is newer than the newest.
    """
    present = _checked(book)
    size = present.size if present else 0
    _check_extends(book, size)
    signed = book.state.read()
    if (signed is None or signed[0] != size) and book.ledger.newest_kept() > size:
        raise Damaged(
            f"{book.ledger.root}: the newest checkpoint counts {size} entries, a kept one "
            f"{book.ledger.newest_kept()}: not continued",
            hint=_HINT,
        )
    return present


def _stage(book: Book, sealed: Sequence[Sealed], new_salt: Callable[[], bytes], *, first: int) -> Staged:
    prev = Digest.of(_leaf(book, first - 1, first)) if first else entry.FIRST_PREV
    leaves, openings = [], []
    for seq, one in enumerate(sealed, first):
        salt = new_salt()
        leaf = entry.encode(
            Entry(seq=seq, type=one.type, prev=prev, commit=entry.commitment(salt, one.envelope)),
        )
        leaves.append(leaf)
        openings.append(Opening(seq=seq, path=one.path, salt=salt))
        prev = Digest.of(leaf)
    return Staged(ids=tuple(one.id for one in sealed), leaves=tuple(leaves), openings=tuple(openings))


def _leaf(book: Book, seq: int, size: int) -> bytes:
    """Give the bytes of entry ``seq`` of a ledger of this size."""
    index, at = divmod(seq, tiles.WIDTH)
    return book.ledger.entries_in(_tile(None, index, size))[at]


def _tile(level: int | None, index: int, row: int) -> Tile:
    """Give the tile as wide as it is where its level holds ``row`` hashes or entries."""
    return Tile(level=level, index=index, width=min(tiles.WIDTH, row - index * tiles.WIDTH))


def _checked(book: Book) -> Checkpoint | None:
    """Give the present checkpoint if it is this key's and agrees with the tiles; raise Damaged else."""
    head = book.ledger.head()
    if head is None:
        return None
    if not _last_is_ours(book, head):
        raise Damaged(
            f"{book.ledger.root}: the newest checkpoint is not signed by this ledger's key",
            hint=f"start again, if the key was rotated while this ran; else {_HINT}",
        )
    found = decode_checkpoint(head.text)
    if not found.size or frontier(book.ledger, found.size, within=found.size).root() != found.root:
        raise Damaged(f"{book.ledger.root}: the tiles do not give the root of the newest checkpoint", hint=_HINT)
    last = (found.size - 1) // tiles.WIDTH
    leaves = book.ledger.entries_in(_tile(None, last, found.size))
    if tuple(map(leaf_hash, leaves)) != book.ledger.hashes_in(_tile(0, last, found.size)):
        raise Damaged(f"{book.ledger.root}: the newest entries are not those of the checkpoint", hint=_HINT)
    return found


def _check_extends(book: Book, size: int) -> None:
    """Refuse a ledger of this size of which the largest tree that the key has signed is no prefix."""
    signed = book.state.read()
    if signed is None:
        return
    if signed[0] > size:
        raise Damaged(
            f"{book.ledger.root}: the ledger has {size} entries, its key has signed {signed[0]}: not continued",
            hint=_HINT,
        )
    if frontier(book.ledger, signed[0], within=size).root() != signed[1]:
        raise Damaged(
            f"{book.ledger.root}: its key has signed another tree of {signed[0]} entries: not continued", hint=_HINT
        )


def _next(book: Book, staged: Staged) -> Checkpoint:
    """Give the checkpoint of the tree with the staged leaves."""
    new = frontier(book.ledger, staged.first, within=staged.first)
    for leaf in staged.leaves:
        new = new.append(leaf_hash(leaf))
    return Checkpoint(origin=book.origin, size=new.size, root=new.root())


def frontier(ledger: LedgerFolder, size: int, *, within: int) -> Frontier:
    """Give the right edge of the tree over the first ``size`` of ``within`` entries, reading one tile a level."""
    hashes: list[bytes] = []
    level, left, row = 0, size, within
    while left:
        index, width = divmod(left, tiles.WIDTH)
        if width:
            hashes = [*_perfect(ledger.hashes_in(_tile(level, index, row))[:width]), *hashes]
        level, left, row = level + 1, index, row // tiles.WIDTH
    return Frontier(size=size, hashes=tuple(hashes))


def _perfect(row: tuple[bytes, ...]) -> list[bytes]:
    """Give the roots of the perfect subtrees over a row of hashes, largest first."""
    found: list[bytes] = []
    at = 0
    for bit in reversed(range(tiles.WIDTH.bit_length())):
        width = 1 << bit
        if len(row) & width:
            found.append(root(row[at : at + width]))
            at += width
    return found


def _write_tiles(book: Book, staged: Staged) -> None:
    """Write the tiles that the new entries touch, level by level."""
    for tile, entries in _filled(None, staged.first, staged.leaves, book.ledger.entries_in):
        book.ledger.put_tile(tile, tiles.encode_entries(entries))
    level, first = 0, staged.first
    row = tuple(leaf_hash(leaf) for leaf in staged.leaves)
    while row:
        upper: list[bytes] = []
        for tile, hashes in _filled(level, first, row, book.ledger.hashes_in):
            book.ledger.put_tile(tile, b"".join(hashes))
            upper.extend([root(hashes)] if tile.width == tiles.WIDTH else [])
        level, first, row = level + 1, first // tiles.WIDTH, tuple(upper)


def _filled(
    level: int | None, first: int, row: tuple[bytes, ...], present: Callable[[Tile], tuple[bytes, ...]]
) -> Iterator[tuple[Tile, tuple[bytes, ...]]]:
    """Give each tile that gets some of a row which begins at ``first``, with all that it then holds."""
    at = first
    while at < first + len(row):
        index, width = divmod(at, tiles.WIDTH)
        end = min(first + len(row), (index + 1) * tiles.WIDTH)
        before = present(Tile(level=level, index=index, width=width)) if width else ()
        content = (*before, *row[at - first : end - first])
        yield Tile(level=level, index=index, width=len(content)), content
        at = end


def _encode_staged(staged: Staged) -> bytes:
    return canonical.encode(
        {
            "entries": [
                {"id": name, "leaf": leaf.decode("ascii"), "opening": entry.encode_opening(one).decode("ascii")}
                for name, leaf, one in zip(staged.ids, staged.leaves, staged.openings, strict=True)
            ]
        }
    )


def _decode_staged(raw: bytes) -> Staged:
    found = canonical.decode(raw, what="journal")
    # Version 0.1 staged one entry at a time, without the list around it.
    listed = found["entries"] if isinstance(found, dict) and found.keys() == {"entries"} else [found]
    ids, leaves, openings = [], [], []
    for one in listed if isinstance(listed, list) else []:
        match one:
            case {"id": str(identity), "leaf": str(leaf), "opening": str(opening), **rest} if not rest:
                entry.decode(leaf.encode())
                ids.append(identity)
                leaves.append(leaf.encode())
                openings.append(entry.decode_opening(opening.encode()))
            case _:
                raise FormatError("journal: expected exactly id, leaf and opening")
    if not openings or [one.seq for one in openings] != list(range(openings[0].seq, openings[0].seq + len(openings))):
        raise FormatError("journal: expected entries that follow one another")
    return Staged(ids=tuple(ids), leaves=tuple(leaves), openings=tuple(openings))


def type_of(path: str, manifest_type: EntryType) -> EntryType:
    """Give an entry's type, refusing a capture among the events and the reverse."""
    if path.startswith("captures/") != (manifest_type is EntryType.CAPTURE):
        raise FormatError(f"{path}: a {manifest_type} does not belong there")
    return manifest_type
