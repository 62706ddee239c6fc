"""A timestamp by itself: under pinned roots, over the file beside it, and never a pass without either."""

import io
from pathlib import Path

import pytest

from archiver.cli.main import main
from archiver.model.digest import Digest
from archiver.model.errors import Damaged
from archiver.model.report import Check, Verdict
from archiver.proof import timestamp
from archiver.verify.token import check_token
from tests.support.openssl_tsa import make_tsa

DATA = b"what is stamped"


@pytest.fixture(scope="module")
def stamped(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes, bytes]:
    """Give a response, its root, and a root of somebody else."""
    folder = tmp_path_factory.mktemp("token")
    tsa, other = make_tsa(folder / "tsa"), make_tsa(folder / "other")
    return tsa.answer(timestamp.request(Digest.of(DATA), nonce=7)), tsa.root_pem, other.root_pem


class Unreadable(io.BytesIO):
    """A file on a bad sector."""

    def read(self, size: int | None = -1, /) -> bytes:  # noqa: ARG002 - as the real one
        raise Damaged("sector")


def checked(response: bytes, data: io.BytesIO | None, *roots: bytes) -> dict[str, Check]:
    found = check_token(response, data=data, subject="a.tsr", data_name="a", roots=roots)
    return {one.id: one for one in found}


def test_a_token_passes_under_its_root_over_its_file(stamped: tuple[bytes, bytes, bytes]) -> None:
    response, root, other = stamped
    assert {one.verdict for one in checked(response, io.BytesIO(DATA), root).values()} == {Verdict.PASS}
    assert checked(response, io.BytesIO(DATA), other)["token"].verdict is Verdict.FAIL
    assert checked(response, io.BytesIO(DATA))["token"].verdict is Verdict.NOT_CHECKED
    assert checked(response, None, root)["token-data"].verdict is Verdict.NOT_CHECKED
    assert checked(response, io.BytesIO(b"other"), root)["token-data"].verdict is Verdict.FAIL
    assert checked(response, Unreadable(), root)["token-data"].reason == "sector"
    assert checked(b"0", io.BytesIO(DATA), root)["token"].verdict is Verdict.FAIL


def test_a_token_that_nests_without_end_is_refused_in_no_time() -> None:
    bomb = b"\x30\x80" * 30_000
    assert checked(bomb, None, b"")["token"].verdict is Verdict.FAIL
    assert "at most" in checked(b"\x30" * 70_000, None)["token"].reason


def test_the_command_finds_the_file_beside_the_token(
    stamped: tuple[bytes, bytes, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    response, root, _ = stamped
    (tmp_path / "trust" / "tsa").mkdir(parents=True)
    (tmp_path / "trust" / "tsa" / "root.pem").write_bytes(root)
    (tmp_path / "a.txt.tsr").write_bytes(response)
    monkeypatch.chdir(tmp_path)
    assert main(["verify", "a.txt.tsr", "--trust", "trust"]) == 7
    (tmp_path / "a.txt").write_bytes(DATA)
    assert main(["verify", "a.txt.tsr", "--trust", "trust"]) == 0
    assert main(["verify", "a.txt.tsr"]) == 7
    (tmp_path / "a.txt").write_bytes(b"other")
    assert main(["verify", "a.txt.tsr", "--trust", "trust"]) == 1
    assert main(["verify", "a.txt.tsr", "--trust", "trust", "--require", "L1"]) == 1
