import pytest

from archiver.cite.hints import latin_name
from archiver.cite.language import languages
from archiver.cite.outlets import MEDIA, Lexicon, known_outlets, lexicon, read_outlets
from archiver.cite.shadow import Shadow
from archiver.cite.words import words_of
from archiver.model.errors import FormatError
from tests.docs.pages import page


def named(text: str, language: str = "ar", known: Lexicon | None = None) -> list[str]:
    chosen, shadow = languages()[language], Shadow(text)
    words = words_of(shadow, 0, len(shadow.text), clitics=chosen.clitics, article=chosen.article)
    found = [(known or lexicon()).at(words, at, chosen) for at in range(len(words)) if not words[at].mark]
    return [one.entry.name for one in found if one is not None]


def test_the_lexicon_holds_the_outlets_of_the_region_and_the_agencies_of_the_world() -> None:
    outlets = [one for one in known_outlets() if one.type in MEDIA]
    assert len(outlets) >= 120
    assert len({one.name for one in known_outlets()}) == len(known_outlets())
    assert all(one.country and one.languages and one.aliases for one in known_outlets())
    scripts = [
        one for one in outlets if any("\u0600" <= letter <= "\u06ff" for alias in one.aliases for letter in alias)
    ]
    assert len(scripts) >= 120


@pytest.mark.parametrize(
    ("text", "language", "name"),
    [
        ("نقلت وكالة رويترز عن مصدر", "ar", "Reuters"),
        ("قال لرويترز أمس", "ar", "Reuters"),
        ("في تغريدة على تويتر", "ar", "Twitter"),
        ("قال لقناة العربية", "ar", "Al Arabiya"),
        ("صحيفة «الشرق الأوسط»", "ar", "Asharq Al-Awsat"),
        ("وزارة الدفاع الأمريكية", "ar", "US Department of Defense"),
        ("خبرگزاری مهر نوشت", "fa", "Mehr News Agency"),
        ("به گزارش ایسنا", "fa", "ISNA"),
        ("واشنگتن‌پست نوشت", "fa", "The Washington Post"),
        ("told the New York Times", "en", "The New York Times"),
    ],
)
def test_an_outlet_is_known_by_its_names_in_each_script(text: str, language: str, name: str) -> None:
    assert name in named(text, language)


@pytest.mark.parametrize("text", ["اللغة العربية جميلة", "في الشرق الأوسط", "العالم يتغير", "الوطن غال"])
def test_a_name_that_is_a_common_word_counts_only_beside_the_noun_of_an_outlet(text: str) -> None:
    assert named(text) == []


def test_the_outlets_that_a_workspace_adds_are_known_before_the_others() -> None:
    shown = page("docs/formats/languages.md").text.split("```yaml\n")[1].split("```")[0]
    known = read_outlets(shown.encode(), at="outlets.yaml")
    assert named("نقلت وكالة مرسى", known=known) == ["Marsa"]
    assert named("نقلت وكالة رويترز", known=known) == ["Reuters"]


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"outlets: 3", "expected 'outlets:' with a list, found int"),
        (b"other: []", "expected 'outlets:' with a list"),
        (b"outlets: [a]", "outlet 1: expected name, type"),
        (b"outlets:\n- {name: X, type: paper}", r"outlet 1 \(X\): type: expected one of agency"),
        (b"outlets:\n- {type: site}", "outlet 1: name: expected text"),
        (b"outlets:\n- {name: X, type: site, aliases: a}", "aliases: expected a list"),
        (b"outlets:\n- {name: X, type: site, colour: red}", "outlet 1: expected name, type"),
    ],
)
def test_a_wrong_outlet_is_told_with_its_place(raw: bytes, told: str) -> None:
    with pytest.raises(FormatError, match=told):
        read_outlets(raw, at="outlets.yaml")


def test_names_are_given_in_latin_letters_where_they_are_known() -> None:
    assert latin_name("قيس الخزعلي", lexicon()) == "Qais al-Khazali"
    assert latin_name("وزارة الدفاع الأمريكية", lexicon()) == "US Department of Defense"
    assert latin_name("John Smith", lexicon()) == "John Smith"
    assert latin_name("فلان الفلاني", lexicon()) is None
