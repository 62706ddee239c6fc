"""Words and phrases to look for, in one pass over a text's words: what is found does not slow with their number."""

from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar

from archiver.cite.words import Word
from archiver.formats.fold import fold

Value = TypeVar("Value")
_ZWNJ = "\u200c"


def forms(phrase: str) -> set[tuple[str, ...]]:
    """Give the folded words of a phrase: ZWNJ may be left out, or be a space."""
    plain = phrase.replace("_", " ")
    return {tuple(fold(one).split()) for one in (plain, plain.replace(_ZWNJ, " ")) if one.strip()}


class Phrases(Generic[Value]):
    """Phrases with what each stands for."""

    def __init__(self, pairs: Iterable[tuple[str, Value]] = ()) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], Value]]] = {}
        for phrase, value in pairs:
            for words in forms(phrase):
                self.add(words, value)
        for found in self._by_first.values():
            found.sort(key=lambda one: -len(one[0]))

    def add(self, words: tuple[str, ...], value: Value) -> None:
        """Add a phrase in its folded words; a longer one is tried before a shorter one once all are in."""
        self._by_first.setdefault(words[0], []).append((words, value))

    def at(self, words: Sequence[Word], index: int, *, exact: bool = False) -> tuple[int, Value] | None:
        """Give how many words the longest phrase at a place has, and what it stands for.

        ``exact``: the first word as it is written, with nothing that may be joined to its front left off.
        """
        for form in words[index].forms[:1] if exact else words[index].forms:
            for phrase, value in self._by_first.get(form, ()):
                size = len(phrase)
                if size == 1 or all(
                    index + step < len(words) and words[index + step].text == phrase[step] for step in range(1, size)
                ):
                    return size, value
        return None

    def begins_with(self, letters: str) -> bool:
        """Say whether a phrase begins with these letters."""
        return any(first.startswith(letters) for first in self._by_first)

    def __contains__(self, word: Word) -> bool:
        return any(words == (form,) for form in word.forms for words, _ in self._by_first.get(form, ()))

    def has(self, words: Sequence[Word], index: int) -> bool:
        """Say whether a phrase begins at a place."""
        return index < len(words) and self.at(words, index) is not None
