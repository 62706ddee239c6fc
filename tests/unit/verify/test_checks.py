"""What the tamper tests do not reach: evidence that is well signed and wrong, and odd shapes."""

import base64
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from archiver.formats import canonical, envelope, note
from archiver.formats.checkpoint import encode as encode_checkpoint
from archiver.formats.layout import archive_path
from archiver.model.digest import Digest
from archiver.model.errors import FormatError
from archiver.model.provenance import Checkpoint, VerifierKey
from archiver.model.report import Check, Level, Report, Verdict
from archiver.proof.signature import sign_envelope, sign_note
from archiver.store.source import FolderSource
from archiver.verify.policy import Trust, read_trust
from archiver.verify.run import verify
from tests.support.ledger_kit import CASE, INVESTIGATOR, LOG, ORIGIN, fixed_id, make_trust, new_case
from tests.support.sealed_workspace import STAMP_ID, SealedWorkspace, make_sealed_workspace

FIRST = f"captures/{fixed_id(1)}.dsse.json"
STAMP = f"events/{STAMP_ID}.dsse.json"
Change = Callable[[dict[str, Any]], None]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> SealedWorkspace:
    return make_sealed_workspace(tmp_path_factory.mktemp("checks") / "whole")


@pytest.fixture
def copy(whole: SealedWorkspace, tmp_path: Path) -> SealedWorkspace:
    return whole.copy(tmp_path / "copy")


def resign(workspace: SealedWorkspace, name: str, change: Change, *, payload_type: str = envelope.PAYLOAD_TYPE) -> None:
    """Change a statement and sign it with the right key: what only the investigator could do."""
    path = workspace.case_root / name
    statement = json.loads(envelope.decode(path.read_bytes()).payload)
    change(statement)
    made = sign_envelope(canonical.encode(statement), INVESTIGATOR, payload_type=payload_type)
    path.write_bytes(envelope.encode(made))


def failed(report: Report, name: str) -> list[Check]:
    return [one for one in report.checks if one.id == name and one.verdict is Verdict.FAIL]


def reasons(workspace: SealedWorkspace, name: str) -> str:
    return "\n".join(one.reason for one in failed(workspace.verify(), name))


def set_in(statement: dict[str, Any], *path: Any, to: Any) -> None:  # noqa: ANN401 - JSON
    for key in path[:-1]:
        statement = statement[key]
    statement[path[-1]] = to


