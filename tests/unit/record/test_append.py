import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from archiver.formats import canonical
from archiver.model.errors import Conflict, Damaged, FormatError
from archiver.model.provenance import EntryType
from archiver.proof.signature import Ed25519Signer
from archiver.record.append import append, type_of
from archiver.record.recover import recover
from tests.support.ledger_kit import CaseKit, fixed_salt, new_case, sealed_capture


@pytest.fixture
def kit(tmp_path: Path) -> CaseKit:
    made = new_case(tmp_path)
    for number in range(3):
        made.record(number)
    return made


def test_appending_what_is_recorded_gives_its_place_and_adds_nothing(kit: CaseKit) -> None:
    before = kit.book.ledger.checkpoint()
    again = kit.record(1)
    assert again.seq == 1
    assert kit.book.ledger.checkpoint() == before == again.checkpoint


@pytest.mark.parametrize("number", [1, 5], ids=["recorded", "sealed only"])
def test_another_manifest_under_a_known_id_is_not_taken(kit: CaseKit, number: int) -> None:
    sealed = replace(sealed_capture(number), envelope=b"other")
    kit.book.manifests.put_all([(sealed.path, sealed_capture(number).envelope)])
    with pytest.raises(Conflict):
        append(kit.book, sealed, salt=fixed_salt(number))
    assert kit.book.ledger.read_staged() is None


def test_a_ledger_restored_from_an_older_backup_is_not_continued(kit: CaseKit, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    shutil.copytree(kit.case_root, backup)
    kit.record(3)
    shutil.rmtree(kit.case_root)
    shutil.copytree(backup, kit.case_root)
    with pytest.raises(Damaged, match="the ledger has 3 entries, its key has signed 4: not continued"):
        new_case(tmp_path).record(4)


def test_an_emptied_ledger_is_not_begun_anew_under_the_same_key(kit: CaseKit, tmp_path: Path) -> None:
    shutil.rmtree(kit.case_root / "ledger")
    with pytest.raises(Damaged, match="the ledger has 0 entries, its key has signed 3"):
        new_case(tmp_path).record(4)


def test_a_second_tree_of_a_size_that_the_key_has_signed_is_not_signed(kit: CaseKit) -> None:
    for size in (1, 2, 3):
        kit.book.state.write(size, b"r" * 32)
        with pytest.raises(Damaged, match=f"has signed another tree of {size} entries"):
            kit.record(3)
    kit.book.state.write(4, b"r" * 32)
    with pytest.raises(Damaged, match="the ledger has 3 entries, its key has signed 4"):
        recover(kit.book, new_salt=lambda: fixed_salt(3))
    assert kit.book.ledger.read_staged() is None
    assert kit.book.manifests.list() == tuple(kit.book.ledger.openings())


def test_a_lost_or_an_old_state_file_is_no_reason_to_stop(kit: CaseKit, tmp_path: Path) -> None:
    old = (tmp_path / "log.state").read_bytes()
    (tmp_path / "log.state").unlink()
    assert kit.record(3).seq == 3
    assert kit.record(4).seq == 4
    (tmp_path / "log.state").write_bytes(old)
    assert kit.record(5).seq == 5


def test_a_checkpoint_of_another_key_is_not_built_upon(kit: CaseKit) -> None:
    book = replace(kit.book, signer=Ed25519Signer.from_seed(b"o" * 32))
    with pytest.raises(Damaged, match="not signed by this ledger's key"):
        append(book, sealed_capture(7), salt=fixed_salt(7))


def test_tiles_that_do_not_give_the_signed_root_are_not_built_upon(kit: CaseKit) -> None:
    path = kit.case_root / "ledger/tile/0/000.p/3"
    path.chmod(0o644)
    path.write_bytes(b"x" * 96)
    with pytest.raises(Damaged, match="do not give the root"):
        kit.record(7)


def test_a_journal_for_another_place_is_refused(kit: CaseKit, tmp_path: Path) -> None:
    other = new_case(tmp_path / "other")
    shutil.copytree(kit.case_root / "captures", other.case_root / "captures")
    staged = {
        "id": "x",
        "leaf": kit.book.ledger.leaves()[2].decode(),
        "opening": (kit.case_root / "ledger/salts/2").read_text(),
    }
    other.book.ledger.write_staged(canonical.encode(staged))  # type: ignore[arg-type] # texts all
    with pytest.raises(Damaged, match="the journal holds entry 2, the ledger 0"):
        recover(other.book, new_salt=lambda: fixed_salt(1))


@pytest.mark.parametrize("journal", [b"", b"{}", b'{"id":"x","leaf":"{}","opening":"{}"}'])
def test_a_journal_that_is_none_is_refused(kit: CaseKit, journal: bytes) -> None:
    kit.book.ledger.write_staged(journal)
    with pytest.raises(FormatError):
        kit.record(9)


def test_a_manifest_that_lies_in_the_wrong_folder_is_not_recorded(kit: CaseKit) -> None:
    with pytest.raises(FormatError, match="does not belong there"):
        type_of("events/x", EntryType.CAPTURE)
    with pytest.raises(FormatError, match="does not belong there"):
        type_of("captures/x", EntryType.TIMESTAMP)


def test_nothing_is_left_to_mend_after_mending(kit: CaseKit) -> None:
    sealed = sealed_capture(8)
    kit.book.manifests.put_all([(sealed.path, sealed.envelope)])
    assert [one.seq for one in recover(kit.book, new_salt=lambda: fixed_salt(8))] == [3]
    assert recover(kit.book, new_salt=lambda: fixed_salt(8)) == ()
