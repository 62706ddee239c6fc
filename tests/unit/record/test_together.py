"""Many manifests under one checkpoint: the same tree, one file of salts, all or nothing."""

from dataclasses import replace
from pathlib import Path

import pytest

from archiver.formats import canonical, entry, layout
from archiver.model.errors import Conflict, Damaged, FormatError
from archiver.model.provenance import Opening
from archiver.model.report import Level, Verdict
from archiver.record.append import append_all
from archiver.record.recover import recover
from archiver.store.ledger import LedgerFolder
from archiver.store.source import FolderSource
from archiver.verify.policy import read_trust
from archiver.verify.run import verify
from tests.support.failing_disk import CrashError, FailingDisk
from tests.support.ledger_kit import CASE, CaseKit, fixed_salt, make_trust, new_case, sealed_capture


def check_whole(kit: CaseKit, folder: Path) -> None:
    trust = read_trust(FolderSource(make_trust(folder / "trust")), origin="test")
    report = verify(FolderSource(kit.workspace), cases=(CASE,), trust=trust, required=Level.LEDGER)
    assert report.verdict is Verdict.PASS, [one for one in report.checks if one.verdict is Verdict.FAIL]


@pytest.mark.parametrize("sizes", [(1, 3, 1), (255, 2), (256, 1), (1, 600), (2, 254, 256, 5)])
def test_entries_appended_together_give_the_tree_that_they_give_one_by_one(
    tmp_path: Path, sizes: tuple[int, ...]
) -> None:
    kit, number = new_case(tmp_path / "together"), 0
    for size in sizes:
        recorded = kit.record_all(range(number, number + size))
        assert [one.seq for one in recorded] == list(range(number, number + size))
        number += size
    check_whole(kit, tmp_path)
    assert len(kit.book.ledger.openings()) == number
    if number < 20:
        single = new_case(tmp_path / "single")
        for each in range(number):
            single.record(each)
        assert single.book.ledger.leaves() == kit.book.ledger.leaves()
        assert single.book.ledger.checkpoint() == kit.book.ledger.checkpoint()


def test_what_is_recorded_already_keeps_its_place_among_others(tmp_path: Path) -> None:
    kit = new_case(tmp_path)
    kit.record(2)
    assert [one.seq for one in kit.record_all([1, 2, 3, 3])] == [1, 0, 2, 2]
    assert [one.seq for one in kit.record_all([3, 2])] == [2, 0]
    check_whole(kit, tmp_path)
    with pytest.raises(Conflict):
        append_all(kit.book, [replace(sealed_capture(3), envelope=b"other")], new_salt=lambda: fixed_salt(1))


def test_a_removed_file_of_salts_is_named_and_so_is_a_checkpoint_of_its_end(tmp_path: Path) -> None:
    kit = new_case(tmp_path)
    kit.record_all(range(4))
    kit.record(4)
    assert {path.name for path in (kit.case_root / layout.SALTS).iterdir()} == {"0-3", "4"}
    assert {path.name for path in (kit.case_root / layout.CHECKPOINTS).iterdir()} == {"4", "5"}
    (kit.case_root / layout.checkpoint_of(4)).unlink()
    (kit.case_root / layout.openings(0, 3)).unlink()
    trust = read_trust(FolderSource(make_trust(tmp_path / "trust")), origin="test")
    report = verify(FolderSource(kit.workspace), cases=(CASE,), trust=trust, required=Level.LEDGER)
    failed = {(one.id, one.subject.rsplit("/", 1)[-1]) for one in report.checks if one.verdict is Verdict.FAIL}
    assert {("ledger-history", "4"), ("entry-opening", "0"), ("entry-opening", "3")} <= failed


