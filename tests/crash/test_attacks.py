"""The attacks that an expert names first, each against the whole writer, each refused."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from archiver.formats import entry, layout
from archiver.formats.checkpoint import encode as encode_checkpoint
from archiver.formats.note import encode as encode_note
from archiver.model.errors import ArchiverError, Damaged, StoreError
from archiver.model.provenance import Checkpoint
from archiver.model.report import Level, Verdict
from archiver.proof.signature import sign_note
from archiver.record.recover import recover
from archiver.store.source import FolderSource
from archiver.verify.policy import read_trust
from archiver.verify.run import verify
from tests.crash.test_matrix import check_whole
from tests.support.ledger_kit import CASE, LOG, ORIGIN, CaseKit, fixed_id, fixed_salt, make_trust, new_case

CHECKOUT = Path(__file__).parents[2]
PROCESSES, EACH = 8, 200


def test_eight_processes_that_append_at_once_lose_nothing_and_make_no_fork(tmp_path: Path) -> None:
    """8 processes, 200 entries each, in appends of 20: one tree, every entry in it once."""
    new_case(tmp_path / "case")
    command = [sys.executable, "-m", "tests.support.append_some", str(tmp_path / "case")]
    running = [
        subprocess.Popen([*command, str(number * 1000), str(EACH)], cwd=CHECKOUT, stderr=subprocess.PIPE)
        for number in range(PROCESSES)
    ]
    for one in running:
        _, said = one.communicate(timeout=300)
        assert one.returncode == 0, said.decode()
    kit = new_case(tmp_path / "case")
    assert kit.book.ledger.size() == PROCESSES * EACH
    wanted = {
        layout.capture_envelope(fixed_id(number * 1000 + each)) for number in range(PROCESSES) for each in range(EACH)
    }
    assert set(kit.book.ledger.openings()) == wanted
    check_whole(tmp_path / "case", entries=PROCESSES * EACH)


def test_a_rolled_back_checkpoint_is_not_continued_and_is_named(tmp_path: Path) -> None:
    kit = new_case(tmp_path)
    for number in range(3):
        kit.record(number)
    head = kit.case_root / layout.CHECKPOINT
    head.chmod(0o644)
    head.write_bytes((kit.case_root / layout.checkpoint_of(2)).read_bytes())
    before = sorted(path.name for path in (kit.case_root / layout.CHECKPOINTS).iterdir())
    with pytest.raises(ArchiverError):
        new_case(tmp_path).record(9)
    assert sorted(path.name for path in (kit.case_root / layout.CHECKPOINTS).iterdir()) == before
    trust = read_trust(FolderSource(make_trust(tmp_path / "trust")), origin="test")
    report = verify(FolderSource(kit.workspace), cases=(CASE,), trust=trust, required=Level.LEDGER)
    assert any(one.id == "ledger-history" and "beyond the newest" in one.reason for one in report.checks)


def test_two_checkpoints_of_one_size_are_told_from_each_other(tmp_path: Path) -> None:
    """A forked log: the same key signed another tree of the same size, and somebody kept that."""
    from archiver.verify.case import Case  # noqa: PLC0415 - the verifier's own view
    from archiver.verify.history import check_presented  # noqa: PLC0415 - same
    from archiver.verify.ledger import read_ledger  # noqa: PLC0415 - same

    kit, other = new_case(tmp_path / "a"), new_case(tmp_path / "b")
    for number in range(3):
        kit.record(number)
        other.record(number + 10)
    case = Case(FolderSource(kit.workspace), CASE)
    trust = read_trust(FolderSource(make_trust(tmp_path / "trust")), origin="test")
    found = read_ledger(case)
    own = (kit.case_root / layout.checkpoint_of(2)).read_bytes()
    assert check_presented(case, found, trust, own, subject="kept").verdict is Verdict.PASS
    forked = (other.case_root / layout.checkpoint_of(2)).read_bytes()
    check = check_presented(case, found, trust, forked, subject="kept")
    assert (check.verdict, "two histories were signed" in check.reason) == (Verdict.FAIL, True)


def test_a_forked_tail_that_the_right_key_signed_is_not_built_upon(tmp_path: Path) -> None:
    kit = new_case(tmp_path)
    for number in range(3):
        kit.record(number)
    forged = Checkpoint(origin=ORIGIN, size=3, root=b"r" * 32)
    head = kit.case_root / layout.CHECKPOINT
    head.chmod(0o644)
    head.write_bytes(encode_note(sign_note(encode_checkpoint(forged), ORIGIN, LOG)))
    with pytest.raises(Damaged, match="do not give the root"):
        new_case(tmp_path).record(3)


def test_a_clock_set_back_changes_neither_order_nor_places(tmp_path: Path) -> None:
    """Ids sort by the clock that made them; the ledger's order is that of its appends, whatever ids say."""
    kit = new_case(tmp_path)
    for number in (500, 7, 300):
        kit.record(number)
    places = kit.book.ledger.openings()
    assert [places[layout.capture_envelope(fixed_id(number))] for number in (500, 7, 300)] == [0, 1, 2]
    assert [entry.decode(leaf).seq for leaf in kit.book.ledger.leaves()] == [0, 1, 2]
    check_whole(tmp_path, entries=3)


@pytest.fixture
def small_disk(tmp_path: Path) -> Path:
    """Give a folder on a disk of 1 MiB of its own, or skip."""
    folder = tmp_path / "small"
    folder.mkdir()
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root can make a small disk (mount -t tmpfs)")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("this machine lets nobody mount a tmpfs")
    return folder


def fill(kit: CaseKit) -> None:
    for number in range(10_000):
        kit.record(number)


def test_a_full_disk_is_told_and_what_was_recorded_stays(small_disk: Path) -> None:
    try:
        kit = new_case(small_disk)
        with pytest.raises(StoreError, match="No space left on device"):
            fill(kit)
        recorded = kit.book.ledger.size()
        assert recorded > 5
        trust = small_disk.parent / "trust"
        report = verify(
            FolderSource(kit.workspace),
            cases=(CASE,),
            trust=read_trust(FolderSource(make_trust(trust)), origin="test"),
            required=Level.LEDGER,
        )
        wrong = {one.id for one in report.checks if one.verdict is Verdict.FAIL}
        # The entry under way is not recorded: its manifest, salt or tiles may lie there, and count for nothing.
        assert wrong <= {"manifest-recorded", "entry-opening", "ledger-tiles", "ledger-history"}, report.checks
        assert new_case(small_disk).book.ledger.size() >= recorded
        subprocess.run(["mount", "-o", "remount,size=8m", small_disk], check=True)
        again = new_case(small_disk)
        recover(again.book, new_salt=lambda: fixed_salt(9_999))
        assert again.book.ledger.size() >= recorded
        check_whole(small_disk, entries=again.book.ledger.size())
    finally:
        subprocess.run(["umount", small_disk], check=False)


def test_a_workspace_that_is_read_only_is_told_and_left_alone(small_disk: Path) -> None:
    try:
        kit = new_case(small_disk)
        kit.record(0)
        subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
        with pytest.raises(StoreError, match="Read-only file system"):
            new_case(small_disk).record(1)
        trust = read_trust(FolderSource(make_trust(small_disk.parent / "trust")), origin="test")
        report = verify(FolderSource(kit.workspace), cases=(CASE,), trust=trust, required=Level.LEDGER)
        assert report.verdict is Verdict.PASS
    finally:
        subprocess.run(["umount", small_disk], check=False)
