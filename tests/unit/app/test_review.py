import pytest

from archiver.app.review import accepted, dropped, fixed, is_right_to_left, pieces_of, undecided, with_url
from archiver.cite.find import find
from archiver.cite.read import read_draft
from archiver.model.citation import Citation, Decision
from archiver.model.errors import UsageError

TEXT = "وفي 20 نوفمبر 2020، نقلت وكالة رويترز عن ليلى الكعبي قولها: «سيبدأ العمل في الجسر غدا».\n"


def citation() -> Citation:
    (found,) = find(read_draft("d.txt", TEXT.encode())).citations
    return found


def test_the_words_are_shown_whole_with_what_proves_each_field_told_apart() -> None:
    (pieces,) = pieces_of(citation(), TEXT)
    assert "".join(one.text for one in pieces) == TEXT.strip()
    assert [(one.field, one.text) for one in pieces if one.field] == [
        ("date", "20 نوفمبر 2020"),
        ("outlet", "رويترز"),
        ("speaker", "ليلى الكعبي"),
        ("quote", "سيبدأ العمل في الجسر غدا"),
    ]
    assert pieces_of(citation(), None)[0][0].text == citation().words
    assert is_right_to_left(citation())


def test_each_decision_is_written_into_the_citation() -> None:
    one = citation()
    assert undecided((one, accepted(one), dropped(one))) == (one,)
    assert with_url(one, " https://a.org/x ").url == "https://a.org/x"
    assert fixed(one, "kind", "letter").kind == "letter"
    assert fixed(one, "outlet", "-").outlet is None
    assert fixed(one, "speaker", "-").speaker is None
    date = fixed(one, "date", "2020-11").date_stated
    assert date is not None
    assert (date.iso, date.precision) == ("2020-11", "month")
    assert fixed(one, "note", "seen").note == "seen"
    assert fixed(one, "date", "-").decision is Decision.FIXED


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("kind", "post", "kind: expected one of tweet"),
        ("date", "soon", "date: expected a date like"),
        ("date", "2020-13-40", "date: no such day"),
        ("colour", "red", "expected one of kind"),
    ],
)
def test_a_value_that_cannot_be_is_refused(field: str, value: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        fixed(citation(), field, value)
    with pytest.raises(UsageError, match="expected an http or https URL"):
        with_url(citation(), "a.org")