STATEMENTS: dict[str, tuple[str, Change, str, str]] = {
    "another case": (
        FIRST,
        lambda s: set_in(s, "predicate", "case", to="other"),
        "manifest-content",
        "about case other",
    ),
    "an id that is none": (FIRST, lambda s: set_in(s, "predicate", "id", to="x"), "manifest-content", "UUIDv7"),
    "another id": (FIRST, lambda s: set_in(s, "predicate", "id", to=fixed_id(9)), "manifest-content", "it belongs at"),
    "another size": (
        FIRST,
        lambda s: set_in(s, "predicate", "artifacts", 0, "size_bytes", to=1),
        "artifact",
        "the manifest says 1 bytes",
    ),
    "an extension that is none": (
        FIRST,
        lambda s: set_in(s, "predicate", "artifacts", 1, "extension", to="../x"),
        "artifact",
        "file extension",
    ),
    "another time": (
        STAMP,
        lambda s: set_in(s, "predicate", "gen_time", to="2020-01-01T00:00:00.000Z"),
        "timestamp",
        "different times or serials",
    ),
    "another checkpoint": (
        STAMP,
        lambda s: set_in(s, "predicate", "checkpoint_size", to=2),
        "timestamp",
        "not about checkpoint 2",
    ),
    "no response": (
        STAMP,
        lambda s: set_in(s, "predicate", "artifacts", 1, "role", to="text"),
        "timestamp",
        "names no timestamp_response",
    ),
    "a capture from the future": (
        FIRST,
        lambda s: set_in(s, "predicate", "attempt", "finished_at", to="2099-01-01T00:00:00.000Z"),
        "clock",
        "covers a capture that says it ended at 2099",
    ),
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_signed_statement_that_is_wrong_is_told(copy: SealedWorkspace, name: str) -> None:
    path, change, check, told = STATEMENTS[name]
    resign(copy, path, change)
    assert told in reasons(copy, check)


def test_another_payload_type_is_not_a_manifest(copy: SealedWorkspace) -> None:
    resign(copy, FIRST, lambda _: None, payload_type="text/plain")
    assert "expected payload type" in reasons(copy, "manifest-signature")


def test_a_record_whose_digest_is_wrong_is_named_though_the_signed_file_is_whole(
    copy: SealedWorkspace,
) -> None:
    def swap(statement: dict[str, Any]) -> None:
        artifact = statement["predicate"]["artifacts"][0]
        old = copy.workspace / archive_path(Digest.parse(artifact["digest"]), "warc.gz")
        records = (
            gzip.decompress(old.read_bytes()).replace("مرحبا".encode(), "وداعا".encode()).split(b"WARC/1.1\r\n")[1:]
        )
        content = b"".join(gzip.compress(b"WARC/1.1\r\n" + one, mtime=0) for one in records)
        new = Digest.of(content)
        path = copy.workspace / archive_path(new, "warc.gz")
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        artifact |= {"digest": str(new), "size_bytes": len(content)}
        statement["subject"][0]["digest"]["sha256"] = new.hex

    resign(copy, FIRST, swap)
    assert "WARC-Block-Digest says" in reasons(copy, "warc-records")


def write_checkpoint(workspace: SealedWorkspace, size: int) -> None:
    head = Checkpoint(origin=ORIGIN, size=size, root=b"r" * 32)
    content = note.encode(sign_note(encode_checkpoint(head), ORIGIN, LOG))
    (workspace.case_root / "ledger/checkpoint").write_bytes(content)


def test_a_checkpoint_of_more_entries_than_can_be_read_is_refused(copy: SealedWorkspace) -> None:
    write_checkpoint(copy, 10_000_001)
    assert "more than are read here" in reasons(copy, "ledger-checkpoint")


def test_a_checkpoint_over_nothing_is_told(copy: SealedWorkspace) -> None:
    write_checkpoint(copy, 0)
    assert failed(copy.verify(), "ledger-root")
    assert len(failed(copy.verify(), "manifest-recorded")) == 4


def test_an_old_checkpoint_under_another_size_is_told(copy: SealedWorkspace) -> None:
    kept = copy.case_root / "ledger/checkpoints"
    (kept / "2").write_bytes((kept / "1").read_bytes())
    assert "it is the checkpoint of size 1" in reasons(copy, "ledger-history")


def test_a_damaged_opening_is_not_called_an_erased_one(copy: SealedWorkspace) -> None:
    (copy.case_root / "ledger/salts/1").write_bytes(b"{}")
    assert "damaged" in reasons(copy, "entry-opening")


def test_the_key_of_another_ledger_beside_this_one_is_told(copy: SealedWorkspace) -> None:
    vkey = note.encode_vkey(VerifierKey(name="archiver.invalid/" + "f" * 32, public_key=LOG.public_key))
    (copy.case_root / "keys/log.vkey").write_text(f"{vkey}\n")
    assert "not of this ledger" in reasons(copy, "public-keys")


def test_a_broken_signature_fails_also_where_nobody_is_trusted(copy: SealedWorkspace, tmp_path: Path) -> None:
    nobody = tmp_path / "nobody"
    nobody.mkdir()
    path = copy.case_root / FIRST
    found = json.loads(path.read_bytes())
    found["signatures"][0]["sig"] = base64.b64encode(b"x" * 64).decode()
    path.write_bytes(canonical.encode(found))
    checkpoint = copy.case_root / "ledger/checkpoint"
    text = checkpoint.read_text().replace(ORIGIN[-4:], "0000", 1)
    checkpoint.write_text(text)
    report = copy.verify(trust=nobody)
    assert "no signature of it is valid" in failed(report, "manifest-signature")[0].reason
    assert "no signature of it is valid" in failed(report, "ledger-checkpoint")[0].reason


def test_a_wide_ledger_has_more_than_one_level_and_each_is_checked(tmp_path: Path) -> None:
    kit = new_case(tmp_path)
    for number in range(258):
        kit.record(number)
    trust = read_trust(FolderSource(make_trust(tmp_path / "trust")), origin="test")

    def report() -> Report:
        return verify(FolderSource(kit.workspace), cases=(CASE,), trust=trust, required=Level.LEDGER)

    assert report().verdict is Verdict.PASS
    upper = kit.case_root / "ledger/tile/1/000.p/1"
    upper.chmod(0o644)
    upper.write_bytes(b"x" * 32)
    assert [one.subject for one in failed(report(), "ledger-tiles")] == [f"manifests/{CASE}/ledger/tile/1/000.p/1"]


def test_a_workspace_without_cases_fails_and_odd_folders_are_named(tmp_path: Path) -> None:
    (tmp_path / "manifests" / "Not A Case").mkdir(parents=True)
    (tmp_path / "manifests" / "Not A Case" / "x").write_bytes(b"")
    report = verify(FolderSource(tmp_path), cases=(), trust=Trust(), required=Level.FILES)
    assert [one.id for one in report.checks if one.verdict is Verdict.FAIL] == ["case-files", "nothing-to-verify"]
    assert report.verdict is Verdict.FAIL


def test_the_page_in_the_archive_is_no_evidence(copy: SealedWorkspace) -> None:
    (copy.workspace / "archive/README.md").write_text("What lies here.")
    assert copy.verify().verdict is Verdict.PASS


def test_a_file_that_another_case_names_is_not_unlisted(copy: SealedWorkspace) -> None:
    other = copy.workspace / "manifests" / "other" / "captures"
    other.mkdir(parents=True)
    (copy.case_root / FIRST).rename(other / Path(FIRST).name)
    assert not failed(copy.verify(), "archive-unlisted")


def test_trust_is_read_strictly(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs/x.vkey").write_bytes(b"\xff")
    with pytest.raises(FormatError, match="not ASCII"):
        read_trust(FolderSource(tmp_path), origin="x")
    (tmp_path / "logs/x.vkey").write_bytes(b"log+x+y")
    with pytest.raises(FormatError, match="vkey"):
        read_trust(FolderSource(tmp_path), origin="x")


def test_names_that_would_reorder_a_line_are_shown_escaped(copy: SealedWorkspace) -> None:
    (copy.workspace / "archive" / "a\u202egnp.exe").write_bytes(b"")
    (copy.case_root / "x\x1b[2J").write_bytes(b"")
    subjects = " ".join(one.subject for one in copy.verify().checks)
    assert "a\\u202egnp.exe" in subjects
    assert "x\\u001b[2J" in subjects
    assert "\x1b" not in subjects


def test_a_level_passes_only_if_something_of_it_passed() -> None:
    def report(*verdicts: Verdict) -> Report:
        checks = tuple(Check(id="x", level=Level.FILES, subject="", verdict=one, reason="") for one in verdicts)
        return Report(checks=checks, required=Level.FILES, not_proven=())

    assert report().verdict is Verdict.NOT_CHECKED
    assert report(Verdict.PASS).verdict is Verdict.PASS
    assert report(Verdict.PASS, Verdict.NOT_CHECKED).verdict is Verdict.NOT_CHECKED
    assert report(Verdict.PASS, Verdict.FAIL).verdict is Verdict.FAIL
