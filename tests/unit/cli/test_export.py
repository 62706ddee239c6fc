"""``archiver export`` and ``archiver import`` as a person runs them: what is printed, and how they end."""

import json
from pathlib import Path

import pytest

from archiver.app.reading import captures
from archiver.cli.main import main
from archiver.cli.steps import Steps
from tests.support.bundles import MadeBundle, capture_source, make_case, picture_of
from tests.support.own_case import SECRET, OwnCase, new_own_case


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> OwnCase:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
        return make_case(tmp_path_factory.mktemp("cli"), sources=3, failed=(2,))


@pytest.fixture
def own(case: OwnCase, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> OwnCase:
    return at_home(case, monkeypatch, tmp_path)


def at_home(own: OwnCase, monkeypatch: pytest.MonkeyPatch, folder: Path) -> OwnCase:
    """Sit in the workspace, with the person's home and passphrase."""
    monkeypatch.chdir(own.workspace.root)
    monkeypatch.setenv("ARCHIVER_HOME", str(own.home.root))
    secret = folder / "secret"
    secret.write_bytes(SECRET)
    secret.chmod(0o600)
    monkeypatch.setenv("ARCHIVER_PASSPHRASE_FILE", str(secret))
    return own


def test_export_says_what_is_opened_and_what_is_not(
    own: OwnCase, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", "-o", str(tmp_path / "b"), "--citation", "c01", "--citation", "c02", "--to", "court"]) == 0
    told = capsys.readouterr().out
    assert "2 exhibits, 1 of them failed attempts" in told
    assert "of 5 entries 4 are opened, 1 withheld, 0 erased; this export is entry 4" in told
    assert "timestamps: none asked" in told
    assert main(["verify", str(tmp_path / "b")]) == 0
    assert capsys.readouterr().out.endswith("PASS  (required: L2)\n")


def test_export_says_that_originals_of_redacted_files_go_into_the_bundle(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Finding W11: who redacts a picture and exports its source hands out the picture."""
    own = at_home(make_case(tmp_path / "case", sources=2), monkeypatch, tmp_path)
    export = ["export", "--json", "-o"]
    first, other = [one.id for one in captures(own.open().book.manifests)]
    assert main([*export, str(tmp_path / "none")]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["originals_of_redacted"] == 0
    for name, what in (("viewport.png", "0,0,9,9"), ("viewport.png", "5,5,9,9"), ("text.txt", "0-6")):
        flag = "--span" if name == "text.txt" else "--region"
        assert main(["redact", first, "--file", name, flag, what, "--reason", "a name"]) == 0
    assert main(["redact", other, "--file", "viewport.png", "--region", "0,0,9,9", "--reason", "a name"]) == 0
    capsys.readouterr()
    assert main([*export, str(tmp_path / "b"), "--citation", "c01"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["originals_of_redacted"] == 2
    assert main(["export", "-o", str(tmp_path / "both")]) == 0
    assert "with redacted copies: 3; THE ORIGINALS are in the bundle" in capsys.readouterr().out
    held = {one.name: one.read_bytes() for one in (tmp_path / "b").rglob("*") if "viewport" in one.name}
    assert held == {"viewport.png": picture_of(1)}


def test_export_speaks_to_programs(own: OwnCase, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "-o", str(tmp_path / "b.zip"), "--since", "2026-11-24", "--json"]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    last = events[-1]
    assert (last["event"], last["exhibits"], last["withheld"]) == ("exported", 3, 1)
    steps = [one for one in events if one["event"] == "progress"]
    assert {one["step"] for one in steps} == {"index", "write"}
    assert all(one["done"] <= one["of"] for one in steps)
    assert main(["verify", str(tmp_path / "b.zip"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["targets"][0]["kind"] == "bundle"


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["--citation", "zz"], 2, "no capture of citation zz"),
        (["--since", "yesterday"], 2, "expected a day like 2026-11-24"),
        (["--since", "2030-01-01"], 2, "nothing to export"),
        (["--encrypt-to", "age1x"], 2, "named .age"),
    ],
)
def test_a_choice_that_cannot_be_is_told(
    own: OwnCase, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, told: str
) -> None:
    assert main(["export", "-o", str(tmp_path / "b"), *arguments]) == code
    assert told in capsys.readouterr().err
    assert not (tmp_path / "b").exists()


def test_a_name_that_is_taken_is_told(own: OwnCase, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "b").mkdir()
    assert main(["export", "-o", str(tmp_path / "b")]) == 5
    assert "already there; nothing was exported" in capsys.readouterr().err


def test_import_prints_the_report_and_where_it_went(
    tmp_path: Path, made_bundle: MadeBundle, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    own = new_own_case(tmp_path / "own")
    capture_source(own, 1)
    at_home(own, monkeypatch, tmp_path)
    theirs = str(made_bundle.bundle)
    assert main(["import", theirs]) == 1
    assert "nothing was imported" in capsys.readouterr().out
    assert main(["import", theirs, "--trust", str(tmp_path / "nobody")]) == 2
    (tmp_path / "nobody").mkdir()
    assert main(["import", theirs, "--trust", str(tmp_path / "nobody"), "--json"]) == 7
    capsys.readouterr()
    assert (
        main(["import", theirs, "--trust", str(made_bundle.trust), "--by", "A. Colleague", "--reason", "for us"]) == 0
    )
    told = capsys.readouterr().out
    assert "imported as entry 1, a receipt; the bundle is archive/sha256/" in told
    assert main(["import", theirs, "--trust", str(made_bundle.trust), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["verdict"], found["entry"], found["levels"]["L3"]) == ("PASS", 2, "PASS")
    assert main(["verify"]) == 0


def test_a_terminal_sees_one_live_line_and_a_file_none(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Steps(as_json=False) as steps:
        steps.tell("write", 1, 2)
    assert capsys.readouterr().out == ""
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    with Steps(as_json=False) as steps:
        steps.tell("index", 1, 0)
        steps.tell("write", 5 << 20, 10 << 20)
        steps.tell("write", 5 << 20, 10 << 20)
    assert "writing: 5 of 10 MiB (50 %)" in capsys.readouterr().out
