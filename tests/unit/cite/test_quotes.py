import pytest

from archiver.cite.language import languages
from archiver.cite.quotes import find_stretches
from archiver.cite.units import Reading


def quotations(text: str, language: str = "ar") -> list[tuple[str, str]]:
    reading = Reading(text, languages()[language])
    return [(text[slice(*one.inner)], one.marks) for unit in reading.units for one in unit.quotations]


def terms(text: str, language: str = "ar") -> list[str]:
    reading = Reading(text, languages()[language])
    return [text[slice(*one.inner)] for unit in reading.units for one in unit.terms]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("قال: “هذا كلام طويل جدا، موضحًا أن الأمر انتهى.", [("هذا كلام طويل جدا", "unclosed")]),
        ("قال موضحًا أن هذا كلام طويل جدا”، ثم صمت.", [("هذا كلام طويل جدا", "unopened")]),
        ("قائلًا لهم: توقفوا عن هذا الآن”.", [("توقفوا عن هذا الآن", "unopened")]),
        ("قال ”ألف سلامة عليك يا صديقي“.", [("ألف سلامة عليك يا صديقي", "”“")]),
        ("قال: «هذا «مهم» جدا لنا».", [("هذا «مهم» جدا لنا", "«»")]),
        ('قال إن "هذا كلام طويل" وأضاف "وهذا أيضا كلام".', [("هذا كلام طويل", '""'), ("وهذا أيضا كلام", '""')]),
        ("قال: „هذا كلام طويل“.", [("هذا كلام طويل", "„“")]),
        ("لا علامات هنا", []),
    ],
)
def test_broken_marks_are_mended_from_the_words_around(text: str, found: list[tuple[str, str]]) -> None:
    assert quotations(text) == found


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("نقلت وكالة “رويترز” عن مصدر.", "رويترز"),
        ("قال في “راديو المربد” أمس.", "راديو المربد"),
        ("استهداف ما اعتبرها “المقاومة” هناك.", "المقاومة"),
        ("في فيلم «بياعة الجرايد» عام 1963.", "بياعة الجرايد"),
        ("به نقل از «عبدالکریم خلف» گفت.", "عبدالکریم خلف"),
    ],
)
def test_names_of_media_titles_and_so_called_things_are_terms(text: str, named: str) -> None:
    language = "fa" if "گفت" in text else "ar"
    assert terms(text, language) == [named]
    assert quotations(text, language) == []


def test_a_paragraph_that_only_opens_is_quoted_to_its_end() -> None:
    text = "He said: “One thing is known.\n“And another thing.”"
    assert quotations(text, "en") == [("One thing is known.", "unclosed"), ("And another thing.", "“”")]


def test_marks_without_words_give_nothing() -> None:
    for text in ("“", "””””", '"""', "«»", "«“»”", '5" wide'):
        assert find_stretches(text, 0, len(text)) == [] or all(
            one.inner[0] < one.inner[1] for one in find_stretches(text, 0, len(text))
        )
