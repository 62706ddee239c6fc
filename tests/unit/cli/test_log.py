"""``archiver log`` in this process: what it prints, writes, and how it ends."""

import json
import shutil
from pathlib import Path

import pytest

from archiver.cli.main import main
from tests.support.own_case import OwnCase, new_own_case

SECRET = "correct horse\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> OwnCase:
    own = new_own_case(tmp_path_factory.mktemp("log"))
    for number in (1, 2):
        own.capture(number)
    return own


@pytest.fixture
def inside(made: OwnCase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OwnCase:
    shutil.copytree(made.folder, tmp_path / "copy", symlinks=True)
    (tmp_path / "passphrase").write_text(SECRET)
    own = OwnCase(folder=tmp_path / "copy")
    monkeypatch.setenv("ARCHIVER_HOME", str(own.home.root))
    monkeypatch.setenv("ARCHIVER_PASSPHRASE_FILE", str(tmp_path / "passphrase"))
    monkeypatch.chdir(own.workspace.root)
    return own


def test_the_log_shows_every_entry(inside: OwnCase, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["log"]) == 0
    assert "ok: https://example.org/" in capsys.readouterr().out
    assert main(["log", "--json"]) == 0
    assert [one["type"] for one in json.loads(capsys.readouterr().out)] == ["capture", "capture"]


def test_a_proof_is_written_and_an_entry_that_is_not_there_is_told(
    inside: OwnCase, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["log", "prove", "1", "--out", str(tmp_path)]) == 0
    assert (tmp_path / "entry-1.tlog-proof").read_text().startswith("c2sp.org/tlog-proof@v1\nindex 1\n")
    assert b'"seq":1' in (tmp_path / "entry-1.leaf").read_bytes()
    for wanted in ("2", "nothing", "9" * 40):
        assert main(["log", "prove", wanted]) == 2
    assert "the ledger has 2 entries" in capsys.readouterr().err


def test_a_checkpoint_that_somebody_kept_is_compared(
    inside: OwnCase, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    kept = inside.root / "ledger/checkpoints/1"
    assert main(["log", "consistency", str(kept)]) == 0
    assert "PASS" in capsys.readouterr().out
    forged = tmp_path / "forged"
    forged.write_text(kept.read_text().replace("\n1\n", "\n2\n"))
    assert main(["log", "consistency", str(forged), "--json"]) == 1
    assert "two histories were signed" in json.loads(capsys.readouterr().out)["reason"]
    forged.write_text(kept.read_text().replace("\n1\n", "\n3\n"))
    assert main(["log", "consistency", str(forged)]) == 1
    assert "the ledger was cut back" in capsys.readouterr().out
    forged.write_text(kept.read_text().replace("archiver.invalid", "other.invalid"))
    assert main(["log", "consistency", str(forged)]) == 1
    assert "not of this ledger" in capsys.readouterr().out
    forged.write_text("nothing")
    assert main(["log", "consistency", str(forged)]) == 1
    shutil.rmtree(inside.home.trust)
    assert main(["log", "consistency", str(kept)]) == 7
    assert main(["log", "consistency", "absent"]) == 2


def test_remarks_custody_and_erasure_are_recorded(
    inside: OwnCase, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["log", "annotate", "a remark", "0", "1", "--by", "R."]) == 0
    assert main(["log", "custody", "transfer", "--to", "the court"]) == 0
    assert "recorded as entry 3" in capsys.readouterr().out
    assert main(["log", "custody", "erasure", "0"]) == 2
    monkeypatch.setattr("typer.confirm", lambda _: False)
    assert main(["log", "erase", "0", "--reason", "asked to"]) == 2
    assert "nothing was erased" in capsys.readouterr().err
    assert main(["log", "erase", "0", "--reason", "asked to", "--yes"]) == 0
    assert main(["verify"]) == 0
    assert "1 erased entries" in capsys.readouterr().out
