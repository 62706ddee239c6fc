"""The verbs, run in this process against a workspace without a browser: what they print and how they end."""

import json
from pathlib import Path

import pytest

from archiver.cli.main import main
from tests.support.ledger_kit import CASE, ORIGIN
from tests.support.sealed_workspace import SealedWorkspace, make_sealed_workspace


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> SealedWorkspace:
    made = make_sealed_workspace(tmp_path_factory.mktemp("commands") / "whole")
    (made.workspace / "archiver.toml").write_text(f'case = "{CASE}"\n[cases."{CASE}"]\norigin = "{ORIGIN}"\n')
    return made


@pytest.fixture
def inside(sealed: SealedWorkspace, monkeypatch: pytest.MonkeyPatch) -> SealedWorkspace:
    monkeypatch.chdir(sealed.workspace)
    return sealed


def test_verify_prints_what_is_not_proven_first_and_the_verdict_last(
    inside: SealedWorkspace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", "--trust", str(inside.trust), "--require", "L3"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("NOT PROVEN by any check below:\n")
    assert told.endswith("PASS  (required: L3)\n")
    assert "L4 independence  NOT CHECKED" in told


def test_verify_shows_every_check_when_asked(inside: SealedWorkspace, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", CASE, "--trust", str(inside.trust), "--all"]) == 0
    shown = capsys.readouterr().out
    assert shown.count("archive-name") == 12


def test_without_anybody_trusted_nothing_is_verified_and_the_code_says_so(
    inside: SealedWorkspace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", "--json"]) == 7
    report = json.loads(capsys.readouterr().out)
    assert report["verdict"] == "NOT CHECKED"
    assert report["levels"]["L0"] == "PASS"
    assert {one["verdict"] for one in report["checks"] if one["id"] == "manifest-signature"} == {"NOT CHECKED"}


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["verify", "--trust", "/nowhere"], 2, "no such folder"),
        (["verify", "--require", "L9"], 2, "expected L0 to L5"),
        (["verify", "nowhere"], 2, "no case 'nowhere'"),
        (["status", "nowhere"], 2, "found: case-1"),
        (["capture", "a", "b"], 2, "expected one case, found 2"),
        (["capture", "a", "https://a.org"], 2, "expected either a case or URLs"),
        (["cite", "absent.md"], 2, "cannot be read"),
        (["tsa", "add", "x", "https://t/", "--roots", "absent.pem"], 2, "cannot be read"),
        (["capture"], 2, "no terminal to ask at"),
    ],
)
def test_a_wrong_command_is_told_and_does_nothing(
    inside: SealedWorkspace, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, told: str
) -> None:
    before = sorted(path.name for path in inside.case_root.iterdir())
    assert main(arguments) == code
    assert told in capsys.readouterr().err
    assert sorted(path.name for path in inside.case_root.iterdir()) == before


def test_status_lists_citations_and_their_files(inside: SealedWorkspace, capsys: pytest.CaptureFixture[str]) -> None:
    rows = "".join(f"  - {{id: c0{n}, kind: web_page, url: https://example.org/}}\n" for n in (1, 2, 9))
    (inside.case_root / "citations.yaml").write_text(f"version: 1\ncitations:\n{rows}  - {{id: c10, kind: letter}}\n")
    (inside.case_root / "ledger/staged").write_bytes(b"x")
    assert main(["status", "--files"]) == 0
    told = capsys.readouterr().out
    (inside.case_root / "ledger/staged").unlink()
    for words in ("not captured", "no URL", "stamped", "archive/sha256/", "cut off", "4 ledger entries, 1 timestamps"):
        assert words in told


def test_cite_writes_what_it_found_and_keeps_what_a_person_edited(
    inside: SealedWorkspace, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    draft = tmp_path / "draft.md"
    draft.write_text("See [this](https://example.org/x) and “that”.")
    kept = (inside.case_root / "citations.yaml").read_bytes()
    assert main(["cite", str(draft)]) == 2
    assert "may have been edited by hand" in capsys.readouterr().err
    assert (inside.case_root / "citations.yaml").read_bytes() == kept
    assert main(["cite", str(draft), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["citations"][0]["quotes"][0]["text"] == "that"
    assert main(["cite", str(draft), "--replace"]) == 0
    assert "1 citations (1 with a URL)" in capsys.readouterr().out
    assert (inside.case_root / "citations.yaml.old").read_bytes() == kept
    (tmp_path / "plain.txt").write_text("nothing linked")
    assert main(["cite", str(tmp_path / "plain.txt"), "--replace"]) == 0
    assert "No cited source was found" in capsys.readouterr().out


def test_an_authority_is_added_once_with_roots_that_are_certificates(
    inside: SealedWorkspace, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    roots, none = tmp_path / "root.pem", tmp_path / "none.pem"
    roots.write_bytes(inside.tsa_root)
    none.write_text("nothing")
    assert main(["tsa", "add", "one", "https://tsa.example/", "--roots", str(none)]) == 2
    assert main(["tsa", "add", "one", "https://tsa.example/", "--roots", str(roots)]) == 0
    assert main(["tsa", "add", "one", "https://tsa.example/", "--roots", str(roots)]) == 2
    assert "already named" in capsys.readouterr().err
    assert 'url = "https://tsa.example/"' in (inside.workspace / "archiver.toml").read_text()
