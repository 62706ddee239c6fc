import io
import json
from pathlib import Path

import pytest

from archiver.cli.main import main
from archiver.formats import citations as form
from archiver.model.citation import Decision

DRAFT = (
    "قال الوزير سمير الحداد إن العمل انتهى في الميناء كله.\n\n"
    "ونقلت وكالة رويترز عن ليلى الكعبي قولها: «سيبدأ العمل في الجسر غدا».\n\n"
    "وأعلنت شركة النقل الوطنية أن القطار متوقف منذ شهور طويلة.\n"
)


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "archiver.toml").write_text('case = "one"\n')
    (tmp_path / "manifests" / "one").mkdir(parents=True)
    (tmp_path / "draft.txt").write_text(DRAFT, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "manifests" / "one" / "citations.yaml"


def answers(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


def test_a_review_accepts_fixes_drops_and_adds_urls(
    case: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers(monkeypatch, "?", "f", "speaker", "Samir Haddad", "a", "u", "a.org", "u", "https://a.org/1", "a", "d")
    assert main(["cite", "draft.txt", "--review"]) == 0
    told = capsys.readouterr().out
    assert "⟦سمير الحداد⟧" in told
    assert "⟨رويترز⟩" in told
    assert "❲سيبدأ العمل في الجسر غدا❳" in told
    assert "\u2067" in told
    assert "expected an http or https URL" in told
    assert "3 decided, 0 left undecided" in told
    found = form.decode(case.read_bytes()).citations
    assert [one.decision for one in found] == [Decision.FIXED, Decision.FIXED, Decision.DROPPED]
    assert (found[0].speaker and found[0].speaker.name, found[1].url) == ("Samir Haddad", "https://a.org/1")


def test_a_review_that_is_stopped_keeps_what_was_decided_and_goes_on_later(
    case: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers(monkeypatch, "a", "q")
    assert main(["cite", "draft.txt", "--review"]) == 0
    assert "1 decided, 2 left undecided" in capsys.readouterr().out
    answers(monkeypatch, "s", "a")
    assert main(["cite", "--review"]) == 0
    assert "1 decided, 1 left undecided" in capsys.readouterr().out
    answers(monkeypatch)
    assert main(["cite", "--review"]) == 0
    assert "0 decided, 1 left undecided" in capsys.readouterr().out
    assert [one.decision for one in form.decode(case.read_bytes()).citations] == ["accepted", None, "accepted"]


def test_citing_an_edited_draft_again_tells_what_changed(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cite", "draft.txt"]) == 0
    capsys.readouterr()
    Path("draft.txt").write_text(
        "وقالت نورا السعيد إن المدينة هادئة تماما.\n\n" + DRAFT.split("\n\n", 1)[1], encoding="utf-8"
    )
    assert main(["cite", "draft.txt"]) == 0
    told = capsys.readouterr().out
    assert "new: c04" in told
    assert "gone from the draft, removed: c01" in told
    assert case.with_name("citations.yaml.old").is_file()


def test_the_day_of_publication_the_language_and_the_outlets_of_the_workspace_are_used(
    case: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("draft.txt").write_text("ونقلت مرسى أمس عن ليلى الكعبي قولها إن العمل انتهى.\n", encoding="utf-8")
    Path("outlets.yaml").write_text("outlets:\n- {name: Marsa, type: agency, aliases: [مرسى]}\n", encoding="utf-8")
    assert main(["cite", "draft.txt", "--json", "--published", "2024-03-14", "--lang", "ar"]) == 0
    (one,) = json.loads(capsys.readouterr().out)["citations"]
    assert one["outlet"]["name"] == "Marsa"
    assert one["kind"] == "agency_story"
    assert not case.exists()


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["cite", "draft.txt", "--published", "soon"], 2, "--published: expected a date like 2021-04-03"),
        (["cite", "draft.txt", "--lang", "xx"], 4, "expected one of ar, en, fa"),
        (["cite"], 2, "Missing argument 'draft'"),
    ],
)
def test_a_wrong_option_is_told(
    case: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, told: str
) -> None:
    assert main(arguments) == code
    assert told in capsys.readouterr().err
    assert not case.exists()


def test_a_wrong_list_of_outlets_is_told(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("outlets.yaml").write_text("outlets:\n- {name: Marsa, type: paper}\n", encoding="utf-8")
    assert main(["cite", "draft.txt", "--json"]) == 4
    assert "outlets.yaml: outlet 1 (Marsa): type" in capsys.readouterr().err
    assert not case.exists()


def test_the_json_has_the_stated_shape(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cite", "draft.txt", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found) == {"draft", "citations"}
    stated = ["id", "kind", "speaker", "outlet", "date_stated", "quotes", "spans", "url", "confidence"]
    for one in found["citations"]:
        assert list(one)[: len(stated)] == stated
        for start, end in one["spans"]:
            assert 0 <= start < end <= found["draft"]["characters"]
    agency = found["citations"][1]
    assert set(agency["speaker"]) == {"text", "span", "role"}
    assert set(agency["outlet"]) == {"name", "type", "span"}
    assert set(agency["quotes"][0]) == {"text", "span", "marks"}
