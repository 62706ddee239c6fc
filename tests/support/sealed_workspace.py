"""A small, whole workspace: three captures with WARC, picture, text and certificates, and a timestamp by openssl."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from archiver.app.prepared import describe
from archiver.formats.manifest import subjects_of
from archiver.model.digest import Digest
from archiver.model.evidence import Artifact, Piece, Role
from archiver.model.provenance import Stamp, Statement
from archiver.model.report import Check, Level, Report, Verdict
from archiver.proof import timestamp
from archiver.record.append import append
from archiver.seal.manifest import seal
from archiver.store.source import FolderSource
from archiver.verify.policy import read_trust
from archiver.verify.run import verify
from tests.support.ledger_kit import (
    CASE,
    INVESTIGATOR,
    CaseKit,
    fixed_id,
    fixed_salt,
    make_trust,
    new_case,
)
from tests.support.openssl_tsa import OpensslTsa, make_tsa
from tests.support.wire_kit import Response, page_capture

STAMP_ID = fixed_id(100)
NONCE = 20_261_124


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedWorkspace:
    """The workspace, the auditor's trust, and the authority that stamped it."""

    folder: Path
    workspace: Path
    case_root: Path
    trust: Path
    tsa_root: bytes

    def verify(self, *, trust: Path | None = None, required: Level = Level.TIME) -> Report:
        """Verify as an auditor with this trust."""
        source = FolderSource(trust or self.trust)
        chosen = read_trust(source, origin="test")
        return verify(FolderSource(self.workspace), cases=(CASE,), trust=chosen, required=required)

    def copy(self, folder: Path) -> "SealedWorkspace":
        """Give a copy to damage."""
        shutil.copytree(self.folder, folder, symlinks=True)
        for path in folder.rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)
        return SealedWorkspace(
            folder=folder,
            workspace=folder / "workspace",
            case_root=folder / "workspace" / "manifests" / CASE,
            trust=folder / "trust",
            tsa_root=self.tsa_root,
        )

    def archived(self, suffix: str) -> Path:
        """Give the first archived file of this kind."""
        return min((self.workspace / "archive").rglob(f"*.{suffix}"))


def failures(report: Report) -> list[str]:
    """Give each failed check as ``id subject``, the workspace's own prefixes cut: what a test compares."""
    return sorted({f"{one.id} {_short(one)}" for one in report.checks if one.verdict is Verdict.FAIL})


def _short(check: Check) -> str:
    return check.subject.replace(f"manifests/{CASE}/", "").replace("archive/sha256/", "")


def make_sealed_workspace(folder: Path) -> SealedWorkspace:
    """Build it through the program's own writers, but for the browser."""
    kit = new_case(folder)
    tsa = make_tsa(folder.parent / "tsa")
    for number in (1, 2, 3):
        _record(kit, number)
    _stamp(kit, tsa)
    (kit.case_root / "citations.yaml").write_text("version: 1\ncitations: []\n")
    return SealedWorkspace(
        folder=folder,
        workspace=kit.workspace,
        case_root=kit.case_root,
        trust=make_trust(folder / "trust", tsa_roots=tsa.root_pem),
        tsa_root=tsa.root_pem,
    )


def _record(kit: CaseKit, number: int) -> None:
    words = f"مرحبا {number}"
    page = Response(body=f"<p>He said: <b>{words}</b>".encode())
    capture = page_capture(kit, number, (page,), text=f"He said: {words}", quotes=(words,))
    sealed = seal(Statement(subjects=subjects_of(capture), predicate=capture), INVESTIGATOR)
    append(kit.book, sealed, salt=fixed_salt(number))


def _stamp(kit: CaseKit, tsa: OpensslTsa) -> None:
    size = kit.book.ledger.size()
    digest = Digest.of(kit.book.ledger.checkpoint_bytes(size))
    query = timestamp.request(digest, nonce=NONCE)
    answer = tsa.answer(query)
    token = timestamp.read(answer)
    stamp = Stamp(
        id=STAMP_ID,
        case=CASE,
        checkpoint_size=size,
        checkpoint_digest=digest,
        tsa_name="test",
        tsa_url="http://127.0.0.1/",
        gen_time=token.gen_time,
        serial=token.serial,
        received_at=token.gen_time,
        clock_difference_ms=0,
        artifacts=(
            _store(kit, "request.tsq", query, Role.TIMESTAMP_REQUEST, "application/timestamp-query"),
            _store(kit, "response.tsr", answer, Role.TIMESTAMP_RESPONSE, "application/timestamp-reply"),
        ),
    )
    sealed = seal(Statement(subjects=subjects_of(stamp), predicate=stamp), INVESTIGATOR)
    append(kit.book, sealed, salt=fixed_salt(100))


def _store(kit: CaseKit, name: str, content: bytes, role: Role, media_type: str) -> Artifact:
    path = kit.workspace.parent / name
    path.write_bytes(content)
    artifact = describe(Piece(role=role, name=name, media_type=media_type, path=path))
    kit.blobs.put_file(path, artifact.extension, expected=artifact.digest)
    path.unlink()
    return artifact
