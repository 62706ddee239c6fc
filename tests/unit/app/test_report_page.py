"""The report for people: in three languages, first what is not proven, and safe whatever the evidence says."""

import ast
import base64
import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from archiver.app.report_json import examination_json
from archiver.app.report_page import Told, report_page
from archiver.app.words import LANGUAGES, wording
from archiver.cli.main import main
from archiver.model.errors import UsageError
from archiver.model.examination import Examination, Examined, ExaminedKind
from archiver.model.instant import Instant
from archiver.model.report import Check, Level, Report, Verdict
from archiver.verify import proof_file, run, single, token, wacz, warc
from tests.docs.schemas import FOLDER
from tests.support.warcs import packed, whole

VERIFY = Path(run.__file__).parent
NOW = Instant.parse("2026-11-26T12:00:00Z")
TOLD = Told(trust="nobody", made_at=NOW)
HOSTILE = 'x<script>alert(1)</script>"\u202egnp.exe\x1b[2J'


def check(name: str, level: Level, verdict: Verdict, *, subject: str = "a.file", reason: str = "because") -> Check:
    return Check(id=name, level=level, subject=subject, verdict=verdict, reason=reason)


def examination(*checks: Check, unproven: tuple[str, ...] = ("That x.",), name: str = "here") -> Examination:
    report = Report(checks=checks, required=Level.LEDGER, not_proven=unproven)
    return Examination(examined=(Examined(name=name, kind=ExaminedKind.CASE, report=report),))


def ids() -> set[str]:
    """Give every id that a check of the verifier has: the first column of its modules' tables."""
    found: set[str] = set()
    for path in VERIFY.glob("*.py"):
        table = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        found |= set(re.findall(r"^([a-z][a-z0-9]+(?:-[a-z]+)*) {2,}\S", table, re.MULTILINE))
    return found


def test_every_check_of_the_verifier_has_words_in_every_language() -> None:
    found = ids()
    assert len(found) > 40
    for code in LANGUAGES:
        words = wording(code)
        assert found - {"wacz-signature"} <= set(words.checks), code
        assert set(words.checks) == set(wording("en").checks)
        assert all(set(one) == {"asks", "fail"} and all(one.values()) for one in words.checks.values())
        assert set(words.texts) == set(wording("en").texts)
        assert set(words.verdicts) == set(words.verdict_means) == {one.value for one in Verdict}
        assert set(words.kinds) == {one.value for one in ExaminedKind}
        for level in Level:
            assert all(words.level(level, what) for what in ("name", "means", "not"))


def unproven() -> list[str]:
    """Give every line that says what is not proven, as the verifier's modules have them."""
    lines = [line for module in (run, warc, wacz, token, proof_file) for line in _lines(module)]
    return [*lines, single.ALONE, "What 12 erased entries held: their places are proven, their content is destroyed."]


def _lines(module: object) -> list[str]:
    values = [value for name, value in vars(module).items() if name.isupper()]
    flat = [one for value in values for one in (value if isinstance(value, tuple) else (value,))]
    return [one for one in flat if isinstance(one, str) and one.startswith(("That ", "When ", "What ", "Anything "))]


@pytest.mark.parametrize("code", ["ar", "fa"])
def test_every_line_that_says_what_is_not_proven_is_there_in_every_language(code: str) -> None:
    lines = unproven()
    assert len(lines) > 15
    assert [line for line in lines if not wording(code).unproven(line)] == []
    assert "12" in (wording(code).unproven(lines[-1]) or "")
    assert wording(code).unproven("That something new.") is None


def test_a_language_that_is_not_there_is_refused() -> None:
    with pytest.raises(UsageError, match="--lang: expected en, ar, fa, found 'de'"):
        wording("de")
    assert main(["verify", "--lang", "de"]) == 2


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_page_says_first_what_is_not_proven_and_is_set_in_its_language_and_direction(code: str) -> None:
    words = wording(code)
    found = examination(
        check("archive-name", Level.FILES, Verdict.FAIL), check("ledger-root", Level.LEDGER, Verdict.PASS)
    )
    page = report_page(found, words, TOLD)
    assert f'<html lang="{code}" dir="{"ltr" if code == "en" else "rtl"}">' in page
    places = [page.index(one) for one in (words.texts["not_proven"], words.texts["levels"], words.texts["checks"])]
    assert places == sorted(places)
    assert words.checks["archive-name"]["fail"] in page
    assert words.checks["ledger-root"]["asks"] in page
    assert all(words.level(level, what) in page for level in Level for what in ("means", "not"))
    assert words.texts["nobody"] in page


def test_the_page_runs_nothing_fetches_nothing_and_its_style_is_the_one_that_its_policy_allows() -> None:
    page = report_page(examination(check("x", Level.FILES, Verdict.PASS)), wording("en"), TOLD)
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    style = re.search(r"<style>(.*)</style>", page, re.DOTALL)
    assert policy is not None
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert policy[1].startswith(f"default-src 'none'; style-src 'sha256-{digest}'")
    assert not re.search(r"<script|<img|<link|<iframe|src=|href=|url\(|@import|\son[a-z]+=|style=", page)


