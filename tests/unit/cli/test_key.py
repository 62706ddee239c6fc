"""``archiver key`` in this process: what it prints and how it ends."""

import json
import shutil
from pathlib import Path

import pytest

from archiver.cli.main import main
from archiver.cli.passphrase import changed_passphrase
from archiver.model.errors import UsageError
from tests.support.own_case import OwnCase, new_own_case
from tests.support.security_key import Device, device_agent


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> OwnCase:
    own = new_own_case(tmp_path_factory.mktemp("key"))
    own.capture(1)
    return own


@pytest.fixture
def inside(made: OwnCase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OwnCase:
    shutil.copytree(made.folder, tmp_path / "copy", symlinks=True)
    (tmp_path / "passphrase").write_text("correct horse\n")
    own = OwnCase(folder=tmp_path / "copy")
    monkeypatch.setenv("ARCHIVER_HOME", str(own.home.root))
    monkeypatch.setenv("ARCHIVER_PASSPHRASE_FILE", str(tmp_path / "passphrase"))
    monkeypatch.chdir(own.workspace.root)
    return own


def listed(capsys: pytest.CaptureFixture[str]) -> list[dict[str, str]]:
    capsys.readouterr()
    assert main(["key", "list", "--json"]) == 0
    found: list[dict[str, str]] = json.loads(capsys.readouterr().out)
    return found


def test_keys_are_listed_shown_replaced_revoked_and_retired(
    inside: OwnCase, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["key", "list"]) == 0
    assert "investigator" in capsys.readouterr().out
    first = next(one["id"] for one in listed(capsys) if one["role"] == "investigator")
    assert main(["key", "show", first[:20]]) == 0
    assert "ssh-ed25519 AAAA" in capsys.readouterr().out
    assert main(["key", "rotate", "--reason", "a new laptop"]) == 0
    told = capsys.readouterr().out
    assert f"{first} replaced; in its place sha256:" in told
    assert "case case-1: entry 1" in told
    assert main(["key", "revoke", first, "--since", "yesterday"]) == 2
    assert main(["key", "revoke", first, "--since", "2026-01-01T00:00:00Z"]) == 0
    assert main(["verify"]) == 1
    assert "no timestamp proves" in capsys.readouterr().out
    assert main(["key", "retire"]) == 0
    assert main(["key", "new"]) == 0
    assert "back up" in capsys.readouterr().out
    assert main(["key", "new"]) == 2
    assert main(["key", "new", "identity"]) == 2
    assert main(["key", "new", "identity", "--name", "R."]) == 0


def test_public_halves_are_exported_and_files_signed(
    inside: OwnCase, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["key", "export-public", str(tmp_path / "out")]) == 0
    assert "by another way than the evidence" in capsys.readouterr().out
    assert main(["verify", "--trust", str(tmp_path / "out")]) == 0
    (tmp_path / "m").write_text("x")
    assert main(["key", "sign", str(tmp_path / "m")]) == 0
    assert (tmp_path / "m.sig").read_text().startswith("-----BEGIN SSH SIGNATURE-----")


def test_the_passphrase_is_changed(
    inside: OwnCase, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "fresh").write_text("short\n")
    monkeypatch.setenv("ARCHIVER_NEW_PASSPHRASE_FILE", str(tmp_path / "fresh"))
    assert main(["key", "passphrase"]) == 2
    (tmp_path / "fresh").write_text("longer than eight\n")
    assert main(["key", "passphrase"]) == 0
    assert "2 keys encrypted anew" in capsys.readouterr().out
    assert main(["key", "rotate"]) == 6
    assert "does not open this key" in capsys.readouterr().err


def test_nobody_can_be_asked_for_the_new_passphrase_without_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ARCHIVER_NEW_PASSPHRASE_FILE", raising=False)
    monkeypatch.setattr("sys.stdin.isatty", lambda: False)
    with pytest.raises(UsageError, match="no terminal to ask at"):
        changed_passphrase()


def test_a_ledgers_own_key_is_replaced(inside: OwnCase, capsys: pytest.CaptureFixture[str]) -> None:
    (first,) = [one["id"] for one in listed(capsys) if one["role"] == "log"]
    assert main(["key", "rotate", "log", "--case", "case-1"]) == 0
    told = capsys.readouterr().out
    assert f"{first} replaced; in its place sha256:" in told
    assert "case case-1: entry 1" in told
    assert first not in {one["id"] for one in listed(capsys)}
    assert main(["key", "rotate", "witness"]) == 2
    assert main(["key", "rotate", "--case", "case-1"]) == 2
    assert main(["verify"]) == 0
    assert "hands the ledger over" in _all_checks(capsys)


def test_a_security_key_is_put_in_the_place_of_the_key_and_each_touch_is_asked_for(
    inside: OwnCase, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = "touch your security key: it is to sign"
    with device_agent(tmp_path / "agent", Device(), Device(seed=b"o" * 32)) as place:
        monkeypatch.setenv("SSH_AUTH_SOCK", str(place))
        assert main(["key", "rotate", "log", "--agent", "device-0"]) == 2
        assert main(["key", "rotate", "--agent", "nobody"]) == 6
        assert main(["key", "rotate", "--agent", "device-0"]) == 0
        assert ask in capsys.readouterr().out
        current = next(one for one in listed(capsys) if one["state"] == "on a security key")
        assert main(["key", "show", current["id"]]) == 0
        assert "sk-ssh-ed25519@openssh.com AAAA" in capsys.readouterr().out
        (tmp_path / "m").write_text("x")
        assert main(["key", "sign", str(tmp_path / "m")]) == 0
        assert ask in capsys.readouterr().out
        assert main(["log", "annotate", "a remark", "0"]) == 0
        assert ask in capsys.readouterr().out
        assert main(["log"]) == 0
        assert f"rotate investigator key {current['id'].removeprefix('sha256:')[:16]}" in capsys.readouterr().out
        assert main(["verify"]) == 0
        assert "security key, touched" in _all_checks(capsys)
        main(["doctor"])
        assert "on a security key, and the agent holds it" in capsys.readouterr().out
        assert main(["key", "retire"]) == 0
        assert main(["key", "new", "--agent", "device-1"]) == 0
        assert "its private half stays where it is: on a security key" in capsys.readouterr().out
        assert main(["init", str(tmp_path / "second"), "--case", "other"]) == 0
        assert "investigator" not in capsys.readouterr().out
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "gone"))
    main(["doctor"])
    assert "no agent holds it now" in capsys.readouterr().out
    assert main(["log", "annotate", "another remark", "0"]) == 6
    assert "no SSH agent answers" in capsys.readouterr().err


def _all_checks(capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    main(["verify", "--json"])
    return capsys.readouterr().out
