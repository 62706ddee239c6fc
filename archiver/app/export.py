"""Export a bundle: choose, record the export, have it stamped, write it (docs/formats/bundle.md).

LIMIT: the export is recorded before the bundle is written, for the bundle holds that entry. Where writing fails the entry stays:
it then says that a bundle was begun.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from archiver.app.events import record_event
from archiver.app.home import Home
from archiver.app.recording import OpenCase
from archiver.app.stamp import Stamped, stamp_case
from archiver.app.tool import this_tool
from archiver.app.workspace import Workspace
from archiver.export import entries, write
from archiver.export.member import Member, Stored, small
from archiver.export.select import Held, Wanted, choose, supporting
from archiver.export.trust import PUBLIC_FILES, newest_stamps, trust_members
from archiver.formats import bundle, entry, envelope, layout, manifest
from archiver.model.bundle import Contents, Counts
from archiver.model.errors import Conflict, Damaged, FormatError
from archiver.model.events import Cosigned, Custody, CustodyAction, Export
from archiver.model.evidence import Artifact, Capture, Role, State
from archiver.model.provenance import EntryType, Stamp
from archiver.proof.signature import sign_file
from archiver.store.ledger import LedgerFolder
from archiver.store.manifests import ManifestFolder


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be exported, where to, and how it is to be told of."""

    wanted: Wanted
    out: Path
    recipient: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """A bundle that was written."""

    path: Path
    name: str
    contents: Contents
    stamped: tuple[Stamped, ...]


def export(
    case: OpenCase, workspace: Workspace, order: Order, *, home: Home, tell: write.Tell = lambda *_: None
) -> Exported:
    """Give the written bundle. Nothing but what is chosen, and what its proofs need, is opened in it.

    Raises UsageError for an empty or unknown choice, Conflict if OUT is there, StoreError, Damaged.
    """
    if order.out.is_symlink() or order.out.exists():
        raise Conflict(f"{order.out}: already there; nothing was exported", hint="choose another name with -o")
    # (1) Choose.
    before = read_held(case.book.ledger, case.book.manifests)
    chosen = choose(before.held, order.wanted)
    opened = sorted((*chosen, *supporting(before.held, chosen)), key=lambda one: one.seq)
    # (2) Record what is opened: the export is an entry, and the bundle holds it.
    made = _record(case, before, opened, order)
    # (3) Have it stamped; what no authority answers stays pending.
    stamped = stamp_case(case, workspace.config.tsa, home=home)
    # (4) Write.
    after = read_held(case.book.ledger, case.book.manifests)
    own = [one for one in after.held if one.predicate.id == made.id]
    clocks = [one for one in supporting(after.held, own) if one.seq > own[0].seq]
    events = sorted({one.seq: one for one in (*opened, *own, *clocks)}.values(), key=lambda one: one.seq)
    wanted = [one for one in events if not isinstance(one.predicate, Capture)]
    contents, payload = _payload(workspace, case, chosen, wanted, export_seq=own[0].seq)
    bag = write.Bag(
        payload=payload,
        tags=_tags(workspace, case, wanted),
        software=f"archiver {this_tool().version}",
        day=str(made.at)[:10],
        identifier=made.id,
        seal=lambda content: sign_file(content, case.investigator),
    )
    write.write_folder(order.out, bag, tell=tell)
    return Exported(path=order.out, name=made.bundle_name, contents=contents, stamped=stamped)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """Every recorded manifest that opens, and the leaves of the ledger."""

    held: tuple[Held, ...]
    leaves: tuple[bytes, ...]
    erased: frozenset[int]


def read_held(ledger: LedgerFolder, manifests: ManifestFolder) -> Inventory:
    """Give what is recorded; raise Damaged for an entry that does not open and that no erasure names."""
    leaves = ledger.leaves()
    openings = ledger.openings_of(range(len(leaves)))
    present = set(manifests.list())
    held: list[Held] = []
    for seq, opening in sorted(openings.items()):
        if opening.path in present:
            raw = manifests.read(opening.path)
            try:
                predicate = manifest.decode(envelope.decode(raw).payload).predicate
            except FormatError as error:
                raise Damaged(f"{opening.path}: {error.message}", hint="archiver verify") from error
            held.append(Held(seq=seq, opening=opening, raw=raw, predicate=predicate))
    erased = {seq for one in held for seq in _erased_by(one)}
    missing = sorted(set(range(len(leaves))) - erased - {one.seq for one in held})
    if missing:
        raise Damaged(
            f"entry {missing[0]} does not open, and no recorded erasure names it: nothing was exported",
            hint="archiver verify",
        )
    return Inventory(held=tuple(held), leaves=leaves, erased=frozenset(erased))


