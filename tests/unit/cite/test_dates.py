import datetime as dt

import pytest

from archiver.cite.dates import FoundDate, find_dates, newest
from archiver.cite.language import languages
from archiver.cite.resolve import Reference
from archiver.cite.shadow import Shadow
from archiver.cite.words import words_of

PUBLISHED = dt.date(2024, 3, 14)  # a Thursday


def dates(
    text: str, language: str, *, anchor: dt.date | None = None, published: dt.date | None = PUBLISHED
) -> list[FoundDate]:
    known, shadow = languages()[language], Shadow(text)
    words = words_of(shadow, 0, len(shadow.text), clitics=known.clitics, article=known.article)
    return find_dates(words, known, Reference(published=published, anchor=anchor))


@pytest.mark.parametrize(
    ("text", "language", "iso"),
    [
        ("في الحادي والثلاثين من كانون الأول 2023", "ar", "2023-12-31"),
        ("يوم ٥ آذار/ مارس ٢٠٢٤", "ar", "2024-03-05"),
        ("تشرين الثاني (نوفمبر) 2022", "ar", "2022-11"),
        ("قبل ثلاثة أيام", "ar", "2024-03-11"),
        ("قبل يومين", "ar", "2024-03-12"),
        ("أمس الأربعاء", "ar", "2024-03-13"),
        ("الأحد الماضي", "ar", "2024-03-10"),
        ("الشهر الماضي", "ar", "2024-02"),
        ("عام 2019", "ar", "2019"),
        ("منتصف أكتوبر 2020", "ar", "2020-10"),
        ("14/03/2024", "ar", "2024-03-14"),
        ("2024-03-05", "ar", "2024-03-05"),
        ("1 محرم 1445 هـ", "ar", "2023-07-19"),
        ("۱۴۰۲/۱۲/۲۴", "fa", "2024-03-14"),
        ("بیست و پنجم اسفند ۱۴۰۲", "fa", "2024-03-15"),
        ("۲ تير ۱۳۹۹", "fa", "2020-06-22"),
        ("دو روز پیش", "fa", "2024-03-12"),
        ("سال گذشته", "fa", "2023"),
        ("20-25 December 2021", "en", "2021-12-20/2021-12-25"),
        ("between 3 and 5 May 2022", "en", "2022-05-03/2022-05-05"),
        ("last Monday", "en", "2024-03-11"),
        ("on Tuesday", "en", "2024-03-12"),
        ("two weeks ago", "en", "2024-02-29"),
        ("last month", "en", "2024-02"),
        ("in late 2020", "en", "2020-12"),
        ("25th of October", "en", "2023-10-25"),
    ],
)
def test_a_date_is_read_as_prose_writes_it(text: str, language: str, iso: str) -> None:
    found = dates(text, language)
    assert found, "no date was read"
    assert found[0].iso == iso
    assert found[0].how
    assert 0 < found[0].sure <= 1


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("الخامس المرموق", "ar"),
        ("المادة 51", "ar"),
        ("may be right", "en"),
        ("مه غلیظ", "fa"),
        ("31 فبراير 2020", "ar"),
    ],
)
def test_what_is_no_date_gives_no_day(text: str, language: str) -> None:
    assert [one.iso for one in dates(text, language) if one.iso] == []


def test_a_relative_date_without_a_day_to_count_from_is_not_guessed() -> None:
    (found,) = dates("قبل يومين", "ar", published=None)
    assert found.iso is None
    assert "--published" in found.how


def test_what_is_told_from_the_date_before_counts_from_it() -> None:
    anchor = dt.date(2021, 4, 3)
    assert dates("قبل يوم واحد", "ar", anchor=anchor)[0].iso == "2021-04-02"
    assert dates("في تلك الفترة", "ar", anchor=anchor)[0].iso == "2021-04"


@pytest.mark.parametrize(
    ("text", "language", "told"),
    [
        ("الثلاثاء 23 ديسمبر 2020", "ar", "the draft says Tuesday, but 2020-12-23 was a Wednesday"),
        ("Monday, November 19, 2019", "en", "the draft says Monday, but 2019-11-19 was a Tuesday"),
        ("19 November 2019 (Tuesday)", "en", None),
    ],
)
def test_a_weekday_that_is_not_the_days_own_is_shown(text: str, language: str, told: str | None) -> None:
    (found,) = dates(text, language)
    assert found.contradiction == told


def test_the_words_of_a_date_are_where_it_says() -> None:
    text = "قال، في ٣ أيار 2022، إن"
    (found,) = dates(text, "ar")
    assert text[found.start : found.end] == "٣ أيار 2022"


def test_the_newest_day_that_a_text_names_is_known() -> None:
    assert newest(dates("3 May 2021, 5 May 2021 and yesterday", "en")) == dt.date(2021, 5, 5)
    assert newest([]) is None


@pytest.mark.parametrize(
    ("text", "language", "iso"),
    [
        ("الأحد المقبل", "ar", "2024-03-17"),
        ("5 نيسان المقبل", "ar", "2024-04-05"),
        ("10 آذار الجاري", "ar", "2024-03-10"),
        ("next Monday", "en", "2024-03-18"),
        ("سنة 1400 هـ", "ar", "1980"),
        ("سال ۱۴۰۲", "fa", "2023"),
        ("15 رمضان", "ar", "2023-04-06"),
        ("الشهر المقبل", "ar", "2024-04"),
        ("13/25/2024", "en", None),
        ("12.03.2024", "en", "2024-03-12"),
        ("03/25/2024", "en", "2024-03-25"),
        ("1450/01/01", "ar", "2028-05-25"),
        ("1 محرم 1200", "ar", None),
    ],
)
def test_days_to_come_and_other_calendars_are_resolved_or_left(text: str, language: str, iso: str | None) -> None:
    assert next((one.iso for one in dates(text, language) if one.iso), None) == iso