def test_what_hostile_evidence_says_is_escaped_and_cannot_reorder_the_page() -> None:
    bad = check("x", Level.FILES, Verdict.FAIL, subject=HOSTILE, reason=HOSTILE)
    found = Examination(
        examined=(
            *examination(bad, unproven=(HOSTILE,), name=HOSTILE).examined,
            Examined(name=HOSTILE, unreadable=HOSTILE),
        )
    )
    page = report_page(found, wording("ar"), Told(trust=HOSTILE, made_at=NOW, at=NOW, embedded=True))
    assert "<script" not in page
    assert "\u202e" not in page
    assert "\x1b" not in page


def test_trust_in_what_came_with_the_evidence_is_said_in_the_title() -> None:
    told = Told(trust="test", made_at=NOW, embedded=True)
    page = report_page(examination(), wording("en"), told)
    assert "TRUSTING WHAT CAME WITH THE EVIDENCE</title>" in page
    assert "TRUSTING" not in report_page(examination(), wording("en"), TOLD)


def test_of_very_many_alike_only_some_are_shown_and_the_rest_counted() -> None:
    many = [check("archive-name", Level.FILES, Verdict.FAIL, subject=f"file {one}") for one in range(1200)]
    page = report_page(examination(*many), wording("en"), TOLD)
    assert "1000 <bdi>more like these" in page
    assert "file 199<" in page
    assert "file 200<" not in page


def test_a_check_or_line_that_has_no_words_yet_is_shown_as_it_is() -> None:
    found = examination(check("new-check", Level.FILES, Verdict.FAIL), unproven=("That new.",))
    page = report_page(found, wording("fa"), TOLD)
    assert 'lang="en" dir="ltr"><bdi>That new.' in page
    assert "new-check" in page


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "good.warc.gz").write_bytes(packed(whole()))
    (tmp_path / "bad.warc").write_bytes(b"junk")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_command_writes_one_new_page_and_replaces_nothing(bench: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "good.warc.gz", "--report", "r.html", "--lang", "ar", "--trust-embedded"]) == 0
    assert 'lang="ar" dir="rtl"' in (bench / "r.html").read_text(encoding="utf-8")
    assert "TRUSTING" in capsys.readouterr().out
    before = (bench / "good.warc.gz").read_bytes()
    for place in ("r.html", "good.warc.gz", "nowhere/r.html"):
        assert main(["verify", "good.warc.gz", "--report", place]) == 2
    assert (bench / "good.warc.gz").read_bytes() == before
    assert main(["verify", "good.warc.gz", "--report", "x" * 300]) == 2


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_terminal_says_levels_and_failures_in_plain_words_too(
    bench: Path, capsys: pytest.CaptureFixture[str], code: str
) -> None:
    assert bench.is_dir()
    assert main(["verify", "bad.warc", "good.warc.gz", "--lang", code]) == 1
    shown = capsys.readouterr().out
    words = wording(code)
    assert words.checks["warc-whole"]["fail"] in shown
    assert words.level(Level.CONTENT, "not") in shown
    assert words.verdict_means["FAIL"] in shown
    first = warc.NOT_PROVEN[0] if code == "en" else words.not_proven[warc.NOT_PROVEN[0]]
    assert first in shown[:1000]


def test_a_failure_of_content_is_told_beside_the_verdict_and_counts_where_it_is_required() -> None:
    loose = (check("quote-wire", Level.CONTENT, Verdict.FAIL), check("x", Level.FILES, Verdict.PASS))
    assert Report(checks=loose, required=Level.FILES, not_proven=()).verdict is Verdict.PASS
    assert Report(checks=loose, required=Level.CONTENT, not_proven=()).verdict is Verdict.FAIL
    assert Report(checks=loose, required=Level.FILES, not_proven=()).verdict_of(Level.CONTENT) is Verdict.FAIL


_CHECK = """
import json, sys
from jsonschema import Draft202012Validator
schema, *cases = [json.load(open(name, encoding="utf-8")) for name in sys.argv[1:]]
Draft202012Validator.check_schema(schema)
print(*(Draft202012Validator(schema).is_valid(one) for one in cases))
"""


def test_another_validator_accepts_real_reports_and_refuses_others(
    bench: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    python = shutil.which("python3")
    if subprocess.run([python or "false", "-c", "import jsonschema"], capture_output=True, check=False).returncode:
        pytest.skip("no Python with jsonschema on this machine (apt-get install python3-jsonschema)")
    (bench / "other.bin").write_bytes(b"\x00")
    reports: list[object] = []
    for arguments in (["good.warc.gz"], ["bad.warc", "other.bin"], ["good.warc.gz", "--trust-embedded"]):
        main(["verify", "--json", *arguments])
        reports.append(json.loads(capsys.readouterr().out))
    right = json.loads(json.dumps(examination_json(examination(check("x", Level.FILES, Verdict.PASS)))))
    wrong = [{**right, "verdict": "OK"}, {**right, "checks": [{}]}, {key: right[key] for key in list(right)[1:]}]
    cases = []
    for number, one in enumerate((*reports, right, *wrong)):
        cases.append(bench / f"{number}.json")
        cases[-1].write_text(json.dumps(one), encoding="utf-8")
    schema = FOLDER / "report-v1.schema.json"
    done = subprocess.run([python or "", "-c", _CHECK, schema, *cases], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True"] * 4 + ["False"] * 3
