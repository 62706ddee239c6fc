import pytest

from archiver.formats import layout, tiles
from archiver.model.digest import Digest
from archiver.model.errors import FormatError, UsageError
from tests.support.ledger_kit import fixed_id


@pytest.mark.parametrize("name", ["a", "case-1", "2026.iraq_a", "x" * 64])
def test_a_case_may_have_this_name(name: str) -> None:
    assert layout.case_folder(name) == f"manifests/{name}"


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a..b", "-a", ".a", "A", "a/b", "a b", "a\n", "a\\b", "x" * 65, "é", "a\x00", "../a"]
)
def test_a_case_cannot_have_this_name(name: str) -> None:
    with pytest.raises(UsageError, match="case name: expected 1 to 64"):
        layout.check_case_name(name)


@pytest.mark.parametrize(
    "identity",
    [
        "",
        "00000001-0000-4000-8000-000000000000",
        "00000001-0000-7000-c000-000000000000",
        "00000001-0000-7000-8000-00000000000A",
        "00000001-0000-7000-8000-0000000000000",
        "00000001-0000-7000-8000-000000000000\n",
        "../0001-0000-7000-8000-000000000000",
    ],
)
def test_only_a_lowercase_uuid_of_version_7_is_an_id(identity: str) -> None:
    assert layout.check_id(fixed_id(1)) == fixed_id(1)
    with pytest.raises(FormatError, match="UUIDv7"):
        layout.check_id(identity)


def test_files_of_a_case_lie_where_the_page_says() -> None:
    assert layout.capture_envelope(fixed_id(1)) == f"captures/{fixed_id(1)}.dsse.json"
    assert layout.checkpoint_of(7) == "ledger/checkpoints/7"
    assert layout.opening(3) == "ledger/salts/3"
    assert layout.archive_path(Digest("ab" * 32), "png") == f"archive/sha256/ab/{'ab' * 32}.png"


def test_the_hashes_of_a_tile_come_back() -> None:
    assert tiles.decode_hashes(b"a" * 32 + b"b" * 32, width=2) == (b"a" * 32, b"b" * 32)
    assert tiles.decode_hashes(b"", width=0) == ()
