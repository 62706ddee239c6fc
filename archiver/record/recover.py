"""Mend what a crash left in a case: at every start, before anything is written. Safe to repeat."""

from collections.abc import Callable

from archiver.formats import envelope, layout, manifest
from archiver.model.provenance import Recorded, Sealed
from archiver.record.append import Book, append, finish_staged, type_of


def recover(book: Book, *, new_salt: Callable[[], bytes]) -> tuple[Recorded, ...]:
    """Finish a cut-off append, then append sealed manifests that no entry holds; give what was added.

    Removes half-written files and superseded tiles: never anything that an entry or a checkpoint counts.
    Raises FormatError or Damaged where what is there was not left by a crash.
    """
    with book.ledger.lock():
        # (1) Half-written files were never evidence.
        book.manifests.sweep()
        # (2) A staged entry is decided: the same function as in a normal append brings it into being.
        finished = finish_staged(book)
        book.ledger.prune(book.ledger.size())
    # (3) Sealed, then cut off before it was staged. Ids are UUIDv7: name order is the order of time.
    known = book.ledger.openings()
    left = [path for path in book.manifests.list() if path not in known]
    added = tuple(append(book, _sealed(book, path), salt=new_salt()) for path in left)
    return (*((finished,) if finished else ()), *added)


def _sealed(book: Book, path: str) -> Sealed:
    raw = book.manifests.read(path)
    statement = manifest.decode(envelope.decode(raw).payload)
    return Sealed(
        id=layout.parse_envelope_path(path),
        type=type_of(path, manifest.entry_type(statement)),
        path=path,
        envelope=raw,
    )
