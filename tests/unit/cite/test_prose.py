"""Prose in our own words, one trait each: who is cited, where, when, in which words."""

import datetime as dt

import pytest

from archiver.cite.find import find
from archiver.cite.read import read_draft
from archiver.model.citation import Citation, Kind

PUBLISHED = dt.date(2024, 3, 14)


def cited(text: str) -> tuple[Citation, ...]:
    return find(read_draft("d.txt", text.encode()), published=PUBLISHED).citations


def only(text: str) -> Citation:
    (found,) = cited(text)
    return found


SPEAKERS = {
    "قال وزير النقل العراقي سمير الحداد إن المشروع انتهى.": ("سمير الحداد", "وزير النقل العراقي"),
    "قال سمير الحداد، وزير النقل السابق، إن المشروع انتهى.": ("سمير الحداد", "وزير النقل السابق"),
    "أكد المتحدث باسم وزارة النقل سمير الحداد أن المشروع انتهى.": ("سمير الحداد", "المتحدث باسم وزارة النقل"),
    "وكان الوزير سمير الحداد قد صرح بأن المشروع انتهى.": ("سمير الحداد", "الوزير"),
    "أعلنت وزارة النقل العراقية أن المشروع انتهى.": ("وزارة النقل العراقية", None),
    "قال مصدر أمني إن المشروع انتهى.": ("مصدر أمني", None),
    "أفاد مسؤولون عراقيون بأن المشروع انتهى.": ("مسؤولون عراقيون", None),
    "قال عبد الله الحداد إن المشروع انتهى.": ("عبد الله الحداد", None),
    "وقال الدكتور سمير الحداد إن المشروع انتهى.": ("سمير الحداد", "الدكتور"),
    "علیرضا رضایی سخنگوی وزارت راه گفت: کار تمام شد.": ("علیرضا رضایی", "سخنگوی وزارت راه"),
    "علیرضا رضایی، سخنگوی وزارت راه، گفت که کار تمام شد.": ("علیرضا رضایی", "سخنگوی وزارت راه"),
    "سخنگوی وزارت راه گفت: کار تمام شد.": ("سخنگوی وزارت راه", None),
    "به گفته یک مقام آگاه، کار تمام شد.": ("یک مقام آگاه", None),
    "Transport Minister Jane Smith said that the work was done.": ("Jane Smith", "Transport Minister"),
    "Jane Smith, the transport minister, said the work was done.": ("Jane Smith", "the transport minister"),
    "“The work is done now,” said Jane Smith, a spokeswoman.": ("Jane Smith", "a spokeswoman"),
    "The Ministry of Transport said the work was done.": ("Ministry of Transport", None),
    "According to Jane Smith, the work was done.": ("Jane Smith", None),
}


@pytest.mark.parametrize("text", SPEAKERS)
def test_the_speaker_is_told_from_the_role_in_each_order_of_words(text: str) -> None:
    found = only(text)
    assert found.kind is Kind.STATEMENT
    assert found.speaker is not None
    assert (found.speaker.name, found.speaker.role) == SPEAKERS[text]
    assert found.speaker.span is not None
    assert text[found.speaker.span.start : found.speaker.span.end] == found.speaker.name


KINDS = {
    "قال الوزير سمير الحداد في تغريدة على تويتر إن العمل انتهى.": (Kind.TWEET, "Twitter"),
    "غرد سمير الحداد قائلا: «انتهى العمل كله اليوم».": (Kind.TWEET, "Twitter"),
    "كتب سمير الحداد على حسابه في فيسبوك أن العمل انتهى.": (Kind.SOCIAL_POST, "Facebook"),
    "نقلت وكالة رويترز عن سمير الحداد قوله إن العمل انتهى.": (Kind.AGENCY_STORY, "Reuters"),
    "ذكرت صحيفة واشنطن بوست أن العمل انتهى.": (Kind.PRESS_STORY, "The Washington Post"),
    "قال سمير الحداد لقناة الجزيرة إن العمل انتهى.": (Kind.BROADCAST, "Al Jazeera"),
    "وقال سمير الحداد في رسالة إلى الأمم المتحدة: «انتهى العمل كله اليوم».": (Kind.LETTER, None),
    "كشف تقرير صادر عن وزارة الدفاع الأميركية أن العمل انتهى.": (Kind.REPORT, "US Department of Defense"),
    "انتهى العمل، بحسب ما نقلت وكالة «مرسى» أمس.": (Kind.AGENCY_STORY, "مرسى"),
    "علیرضا رضایی در گفت‌وگو با ایسنا گفت: کار تمام شد.": (Kind.AGENCY_STORY, "ISNA"),
    "علیرضا رضایی در توییتی نوشت: «کار تمام شده است امروز».": (Kind.TWEET, "Twitter"),
    "به گزارش خبرگزاری تسنیم، علیرضا رضایی گفت: کار تمام شد.": (Kind.AGENCY_STORY, "Tasnim News Agency"),
    "Jane Smith told Reuters that the work was done.": (Kind.AGENCY_STORY, "Reuters"),
    "Jane Smith tweeted that the work was done.": (Kind.TWEET, "Twitter"),
    "According to the New York Times, the work was done.": (Kind.PRESS_STORY, "The New York Times"),
    "Jane Smith wrote in a letter: “The work is done, all of it.”": (Kind.LETTER, None),
}


