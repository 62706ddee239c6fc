"""Three languages say the same things; what is no prose is isolated, escaped and bounded."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any, get_args, get_origin, get_type_hints

import pytest

from archiver.export.certificate import KINDS, _texts
from archiver.export.report_words import LANGUAGES, LONGEST, auto, ltr, words_in
from archiver.formats.manifest import _TYPES
from archiver.model.citation import Decision, Kind
from archiver.model.digest import Digest
from archiver.model.errors import UsageError
from archiver.model.events import CustodyAction, KeyAction
from archiver.model.evidence import Method, Reason, Role
from archiver.model.instant import Instant
from archiver.model.provenance import EntryType
from archiver.model.report import Verdict

PLACES = re.compile(r"{(\w+)}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_every_text_with_the_same_places(language: str) -> None:
    english, other = words_in("en"), words_in(language)
    assert other.texts.keys() == english.texts.keys()
    assert other.labels.keys() == english.labels.keys()
    assert len(english.texts) > 200
    differ = [
        key for key, text in english.texts.items() if set(PLACES.findall(text)) != set(PLACES.findall(other.texts[key]))
    ]
    assert differ == []


@pytest.mark.parametrize("language", ["ar", "fa"])
def test_no_text_was_left_in_english(language: str) -> None:
    english, other = words_in("en"), words_in(language)
    same = {key for key, text in other.texts.items() if text == english.texts[key]}
    assert same == {"named.warc", "column.digest"}


def paths_of(kind: type, at: str = "") -> Iterator[str]:
    hints = get_type_hints(kind)
    for one in fields(kind):
        inner: Any = hints[one.name]
        inner = get_args(inner)[0] if get_origin(inner) is tuple else inner
        inner = next((arg for arg in get_args(inner) if arg is not type(None)), inner)
        path = f"{at}.{one.name}" if at else one.name
        if is_dataclass(inner) and inner not in (Digest, Instant):
            yield from paths_of(inner, path)  # type: ignore[arg-type] # a class, not an instance of one
        else:
            yield path


@pytest.mark.parametrize("kind", list(_TYPES), ids=lambda one: one.__name__)
def test_every_field_of_every_manifest_has_a_name_in_each_language(kind: type) -> None:
    paths = [one for one in paths_of(kind) if not (kind.__name__ == "Capture" and one.startswith("artifacts"))]
    assert len(paths) > 5
    for language in LANGUAGES:
        assert [one for one in paths if one not in words_in(language).labels] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_a_closed_set_is_named(language: str) -> None:
    texts = words_in(language).texts
    groups = {
        "reason": Reason,
        "role": Role,
        "entry": EntryType,
        "kind": Kind,
        "decision": Decision,
        "method": Method,
        "verdict": Verdict,
        "act": (*CustodyAction, *KeyAction),
    }
    assert [
        f"{name}.{one.value}" for name, kind in groups.items() for one in kind if f"{name}.{one.value}" not in texts
    ] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_drafts_of_certifications_have_the_same_paragraphs_with_the_same_facts_and_blanks(language: str) -> None:
    english, other = _texts("en"), _texts(language)
    assert other.keys() == english.keys()
    for kind in KINDS:
        pairs = list(zip(english[kind]["paragraphs"], other[kind]["paragraphs"], strict=True))
        for ours, theirs in pairs:
            assert sorted(PLACES.findall(ours)) == sorted(PLACES.findall(theirs))
            assert re.findall(r"_{20,}", ours) == re.findall(r"_{20,}", theirs)
        assert any("____" in ours for ours, _ in pairs)


def test_digits_are_those_of_the_language() -> None:
    assert [words_in(one).number(2026) for one in LANGUAGES] == ["2026", "٢٠٢٦", "۲۰۲۶"]
    assert "٣" in words_in("ar").say("exhibit_n", number=3)


def test_a_recorded_value_keeps_its_digits_and_its_direction() -> None:
    assert words_in("ar").value(443) == '<bdi dir="ltr">443</bdi>'
    assert words_in("ar").value(value=True) == "نعم"
    assert ltr("2026-11-24") == '<bdi dir="ltr">2026-11-24</bdi>'


def test_what_others_wrote_is_escaped_bounded_and_cannot_reorder_the_line() -> None:
    assert auto("<b>&\u202e\x00") == '<bdi dir="auto">&lt;b&gt;&amp;\\u202e\\u0000</bdi>'
    assert len(auto("x" * 10_000)) < LONGEST + 100
    assert auto("a\nb") == '<bdi dir="auto">a\nb</bdi>'
    assert auto("\n" * 5000).count("\n") < 50
    assert words_in("en").say("made_at", at="<i>") == "Made at &lt;i&gt; (by the clock of the computer that made it)"


def test_a_language_that_is_not_there_is_refused() -> None:
    with pytest.raises(UsageError, match="expected one of en, ar, fa, found 'de'"):
        words_in("de")


def test_a_word_that_no_language_names_is_shown_as_it_is() -> None:
    assert words_in("ar").word("limit", "a_later_limit") == '<bdi dir="ltr">a_later_limit</bdi>'
    assert words_in("en").label("attempt.new.field") == '<bdi dir="ltr">attempt.new.field</bdi>'


def test_a_date_in_other_peoples_arabic_words_is_not_shown_backwards() -> None:
    told = auto("محادثات في 2026-11-20 <b> 1-2")
    assert told == (
        '<bdi dir="auto">محادثات في <bdi dir="ltr">2026-11-20</bdi> &lt;b&gt; <bdi dir="ltr">1-2</bdi></bdi>'
    )
