"""Which outlets and platforms a text names: the lexicon ``outlets.yaml``, and those that a user adds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from archiver.cite.language import Language, packaged
from archiver.cite.phrases import Phrases
from archiver.cite.words import Word
from archiver.formats.fields import load
from archiver.formats.fold import fold
from archiver.model.errors import FormatError

TYPES = (
    "agency", "television", "radio", "newspaper", "site", "platform", "party", "government", "organisation",
)  # fmt: skip
MEDIA = frozenset(TYPES[:6])
_CARRIED_BY = {
    "agency": ("agency",),
    "television": ("television",),
    "radio": ("radio",),
    "newspaper": ("newspaper",),
    "site": ("site",),
    "platform": ("platform",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletEntry:
    """One outlet of the lexicon."""

    name: str
    type: str
    country: str
    languages: tuple[str, ...]
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedOutlet:
    """An outlet as a text names it, and which words name it (the noun before it left out)."""

    entry: OutletEntry
    first: int
    last: int


class Lexicon:
    """The outlets known, looked up by the words of a text."""

    def __init__(self, entries: Sequence[OutletEntry]) -> None:
        self.entries = tuple(entries)
        self._plain = {plain_name(alias): one.name for one in reversed(self.entries) for alias in one.aliases}
        self._aliases = Phrases(
            (form, (one, alias.startswith("?")))
            for one in self.entries
            for alias in _spellings(one.aliases)
            for form in {alias.lstrip("?"), alias.lstrip("?").replace("-", " ")}
        )

    def at(self, words: Sequence[Word], index: int, language: Language, *, sure: bool = False) -> NamedOutlet | None:
        """Give the outlet named from this word on.

        An ambiguous name counts where a carrier's noun or a mark stands before it, or where it is ``sure`` from
        elsewhere that an outlet is named.
        """
        found = self._aliases.at(words, index)
        if found is None:
            return None
        size, (entry, ambiguous) = found
        if language.capitals and not words[index].capital:
            return None
        if ambiguous and not sure and not _introduced(words, index, entry.type, language):
            return None
        return NamedOutlet(entry=entry, first=index, last=index + size)

    def english(self, name: str) -> str | None:
        """Give the English name of what is called so in full, None if it is not known."""
        return self._plain.get(plain_name(name))


def plain_name(name: str) -> str:
    """Give a name as names are compared: folded, without spaces, America spelled one way."""
    return fold(name.lstrip("?")).replace(" ", "").replace("امريك", "اميرك")


def _spellings(aliases: Sequence[str]) -> list[str]:
    """Give aliases with both spellings of America: an Arabic text has either."""
    found = list(aliases)
    for one in aliases:
        found.extend(one.replace(old, new) for old, new in (("أميرك", "أمريك"), ("أمريك", "أميرك")) if old in one)
    return found


def _introduced(words: Sequence[Word], index: int, kind: str, language: Language) -> bool:
    for back in range(index - 1, index - 5, -1):
        if back < 0:
            return False
        word = words[back]
        if word.mark and word.text not in ('"', "("):
            return False
        if word.text == '"' and back == index - 1:
            return True
        noun = language.carrier_nouns.at(words, back)
        if noun is not None and noun[1] in _CARRIED_BY.get(kind, ()):
            return True
    return False


def entries_from(document: Mapping[str, object], *, at: str = "outlets.yaml") -> tuple[OutletEntry, ...]:
    """Give the outlets that a file lists; raise FormatError that says which one is wrong."""
    nodes = document.get("outlets")
    if not isinstance(nodes, list):
        raise FormatError(f"{at}: expected 'outlets:' with a list, found {type(nodes).__name__}")
    return tuple(_entry(node, f"{at}: outlet {number}") for number, node in enumerate(nodes, 1))


def _entry(node: object, at: str) -> OutletEntry:
    if not isinstance(node, Mapping) or set(node) - {"name", "type", "country", "languages", "aliases"}:
        raise FormatError(f"{at}: expected name, type, country, languages, aliases; found {str(node)[:100]}")
    name, kind = node.get("name"), node.get("type")
    aliases, languages = node.get("aliases") or [], node.get("languages") or []
    if not isinstance(name, str) or not name.strip():
        raise FormatError(f"{at}: name: expected text, found {name!r}")
    if kind not in TYPES:
        raise FormatError(f"{at} ({name}): type: expected one of {', '.join(TYPES)}; found {kind!r}")
    for key, value in (("aliases", aliases), ("languages", languages)):
        if not isinstance(value, list) or not all(isinstance(one, str) and one.strip() for one in value):
            raise FormatError(f"{at} ({name}): {key}: expected a list of texts, found {str(value)[:60]!r}")
    return OutletEntry(
        name=name,
        type=str(kind),
        country=str(node.get("country") or ""),
        languages=tuple(languages),
        aliases=(name, *aliases),
    )


@cache
def known_outlets() -> tuple[OutletEntry, ...]:
    """Give the outlets that the package knows."""
    return entries_from(packaged("outlets.yaml"))


@cache
def lexicon() -> Lexicon:
    """Give the package's own lexicon, ready to look things up in."""
    return Lexicon(known_outlets())


def read_outlets(content: bytes, *, at: str) -> Lexicon:
    """Give the lexicon with a user's outlets before the package's own."""
    return Lexicon((*entries_from(load(content), at=at), *known_outlets()))