@pytest.mark.parametrize("text", KINDS)
def test_the_kind_follows_from_what_carries_the_words(text: str) -> None:
    found = only(text)
    assert (found.kind, found.outlet.name if found.outlet else None) == KINDS[text]
    if found.outlet is not None:
        assert found.outlet.span is not None


def test_one_source_may_run_over_paragraphs_and_its_lead_gives_the_date() -> None:
    text = (
        "في الثالث من أبريل/ نيسان 2021، أعلنت وزارة النقل العراقية انتهاء العمل.\n\n"
        "ونقلت قناة «العربية» عن وزير النقل العراقي سمير الحداد قوله: «انتهى العمل كله قبل الموعد».\n\n"
        "وأضاف الحداد أن الميناء يعمل، مؤكدًا «أن كل شيء على ما يرام هناك».\n"
    )
    found = only(text)
    assert found.kind is Kind.BROADCAST
    assert found.speaker is not None
    assert found.date_stated is not None
    assert (found.speaker.name, found.date_stated.iso, len(found.quotes)) == ("سمير الحداد", "2021-04-03", 2)
    assert len(found.spans) == 3


def test_a_date_is_not_taken_from_a_neighbour_and_not_from_what_was_said() -> None:
    text = (
        "وفي 20 نوفمبر 2020، قال سمير الحداد إن العمل انتهى.\n\n"
        "وقالت ليلى الكعبي: «سينتهي العمل في 3 مايو 2021 كما قلنا».\n"
    )
    first, second = cited(text)
    assert first.date_stated is not None
    assert first.date_stated.iso == "2020-11-20"
    assert second.date_stated is None


def test_a_family_name_alone_and_a_pronoun_are_resolved_to_the_full_name() -> None:
    text = "Jane Smith, the minister, visited the port.\n\n"
    text += "“It is a very fine port indeed,” Smith said. “We like it a lot,” she added.\n"
    found = only(text)
    assert found.speaker is not None
    assert found.speaker.name == "Jane Smith"
    assert len(found.quotes) == 2


def test_the_writers_own_words_are_no_source() -> None:
    assert cited("ركزنا في هذا التحقيق على جمع الأدلة وقلنا إن «هذا كله صحيح تماما».\n") == ()
    assert cited("The port has three cranes. It opened in 1990.\n") == ()


def test_a_weekday_that_contradicts_its_date_is_shown() -> None:
    found = only("يوم الاثنين 23 ديسمبر 2020، قال سمير الحداد إن العمل انتهى.")
    assert found.note == "the draft says Monday, but 2020-12-23 was a Wednesday"
    assert found.date_stated is not None
    assert "Wednesday" in (found.date_stated.how or "")


def test_relative_dates_count_from_the_day_of_publication() -> None:
    found = only("أعلنت وزارة النقل، أمس الأربعاء، أن العمل انتهى.")
    assert found.date_stated is not None
    assert found.date_stated.iso == "2024-03-13"
    unknown = find(read_draft("d.txt", "أعلنت وزارة النقل، أمس، أن العمل انتهى.".encode())).citations
    assert unknown[0].date_stated is None


def test_each_field_says_how_sure_it_is_and_where_to_look() -> None:
    found = only("وفي 20 نوفمبر 2020، نقلت وكالة رويترز عن قيس الخزعلي قوله: «سنثبت هذا المبدأ للجميع».")
    assert found.confidence is not None
    assert all(value for value in (found.confidence.speaker, found.confidence.outlet, found.confidence.date))
    hints = found.search_hints
    assert hints is not None
    assert (hints.speaker, hints.outlet) == ("Qais al-Khazali", "Reuters")
    assert (hints.date_from, hints.date_to, hints.phrase) == ("2020-11-17", "2020-11-23", "سنثبت هذا المبدأ للجميع")


def test_a_text_without_paragraphs_is_read_by_its_sentences() -> None:
    one = "في 3 مايو 2021، قال سمير الحداد إن العمل انتهى. "
    two = "وفي 9 مايو 2022، قالت ليلى الكعبي إن الميناء أغلق. "
    filler = "هذه جملة من الكاتب نفسه عن تاريخ المكان وأهله. " * 40
    found = cited(one + filler + two)
    assert [one.date_stated and one.date_stated.iso for one in found] == ["2021-05-03", "2022-05-09"]


def test_a_day_in_a_line_of_its_own_at_the_head_anchors_relative_dates_and_says_so() -> None:
    text = "عنوان الخبر\n\nالخميس 14 آذار 2024\n\nأعلنت وزارة النقل، أمس الأربعاء، أن العمل انتهى في الميناء كله.\n"
    (found,) = find(read_draft("d.txt", text.encode())).citations
    assert found.date_stated is not None
    assert found.date_stated.iso == "2024-03-13"
    assert "head" in (found.date_stated.how or "")