def _erased_by(one: Held) -> tuple[int, ...]:
    predicate = one.predicate
    erases = isinstance(predicate, Custody) and predicate.action is CustodyAction.ERASURE
    return predicate.entries if isinstance(predicate, Custody) and erases else ()


def _record(case: OpenCase, before: Inventory, opened: Sequence[Held], order: Order) -> Export:
    seqs = {one.seq for one in opened}
    size = len(before.leaves)
    failed = [one for one in before.held if one.seq not in seqs and _has_failed(one)]
    recorded: list[Export] = []

    def statement(identity: str, at: object) -> Export:
        from archiver.model.instant import Instant

        assert isinstance(at, Instant)
        recorded.append(
            Export(
                id=identity,
                case=case.name,
                at=at,
                bundle_name=f"{case.name}-{identity[:8]}",
                checkpoint_size=size,
                disclosed=tuple(sorted(seqs)),
                withheld=size - len(seqs) - len(before.erased),
                erased=len(before.erased),
                failed_withheld=len(failed),
                recipient=order.recipient,
            )
        )
        return recorded[0]

    record_event(case, statement)
    return recorded[0]


def _has_failed(one: Held) -> bool:
    return isinstance(one.predicate, Capture) and one.predicate.attempt.outcome.state is State.FAILED


def _payload(
    workspace: Workspace, case: OpenCase, chosen: Sequence[Held], events: Sequence[Held], *, export_seq: int
) -> tuple[Contents, list[Member]]:
    ledger = _copy(case.book.ledger, events)

    def find(_: Held, artifact: Artifact) -> Stored:
        return _stored(workspace, artifact)

    exhibits = list(entries.exhibit_members(chosen, ledger, find, lambda _: ()))
    others = list(entries.event_members(events, ledger, find))
    made = next(one.predicate for one in events if one.seq == export_seq)
    assert isinstance(made, Export), "the entry that was just recorded"
    disclosed = len(exhibits) + len(others)
    contents = Contents(
        origin=ledger.checkpoint.origin,
        size=len(ledger.leaves),
        export_seq=export_seq,
        exhibits=tuple(one for one, _ in exhibits),
        events=tuple(one for one, _ in others),
        counts=Counts(
            entries=len(ledger.leaves),
            by_type=_by_type(ledger.leaves),
            disclosed=disclosed,
            withheld=len(ledger.leaves) - disclosed - made.erased,
            erased=made.erased,
            failed_disclosed=sum(one.state is State.FAILED for one, _ in exhibits),
            failed_withheld=made.failed_withheld,
        ),
    )
    members = [member for _, found in (*exhibits, *others) for member in found]
    return contents, [*members, *entries.ledger_members(ledger), small(bundle.CONTENTS, bundle.encode(contents))]


def _by_type(leaves: Sequence[bytes]) -> dict[EntryType, int]:
    return dict(Counter(entry.decode(leaf).type for leaf in leaves))


def _copy(ledger: LedgerFolder, events: Sequence[Held]) -> entries.LedgerCopy:
    """Give the ledger as it is now, with the checkpoints that these events are about."""
    with ledger.lock():
        leaves = ledger.leaves()
        head = ledger.checkpoint_bytes(len(leaves))
    sizes = {one.predicate.checkpoint_size for one in events if isinstance(one.predicate, Stamp | Cosigned)}
    kept = {size: ledger.checkpoint_bytes(size) for size in sorted(sizes)}
    return entries.LedgerCopy(head=head, leaves=leaves, checkpoints=kept)


def _stored(workspace: Workspace, artifact: Artifact) -> Stored:
    path = workspace.archive_root / layout.archive_path(artifact.digest, artifact.extension)
    return Stored(path=path, size_bytes=artifact.size_bytes, digest=artifact.digest)


def _tags(workspace: Workspace, case: OpenCase, events: Sequence[Held]) -> list[Member]:
    root = case.book.ledger.root
    public = {path: (root / path).read_bytes() for path in PUBLIC_FILES if (root / path).exists()}
    chains = {
        name: b"".join(_stored(workspace, artifact).blocks())
        for name, one in newest_stamps(events).items()
        for artifact in one.predicate.artifacts
        if artifact.role is Role.TIMESTAMP_CHAIN
    }
    return list(trust_members(public, chains))