@pytest.mark.parametrize("persisted", [False, True], ids=["not persisted", "persisted, answer lost"])
def test_an_append_of_many_that_is_cut_off_is_whole_after_the_next_start(tmp_path: Path, *, persisted: bool) -> None:
    counted = FailingDisk()
    kit = new_case(tmp_path / "counted")
    kit.record(0)
    new_case(tmp_path / "counted", disk=counted).record_all(range(1, 4))
    assert len(counted.calls) > 20
    for step in range(len(counted.calls)):
        folder = tmp_path / f"{step}"
        new_case(folder).record(0)
        with pytest.raises(CrashError):
            new_case(folder, disk=FailingDisk(at=step, persisted=persisted)).record_all(range(1, 4))
        again = new_case(folder)
        recover(again.book, new_salt=lambda: fixed_salt(77))
        again.record_all(range(1, 4))
        assert again.book.ledger.size() == 4
        check_whole(again, folder)


def test_a_journal_of_the_first_version_is_finished(tmp_path: Path) -> None:
    kit = new_case(tmp_path / "a")
    kit.record(0)
    other = new_case(tmp_path / "b")
    other.record(0)
    other.record(1)
    sealed = sealed_capture(1)
    kit.book.manifests.put_all([(sealed.path, sealed.envelope)])
    opening = (other.case_root / layout.opening(1)).read_text()
    staged = {"id": sealed.id, "leaf": other.book.ledger.leaves()[1].decode(), "opening": opening}
    kit.book.ledger.write_staged(canonical.encode(staged))  # type: ignore[arg-type] # texts all
    assert [one.seq for one in recover(kit.book, new_salt=lambda: fixed_salt(9))] == [1]
    assert kit.book.ledger.checkpoint() == other.book.ledger.checkpoint()


@pytest.mark.parametrize("entries", [[], [0, 2], "x"])
def test_a_journal_whose_entries_do_not_follow_one_another_is_refused(tmp_path: Path, entries: object) -> None:
    kit = new_case(tmp_path)
    kit.record_all(range(3))
    leaves = kit.book.ledger.leaves()
    listed: object = entries
    if isinstance(entries, list):
        openings = entry.decode_openings((kit.case_root / layout.openings(0, 2)).read_bytes(), first=0, last=2)
        listed = [
            {"id": "x", "leaf": leaves[at].decode(), "opening": entry.encode_opening(openings[at]).decode()}
            for at in entries
        ]
    kit.book.ledger.write_staged(canonical.encode({"entries": listed}))  # type: ignore[dict-item] # JSON
    with pytest.raises(FormatError, match="journal"):
        kit.record(9)


def test_a_journal_that_reaches_beyond_the_ledger_is_refused(tmp_path: Path) -> None:
    kit, longer = new_case(tmp_path / "a"), new_case(tmp_path / "b")
    kit.record_all(range(2))
    longer.record_all(range(2))
    raw = canonical.encode(
        {
            "entries": [
                {
                    "id": "x",
                    "leaf": leaf.decode(),
                    "opening": entry.encode_opening(opening).decode(),
                }
                for leaf, opening in zip(
                    (*kit.book.ledger.leaves(), kit.book.ledger.leaves()[1].replace(b'"seq":1', b'"seq":2')),
                    _three(kit),
                    strict=True,
                )
            ]
        }
    )
    kit.book.ledger.write_staged(raw)
    with pytest.raises(Damaged, match="the journal's entry 0"):
        kit.record(9)


def _three(kit: CaseKit) -> tuple[Opening, ...]:
    found = entry.decode_openings((kit.case_root / layout.openings(0, 1)).read_bytes(), first=0, last=1)
    return (*found, replace(found[1], seq=2))


def test_erasing_one_salt_leaves_the_others_of_its_append(tmp_path: Path) -> None:
    kit = new_case(tmp_path)
    kit.record_all(range(3))
    kit.record(3)
    ledger = LedgerFolder(kit.case_root)
    for seq in (1, 1, 3, 3, 9):
        ledger.erase_opening(seq)
    assert sorted(ledger.openings().values()) == sorted(LedgerFolder(kit.case_root).openings().values()) == [0, 2]
    for seq in (0, 2):
        ledger.erase_opening(seq)
    assert LedgerFolder(kit.case_root).openings() == {}
