"""The ledger's side of witnessing: whom this case asks, what is sent, and what comes back into the ledger."""

from dataclasses import dataclass
from pathlib import Path

from archiver.app.clock import SystemClock
from archiver.app.home import Home
from archiver.app.ids import new_id
from archiver.app.prepared import describe, prepare, scratch
from archiver.app.reading import statements
from archiver.app.recording import OpenCase, finish
from archiver.app.workspace import Workspace
from archiver.formats import add_checkpoint, entry, layout, note
from archiver.formats import policy as policies
from archiver.formats.checkpoint import decode as decode_checkpoint
from archiver.formats.manifest import statement_of
from archiver.model.digest import Digest
from archiver.model.errors import FormatError, SealError, UsageError
from archiver.model.events import Cosigned
from archiver.model.evidence import Piece, Role
from archiver.model.instant import Instant
from archiver.model.provenance import TIMED, Group, Note, Policy, Recorded, Witness
from archiver.proof.merkle import consistency, leaf_hash
from archiver.proof.signature import cosigned_at
from archiver.seal.ask_witness import ask
from archiver.store import durable
from archiver.store.ledger import LedgerFolder
from archiver.store.manifests import ManifestFolder

_QUORUM = "quorum-of-witnesses"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What became of asking one witness: the entry about its cosignature, or why there is none."""

    witness: str
    size: int
    recorded: Recorded | None
    problem: str = ""


def read_policy(workspace: Workspace, case: str) -> Policy:
    """Give the case's policy; raise FormatError if it is none."""
    path = workspace.case_root(case) / layout.POLICY
    try:
        return policies.decode(path.read_bytes())
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error


def name_witness(
    workspace: Workspace, case: str, *, name: str, vkey: str, url: str | None, quorum: int | None, home: Home
) -> Path:
    """Add a witness to the case's policy and to this person's trust; give the path of the latter.

    ``quorum`` is how many of all witnesses must have cosigned before independence passes; None leaves it.
    Raises UsageError for a name or key that is there already, or a quorum that cannot be reached.
    """
    before = read_policy(workspace, case)
    try:
        key = note.decode_vkey(vkey, algorithm=note.COSIGNATURE)
        witnesses = (*before.witnesses, Witness(name=name, key=key, url=url))
        needed = quorum if quorum is not None else next((one.threshold for one in before.groups), 0)
        groups = (
            (Group(name=_QUORUM, threshold=needed, members=tuple(one.name for one in witnesses)),) if needed else ()
        )
        made = Policy(logs=before.logs, witnesses=witnesses, groups=groups, quorum=_QUORUM if groups else policies.NONE)
        raw = policies.encode(made)
    except FormatError as error:
        raise UsageError(f"witness {name!r}: {error.message}") from error
    durable.replace(workspace.case_root(case) / layout.POLICY, raw)
    trusted = home.trusted_policy(workspace.origin(case))
    durable.replace(trusted, raw)
    return trusted


def make_request(workspace: Workspace, case: str, witness: str, *, old_size: int | None = None) -> bytes:
    """Give what a witness needs to cosign the newest checkpoint: from the size it cosigned last, or ``old_size``."""
    root = workspace.case_root(case)
    ledger = LedgerFolder(root)
    head = ledger.head()
    if head is None:
        raise UsageError(f"case {case!r} has no entry yet: there is nothing to witness")
    old = last_cosigned(workspace, case, witness) if old_size is None else old_size
    size = ledger.size()
    if old > size:
        raise UsageError(f"the witness knows a tree of {old} entries, the ledger has {size}", hint="archiver verify")
    proof = consistency([leaf_hash(leaf) for leaf in ledger.leaves()], old)
    return add_checkpoint.encode(add_checkpoint.AddCheckpoint(old_size=old, proof=proof, checkpoint=head))


def last_cosigned(workspace: Workspace, case: str, witness: str) -> int:
    """Give the largest size that a witness is recorded to have cosigned; 0 for none."""
    found = (one.predicate for one in statements(ManifestFolder(workspace.case_root(case))))
    return max(
        (one.checkpoint_size for one in found if isinstance(one, Cosigned) and one.witness == witness), default=0
    )


