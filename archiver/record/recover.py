"""Mend what a crash left in a case: at every start, before anything is written. Safe to repeat."""

from collections.abc import Callable

from archiver.formats import envelope, layout, manifest
from archiver.model.errors import Damaged
from archiver.model.provenance import Recorded, Sealed
from archiver.proof.signature import verifying_keys
from archiver.record.append import Book, add, check_ready, finish_staged, type_of


def recover(book: Book, *, new_salt: Callable[[], bytes]) -> tuple[Recorded, ...]:
    """Finish a cut-off append, then append sealed manifests that no entry holds; give what was added.

    Removes half-written files and superseded tiles: never anything that an entry or a checkpoint counts.
    Raises FormatError or Damaged where what is there was not left by a crash: then nothing was signed
    beyond what a crash had staged.
    """
    with book.ledger.lock():
        # (1) Half-written files were never evidence.
        book.manifests.sweep()
        # (2) A staged entry is decided: the same function as in a normal append brings it into being.
        finished = finish_staged(book)
        # (3) Only a ledger that is whole is tidied and continued: what is damaged stays as it is found.
        present = check_ready(book)
        book.ledger.prune(present.size if present else 0)
        # (4) Sealed, then cut off before it was staged. Ids are UUIDv7: name order is the order of time.
        known = book.ledger.openings()
        left = [_sealed(book, path) for path in book.manifests.list() if path not in known]
        added = add(book, left, new_salt=new_salt)
    return (*finished, *added)


def _sealed(book: Book, path: str) -> Sealed:
    """Give a manifest that this person sealed for this case; raise FormatError or Damaged for any other file."""
    identity, raw = layout.parse_envelope_path(path), book.manifests.read(path)
    opened = envelope.decode(raw)
    if not verifying_keys(opened, [book.investigator]):
        raise Damaged(
            f"{book.manifests.root / path}: not signed by the investigator's key: not recorded",
            hint="nothing of archiver's left it there: move it out of the workspace",
        )
    statement = manifest.decode(opened.payload)
    found = (statement.predicate.id, statement.predicate.case)
    if found != (identity, book.manifests.root.name):
        raise Damaged(f"{book.manifests.root / path}: the manifest of {found[0]} of case {found[1]!r}: not recorded")
    return Sealed(id=identity, type=type_of(path, manifest.entry_type(statement)), path=path, envelope=raw)
