"""OpenTimestamps proofs as a hostile manifest tells of them, and one by itself over a file on a bad sector."""

import io
from pathlib import Path

import pytest

from archiver.formats import layout
from archiver.model.digest import Digest
from archiver.model.errors import Damaged
from archiver.model.events import Anchor
from archiver.model.evidence import Artifact, Role
from archiver.model.report import Level, Verdict
from archiver.proof import ots
from archiver.store.source import FolderSource
from archiver.verify.ots import check_ots
from archiver.verify.policy import Trust
from archiver.verify.run import verify
from tests.support.calendar_server import Calendar
from tests.support.ledger_kit import BEGIN, CASE, CaseKit, fixed_id, new_case

NONCE = b"n" * 16
URL = "https://calendar.example"


@pytest.fixture
def kit(tmp_path: Path) -> CaseKit:
    made = new_case(tmp_path)
    made.record(1)
    return made


def proof_over(digest: Digest) -> bytes:
    calendar = Calendar()
    calendar.url = URL
    return ots.assemble(digest, NONCE, [calendar.promise(ots.commitment(digest, NONCE))])


def artifact(kit: CaseKit, content: bytes, *, role: Role = Role.OPENTIMESTAMPS) -> Artifact:
    return kit.artifact("1.ots", content, role=role, media_type="application/vnd.opentimestamps", extension="ots")


def told(kit: CaseKit, made: Artifact, *, digest: Digest, calendars: tuple[str, ...] = (URL,)) -> str:
    """Record an anchor that says so; give why it fails."""
    anchor = Anchor(
        id=fixed_id(9),
        case=CASE,
        at=BEGIN,
        checkpoint_size=1,
        checkpoint_digest=digest,
        calendars=calendars,
        artifacts=(made,),
    )
    kit.record_event(anchor)
    report = verify(FolderSource(kit.workspace), cases=(CASE,), trust=Trust(), required=Level.TIME)
    (check,) = [one for one in report.checks if one.id == "anchor"]
    assert check.verdict is Verdict.FAIL
    return check.reason


def stamped(kit: CaseKit) -> Digest:
    return Digest.of((kit.case_root / layout.checkpoint_of(1)).read_bytes())


def test_a_manifest_that_is_about_another_checkpoint_is_named(kit: CaseKit) -> None:
    other = Digest.of(b"other")
    assert "not about checkpoint 1 as it lies here" in told(kit, artifact(kit, proof_over(other)), digest=other)


def test_a_proof_that_is_about_other_bytes_is_named(kit: CaseKit) -> None:
    made = artifact(kit, proof_over(Digest.of(b"other")))
    assert told(kit, made, digest=stamped(kit)) == "its proof is not about checkpoint 1"


def test_a_manifest_that_names_other_calendars_is_named(kit: CaseKit) -> None:
    made = artifact(kit, proof_over(stamped(kit)))
    assert "different calendars or blocks" in told(kit, made, digest=stamped(kit), calendars=("https://x.example",))


def test_a_manifest_without_a_proof_is_named(kit: CaseKit) -> None:
    made = artifact(kit, proof_over(stamped(kit)), role=Role.TEXT)
    assert "names no OpenTimestamps proof" in told(kit, made, digest=stamped(kit))


class Unreadable(io.BytesIO):
    """A file on a bad sector."""

    def read(self, size: int | None = -1, /) -> bytes:  # noqa: ARG002 - as the real one
        raise Damaged("sector")


def test_a_file_that_cannot_be_read_is_told() -> None:
    found = check_ots(proof_over(Digest.of(b"x")), data=Unreadable(), subject="a.ots", data_name="a", headers={})
    assert [(one.verdict, one.reason) for one in found][1] == (Verdict.FAIL, "sector")
