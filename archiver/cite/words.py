"""A stretch of text as words, each with its place in the draft."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from archiver.cite.shadow import Shadow

_TOKEN = re.compile(r"[^\W_](?:\.[^\W_])+\b\.?|[^\W_]+(?:['\-&][^\W_]+)*(?:'s)?|[^\w\s]|_")
QUOTED = "\x01"


@dataclass(frozen=True, slots=True)
class Word:
    """One word or mark: folded, in the forms that it may be looked up by, and where it stands in the draft."""

    text: str
    forms: tuple[str, ...]
    start: int
    end: int
    capital: bool = False
    mark: bool = False

    @property
    def quoted(self) -> bool:
        """Say whether this stands for a whole quotation."""
        return self.text == QUOTED


def words_of(
    shadow: Shadow,
    start: int,
    end: int,
    *,
    clitics: Sequence[str] = (),
    article: str = "",
    split_after: str = "",
    quotations: Sequence[tuple[int, int]] = (),
) -> tuple[Word, ...]:
    """Give the words of ``start:end`` of the copy; each of ``quotations`` (places in the draft) becomes one word."""
    found: list[Word] = []
    at, count = 0, len(quotations)
    for first, last in _tokens(shadow, start, end, split_after):
        place, place_end = shadow.span(first, last)
        while at < count and place >= quotations[at][1]:
            at += 1
        if at < count and place >= quotations[at][0]:
            if not found or found[-1].start != quotations[at][0]:
                found.append(Word(QUOTED, (QUOTED,), *quotations[at], mark=True))
            continue
        text = shadow.text[first:last]
        mark = not text[0].isalnum()
        forms = (text,) if mark else _forms(text, tuple(clitics), article)
        found.append(Word(text, forms, place, place_end, _is_capital(shadow.original[place:place_end]), mark))
    return tuple(found)


def _is_capital(word: str) -> bool:
    """Say whether a word begins with a capital letter, or its second half does: "al-Shammari"."""
    return word[:1].isupper() or word.partition("-")[2][:1].isupper()


def _tokens(shadow: Shadow, start: int, end: int, split_after: str) -> Iterator[tuple[int, int]]:
    for match in _TOKEN.finditer(shadow.text, start, end):
        first, last = match.span()
        if split_after and last - first > 4:  # noqa: PLR2004 - shorter words hold no second one
            piece_start, piece_end = shadow.span(first, last)
            piece = shadow.original[piece_start:piece_end]
            if any(one in piece[:-2] for one in split_after):
                for at in range(first, last - 2):
                    if shadow.original[shadow.span(at, at + 1)[0]] in split_after:
                        yield first, at + 1
                        first = at + 1
        yield first, last


@lru_cache(maxsize=1 << 16)
def _forms(text: str, clitics: tuple[str, ...], article: str) -> tuple[str, ...]:
    return tuple(_each_form(text, clitics, article))


def _each_form(text: str, clitics: tuple[str, ...], article: str) -> Iterator[str]:
    """Give a word as it is, then without the letters that may be joined to its front, then with its article back."""
    yield text
    if text.endswith("'s"):
        yield text[:-2]
    if len(text) > 3 or text[1:].isdigit():  # noqa: PLR2004 - what is left would be no word
        for clitic in clitics:
            if text.startswith(clitic):
                rest = text[len(clitic) :]
                yield rest
                if clitic == clitics[0] and rest[:1] in clitics:
                    yield rest[1:]
                if article and rest.startswith(article[1:]) and not rest.startswith(article) and len(article) > 1:
                    yield article[0] + rest
