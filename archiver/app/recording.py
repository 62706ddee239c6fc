"""One case, opened for writing: stores, seals and records what was prepared.

The one write path of the program: captures, failed attempts and timestamps all go through `finish`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from archiver.app import prepared as scratchwork
from archiver.app.erase import finish_erasures
from archiver.app.home import Home
from archiver.app.ids import new_salt
from archiver.app.key_files import publish_windows
from archiver.app.keyring import open_investigator
from archiver.app.log_keys import finish_rotation, open_log_keys
from archiver.app.prepared import Prepared
from archiver.app.workspace import Workspace
from archiver.model.provenance import Recorded, Sealed, Signer, Statement
from archiver.record import append, recover
from archiver.seal.keys import FileKeyState
from archiver.seal.manifest import path_of, seal, sealed_before
from archiver.store.blobs import FolderBlobs
from archiver.store.ledger import LedgerFolder
from archiver.store.manifests import ManifestFolder


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCase:
    """A case with its keys opened. Holds no lock: each append takes it and gives it back."""

    name: str
    origin: str
    scratch: Path
    investigator: Signer
    book: append.Book
    blobs: FolderBlobs


def open_case(
    workspace: Workspace,
    case: str,
    *,
    home: Home,
    passphrase: Callable[[], bytes],
    waiting: Callable[[str], None],
) -> OpenCase:
    """Give the case ready for writing: keys opened, and what a crash left finished.

    Raises SealError for a missing key or a wrong passphrase, StoreError where the ledger cannot be
    mended. Safe to repeat.
    """
    origin = workspace.origin(case)
    secret = passphrase()
    root = workspace.case_root(case)
    investigator = open_investigator(home, secret, tell=waiting)
    log, following = open_log_keys(home, origin, secret)
    opened = OpenCase(
        name=case,
        origin=origin,
        scratch=home.scratch(origin),
        investigator=investigator,
        book=append.Book(
            ledger=LedgerFolder(root, waiting=waiting),
            manifests=ManifestFolder(root),
            signer=log,
            successor=following,
            origin=origin,
            state=FileKeyState(home.log_state(origin)),
            investigator=investigator.public_key,
        ),
        blobs=FolderBlobs(workspace.archive_root),
    )
    repair(opened)
    if finish_rotation(opened.book, home):
        return open_case(workspace, case, home=home, passphrase=lambda: secret, waiting=waiting)
    return opened


def repair(case: OpenCase) -> tuple[Recorded, ...]:
    """Finish what an earlier process left: staged appends, sealed manifests, erasures, prepared captures."""
    case.blobs.sweep()
    mended = list(recover.recover(case.book, new_salt=new_salt))
    finish_erasures(case.book, case.blobs)
    publish_windows(case.book)
    mended.extend(finish(case, left) for left in scratchwork.left_behind(case.scratch))
    return tuple(mended)


def finish(case: OpenCase, prepared: Prepared) -> Recorded:
    """Store, seal and record one prepared statement, then sweep its scratch folder.

    On return it is in the ledger and survives power loss. Safe to repeat after a crash at any step.
    """
    # (1) Seal: the signature covers the statement's exact bytes. What was sealed before a crash stays as it is, and a
    # security key that nobody touches leaves nothing in the archive.
    sealed = _sealed_before(case, prepared.statement) or seal(prepared.statement, case.investigator)
    # (2) Store every file. The statement that names them is durable already, so none is ever orphaned.
    for artifact, path in scratchwork.pieces_in(prepared, prepared.statement.predicate.artifacts):
        case.blobs.put_file(path, artifact.extension, expected=artifact.digest)
    # (3) Record: from here the ledger answers for it.
    recorded = append.append(case.book, sealed, salt=new_salt())
    # (4) Sweep: only now is the scratch copy superfluous.
    scratchwork.sweep(prepared.folder)
    return recorded


def _sealed_before(case: OpenCase, statement: Statement) -> Sealed | None:
    path = path_of(statement)
    if not (case.book.manifests.root / path).exists():
        return None
    raw = case.book.manifests.read(path)
    return sealed_before(statement, raw, public_key=case.investigator.public_key)
