"""``archiver report``, ``redact`` and ``index`` as commands: what they print, and how they end."""

import json
from pathlib import Path

import pytest

from archiver.cli.main import main
from tests.support.own_case import SECRET
from tests.support.report_case import ReportCase, make_report_case


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ReportCase:
    made = make_report_case(tmp_path, sources=2, longest_px=1900)
    (tmp_path / "secret").write_bytes(SECRET + b"\n")
    monkeypatch.setenv("ARCHIVER_HOME", str(made.own.home.root))
    monkeypatch.setenv("ARCHIVER_PASSPHRASE_FILE", str(tmp_path / "secret"))
    monkeypatch.chdir(made.own.workspace.root)
    return made


def test_a_report_is_written_and_told(case: ReportCase, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert main(["report", "-o", str(out), "--lang", "fa", "--lang", "en", "--certify", "--no-check"]) == 0
    told = capsys.readouterr().out
    assert "pictures: 3 of 3 exhibits" in told
    assert told.endswith(f"15 files, 3 exhibits: {out}\n")
    assert {one.name for one in out.glob("report*")} == {"report.html", "report-en.html"}
    assert 'lang="fa"' in (out / "report.html").read_text()


@pytest.mark.browser
def test_a_pdf_without_an_identity_certificate_is_written_and_told_as_unsigned(
    case: ReportCase, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["report", "-o", str(tmp_path / "out"), "--pdf", "--paper", "letter", "--citation", "c02", "--no-check"]
    assert main(arguments) == 0
    assert "report.pdf: NOT SIGNED: there is no identity certificate" in capsys.readouterr().out
    assert main([*arguments[:1], "--json", "-o", str(tmp_path / "json"), *arguments[3:]]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["signed"]["report.pdf"]["level"] is None
    assert [Path(one).name for one in told["files"]] == ["report.html", "report.pdf", "hashlist.sha256"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["report", "-o", "out", "--paper", "a3"], "expected a4 or letter, found 'a3'"),
        (["report", "-o", "out", "--lang", "de"], "expected one of en, ar, fa"),
        (["report", "-o", "out", "--citation", "c99"], "no source 'c99'"),
        (["report", "-o", "."], "expected a new or empty folder"),
        (["report", "nowhere", "-o", "out"], "no case 'nowhere'"),
        (["index", "-o", "."], "expected the name of a file"),
        (["redact", "x", "--file", "f", "--reason", "r", "--region", "1,2"], "expected 4 whole numbers"),
        (["redact", "x", "--file", "f", "--reason", "r"], "one of the two"),
    ],
)
def test_what_is_wrong_is_told(
    case: ReportCase, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    assert main(arguments) == 2
    assert told in capsys.readouterr().err
    assert not Path("out").exists()


def test_without_a_browser_no_pdf_is_promised(
    case: ReportCase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("archiver.capture.browser.find_browser", lambda _: None)
    assert main(["report", "-o", str(tmp_path / "out"), "--pdf"]) == 2
    assert "a PDF is printed by a browser" in capsys.readouterr().err


def test_a_case_without_entries_has_nothing_to_report(
    case: ReportCase, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", ".", "--case", "second"]) == 0
    assert main(["report", "second", "-o", str(tmp_path / "out")]) == 2
    assert "has no entries yet" in capsys.readouterr().err


def test_a_redaction_is_recorded_and_the_copys_place_told(case: ReportCase, capsys: pytest.CaptureFixture[str]) -> None:
    name = case.captures[1].id
    arguments = ["redact", name, "--file", "text.txt", "--span", "0-3", "--span", "5-9", "--reason", "r", "--by", "M"]
    assert main(arguments) == 0
    told = capsys.readouterr().out.strip()
    assert told.startswith("recorded as entry 7: archive/sha256/")
    assert "[حجبها · پوشاننده · By: M]" in Path(told.rpartition(" ")[2]).read_text()


def test_the_public_page_is_written_in_place_of_an_older_one(
    case: ReportCase, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "index.html"
    out.write_text("old")
    assert main(["index", "-o", str(out), "--lang", "ar", "--heading", "قصتنا", "--bundle", "b.zip"]) == 0
    assert "3 sources. It is meant to be published" in capsys.readouterr().out
    assert "قصتنا" in out.read_text()
