"""Evidence made to stop the verifier, to flood it, or to speak through it."""

import os
import shutil
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest

from archiver.formats import canonical, entry, envelope, note, tiles
from archiver.formats.checkpoint import encode as encode_checkpoint
from archiver.model.digest import Digest
from archiver.model.errors import FormatError
from archiver.model.provenance import Checkpoint, Entry, EntryType, Opening
from archiver.model.report import Check, Level, Report, Verdict
from archiver.proof.merkle import leaf_hash, root
from archiver.proof.signature import sign_envelope, sign_note
from archiver.store.source import FolderSource
from archiver.verify.policy import Trust, read_trust
from archiver.verify.run import verify
from tests.support.ledger_kit import CASE, INVESTIGATOR, LOG, ORIGIN, fixed_id, fixed_salt, make_trust, new_case
from tests.support.sealed_workspace import SealedWorkspace, make_sealed_workspace

FIRST = f"captures/{fixed_id(1)}.dsse.json"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> SealedWorkspace:
    return make_sealed_workspace(tmp_path_factory.mktemp("hostile") / "whole")


@pytest.fixture
def copy(whole: SealedWorkspace, tmp_path: Path) -> SealedWorkspace:
    return whole.copy(tmp_path / "copy")


def failed(report: Report, name: str) -> list[Check]:
    return [one for one in report.checks if one.id == name and one.verdict is Verdict.FAIL]


def make_deep(folder: Path) -> None:
    """Make a path longer than the system takes at once."""
    with chdir(folder):
        for _ in range(25):
            os.mkdir("d" * 200)  # noqa: PTH102 - relative, step by step: the whole path could not be made
            os.chdir("d" * 200)


@pytest.mark.parametrize("folder", ["manifests/case-1", "manifests/other", "archive"])
def test_a_part_that_cannot_be_listed_fails_and_the_rest_is_checked(copy: SealedWorkspace, folder: str) -> None:
    before = {one.id for one in copy.verify().checks}
    (copy.workspace / folder).mkdir(exist_ok=True)
    make_deep(copy.workspace / folder)
    try:
        report = copy.verify()
        assert failed(report, "unreadable")
        if folder != "manifests/case-1":
            assert before - {"archive-name"} <= {one.id for one in report.checks}
        else:
            assert {"archive-name", "ledger-checkpoint"} <= {one.id for one in report.checks}
    finally:
        shutil.rmtree(copy.folder, ignore_errors=True)


@pytest.mark.parametrize("name", ["manifests/extra", "manifests/Not A Case/x", "manifests/..x/x"])
def test_a_file_under_manifests_that_is_in_no_case_is_named(copy: SealedWorkspace, name: str) -> None:
    (copy.workspace / name).parent.mkdir(exist_ok=True)
    (copy.workspace / name).write_bytes(b"")
    assert [one.subject for one in failed(copy.verify(), "case-files")] == [name]


def test_the_page_beside_the_cases_is_no_evidence(copy: SealedWorkspace) -> None:
    (copy.workspace / "manifests/README.md").write_text("What lies here.")
    assert copy.verify().verdict is Verdict.PASS


def test_a_folder_that_can_be_no_case_does_not_stop_the_verification_of_the_others(copy: SealedWorkspace) -> None:
    report = verify(FolderSource(copy.workspace), cases=(CASE, "Not A Case"), trust=Trust(), required=Level.FILES)
    assert [one.subject for one in failed(report, "case-files")] == ["manifests/Not A Case"]
    assert any(one.id == "ledger-root" and one.verdict is Verdict.PASS for one in report.checks)


def test_a_size_that_is_only_claimed_does_not_make_a_report_of_millions_of_lines(copy: SealedWorkspace) -> None:
    head = Checkpoint(origin=ORIGIN, size=200_000, root=b"r" * 32)
    content = note.encode(sign_note(encode_checkpoint(head), ORIGIN, LOG))
    (copy.case_root / "ledger/checkpoint").write_bytes(content)
    (copy.case_root / "ledger/checkpoints/200000").write_bytes(content)
    (copy.case_root / "ledger/checkpoints/none").write_bytes(content)
    told = failed(copy.verify(), "ledger-history")
    assert len(told) < 1_100
    reasons = {one.subject.rsplit("/", 1)[-1]: one.reason for one in told}
    assert reasons["5"] == "this checkpoint is missing"
    assert reasons["checkpoints"].startswith("199995 checkpoints are missing in all")
    assert "cannot be read" in reasons["200000"]
    assert "beyond the newest" in reasons["none"]


