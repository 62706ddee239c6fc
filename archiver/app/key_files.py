"""The public files about keys beside a ledger, made from its key events. They prove nothing by themselves."""

from archiver.formats import entry, envelope, layout, manifest
from archiver.model.events import KeyAction, KeyEvent, KeyRole
from archiver.model.provenance import EntryType
from archiver.proof.signature import public_file
from archiver.proof.windows import revoked_file, signers_file, windows
from archiver.record.append import Book
from archiver.store import durable
from archiver.store.ledger import LedgerFolder
from archiver.store.manifests import ManifestFolder


def key_events(ledger: LedgerFolder, manifests: ManifestFolder) -> list[tuple[int, KeyEvent]]:
    """Give each key event with its entry, in the ledger's order. Reads the manifests of those entries only."""
    wanted = {seq for seq, leaf in enumerate(ledger.leaves()) if entry.decode(leaf).type is EntryType.KEY_EVENT}
    found: list[tuple[int, KeyEvent]] = []
    for path, seq in ledger.openings().items() if wanted else ():
        if seq in wanted:
            predicate = manifest.decode(envelope.decode(manifests.read(path)).payload).predicate
            assert isinstance(predicate, KeyEvent), "an entry's type is its manifest's"
            found.append((seq, predicate))
    return sorted(found, key=lambda one: one[0])


def publish_windows(book: Book) -> None:
    """Write allowed_signers, the revocation list and the current public key as the key events say; none: nothing."""
    found = key_events(book.ledger, book.manifests)
    events = [(seq, one) for seq, one in found if one.role is KeyRole.INVESTIGATOR]
    if not events:
        return
    spans = windows(events)
    files = {layout.ALLOWED_SIGNERS: signers_file(spans), layout.REVOKED: revoked_file(spans)}
    begun = [bytes.fromhex(one.public_key) for _, one in events if one.action in {KeyAction.ADD, KeyAction.ROTATE}]
    if begun:
        files[layout.investigator_file(begun[-1])] = public_file(begun[-1])
    for path, content in files.items():
        place = book.ledger.root / path
        if not place.exists() or place.read_bytes() != content:
            durable.replace(place, content)
    for path in layout.INVESTIGATOR_FILES if begun else ():
        if path not in files:  # the key before was of the other kind
            durable.remove(book.ledger.root / path)
