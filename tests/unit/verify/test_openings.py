"""Files of salts that do not fit each other, and entries that cannot be read at all."""

from pathlib import Path

import pytest

from archiver.formats import entry, layout, tiles
from archiver.model.report import Level, Report, Verdict
from archiver.store.source import FolderSource
from archiver.verify.policy import read_trust
from archiver.verify.run import verify
from tests.support.ledger_kit import CASE, CaseKit, make_trust, new_case


@pytest.fixture
def kit(tmp_path: Path) -> CaseKit:
    made = new_case(tmp_path)
    made.record_all(range(3))
    made.record(3)
    return made


def judged(kit: CaseKit) -> Report:
    trust = read_trust(FolderSource(make_trust(kit.workspace.parent / "trust")), origin="test")
    return verify(FolderSource(kit.workspace), cases=(CASE,), trust=trust, required=Level.LEDGER)


def reasons(kit: CaseKit) -> str:
    return " | ".join(f"{one.id}: {one.reason}" for one in judged(kit).checks if one.verdict is Verdict.FAIL)


def test_a_second_file_that_opens_the_same_entries_is_named(kit: CaseKit) -> None:
    raw = (kit.case_root / layout.openings(0, 2)).read_bytes()
    found = entry.decode_openings(raw, first=0, last=2)
    (kit.case_root / layout.openings(1, 2)).write_bytes(entry.encode_openings(found[1:], first=1, last=2))
    assert "an entry that another file opens too" in reasons(kit)


def test_a_file_among_the_salts_that_is_none_is_named(kit: CaseKit) -> None:
    (kit.case_root / layout.SALTS / "02").write_bytes(b"")
    assert "no file of salts has this name" in reasons(kit)
    (kit.case_root / layout.SALTS / "02").unlink()
    assert judged(kit).verdict is Verdict.PASS


def test_salts_beyond_the_ledger_are_named(kit: CaseKit) -> None:
    (kit.case_root / layout.openings(4, 9)).write_bytes(b"")
    assert "an entry that the ledger does not have" in reasons(kit)


def test_an_entry_that_is_malformed_opens_to_nothing(kit: CaseKit) -> None:
    path = kit.case_root / "ledger/tile/entries/000.p/4"
    leaves = list(tiles.decode_entries(path.read_bytes(), width=4))
    leaves[3] = leaves[3].replace(b'"v":1', b'"v":2')
    path.chmod(0o644)
    path.write_bytes(tiles.encode_entries(tuple(leaves)))
    told = reasons(kit)
    assert "ledger-chain: entry 3: ledger entry: expected seq from 0 up and v = 1" in told
    assert "entry-opening: the entry is malformed" in told