def rewrite(workspace: SealedWorkspace, leaves: list[bytes]) -> None:
    """Write a ledger of these leaves that the right key signed."""
    ledger = workspace.case_root / "ledger"
    for old in [one for one in (ledger / "tile").rglob("*") if one.is_file()]:
        old.unlink()
    hashes = [leaf_hash(one) for one in leaves]
    for kind, content in (("entries", tiles.encode_entries(tuple(leaves))), ("0", b"".join(hashes))):
        (ledger / f"tile/{kind}/000.p/{len(leaves)}").write_bytes(content)
    for size in range(1, len(leaves) + 1):
        head = Checkpoint(origin=ORIGIN, size=size, root=root(hashes[:size]))
        content = note.encode(sign_note(encode_checkpoint(head), ORIGIN, LOG))
        (ledger / f"checkpoints/{size}").write_bytes(content)
    (ledger / "checkpoint").write_bytes(content)


def read_leaves(workspace: SealedWorkspace) -> list[bytes]:
    return list(tiles.decode_entries((workspace.case_root / "ledger/tile/entries/000.p/4").read_bytes(), width=4))


def test_a_manifest_that_is_recorded_twice_is_named(copy: SealedWorkspace) -> None:
    leaves = read_leaves(copy)
    salt = fixed_salt(4)
    commit = entry.commitment(salt, (copy.case_root / FIRST).read_bytes())
    again = Entry(seq=4, type=EntryType.CAPTURE, prev=Digest.of(leaves[-1]), commit=commit)
    opening = entry.encode_opening(Opening(seq=4, path=FIRST, salt=salt))
    (copy.case_root / "ledger/salts/4").write_bytes(opening)
    rewrite(copy, [*leaves, entry.encode(again)])
    told = failed(copy.verify(), "manifest-recorded")
    assert [one.reason for one in told] == ["recorded twice: as entry 0 and as entry 4"]


def resign(workspace: SealedWorkspace, change: Callable[[dict[str, Any]], None]) -> None:
    path = workspace.case_root / FIRST
    statement = canonical.decode(envelope.decode(path.read_bytes()).payload, what="statement")
    assert isinstance(statement, dict)
    change(statement)
    path.write_bytes(envelope.encode(sign_envelope(canonical.encode(statement), INVESTIGATOR)))


def test_a_main_record_that_is_a_request_is_told(copy: SealedWorkspace) -> None:
    def change(statement: dict[str, Any]) -> None:
        facts = statement["predicate"]["attempt"]["warc"]
        facts["main_record_id"] = facts["main_record_id"].replace("001>", "002>")

    resign(copy, change)
    assert "once and as a response" in failed(copy.verify(), "warc-records")[0].reason


def test_facts_of_a_warc_that_is_not_there_are_told(copy: SealedWorkspace) -> None:
    def change(statement: dict[str, Any]) -> None:
        del statement["predicate"]["artifacts"][0]
        del statement["subject"][0]

    resign(copy, change)
    assert "does not name" in failed(copy.verify(), "warc-records")[0].reason


def test_a_root_that_is_no_certificate_is_the_auditors_mistake_and_not_the_evidences(tmp_path: Path) -> None:
    trust = make_trust(tmp_path / "trust", tsa_roots=b"not a certificate\n")
    with pytest.raises(FormatError, match="not a PEM certificate"):
        read_trust(FolderSource(trust), origin="test")


def test_the_cost_of_the_history_grows_with_its_length_and_not_with_its_square(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kit = new_case(tmp_path)
    for number in range(120):
        kit.record(number)
    trust = read_trust(FolderSource(make_trust(tmp_path / "trust")), origin="test")
    from archiver.proof import merkle  # noqa: PLC0415 - counted only here

    calls = 0
    real = merkle.node_hash

    def counted(left: bytes, right: bytes) -> bytes:
        nonlocal calls
        calls += 1
        return real(left, right)

    monkeypatch.setattr(merkle, "node_hash", counted)
    report = verify(FolderSource(kit.workspace), cases=(CASE,), trust=trust, required=Level.LEDGER)
    assert report.verdict is Verdict.PASS
    assert calls < 120 * 10
