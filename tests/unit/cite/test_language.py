import pytest

from archiver.cite.find import find
from archiver.cite.language import Language, choose, language_from, languages
from archiver.cite.read import read_draft
from archiver.formats.fields import load
from archiver.model.citation import Kind
from archiver.model.errors import FormatError
from tests.docs.pages import page

FRENCH = """
language: fr
name: French
direction: ltr
detect: a e i o u é è à ç
stopwords: le la les de des du et en que est dans pour
capitals: true
order: before after
that: que
say: dit déclaré affirmé a_déclaré a_dit a_affirmé indiqué
say_weak: écrit
according: selon
participles: ajoutant
auxiliaries: a ont
roles: ministre président porte-parole
titles: m mme
stops: dans sur à pour
carriers: {tweet: tweet}
carrier_nouns: {newspaper: journal quotidien, agency: agence}
dates:
  months: {1: janvier, 2: février, 3: mars, 11: novembre}
  weekdays: {0: lundi, 1: mardi}
  between: le
  year_words: en
"""


def french() -> Language:
    return language_from(load(FRENCH.encode()))


def test_a_language_is_added_by_a_file_and_no_code() -> None:
    text = "Selon l’agence Reuters, rien n’a changé.\n\n"
    text += "Le 3 mars 2021, Josep Borrell a déclaré que « la situation est grave ici ».\n"
    found = find(read_draft("d.txt", text.encode()), language="fr", known={"fr": french()}).citations
    assert [one.kind for one in found] == [Kind.AGENCY_STORY, Kind.STATEMENT]
    second = found[1]
    assert second.speaker is not None
    assert second.date_stated is not None
    assert (second.speaker.name, second.date_stated.iso) == ("Josep Borrell", "2021-03-03")
    assert [one.text for one in second.quotes] == ["la situation est grave ici"]


def test_the_language_of_a_text_is_told_by_its_words_and_an_added_one_too() -> None:
    known = {**languages(), "fr": french()}
    assert choose("Le ministre a déclaré que la situation est grave dans le pays", known) == "fr"
    assert choose("The minister said that it is grave", known) == "en"
    assert choose("قال الوزير إن الوضع خطير في البلاد", known) == "ar"
    assert choose("وزیر گفت که وضعیت در کشور خطرناک است", known) == "fa"
    assert choose("12 34", known) is None


def test_the_package_knows_three_languages_with_all_their_words() -> None:
    assert set(languages()) == {"ar", "en", "fa"}
    for one in languages().values():
        assert one.frequent
        assert one.letters
        assert one.right_to_left is (one.code != "en")


def test_a_language_that_is_not_known_is_told() -> None:
    with pytest.raises(FormatError, match="language 'xx': expected one of ar, en, fa"):
        find(read_draft("d.txt", b"He said so."), language="xx")


@pytest.mark.parametrize(
    "raw",
    [
        b"language: xx",
        b"language: xx\nname: X\ndirection: ltr\ncapitals: true\norder: [1]\ndetect: a\nstopwords: a\ndates: 3",
    ],
)
def test_a_language_file_that_lacks_a_key_is_refused(raw: bytes) -> None:
    with pytest.raises(FormatError, match=r"expected the keys of docs/formats/languages.md"):
        language_from(load(raw))


def test_the_language_that_the_page_shows_is_read() -> None:
    text = page("docs/formats/languages.md").text
    shown = text.split("```yaml\n")[2].split("```")[0]
    assert language_from(load(shown.encode())).code == "fr"
