"""The recorded cosignatures of a case, gathered again onto the checkpoints that they are over."""

from collections.abc import Iterator
from dataclasses import dataclass

from archiver.app.reading import statements
from archiver.app.witness import read_policy
from archiver.app.workspace import Workspace
from archiver.formats import note
from archiver.model.errors import FormatError, StoreError
from archiver.model.events import Cosigned
from archiver.model.evidence import Role
from archiver.model.provenance import Note, NoteSignature
from archiver.proof.signature import cosigned_at
from archiver.store.blobs import FolderBlobs
from archiver.store.ledger import LedgerFolder
from archiver.store.manifests import ManifestFolder

_LIMIT_BYTES = 64 << 10
_MOST_LINES = 15  # of the 16 that a note may have, one is the ledger's own


@dataclass(frozen=True, slots=True, kw_only=True)
class CosignedHead:
    """A kept checkpoint with every line that a witness of the case's policy has put under it."""

    size: int
    note: Note
    witnesses: tuple[str, ...]


def best_cosigned(workspace: Workspace, case: str, seq: int) -> CosignedHead | None:
    """Give the checkpoint that counts this entry and that most witnesses cosigned, of equal ones the newest; or None.

    Only lines that verify by a key of the case's policy are taken. What cannot be read is left out: `verify` tells it.
    """
    ledger = LedgerFolder(workspace.case_root(case))
    found: dict[int, dict[str, NoteSignature]] = {}
    for size, name, line in _lines(workspace, case, ledger):
        if size > seq:
            found.setdefault(size, {})[name] = line
    if not found:
        return None
    size = max(found, key=lambda one: (len(found[one]), one))
    own = note.decode(ledger.checkpoint_bytes(size))
    names = tuple(sorted(found[size]))[:_MOST_LINES]
    signed = Note(text=own.text, signatures=(*own.signatures, *(found[size][name] for name in names)))
    return CosignedHead(size=size, note=signed, witnesses=names)


def _lines(workspace: Workspace, case: str, ledger: LedgerFolder) -> Iterator[tuple[int, str, NoteSignature]]:
    """Give each valid cosignature: the size that it is over, the policy's name of the witness, and its line."""
    witnesses = read_policy(workspace, case).witnesses
    for statement in statements(ManifestFolder(workspace.case_root(case))) if witnesses else ():
        if not isinstance(statement.predicate, Cosigned):
            continue
        given, kept = _note(workspace, statement.predicate), _kept(ledger, statement.predicate.checkpoint_size)
        if given is None or kept is None or given.text != kept.text:
            continue
        for witness in witnesses:
            for line in given.signatures:
                if cosigned_at(Note(text=kept.text, signatures=(line,)), witness.key) is not None:
                    yield statement.predicate.checkpoint_size, witness.name, line


def _note(workspace: Workspace, cosigned: Cosigned) -> Note | None:
    artifact = next((one for one in cosigned.artifacts if one.role is Role.COSIGNED_CHECKPOINT), None)
    if artifact is None:
        return None
    try:
        with FolderBlobs(workspace.archive_root).open(artifact.digest, artifact.extension) as file:
            return note.decode(file.read(_LIMIT_BYTES))
    except (FormatError, StoreError):
        return None


def _kept(ledger: LedgerFolder, size: int) -> Note | None:
    try:
        return note.decode(ledger.checkpoint_bytes(size))
    except (FormatError, StoreError):
        return None
