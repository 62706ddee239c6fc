"""Any text, however broken: reading it never raises, and every place that it gives is a place of the text."""

import unicodedata

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archiver.app.recite import marked
from archiver.cite.find import find
from archiver.cite.language import languages
from archiver.cite.read import HTML, MARKDOWN, PLAIN, read_draft
from archiver.cite.shadow import Shadow
from archiver.formats import citations as form
from archiver.formats.citations_edit import revise
from archiver.model.citation import Citation, Span
from archiver.model.errors import FormatError

PIECES = (
    "قال", "وقال", "أضاف", "نقلت وكالة", "رويترز", "عن", "قوله", "الوزير", "سمير الحداد", "إن", "أن", "«", "»",
    "“", "”", '"', "،", ".", ":", "\n", "\n\n", "3 نيسان 2021", "أمس", "قبل يومين", "بحسب", "گفت", "به گزارش",
    "علیرضا", "\u200c", "\u0651", "\u00a0", "\u202e", "said", "Jane Smith", "told", "Reuters", "that", "on Monday",
    "— A (@b) May 1, 2020", "https://x.com/a/status/1340858764184285189", "تويتر", "ة", "2021-13-45", "(", ")",
    "[a](https://b.org)", "#", "é", "🙂", "تقرير", "report by", "according to", "رسالة", "quoted", "letter", "(AP) -",
)  # fmt: skip
THOROUGH = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
texts = st.one_of(
    st.text(max_size=300),
    st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=4)), max_size=60).map(" ".join),
    st.lists(st.sampled_from(PIECES), max_size=60).map("".join),
)


def check_places(one: Citation, whole: str) -> None:
    """Every place lies in the text, and its words are what stands there."""
    places: list[tuple[Span | None, str | None]] = [(span, None) for span in one.spans]
    places.extend((quote.span, quote.text) for quote in (*one.quotes, *one.term_quotes))
    if one.speaker is not None:
        places.append((one.speaker.span, one.speaker.name))
    if one.outlet is not None:
        places.append((one.outlet.span, None))
    if one.date_stated is not None:
        places.append((one.date_stated.span, one.date_stated.text))
    for span, words in places:
        if span is not None:
            assert 0 <= span.start < span.end <= len(whole)
            assert words is None or whole[span.start : span.end] == words


@THOROUGH
@given(text=texts, kind=st.sampled_from([PLAIN, MARKDOWN, HTML]), language=st.sampled_from([None, *languages()]))
def test_any_text_gives_places_that_are_in_it_and_never_raises(text: str, kind: str, language: str | None) -> None:
    content = text.encode("utf-8", "replace")
    try:
        read = read_draft("d.txt", content, media_type=kind)
    except FormatError:
        return
    for one in find(read, language=language).citations:
        assert one.spans
        check_places(one, read.draft.text)


@THOROUGH
@given(text=texts)
def test_what_is_found_is_written_read_and_revised(text: str) -> None:
    try:
        read = read_draft("d.txt", text.encode("utf-8", "replace"), media_type=PLAIN)
    except FormatError:
        return
    found = marked(find(read))
    if any(unicodedata.category(letter) == "Cc" and letter not in "\n\t" for letter in read.draft.text):
        return  # a citations file holds no control characters, and says so
    raw = form.encode(found)
    assert form.decode(raw) == found
    assert revise(raw, found) == raw


@THOROUGH
@given(text=st.text(max_size=200))
def test_the_copy_to_match_on_knows_where_each_of_its_letters_came_from(text: str) -> None:
    shadow = Shadow(text)
    for at in range(len(shadow.text)):
        start, end = shadow.span(at, at + 1)
        assert 0 <= start < end <= len(text)
    assert shadow.span(len(shadow.text), len(shadow.text)) == (len(text), len(text))
