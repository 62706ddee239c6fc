from pathlib import Path

import pytest

from archiver.formats import layout, note
from archiver.formats.checkpoint import decode as decode_checkpoint
from archiver.formats.tiles import WIDTH, Tile, tiles_for
from archiver.model.errors import Damaged, StoreError
from archiver.store.ledger import LedgerFolder
from tests.support.ledger_kit import CaseKit, new_case


@pytest.fixture
def kit(tmp_path: Path) -> CaseKit:
    return new_case(tmp_path)


def names_below(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def put_tiles(ledger: LedgerFolder, size: int) -> set[str]:
    """Put tiles with any content; give their paths."""
    for tile in tiles_for(size):
        ledger.put_tile(tile, tile.path.encode())
    return {tile.path for tile in tiles_for(size)}


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 300, 513])
def test_pruning_leaves_exactly_the_tiles_of_the_size(tmp_path: Path, size: int) -> None:
    ledger = LedgerFolder(tmp_path)
    for smaller in (1, 2, 254, 255, 256, 257, 299, 300, 512, 513):
        if smaller < size:
            put_tiles(ledger, smaller)
    wanted = put_tiles(ledger, size)
    ledger.prune(size)
    assert names_below(tmp_path) == wanted
    assert not any(not any(folder.iterdir()) for folder in tmp_path.rglob("*.p")), "no empty folder is left"


@pytest.mark.parametrize("size", [0, 1, 3, 255, 256, 257])
def test_pruning_for_a_smaller_size_takes_away_nothing_that_is_wider(tmp_path: Path, size: int) -> None:
    ledger = LedgerFolder(tmp_path)
    wanted = put_tiles(ledger, 300)
    ledger.prune(size)
    assert names_below(tmp_path) == wanted


def test_pruning_leaves_what_is_no_tile_for_the_verifier_to_report(tmp_path: Path) -> None:
    ledger = LedgerFolder(tmp_path)
    put_tiles(ledger, 2)
    folder = (tmp_path / Tile(level=None, index=0, width=2).path).parent
    for strange in ("note.txt", "١", "01x"):
        (folder / strange).write_bytes(b"")
    ledger.prune(WIDTH)
    assert {path.name for path in folder.iterdir()} == {"note.txt", "١", "01x"}


def test_each_signed_checkpoint_is_kept_under_its_size(kit: CaseKit) -> None:
    for number in range(3):
        kit.record(number)
    ledger = kit.book.ledger
    sizes = [decode_checkpoint(note.decode(ledger.checkpoint_bytes(size)).text).size for size in (1, 2, 3)]
    assert sizes == [1, 2, 3]
    assert [ledger.has_checkpoint(size) for size in (1, 2, 3, 4)] == [True, True, True, False]
    assert ledger.checkpoint_bytes(3) == (kit.case_root / layout.CHECKPOINT).read_bytes()
    with pytest.raises(Damaged, match="checkpoints/4: expected a file of the ledger, found none"):
        ledger.checkpoint_bytes(4)


def test_an_opening_under_another_number_is_told(kit: CaseKit) -> None:
    kit.record(0)
    kit.record(1)
    path = kit.case_root / layout.opening(1)
    path.chmod(0o644)
    path.write_bytes((kit.case_root / layout.opening(0)).read_bytes())
    with pytest.raises(Damaged, match="salts/1: openings: expected those of entries 1 to 1, found \\[0\\]"):
        LedgerFolder(kit.case_root).openings()


def test_openings_are_read_once_and_new_ones_added(kit: CaseKit) -> None:
    kit.record(0)
    ledger = LedgerFolder(kit.case_root)
    assert len(ledger.openings()) == 1
    (kit.case_root / layout.opening(0)).unlink()
    kit.record(1)
    assert list(ledger.openings().values()) == [0, 1]


def test_where_no_lock_can_be_had_the_disk_is_named(tmp_path: Path) -> None:
    (tmp_path / layout.LOCK).mkdir(parents=True)
    ledger = LedgerFolder(tmp_path)
    with pytest.raises(StoreError, match="lock: cannot be locked for writing"), ledger.lock():
        pytest.fail("locked a folder")


def test_the_lock_is_given_back_when_the_writer_fails(kit: CaseKit) -> None:
    with pytest.raises(ZeroDivisionError), kit.book.ledger.lock():
        raise ZeroDivisionError
    with LedgerFolder(kit.case_root, lock_timeout_s=0.1).lock():
        pass


def test_a_writer_that_waits_goes_on_when_the_other_is_done(kit: CaseKit) -> None:
    waited: list[str] = []

    def told(message: str) -> None:
        waited.append(message)
        holder.__exit__(None, None, None)

    holder = kit.book.ledger.lock()
    holder.__enter__()
    with LedgerFolder(kit.case_root, waiting=told, lock_timeout_s=5).lock():
        assert len(waited) == 1


def test_what_opens_chosen_entries_is_found_whether_they_came_alone_or_together(tmp_path: Path) -> None:
    kit = new_case(tmp_path)
    assert kit.book.ledger.openings_of(range(9)) == {}
    kit.record(1)
    kit.record_all([2, 3, 4])
    kit.record(5)
    (kit.case_root / layout.SALTS / "README").write_bytes(b"no salts")
    found = kit.book.ledger.openings_of({0, 2, 4, 99})
    assert {seq: one.seq for seq, one in found.items()} == {0: 0, 2: 2, 4: 4}
    assert found[2].path == layout.capture_envelope("00000003-0000-7000-8000-000000000000")
