from pathlib import Path

import pytest

from archiver.app.doctor import examine
from archiver.app.home import Home
from archiver.app.init import initialise
from archiver.app.prepared import describe, extension_of, left_behind, prepare, scratch
from archiver.app.reading import captures
from archiver.app.recording import OpenCase, finish, open_case
from archiver.app.workspace import open_workspace
from archiver.formats.layout import archive_path
from archiver.formats.manifest import subjects_of
from archiver.model.errors import Damaged
from archiver.model.evidence import Piece, Role
from archiver.model.provenance import Statement
from tests.support.ledger_kit import fixed_id, sample_capture

SECRET = b"correct horse"


def opened(folder: Path) -> OpenCase:
    home = Home(root=folder / "h")
    if not (folder / "w").exists():
        initialise(folder / "w", case="case-1", home=home, passphrase=SECRET)
    return open_case(
        open_workspace(folder / "w"), "case-1", home=home, passphrase=lambda: SECRET, waiting=lambda _: None
    )


def statement(folder: Path, number: int) -> Statement:
    path = folder / "text.txt"
    path.write_bytes(f"نص {number}".encode())
    piece = Piece(role=Role.TEXT, name="text.txt", media_type="text/plain", path=path)
    capture = sample_capture(number, artifacts=(describe(piece),))
    return Statement(subjects=subjects_of(capture), predicate=capture)


def test_what_is_finished_is_stored_recorded_and_its_scratch_swept(tmp_path: Path) -> None:
    case = opened(tmp_path)
    with scratch(case.scratch, fixed_id(1)) as folder:
        prepared = prepare(folder, statement(folder, 1))
        recorded = finish(case, prepared)
    (artifact,) = prepared.statement.predicate.artifacts
    stored = tmp_path / "w" / archive_path(artifact.digest, artifact.extension)
    assert stored.read_bytes() == "نص 1".encode()
    assert recorded.seq == 0
    assert not folder.exists()


def test_what_was_prepared_before_a_crash_is_finished_by_the_next_start(tmp_path: Path) -> None:
    case = opened(tmp_path)
    with scratch(case.scratch, fixed_id(1)) as folder:
        prepare(folder, statement(folder, 1))
    again = opened(tmp_path)
    assert [one.id for one in captures(again.book.manifests)] == [fixed_id(1)]
    assert again.book.ledger.size() == 1
    assert list(case.scratch.iterdir()) == []


def test_what_was_only_begun_is_swept_and_leaves_no_entry(tmp_path: Path) -> None:
    case = opened(tmp_path)
    with scratch(case.scratch, fixed_id(1)) as folder:
        (folder / "half.warc.gz").write_bytes(b"half")
    again = opened(tmp_path)
    assert again.book.ledger.size() == 0
    assert list(case.scratch.iterdir()) == []


def test_a_prepared_capture_that_cannot_be_read_is_kept_and_told_of_not_swept(tmp_path: Path) -> None:
    case = opened(tmp_path)
    with scratch(case.scratch, fixed_id(1)) as folder:
        prepare(folder, statement(folder, 1))
    path = folder / "statement.json"
    path.chmod(0o644)
    path.write_bytes(b"{}")
    again = opened(tmp_path)
    assert again.book.ledger.size() == 0
    assert (folder / "text.txt").exists()
    found = examine(open_workspace(tmp_path / "w"), home=Home(root=tmp_path / "h"))
    assert [str(folder) in one.found for one in found if one.id == "scratch"] == [True]


def test_what_another_process_is_at_is_left_alone(tmp_path: Path) -> None:
    case = opened(tmp_path)
    with scratch(case.scratch, fixed_id(1)) as folder:
        assert list(left_behind(case.scratch)) == []
        assert folder.exists()


def test_finishing_twice_records_once(tmp_path: Path) -> None:
    case = opened(tmp_path)
    with scratch(case.scratch, fixed_id(1)) as folder:
        prepared = prepare(folder, statement(folder, 1))
        first = finish(case, prepared)
        second = finish(case, prepared)
    assert (first.seq, second.seq, case.book.ledger.size()) == (0, 0, 1)


def test_a_file_that_changed_after_it_was_described_is_never_recorded(tmp_path: Path) -> None:
    case = opened(tmp_path)
    with scratch(case.scratch, fixed_id(1)) as folder:
        prepared = prepare(folder, statement(folder, 1))
        (folder / "text.txt").write_bytes(b"edited")
        with pytest.raises(Damaged, match="changed after it was made"):
            finish(case, prepared)
    assert case.book.ledger.size() == 0


@pytest.mark.parametrize(
    ("name", "extension"),
    [("capture.warc.gz", "warc.gz"), ("full.png", "png"), ("tls-chain.pem", "pem")],
)
def test_extensions_keep_both_parts_of_a_warc(name: str, extension: str) -> None:
    assert extension_of(name) == extension
