"""Destroy what a recorded erasure names: manifests, salts, and the files that nothing else names."""

from collections.abc import Iterator
from dataclasses import replace

from archiver.formats import citations as form
from archiver.formats import entry, envelope, manifest
from archiver.formats.citations_edit import revise
from archiver.model.citation import Decision
from archiver.model.errors import Damaged, FormatError
from archiver.model.events import Custody, CustodyAction
from archiver.model.evidence import Capture
from archiver.model.provenance import EntryType, Predicate
from archiver.record.append import Book
from archiver.store.blobs import Blobs
from archiver.store.ledger import LedgerFolder
from archiver.store.manifests import ManifestFolder


def finish_erasures(book: Book, blobs: Blobs) -> None:
    """Destroy what recorded erasures name and a crash left. Safe to repeat at any step.

    The order keeps a crash harmless: the citation is marked while the manifest still says which it is, files go while
    it says which they are, then the manifest while its salt still says that it is recorded, then the salt.
    """
    for one in _erasures(book.ledger, book.manifests):
        for path, seq in zip(one.manifests, one.entries, strict=True):
            if path in book.manifests.list():
                _mark_citation(book.manifests, path)
                _erase_files(book.manifests, blobs, path)
                book.manifests.erase(path)
            book.ledger.erase_opening(seq)


def _erasures(ledger: LedgerFolder, manifests: ManifestFolder) -> Iterator[Custody]:
    """Give the recorded erasures. Looks at entries of custody only."""
    custody = {seq for seq, leaf in enumerate(ledger.leaves()) if entry.decode(leaf).type is EntryType.CUSTODY}
    for path, seq in ledger.openings().items() if custody else ():
        if seq in custody:
            found = _predicate(manifests, path)
            if isinstance(found, Custody) and found.action is CustodyAction.ERASURE:
                yield found


def _mark_citation(manifests: ManifestFolder, path: str) -> None:
    """Mark the citation that a capture was of as erased, so that nothing fetches its URL again without being asked.

    A file of citations that cannot be read is left as it is: an erasure does not wait until somebody has mended it.
    """
    doomed, content = _predicate(manifests, path), manifests.read_citations()
    if not isinstance(doomed, Capture) or content is None:
        return
    try:
        found = form.decode(content)
    except FormatError:
        return
    marked = tuple(
        replace(one, decision=Decision.ERASED)
        if (one.id, one.url) == (doomed.citation_id, doomed.attempt.target.url)
        else one
        for one in found.citations
    )
    if marked != found.citations:
        manifests.write_citations(revise(content, replace(found, citations=marked)))


def _erase_files(manifests: ManifestFolder, blobs: Blobs, path: str) -> None:
    """Destroy the files that this manifest names and no other manifest of the workspace does."""
    doomed = _predicate(manifests, path)
    others = (ManifestFolder(folder) for folder in sorted(manifests.root.parent.iterdir()) if folder.is_dir())
    # A manifest that cannot be read stops it: what it names must not be destroyed.
    named = {
        artifact.digest
        for other in others
        for one in other.list()
        if (other.root, one) != (manifests.root, path)
        for artifact in _predicate(other, one).artifacts
    }
    for artifact in doomed.artifacts:
        if artifact.digest not in named:
            blobs.erase(artifact.digest, artifact.extension)


def _predicate(manifests: ManifestFolder, path: str) -> Predicate:
    try:
        return manifest.decode(envelope.decode(manifests.read(path)).payload).predicate
    except FormatError as error:
        raise Damaged(f"{manifests.root / path}: cannot be read, so nothing is erased: {error.message}") from error
