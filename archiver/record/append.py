"""Append one sealed manifest to a case's ledger, so that a crash at any step loses nothing.

The life of an entry is told in numbered steps at `append` and `publish`. `recover` runs the same
`publish`: there is one way in which an entry comes to exist.
"""

from dataclasses import dataclass
from typing import Protocol

from archiver.formats import canonical, entry, note, tiles
from archiver.formats.checkpoint import decode as decode_checkpoint
from archiver.formats.checkpoint import encode as encode_checkpoint
from archiver.formats.tiles import Tile
from archiver.model.digest import Digest
from archiver.model.errors import Damaged, FormatError
from archiver.model.provenance import Checkpoint, Entry, EntryType, Opening, Recorded, Sealed, Signer, VerifierKey
from archiver.proof.merkle import Frontier, leaf_hash, root
from archiver.proof.signature import sign_note, verify_note
from archiver.store.ledger import LedgerFolder
from archiver.store.manifests import ManifestFolder

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
    """A ledger with all that is needed to write into it. ``investigator`` is whose seals `recover` records."""

    ledger: LedgerFolder
    manifests: ManifestFolder
    signer: Signer
    origin: str
    state: KeyState
    investigator: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """An append under way: enough to finish it, to the byte, in another process."""

    id: str
    leaf: bytes
    opening: Opening


def append(book: Book, sealed: Sealed, *, salt: bytes) -> Recorded:
    """Add one sealed manifest to the ledger and give its place.

    On return the entry survives power loss. If it raises, the ledger is unchanged or will hold the
    entry once `recover` has run. Appending what is recorded already adds nothing and gives its place;
    another manifest under the same id raises Conflict. Raises Locked, Conflict, Damaged, FormatError;
    never signs a tree that does not extend what was signed before.
    """
    with book.ledger.lock():
        finish_staged(book)
        return add(book, sealed, salt=salt)


def add(book: Book, sealed: Sealed, *, salt: bytes) -> Recorded:
    """Do as `append` does where nothing is staged. The caller holds the lock."""
    present = check_ready(book)
    # (1) The manifest itself. A crash after this leaves a sealed manifest without an entry: `recover` appends it.
    book.manifests.put(sealed.path, sealed.envelope)
    known = book.ledger.entry_of(sealed.path)
    if known is not None and present is not None:
        return Recorded(id=sealed.id, seq=known, checkpoint=present)
    # (2) The journal. From here on the entry's place, salt and bytes are decided.
    staged = _stage(book, sealed, salt, seq=present.size if present else 0)
    book.ledger.write_staged(_encode_staged(staged))
    return publish(book, staged)


def finish_staged(book: Book) -> Recorded | None:
    """Finish the append that a crash cut off, if there is one. The caller holds the lock."""
    raw = book.ledger.read_staged()
    return publish(book, _decode_staged(raw)) if raw is not None else None


def publish(book: Book, staged: Staged) -> Recorded:
    """Bring a staged entry into being. Every step may be repeated: equal input gives equal bytes."""
    seq = staged.opening.seq
    present = _checked(book)
    if present is not None and present.size > seq:
        # A crash after (6): the entry exists, only the journal was left.
        if _leaf(book, seq, present.size) != staged.leaf:
            raise Damaged(f"{book.ledger.root}: the journal's entry {seq} is not the one in the ledger", hint=_HINT)
        book.ledger.prune(present.size)
        book.ledger.clear_staged()
        return Recorded(id=staged.id, seq=seq, checkpoint=present)
    if (present.size if present else 0) != seq:
        raise Damaged(
            f"{book.ledger.root}: the journal holds entry {seq}, the ledger {present.size if present else 0}",
            hint=_HINT,
        )
    checkpoint = _next(book, seq, staged.leaf)
    again = book.state.read() == (checkpoint.size, checkpoint.root)  # a crash after (4): the same is signed once more
    if not again:
        _check_extends(book, seq)
    # (3) The opening, and the tiles of the new size. A crash leaves files that no checkpoint counts.
    book.ledger.put_opening(staged.opening)
    _write_tiles(book, seq, staged.leaf)
    # (4) What the key is about to sign is kept beside the key, so that it can never sign a smaller tree.
    book.state.write(checkpoint.size, checkpoint.root)
    # (5) The signed checkpoint, kept for ever under its size. Ed25519 gives the same bytes on repeat.
    signed = note.encode(sign_note(encode_checkpoint(checkpoint), book.origin, book.signer))
    book.ledger.put_checkpoint(checkpoint.size, signed)
    # (6) The newest checkpoint is replaced. This is the single moment at which the entry comes to exist.
    book.ledger.publish(signed)
    # (7) What is superseded goes; a crash before this is tidied by the next start.
    book.ledger.prune(checkpoint.size)
    book.ledger.clear_staged()
    return Recorded(id=staged.id, seq=seq, checkpoint=checkpoint)


