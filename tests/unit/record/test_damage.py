"""A ledger that is not whole is neither continued nor tidied: what is damaged stays as it was found."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from archiver.formats import canonical, entry, layout, note, tiles
from archiver.formats.checkpoint import encode as encode_checkpoint
from archiver.formats.manifest import subjects_of
from archiver.formats.tiles import Tile
from archiver.model.errors import ArchiverError, Conflict, Damaged, FormatError
from archiver.model.provenance import Checkpoint, Opening, Sealed, Statement
from archiver.proof.merkle import EMPTY_ROOT, leaf_hash, root
from archiver.proof.signature import Ed25519Signer, sign_note, verify_note
from archiver.record.append import frontier
from archiver.record.recover import recover
from archiver.seal.manifest import seal
from archiver.store.ledger import LedgerFolder
from tests.support.ledger_kit import (
    INVESTIGATOR,
    LOG,
    ORIGIN,
    CaseKit,
    fixed_id,
    fixed_salt,
    new_case,
    sample_capture,
    sealed_capture,
)

SIZE = 3


@pytest.fixture
def kit(tmp_path: Path) -> CaseKit:
    made = new_case(tmp_path)
    for number in range(SIZE):
        made.record(number)
    return made


def files_of(kit: CaseKit) -> dict[str, bytes]:
    """Give every file of the case but the lock."""
    found = {
        path.relative_to(kit.case_root).as_posix(): path.read_bytes()
        for path in kit.case_root.rglob("*")
        if path.is_file()
    }
    return {name: content for name, content in found.items() if name != layout.LOCK}


def refusal(kit: CaseKit, error: type[ArchiverError] = Damaged) -> str:
    """Give why neither mending nor recording goes on; no file of the case is touched meanwhile."""
    why = refusal_to_mend(kit, error)
    before = files_of(kit)
    with pytest.raises(error) as refused:
        kit.record(50)
    assert files_of(kit) == before
    assert refused.value.message == why
    return why


def overwrite(path: Path, content: bytes) -> None:
    path.chmod(0o644)
    path.write_bytes(content)


# --- checkpoints ---


@pytest.mark.parametrize("state", ["kept", "lost"])
def test_where_the_newest_checkpoint_was_lost_the_entries_stay(kit: CaseKit, tmp_path: Path, state: str) -> None:
    (kit.case_root / layout.CHECKPOINT).unlink()
    if state == "lost":
        (tmp_path / "log.state").unlink()
    assert "not continued" in refusal(kit)
    assert (kit.case_root / Tile(level=None, index=0, width=SIZE).path).is_file()


@pytest.mark.parametrize("state", ["kept", "lost"])
def test_where_an_older_checkpoint_was_put_in_place_the_entries_stay(kit: CaseKit, tmp_path: Path, state: str) -> None:
    older = (kit.case_root / layout.checkpoint_of(SIZE - 1)).read_bytes()
    overwrite(kit.case_root / layout.CHECKPOINT, older)
    if state == "lost":
        (tmp_path / "log.state").unlink()
    assert "expected a file of the ledger, found none" in refusal(kit)


def test_a_restored_checkpoint_ends_the_trouble(kit: CaseKit) -> None:
    newest = (kit.case_root / layout.CHECKPOINT).read_bytes()
    (kit.case_root / layout.CHECKPOINT).unlink()
    assert "not continued" in refusal(kit)
    (kit.case_root / layout.CHECKPOINT).write_bytes(newest)
    assert kit.record(50).seq == SIZE


def test_a_signed_checkpoint_of_no_entries_is_none_of_ours(kit: CaseKit) -> None:
    empty = sign_note(encode_checkpoint(Checkpoint(origin=ORIGIN, size=0, root=EMPTY_ROOT)), ORIGIN, LOG)
    overwrite(kit.case_root / layout.CHECKPOINT, note.encode(empty))
    assert "do not give the root" in refusal(kit)


# --- tiles ---


def test_newest_entries_that_are_not_those_of_the_checkpoint_are_not_built_upon(kit: CaseKit) -> None:
    tile = Tile(level=None, index=0, width=SIZE)
    leaves = list(kit.book.ledger.entries_in(tile))
    overwrite(kit.case_root / tile.path, tiles.encode_entries((*leaves[:2], leaves[2].replace(b"capture", b"session"))))
    assert "newest entries are not those of the checkpoint" in refusal(kit)


@pytest.mark.parametrize("within", [1, 255, 256, 257, 700, 65_536 + 300])
def test_the_right_edge_of_every_earlier_tree_follows_from_the_tiles_of_a_later_one(
    tmp_path: Path, within: int
) -> None:
    ledger = LedgerFolder(tmp_path)
    row = hashes = [leaf_hash(b"%d" % number) for number in range(within)]
    for tile in tiles.tiles_for(within):
        if tile.level is None:
            continue
        if tile.level and tile.index == 0:
            row = [root(row[at : at + tiles.WIDTH]) for at in range(0, len(row) - tiles.WIDTH + 1, tiles.WIDTH)]
        ledger.put_tile(tile, b"".join(row[tile.index * tiles.WIDTH :][: tile.width]))
    sizes = {1, 2, 3, 254, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, within - 1, within}
    wanted = [size for size in sorted(sizes) if 1 <= size <= within]
    assert wanted
    for size in wanted:
        assert frontier(ledger, size, within=within).root() == root(hashes[:size])


# --- journal ---


def test_a_journal_of_another_entry_than_the_one_in_its_place_is_refused(kit: CaseKit) -> None:
    other = entry.encode(replace(entry.decode(kit.book.ledger.leaves()[1]), commit=entry.FIRST_PREV))
    opening = Opening(seq=1, path=layout.capture_envelope(fixed_id(1)), salt=fixed_salt(1))
    journal = {"id": "x", "leaf": other.decode(), "opening": entry.encode_opening(opening).decode()}
    kit.book.ledger.write_staged(canonical.encode(journal))  # type: ignore[arg-type] # texts all
    assert "the journal's entry 1 is not the one in the ledger" in refusal(kit)


def test_a_journal_that_a_crash_left_after_its_entry_came_to_exist_goes(kit: CaseKit) -> None:
    opening = Opening(seq=SIZE - 1, path=layout.capture_envelope(fixed_id(SIZE - 1)), salt=fixed_salt(SIZE - 1))
    leaf = kit.book.ledger.leaves()[SIZE - 1]
    journal = {"id": fixed_id(SIZE - 1), "leaf": leaf.decode(), "opening": entry.encode_opening(opening).decode()}
    kit.book.ledger.write_staged(canonical.encode(journal))  # type: ignore[arg-type] # texts all
    (finished,) = recover(kit.book, new_salt=lambda: fixed_salt(90))
    assert (finished.id, finished.seq, finished.checkpoint.size) == (fixed_id(SIZE - 1), SIZE - 1, SIZE)
    assert kit.book.ledger.read_staged() is None


# --- manifests that no crash left ---


def plant(kit: CaseKit, sealed: Sealed) -> None:
    kit.book.manifests.put_all([(sealed.path, sealed.envelope)])


def refusal_to_mend(kit: CaseKit, error: type[ArchiverError] = Damaged) -> str:
    """Give why nothing is mended; no file of the case is touched meanwhile."""
    before = files_of(kit)
    with pytest.raises(error) as refused:
        recover(kit.book, new_salt=lambda: fixed_salt(90))
    assert files_of(kit) == before
    return refused.value.message


def test_a_manifest_that_another_key_signed_is_not_recorded(kit: CaseKit) -> None:
    stranger = Ed25519Signer.from_seed(b"s" * 32)
    plant(kit, sealed_capture(4))
    foreign = sample_capture(5)
    plant(kit, seal(Statement(subjects=subjects_of(foreign), predicate=foreign), stranger))
    assert "not signed by the investigator's key: not recorded" in refusal_to_mend(kit)
    (kit.case_root / layout.capture_envelope(fixed_id(5))).unlink()
    assert [one.id for one in recover(kit.book, new_salt=lambda: fixed_salt(90))] == [fixed_id(4)]


def test_a_manifest_under_another_name_or_of_another_case_is_not_recorded(kit: CaseKit) -> None:
    plant(kit, replace(sealed_capture(4), path=layout.capture_envelope(fixed_id(5))))
    why = refusal_to_mend(kit)
    assert re.search("the manifest of 00000004-.* of case 'case-1': not recorded", why)
    (kit.case_root / layout.capture_envelope(fixed_id(5))).unlink()
    elsewhere = replace(sample_capture(4), case="case-2")
    plant(kit, seal(Statement(subjects=subjects_of(elsewhere), predicate=elsewhere), INVESTIGATOR))
    assert "of case 'case-2': not recorded" in refusal_to_mend(kit)


def test_a_file_that_is_no_manifest_is_not_recorded(kit: CaseKit) -> None:
    (kit.case_root / "captures/notes.dsse.json").write_bytes(b"{}")
    assert "expected a lowercase UUIDv7" in refusal_to_mend(kit, FormatError)
    (kit.case_root / "captures/notes.dsse.json").unlink()
    (kit.case_root / layout.capture_envelope(fixed_id(4))).write_bytes(b"{}")
    assert "envelope" in refusal_to_mend(kit, FormatError)


def test_a_manifest_whose_salt_was_lost_is_recorded_anew(kit: CaseKit) -> None:
    (kit.case_root / layout.opening(1)).unlink()
    again = new_case(kit.workspace.parent)
    assert [one.seq for one in recover(again.book, new_salt=lambda: fixed_salt(90))] == [SIZE]
    assert again.book.ledger.openings()[layout.capture_envelope(fixed_id(1))] == SIZE


def test_a_manifest_that_was_lost_after_it_was_recorded_comes_back_by_recording_it_again(kit: CaseKit) -> None:
    path = kit.case_root / layout.capture_envelope(fixed_id(1))
    path.unlink()
    assert kit.record(1).seq == 1
    assert path.read_bytes() == sealed_capture(1).envelope


def test_a_whole_copy_of_the_case_goes_on_where_the_original_was(kit: CaseKit, tmp_path: Path) -> None:
    shutil.copytree(kit.case_root, tmp_path / "copy")
    shutil.rmtree(kit.case_root)
    shutil.copytree(tmp_path / "copy", kit.case_root)
    assert new_case(tmp_path).record(SIZE).seq == SIZE


def test_a_strangers_checkpoint_in_the_place_of_the_next_is_neither_taken_nor_replaced(kit: CaseKit) -> None:
    head = kit.book.ledger.head()
    assert head is not None
    forged = note.encode(sign_note(head.text.replace("\n3\n", "\n4\n"), ORIGIN, Ed25519Signer.from_seed(b"x" * 32)))
    place = kit.case_root / layout.checkpoint_of(SIZE + 1)
    place.write_bytes(forged)
    with pytest.raises(Conflict):
        kit.record(50)
    assert place.read_bytes() == forged
    assert kit.book.ledger.size() == SIZE


def test_while_a_key_is_handed_over_both_sign_and_either_goes_on(kit: CaseKit) -> None:
    following = Ed25519Signer.from_seed(b"n" * 32)
    between = replace(kit, book=replace(kit.book, successor=following))
    between.record(50)
    head = between.book.ledger.head()
    assert head is not None
    assert [verify_note(head, key) for key in between.book.log_keys()] == [True, True]
    assert "not signed by this ledger's key" in refusal(kit)
    after = replace(kit, book=replace(kit.book, signer=following))
    assert after.record(51).seq == SIZE + 1
