"""A case to write into, with fixed keys, ids and salts: everything the ledger needs and no browser."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from archiver.formats import layout, note
from archiver.formats.manifest import statement_of, subjects_of
from archiver.model.digest import Digest
from archiver.model.evidence import (
    Artifact,
    Attempt,
    Capture,
    Method,
    Outcome,
    Role,
    SettingsFacts,
    State,
    Target,
    ToolFacts,
)
from archiver.model.instant import Instant
from archiver.model.provenance import Predicate, Recorded, Sealed, Statement, VerifierKey
from archiver.proof.signature import Ed25519Signer, public_pem
from archiver.record.append import Book, append, append_all
from archiver.seal.keys import FileKeyState
from archiver.seal.manifest import seal
from archiver.store import durable
from archiver.store.blobs import FolderBlobs
from archiver.store.durable import REAL_DISK, Disk
from archiver.store.ledger import LedgerFolder
from archiver.store.manifests import ManifestFolder

CASE = "case-1"
ORIGIN = "archiver.invalid/00112233445566778899aabbccddeeff"
INVESTIGATOR = Ed25519Signer.from_seed(b"i" * 32)
LOG = Ed25519Signer.from_seed(b"l" * 32)
BEGIN = Instant.parse("2026-11-24T10:00:00.000Z")


def fixed_id(number: int) -> str:
    """Give the UUIDv7 of this number: sorted by it."""
    return f"{number:08x}-0000-7000-8000-000000000000"


def fixed_salt(number: int) -> bytes:
    """Give the salt of this number."""
    return hashlib.sha256(b"salt %d" % number).digest()


def sample_capture(number: int, *, artifacts: tuple[Artifact, ...] = (), url: str = "https://example.org/") -> Capture:
    """Give a recorded attempt with no more than it must have."""
    return Capture(
        id=fixed_id(number),
        case=CASE,
        citation_id=f"c{number:02d}",
        tool=ToolFacts(name="archiver", version="0", python="3", platform="test"),
        attempt=Attempt(
            target=Target(url=url, citation_id=f"c{number:02d}"),
            method=Method.BROWSER,
            started_at=Instant(BEGIN.epoch_us + number * 60_000_000),
            finished_at=Instant(BEGIN.epoch_us + number * 60_000_000 + 5_000_000),
            outcome=Outcome(state=State.OK),
            settings=SettingsFacts(),
        ),
        artifacts=artifacts,
    )


def sealed_capture(number: int, *, artifacts: tuple[Artifact, ...] = ()) -> Sealed:
    """Give a signed manifest of a sample capture."""
    capture = sample_capture(number, artifacts=artifacts)
    return seal(Statement(subjects=subjects_of(capture), predicate=capture), INVESTIGATOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseKit:
    """A case in a folder, ready for writing."""

    workspace: Path
    case_root: Path
    book: Book
    blobs: FolderBlobs

    def artifact(self, name: str, content: bytes, *, role: Role, media_type: str, extension: str) -> Artifact:
        """Store bytes and give the artifact about them."""
        scratch = self.workspace.parent / f"scratch-{name}"
        scratch.write_bytes(content)
        digest = Digest.of(content)
        self.blobs.put_file(scratch, extension, expected=digest)
        scratch.unlink()
        return Artifact(
            role=role, name=name, media_type=media_type, extension=extension, size_bytes=len(content), digest=digest
        )

    def record_all(self, numbers: Iterable[int]) -> tuple[Recorded, ...]:
        """Seal sample captures and append them together."""
        salts = iter([fixed_salt(number) for number in numbers])
        return append_all(self.book, [sealed_capture(one) for one in numbers], new_salt=lambda: next(salts))

    def record_event(self, predicate: Predicate) -> Recorded:
        """Seal and append any other statement; its salt is that of its id."""
        sealed = seal(statement_of(predicate), INVESTIGATOR)
        return append(self.book, sealed, salt=hashlib.sha256(predicate.id.encode()).digest())

    def record(self, number: int, *, artifacts: tuple[Artifact, ...] = ()) -> Recorded:
        """Seal and append a sample capture."""
        return append(self.book, sealed_capture(number, artifacts=artifacts), salt=fixed_salt(number))


def new_case(folder: Path, *, disk: Disk = REAL_DISK) -> CaseKit:
    """Open the case in this folder with fresh objects; make its public files if they are not there."""
    workspace = folder / "workspace"
    case_root = workspace / layout.case_folder(CASE)
    vkey = note.encode_vkey(VerifierKey(name=ORIGIN, public_key=LOG.public_key))
    for path, content in {
        case_root / layout.LOG_VKEY: f"{vkey}\n".encode(),
        case_root / layout.LOG_PEM: public_pem(LOG.public_key),
        case_root / layout.INVESTIGATOR_PEM: public_pem(INVESTIGATOR.public_key),
        case_root / layout.POLICY: f"log {vkey}\nquorum none\n".encode(),
    }.items():
        durable.put_once(path, content)
    return CaseKit(
        workspace=workspace,
        case_root=case_root,
        book=Book(
            ledger=LedgerFolder(case_root, disk=disk),
            manifests=ManifestFolder(case_root, disk=disk),
            signer=LOG,
            origin=ORIGIN,
            state=FileKeyState(folder / "log.state", disk=disk),
            investigator=INVESTIGATOR.public_key,
        ),
        blobs=FolderBlobs(workspace, disk=disk),
    )


def make_trust(folder: Path, *, tsa_roots: bytes = b"") -> Path:
    """Write the auditor's trust: the keys of this kit, and the roots given."""
    vkey = note.encode_vkey(VerifierKey(name=ORIGIN, public_key=LOG.public_key))
    files = {"keys/investigator.pem": public_pem(INVESTIGATOR.public_key), "logs/log.vkey": f"{vkey}\n".encode()}
    if tsa_roots:
        files["tsa/test.pem"] = tsa_roots
    for name, content in files.items():
        durable.put_once(folder / name, content)
    return folder