def check_ready(book: Book) -> Checkpoint | None:
    """Give the present checkpoint of a ledger that may be continued; raise Damaged else. Nothing is staged.

    An older copy put in the place of the ledger shows in the key's state, or, where that was lost, in a
    kept checkpoint that is newer than the newest.
    """
    present = _checked(book)
    size = present.size if present else 0
    _check_extends(book, size)
    if book.ledger.has_checkpoint(size + 1):
        raise Damaged(
            f"{book.ledger.root}: the newest checkpoint counts {size} entries, a kept one {size + 1}: not continued",
            hint=_HINT,
        )
    return present


def _stage(book: Book, sealed: Sealed, salt: bytes, *, seq: int) -> Staged:
    prev = Digest.of(_leaf(book, seq - 1, seq)) if seq else entry.FIRST_PREV
    leaf = entry.encode(
        Entry(seq=seq, type=sealed.type, prev=prev, commit=entry.commitment(salt, sealed.envelope)),
    )
    return Staged(id=sealed.id, leaf=leaf, opening=Opening(seq=seq, path=sealed.path, salt=salt))


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
    if not verify_note(head, VerifierKey(name=book.origin, public_key=book.signer.public_key)):
        raise Damaged(f"{book.ledger.root}: the newest checkpoint is not signed by this ledger's key", hint=_HINT)
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


def _next(book: Book, seq: int, leaf: bytes) -> Checkpoint:
    """Give the checkpoint of the tree with one leaf more."""
    new = frontier(book.ledger, seq, within=seq).append(leaf_hash(leaf))
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


def _write_tiles(book: Book, seq: int, leaf: bytes) -> None:
    """Write the tiles that the new entry touches."""
    row: tuple[bytes, ...] = ()
    for tile in tiles.tiles_touched(seq, seq + 1):
        if tile.level is None:
            before = book.ledger.entries_in(_tile(None, tile.index, seq)) if tile.width > 1 else ()
            book.ledger.put_tile(tile, tiles.encode_entries((*before, leaf)))
            continue
        added = leaf_hash(leaf) if tile.level == 0 else root(row)
        narrower = Tile(level=tile.level, index=tile.index, width=tile.width - 1)
        row = (*(book.ledger.hashes_in(narrower) if narrower.width else ()), added)
        book.ledger.put_tile(tile, b"".join(row))


def _encode_staged(staged: Staged) -> bytes:
    return canonical.encode(
        {
            "id": staged.id,
            "leaf": staged.leaf.decode("ascii"),
            "opening": entry.encode_opening(staged.opening).decode("ascii"),
        }
    )


def _decode_staged(raw: bytes) -> Staged:
    match canonical.decode(raw, what="journal"):
        case {"id": str(identity), "leaf": str(leaf), "opening": str(opening), **rest} if not rest:
            entry.decode(leaf.encode())
            return Staged(id=identity, leaf=leaf.encode(), opening=entry.decode_opening(opening.encode()))
        case _:
            raise FormatError("journal: expected exactly id, leaf and opening")


def type_of(path: str, manifest_type: EntryType) -> EntryType:
    """Give an entry's type, refusing a capture among the events and the reverse."""
    if path.startswith("captures/") != (manifest_type is EntryType.CAPTURE):
        raise FormatError(f"{path}: a {manifest_type} does not belong there")
    return manifest_type