def ask_witnesses(opened: OpenCase, workspace: Workspace) -> tuple[Asked, ...]:
    """Ask every witness of the policy that has an address and has not cosigned the newest evidence; record answers."""
    policy = read_policy(workspace, opened.name)
    size = opened.book.ledger.size()
    kinds = [entry.decode(leaf).type for leaf in opened.book.ledger.leaves()]
    todo = [
        one
        for one in policy.witnesses
        if one.url and any(kind not in TIMED for kind in kinds[last_cosigned(workspace, opened.name, one.name) :])
    ]
    return tuple(_ask(opened, workspace, one, size=size) for one in todo)


def _ask(opened: OpenCase, workspace: Workspace, witness: Witness, *, size: int) -> Asked:
    assert witness.url is not None, "asked by address"
    try:
        lines, known = ask(witness.url, make_request(workspace, opened.name, witness.name))
        if known is not None:
            lines, known = ask(witness.url, make_request(workspace, opened.name, witness.name, old_size=known))
        _check_known(witness, known)
        head = opened.book.ledger.checkpoint_bytes(size)
        recorded = add_cosigned(opened, workspace, head + lines)
    except (SealError, FormatError, UsageError) as error:
        return Asked(witness=witness.name, size=size, recorded=None, problem=error.message)
    return Asked(witness=witness.name, size=size, recorded=recorded)


def _check_known(witness: Witness, known: int | None) -> None:
    if known is not None:
        raise SealError(f"{witness.name}: it cosigned another tree of {known} entries than this ledger's")


def add_cosigned(opened: OpenCase, workspace: Workspace, raw: bytes) -> Recorded:
    """Record the cosignature in a note that a witness gave back; raise UsageError unless it is one of the policy's.

    The note must be one of this ledger's own checkpoints, to the byte, with a valid cosignature.
    """
    try:
        found = note.decode(raw)
        checkpoint = decode_checkpoint(found.text)
    except FormatError as error:
        raise UsageError(f"no cosigned checkpoint: {error.message}") from error
    kept = opened.book.ledger.checkpoint_bytes(checkpoint.size) if _has(opened, checkpoint.size) else b""
    if not kept or note.decode(kept).text != found.text:
        raise UsageError(f"it is not this ledger's checkpoint of {checkpoint.size} entries")
    for witness in read_policy(workspace, opened.name).witnesses:
        at = cosigned_at(found, witness.key)
        if at is not None:
            event = _Cosigning(witness=witness.name, note=_only(kept, found, witness), size=checkpoint.size)
            return _record(opened, event, kept=kept, at=at)
    raise UsageError("no valid cosignature by a witness of this case's policy", hint="archiver witness name NAME VKEY")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cosigning:
    witness: str
    note: Note
    size: int


def _has(opened: OpenCase, size: int) -> bool:
    return opened.book.ledger.has_checkpoint(size)


def _only(kept: bytes, found: Note, witness: Witness) -> Note:
    """Give the kept checkpoint with this witness's line: nothing else that came with it is taken."""
    lines = tuple(one for one in found.signatures if one.name == witness.key.name)
    own = note.decode(kept)
    return Note(text=own.text, signatures=(*own.signatures, *lines[:1]))


def _record(opened: OpenCase, event: _Cosigning, *, kept: bytes, at: Instant) -> Recorded:
    clock = SystemClock()
    identity = new_id(clock)
    with scratch(opened.scratch, identity) as folder:
        path = folder / "cosigned.note"
        path.write_bytes(note.encode(event.note))
        piece = Piece(role=Role.COSIGNED_CHECKPOINT, name=path.name, media_type="text/plain", path=path)
        predicate = Cosigned(
            id=identity,
            case=opened.name,
            at=clock.now(),
            checkpoint_size=event.size,
            checkpoint_digest=Digest.of(kept),
            witness=event.witness,
            cosigned_at=at,
            artifacts=(describe(piece),),
        )
        return finish(opened, prepare(folder, statement_of(predicate)))
