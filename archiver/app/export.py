"""Export a bundle: choose, record the export, have it stamped, write it (docs/formats/bundle.md).

LIMIT: an export is recorded before its bundle is written, for the bundle holds that entry. Where writing fails, the
entry stays: it says that a bundle was begun.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from archiver.app.clock import SystemClock
from archiver.app.events import record_event
from archiver.app.exported_files import Stripping, derivatives, find_bytes, software, stored, strip_all
from archiver.app.home import Home
from archiver.app.ids import new_id
from archiver.app.inventory import Inventory, copy_ledger, read_inventory
from archiver.app.prepared import scratch, sweep
from archiver.app.recording import OpenCase
from archiver.app.stamp import Stamped, stamp_case
from archiver.app.workspace import Workspace
from archiver.export import readme, write
from archiver.export.assemble import Assembled, Disclosure, Extras, assemble, nothing_more
from archiver.export.crate import crate_member
from archiver.export.encrypt import Recipient, encrypt, read_recipients
from archiver.export.member import Member, small
from archiver.export.pages import template_members
from archiver.export.select import Held, Wanted, choose, redacted_files, supporting
from archiver.export.trust import newest_stamps, trust_members
from archiver.export.wacz import WaczSigner
from archiver.formats import layout
from archiver.model.bundle import Contents
from archiver.model.digest import Digest
from archiver.model.errors import Conflict, UsageError
from archiver.model.events import Export
from archiver.model.evidence import Capture, Role, State
from archiver.model.instant import Instant
from archiver.proof.signature import sign_file
from archiver.seal.wacz_key import WaczKey

_AGE = ".age"
Tell = Callable[[str, int, int], None]
"""Told which step is under way, how much of it is done, and of how much."""


def _silent(_: str, __: int, ___: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be exported and where to: a ZIP if that name ends in ``.zip``, a folder else.

    ``encrypt_to`` are age recipients, the name then ends in ``.age``; ``strip_credentials`` puts publishable copies in
    the place of WARC files with cookies and tokens; ``recipient`` is how the person who gets it is recorded.
    """

    wanted: Wanted
    out: Path
    recipient: str | None = None
    encrypt_to: tuple[str, ...] = ()
    strip_credentials: bool = False
    extras: Extras = nothing_more


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """A bundle that was written: where, how it calls itself, what it opens, and what the authorities answered.

    ``redacted_files`` counts the files in it that have redacted copies in the case: their originals are what it holds.
    """

    path: Path
    name: str
    contents: Contents
    stamped: tuple[Stamped, ...]
    redacted_files: int


def export(case: OpenCase, workspace: Workspace, order: Order, *, home: Home, tell: Tell = _silent) -> Exported:
    """Give the written bundle. Nothing but what is chosen, and what its proofs need, is opened in it.

    Raises UsageError for an empty or unknown choice, Conflict if something has the name already, StoreError, Damaged.
    """
    _check_place(order, workspace)
    encrypt_to = read_recipients(order.encrypt_to) if order.encrypt_to else ()
    # (1) Choose.
    before = read_inventory(case.book.ledger, case.book.manifests)
    chosen = choose(before.held, order.wanted)
    opened = (*chosen, *supporting(before.held, chosen))
    key = WaczKey()
    with scratch(case.scratch, new_id(SystemClock())) as folder:
        try:
            derived = strip_all(workspace, chosen, folder) if order.strip_credentials else {}
            # (2) Record what is opened: the export is an entry, and the bundle holds it.
            made, export_seq = _record(case, before, opened, order, wacz_key=key.digest, derived=derived)
            # (3) Have it stamped; what no authority answers stays pending.
            stamped = stamp_case(case, workspace.config.tsa, home=home)
            # (4) Assemble and write.
            given = _disclosure(case, made, opened, export_seq=export_seq)
            found = assemble(
                given,
                find=lambda held, artifact: find_bytes(workspace, derived, held, artifact),
                signer=WaczSigner(public_key=key.public_key, sign=key.sign),
                software=software(),
                extras=order.extras,
                tell=lambda done, total: tell("index", done, total),
            )
            bag = _bag(case, workspace, given, found)
            _write(order, encrypt_to, bag, top=made.bundle_name, plain=folder / "plain.zip", tell=tell)
        finally:
            sweep(folder)
    return Exported(
        path=order.out,
        name=made.bundle_name,
        contents=found.contents,
        stamped=stamped,
        redacted_files=redacted_files(before.held, chosen),
    )


