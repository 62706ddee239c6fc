"""A language as data: what its prose does when it cites a source. One YAML file each in ``languages/``.

The reader knows no language: adding one is adding a file. What each key means is told in the files themselves
and in docs/formats/languages.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TypeVar

from ruamel.yaml import YAML

from archiver.cite.phrases import Phrases, forms
from archiver.formats.fold import fold
from archiver.model.errors import FormatError

Value = TypeVar("Value")
_CUES = ("say", "say_weak", "post", "carry", "according", "participles", "own_voice", "contrast")
_SETS = (
    "that", "verbal_nouns", "auxiliaries", "skip", "stops", "role_prepositions", "names_join", "titles", "roles",
    "org_nouns", "anonymous", "descriptions", "pronouns", "outlet_anaphors", "places", "given", "term_before",
    "title_before", "carry_from", "not_letter", "not_names", "passive", "joins_next", "no_comment", "same_source",
    "outlet_led",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class DateWords:
    """The words of dates: each phrase stands for a kind of word and its number or unit."""

    words: Phrases[Mapping[str, str]]
    default_calendar: str
    slash_names: bool
    capital_months: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """One language: its cues by class, its sets of words, how names stand, its words of dates."""

    code: str
    name: str
    right_to_left: bool
    capitals: bool
    article: str
    speaker_before: bool
    speaker_after: bool
    clitics: tuple[str, ...]
    split_after: str
    stop_prefixes: tuple[str, ...]
    letters: frozenset[str]
    frequent: frozenset[str]
    abbreviations: frozenset[str]
    cues: Phrases[str]
    sets: Mapping[str, Phrases[str]]
    carriers: Phrases[str]
    carrier_nouns: Phrases[str]
    dates: DateWords

    def is_in(self, name: str) -> Phrases[str]:
        """Give one set of words by the key that it has in the file."""
        return self.sets[name]


def language_from(document: Mapping[str, object], *, at: str = "language") -> Language:
    """Give the language that a file holds; raise FormatError where a key is missing."""
    try:
        return _language(document)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise FormatError(f"{at}: expected the keys of docs/formats/languages.md, found {error}") from error


def _language(document: Mapping[str, object]) -> Language:
    order = _list(document["order"])
    return Language(
        code=str(document["language"]),
        name=str(document["name"]),
        right_to_left=document["direction"] == "rtl",
        capitals=bool(document["capitals"]),
        article=fold(str(document.get("article") or "")),
        speaker_before="before" in order,
        speaker_after="after" in order,
        clitics=tuple(fold(one) for one in _list(document.get("clitics"))),
        split_after=str(document.get("split_after") or ""),
        stop_prefixes=tuple(fold(one) for one in _list(document.get("stop_prefixes"))) or ("\0",),
        letters=frozenset("".join(_list(document["detect"]))),
        frequent=frozenset(fold(one) for one in _list(document["stopwords"])),
        abbreviations=frozenset(fold(one) for one in _list(document.get("abbreviations"))),
        cues=_cues(document),
        sets={name: Phrases((one, name) for one in _list(document.get(name))) for name in _SETS},
        carriers=_kinds(document.get("carriers")),
        carrier_nouns=_kinds(document.get("carrier_nouns")),
        dates=_dates(document["dates"]),
    )


def _cues(document: Mapping[str, object]) -> Phrases[str]:
    """Give the cues of all classes; of a phrase in two classes the class that is named first."""
    joined = [fold(one) for one in _list(document.get("joined"))]
    taken: dict[tuple[str, ...], str] = {}
    for name in _CUES:
        for phrase in _list(document.get(name)):
            for words in forms(phrase):
                taken.setdefault(words, name)
    plain = dict(taken)
    for words, name in plain.items():
        for letter in joined:
            taken.setdefault((letter + words[0], *words[1:]), name)
    return _phrases(taken)


def _phrases(found: Mapping[tuple[str, ...], Value]) -> Phrases[Value]:
    made = Phrases[Value]()
    for words, value in sorted(found.items(), key=lambda one: -len(one[0])):
        made.add(words, value)
    return made


def _kinds(node: object) -> Phrases[str]:
    if not isinstance(node, Mapping):
        return Phrases()
    return Phrases((phrase, str(kind)) for kind, phrases in node.items() for phrase in _list(phrases))


def _dates(node: object) -> DateWords:
    if not isinstance(node, Mapping):
        raise TypeError("dates: no mapping")
    senses: dict[tuple[str, ...], dict[str, str]] = {}
    for key, value in node.items():
        told = value if isinstance(value, Mapping) else {key: value} if isinstance(value, str) else {}
        for one, phrases in told.items():
            for phrase in _list(phrases) if key != "calendar" else ():
                for words in forms(phrase):
                    senses.setdefault(words, {}).setdefault(str(key), str(one))
    return DateWords(
        words=_phrases(senses),
        default_calendar=str(node.get("calendar", "gregorian")),
        slash_names=bool(node.get("slash_names")),
        capital_months=bool(node.get("capital_months")),
    )


def _list(node: object) -> list[str]:
    if node is None or node == []:
        return []
    if not isinstance(node, str):
        raise TypeError(f"expected words, found {str(node)[:60]!r}")
    return node.split()


def packaged(name: str) -> Mapping[str, object]:
    """Give what one of the package's own data files holds."""
    document = YAML(typ="safe", pure=True).load(files("archiver.cite").joinpath(name).read_text(encoding="utf-8"))
    return document if isinstance(document, dict) else {}


@cache
def languages() -> Mapping[str, Language]:
    """Give the languages that the package knows, by their codes."""
    folder = files("archiver.cite") / "languages"
    names = sorted(one.name for one in folder.iterdir() if one.name.endswith(".yaml"))
    found = [language_from(packaged(f"languages/{name}"), at=name) for name in names]
    return {one.code: one for one in sorted(found, key=lambda each: each.code)}


def choose(text: str, known: Mapping[str, Language] | None = None) -> str | None:
    """Give the code of the language whose letters and frequent words a text has most of, None where it has no words."""
    sample = text[:20_000]
    words = [fold(one) for one in sample.split()]
    letters = sum(1 for one in sample if one.isalpha())
    if not letters:
        return None
    best: tuple[float, str] | None = None
    for code, language in (known or languages()).items():
        own = sum(1 for one in sample if one in language.letters) / letters
        common = sum(1 for one in words if one in language.frequent) / max(1, len(words))
        score = own + common * 2
        if best is None or score > best[0]:
            best = (score, code)
    return best[1] if best and best[0] > 0 else None
