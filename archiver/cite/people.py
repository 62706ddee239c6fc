"""Who is named among some words: a person with or without a role, an organisation, an unnamed source, a pronoun.

Languages with capital letters tell names by them; the others by given names, titles, the nouns of roles, and the
place where a word with the article is followed by one without.
LIMIT: a name that is in no list, behind a role whose last word has no article, is read as part of the role.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from archiver.cite.language import Language
from archiver.cite.words import Word

PERSON, ORGANISATION, ANONYMOUS, DESCRIPTION, PRONOUN = "person", "organisation", "anonymous", "description", "pronoun"
LONGEST_NAME = 5
SURE_ENOUGH = 0.5
LONGEST_PHRASE = 24
_SHORTEST_PLACE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """Somebody as a text names them. ``name`` and ``role`` are places in the draft, ``key`` the name's folded words."""

    kind: str
    name: tuple[int, int] | None
    role: tuple[int, int] | None = None
    key: tuple[str, ...] = ()
    role_words: frozenset[str] = field(default_factory=frozenset)
    last: int = 0
    sure: float = 0.5


class Marker:
    """Tells of each word of a stretch what it may be, each looked up once."""

    def __init__(
        self, words: Sequence[Word], language: Language, original: str, memory: "Memory | None" = None
    ) -> None:
        self.words = words
        self.language = language
        self.original = original
        self.memory = memory or Memory()
        self._known: dict[tuple[str, int], int] = {}

    def size(self, name: str, index: int) -> int:
        """Give how many words of a set's phrase begin here, 0 for none."""
        key = (name, index)
        found = self._known.get(key)
        if found is None:
            at = self.language.is_in(name).at(self.words, index) if index < len(self.words) else None
            self._known[key] = found = at[0] if at else 0
        return found

    def exact(self, name: str, index: int) -> bool:
        """Say whether a word belongs to a set as it is written, with nothing joined to its front."""
        if not self.size(name, index):
            return False
        word = self.words[index]
        bare = Word(word.text, (word.text,), word.start, word.end)
        return self.language.is_in(name).at((bare, *self.words[index + 1 : index + 4]), 0) is not None

    def definite(self, index: int) -> bool:
        """Say whether a word has the article, or is a place, which needs none."""
        article = self.language.article
        text = self.words[index].text
        if article and text.startswith(article) and len(text) > len(article) + 1:
            return True
        return any(len(text) >= _SHORTEST_PLACE and one.startswith(article) for one in self.words[index].forms[1:]) or (
            bool(self.size("places", index))
        )

    def bare_definite(self, index: int) -> bool:
        """Say whether a word begins with the article itself."""
        return bool(self.language.article) and self.words[index].text.startswith(self.language.article)


class Memory:
    """Those who were named so far, by each word of their names: a family name alone is resolved through it."""

    def __init__(self) -> None:
        self._by_word: dict[str, Mention] = {}

    def keep(self, mention: Mention) -> None:
        """Remember somebody's full name."""
        for word in mention.key:
            if len(word) > 1:
                self._by_word[word] = mention

    def full(self, key: tuple[str, ...]) -> Mention | None:
        """Give who was named before by these words among others, None if nobody or not all of one person's."""
        found = self._by_word.get(key[-1]) if key else None
        if found is None or not set(key) <= set(found.key):
            return None
        return found

    def knows(self, word: str) -> bool:
        """Say whether a word is the last one of a name that was read before."""
        found = self._by_word.get(word)
        return found is not None and word == found.key[-1]


def folded_key(words: Sequence[Word], language: Language) -> tuple[str, ...]:
    """Give a name's words as they are compared: without the article and a possessive."""
    article = language.article
    found: list[str] = []
    joined = ""
    for word in words:
        if word.mark:
            continue
        text = word.text.removesuffix("'s")
        if not joined and word in language.is_in("joins_next"):
            joined = text
            continue
        bare = text[len(article) :] if article and text.startswith(article) and len(text) > 4 else text  # noqa: PLR2004
        found.append(joined + text if joined else bare)
        joined = ""
    return (*found, joined) if joined else tuple(found)


def mention_of(
    marker: Marker,
    last: int,
    *,
    kind: str,
    name: tuple[int, int] | None,
    role: tuple[int, int] | None = None,
) -> Mention:
    """Make a mention of word ranges (``name`` and ``role`` are indices of words, ends exclusive)."""
    words, language = marker.words, marker.language

    def place(at: tuple[int, int] | None) -> tuple[int, int] | None:
        if at is None or at[1] <= at[0]:
            return None
        end = words[at[1] - 1].end
        return words[at[0]].start, end - 2 if words[at[1] - 1].text.endswith("'s") else end

    named = words[slice(*name)] if name else ()
    told = words[slice(*role)] if role else ()
    return Mention(
        kind=kind,
        name=place(name),
        role=place(role),
        key=folded_key(named, language),
        role_words=frozenset(folded_key(told, language)),
        last=last,
        sure={PERSON: 0.8, ORGANISATION: 0.7, ANONYMOUS: 0.7}.get(kind, 0.5),
    )


def names_in(marker: Marker) -> list[Mention]:
    """Give the persons with a full name among all words of a sentence, whoever speaks in it."""
    found: list[Mention] = []
    at = 0
    while at < len(marker.words):
        mention = read_mention(marker, at, len(marker.words)) if _may_begin(marker, at) else None
        if mention is not None and mention.kind == PERSON and len(mention.key) > 1 and mention.sure > SURE_ENOUGH:
            found.append(mention)
            at = max(at + 1, mention.last)
        else:
            at += 1
    return found


def _may_begin(marker: Marker, at: int) -> bool:
    word = marker.words[at]
    if word.mark:
        return False
    if marker.language.capitals:
        return word.capital and (at == 0 or not marker.words[at - 1].capital)
    return any(marker.exact(name, at) for name in ("given", "titles", "roles"))


def read_mention(marker: Marker, first: int, limit: int) -> Mention | None:
    """Give who is named from a word on, up to a limit; None where nobody is."""
    from archiver.cite import capital_names, plain_names  # noqa: PLC0415 - they build on this module

    last = min(limit, len(marker.words), first + LONGEST_PHRASE)
    return (
        capital_names.read(marker, first, last) if marker.language.capitals else plain_names.read(marker, first, last)
    )
