"""``archiver witness`` in this process, both sides."""

import shutil
from pathlib import Path

import pytest

from archiver.cli.main import main
from tests.support.own_case import OwnCase, new_own_case


@pytest.fixture
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OwnCase:
    own = new_own_case(tmp_path)
    own.capture(1)
    (tmp_path / "passphrase").write_text("correct horse\n")
    monkeypatch.setenv("ARCHIVER_HOME", str(own.home.root))
    monkeypatch.setenv("ARCHIVER_PASSPHRASE_FILE", str(tmp_path / "passphrase"))
    monkeypatch.chdir(own.workspace.root)
    return own


def test_a_cosignature_travels_by_file_and_independence_passes(
    inside: OwnCase, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vkey_of_log = (inside.root / "keys/log.vkey").read_text().strip()
    monkeypatch.setenv("ARCHIVER_HOME", str(tmp_path / "second"))
    assert main(["witness", "new", "example.org/w1"]) == 0
    vkey = capsys.readouterr().out.strip()
    assert main(["witness", "follow", vkey_of_log]) == 0
    monkeypatch.setenv("ARCHIVER_HOME", str(inside.home.root))
    assert main(["witness", "name", "second", vkey, "--quorum", "1"]) == 0
    assert main(["witness", "ask"]) == 0
    assert "nobody is to be asked" in capsys.readouterr().out
    request = tmp_path / "request.txt"
    assert main(["witness", "request", "second", "--out", str(request)]) == 0
    assert "example" not in request.read_text()
    monkeypatch.setenv("ARCHIVER_HOME", str(tmp_path / "second"))
    assert main(["witness", "sign", str(request)]) == 0
    assert main(["witness", "sign", str(request)]) == 2
    assert "archiver witness request NAME --old 1" in capsys.readouterr().err
    monkeypatch.setenv("ARCHIVER_HOME", str(inside.home.root))
    assert main(["witness", "add", f"{request}.cosigned"]) == 0
    assert "recorded as entry 1" in capsys.readouterr().out
    assert main(["verify"]) == 0
    assert "the quorum has seen 1 entries" in capsys.readouterr().out
    assert main(["log"]) == 0
    assert "second over 1 entries" in capsys.readouterr().out
    assert main(["witness", "add", "absent"]) == 2


def test_a_witness_that_does_not_answer_is_told_by_the_exit_code(
    inside: OwnCase, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARCHIVER_HOME", str(tmp_path / "second"))
    assert main(["witness", "new", "example.org/w1"]) == 0
    vkey = capsys.readouterr().out.strip()
    for listen in ("nowhere", "127.0.0.1:x", "127.0.0.1:99999"):
        assert main(["witness", "serve", "--listen", listen]) == 2
    monkeypatch.setattr("http.server.ThreadingHTTPServer.serve_forever", lambda _: None)
    assert main(["witness", "serve", "--listen", "127.0.0.1:0"]) == 0
    assert "answers at http://127.0.0.1:" in capsys.readouterr().out
    monkeypatch.setenv("ARCHIVER_HOME", str(inside.home.root))
    assert main(["witness", "name", "second", vkey, "--url", "http://127.0.0.1:1"]) == 0
    assert main(["witness", "ask"]) == 6
    assert "PENDING" in capsys.readouterr().out
    shutil.rmtree(inside.root / "ledger")
    assert main(["witness", "name", "third", vkey]) == 2