def _bag(case: OpenCase, workspace: Workspace, given: Disclosure, found: Assembled) -> write.Bag:
    trust = _trust(workspace, case, given.events)
    public = {one.path.removeprefix("trust/"): b"".join(one.blocks()) for one in trust}
    return write.Bag(
        payload=found.payload,
        tags=[*trust, *_pages(found, given.made, public)],
        software=software(),
        day=str(given.made.at)[:10],
        identifier=given.made.id,
        seal=lambda content: sign_file(content, case.investigator),
    )


def _check_place(order: Order, workspace: Workspace) -> None:
    out = order.out
    place = out.absolute().resolve()
    if any(place.is_relative_to((workspace.root / name).resolve()) for name in (layout.ARCHIVE, layout.MANIFESTS)):
        raise UsageError(
            f"{out}: among the evidence of this workspace, where nothing else may lie; nothing was exported",
            hint="choose another place with -o",
        )
    if bool(order.encrypt_to) is not out.name.endswith(_AGE):
        raise UsageError(f"{out}: an encrypted bundle is named .age, and nothing else is; nothing was exported")
    if out.is_symlink() or out.exists():
        raise Conflict(f"{out}: already there; nothing was exported", hint="choose another name with -o, or remove it")
    if not out.absolute().parent.is_dir():
        raise UsageError(f"{out}: the folder that it is to lie in is not there; nothing was exported")


def _record(
    case: OpenCase, before: Inventory, opened: Sequence[Held], order: Order, *, wacz_key: Digest, derived: Stripping
) -> tuple[Export, int]:
    """Record the export; give its statement and the number of its entry."""
    seqs = {one.seq for one in opened}
    size = len(before.leaves)
    failed = [one for one in before.held if one.seq not in seqs and _has_failed(one)]
    made: list[Export] = []

    def statement(identity: str, at: Instant) -> Export:
        made.append(
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
                derived=derivatives(derived),
                wacz_key=wacz_key,
                recipient=order.recipient,
            )
        )
        return made[0]

    recorded = record_event(case, statement)
    return made[0], recorded.seq


def _has_failed(one: Held) -> bool:
    return isinstance(one.predicate, Capture) and one.predicate.attempt.outcome.state is State.FAILED


def _disclosure(case: OpenCase, made: Export, opened: Sequence[Held], *, export_seq: int) -> Disclosure:
    """Give what is opened: what the export names, the export itself, and the clocks that cover it."""
    after = read_inventory(case.book.ledger, case.book.manifests)
    own = [one for one in after.held if one.seq == export_seq]
    clocks = [one for one in supporting(after.held, own) if one.seq > export_seq]
    every = sorted((*opened, *own, *clocks), key=lambda one: one.seq)
    events = [one for one in every if not isinstance(one.predicate, Capture)]
    return Disclosure(
        made=made,
        export_seq=export_seq,
        captures=[one for one in every if isinstance(one.predicate, Capture)],
        events=events,
        ledger=copy_ledger(case.book.ledger, [one.predicate for one in events]),
    )


def _trust(workspace: Workspace, case: OpenCase, events: Sequence[Held]) -> list[Member]:
    root = case.book.ledger.root
    public = {path: (root / path).read_bytes() for path in layout.PUBLIC_FILES if (root / path).exists()}
    chains = {
        name: b"".join(stored(workspace, artifact).blocks())
        for name, one in newest_stamps(events).items()
        for artifact in one.predicate.artifacts
        if artifact.role is Role.TIMESTAMP_CHAIN
    }
    return list(trust_members(public, chains))


def _pages(found: Assembled, made: Export, public: Mapping[str, bytes]) -> list[Member]:
    """Give what stands beside the data: what is in it, and how to check it."""
    crate = crate_member(made, found.exhibits, found.payload, software=software())
    return [crate, small(readme.NAME, readme.readme(readme.facts_of(found, made, public))), *template_members()]


def _write(order: Order, encrypt_to: Sequence[Recipient], bag: write.Bag, *, top: str, plain: Path, tell: Tell) -> None:
    def told(done: int, total: int) -> None:
        tell("write", done, total)

    if encrypt_to:
        write.write_encrypted(
            order.out,
            bag,
            top=top,
            plain=plain,
            encrypt=lambda source, target: encrypt(source, target, encrypt_to),
            tell=told,
        )
    elif order.out.name.endswith(".zip"):
        write.write_zip(order.out, bag, top=top, tell=told)
    else:
        write.write_folder(order.out, bag, tell=told)
