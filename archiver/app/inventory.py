"""Everything that a case has recorded, opened: what an export chooses from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from archiver.export.entries import LedgerCopy
from archiver.export.select import Held
from archiver.formats import envelope, manifest
from archiver.model.errors import Damaged, FormatError
from archiver.model.events import Cosigned, Custody, CustodyAction
from archiver.model.provenance import Opening, Predicate, Stamp
from archiver.store.ledger import LedgerFolder
from archiver.store.manifests import ManifestFolder


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """Every recorded manifest, the leaves of the ledger, and which entries a recorded erasure names."""

    held: tuple[Held, ...]
    leaves: tuple[bytes, ...]
    erased: frozenset[int]


def read_inventory(ledger: LedgerFolder, manifests: ManifestFolder) -> Inventory:
    """Give what is recorded; raise Damaged for an entry that does not open and that no erasure names."""
    leaves = ledger.leaves()
    openings = ledger.openings_of(range(len(leaves)))
    held = tuple(_held(openings, manifests))
    erased = {seq for one in held for seq in _erased_by(one.predicate)}
    missing = sorted(set(range(len(leaves))) - erased - {one.seq for one in held})
    if missing:
        raise Damaged(
            f"entry {missing[0]} does not open, and no recorded erasure names it: nothing was exported",
            hint="archiver verify",
        )
    return Inventory(held=held, leaves=leaves, erased=frozenset(erased))


def _held(openings: dict[int, Opening], manifests: ManifestFolder) -> Iterator[Held]:
    present = set(manifests.list())
    for seq, opening in sorted(openings.items()):
        if opening.path not in present:
            continue
        raw = manifests.read(opening.path)
        try:
            predicate = manifest.decode(envelope.decode(raw).payload).predicate
        except FormatError as error:
            raise Damaged(f"{opening.path}: {error.message}", hint="archiver verify") from error
        yield Held(seq=seq, opening=opening, raw=raw, predicate=predicate)


def _erased_by(predicate: Predicate) -> tuple[int, ...]:
    if isinstance(predicate, Custody) and predicate.action is CustodyAction.ERASURE:
        return predicate.entries
    return ()


def copy_ledger(ledger: LedgerFolder, events: Sequence[Predicate]) -> LedgerCopy:
    """Give the ledger as it is now, with the kept checkpoints that these events are about."""
    with ledger.lock():
        leaves = ledger.leaves()
        head = ledger.checkpoint_bytes(len(leaves))
    sizes = {one.checkpoint_size for one in events if isinstance(one, Stamp | Cosigned)}
    kept = {size: ledger.checkpoint_bytes(size) for size in sorted(sizes)}
    return LedgerCopy(head=head, leaves=leaves, checkpoints=kept)
