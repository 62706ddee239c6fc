"""A draft's text as paragraphs and sentences, with the quotations of each: what is read one after another."""

import re
from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from archiver.cite import dates
from archiver.cite.dates import FoundDate
from archiver.cite.language import Language
from archiver.cite.quotes import Stretch, find_stretches
from archiver.cite.resolve import Reference
from archiver.cite.shadow import Shadow
from archiver.cite.words import Word, words_of
from archiver.model.citation import Span

_LINE = re.compile(r"[^\n\r]+")
_END = re.compile(r"[.!?؟。۔…]+[\"”»’)\]]*(?=\s|\Z)")
_LONGEST_UNIT = 3000
_LONGEST_HEADING = 90
_WHOLE_TEXT = 1500
_WORD_BEFORE = re.compile(r"[^\s\"“«(]+\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One sentence: where it stands, in which paragraph, its words (a quotation is one word), quotations and dates."""

    start: int
    end: int
    paragraph: int
    opens_paragraph: bool
    heading: bool
    words: tuple[Word, ...]
    quotations: tuple[Stretch, ...]
    terms: tuple[Stretch, ...]
    dates: tuple[FoundDate, ...] = field(default=())


class Reading:
    """A text prepared for reading in one language: its copy to match on, and its sentences."""

    def __init__(self, text: str, language: Language, *, leave_out: Sequence[Span] = ()) -> None:
        self.text = text
        self.language = language
        self.shadow = Shadow(text)
        self._left_out = sorted((one.start, one.end) for one in leave_out)
        self.units = tuple(self._units())

    def words(self, start: int, end: int, quotations: Sequence[tuple[int, int]] = ()) -> tuple[Word, ...]:
        """Give the words of a stretch of the text."""
        return words_of(
            self.shadow,
            self.shadow.place(start),
            self.shadow.place(end),
            clitics=self.language.clitics,
            article=self.language.article,
            split_after=self.language.split_after,
            quotations=quotations,
        )

    def _units(self) -> Iterator[Unit]:
        number = 0
        for match in _LINE.finditer(self.text):
            start, end = match.span()
            if not match[0].strip() or self._is_left_out(start):
                continue
            marked = find_stretches(self.text, start, end, ends=self._quotation_end, starts=self._quotation_start)
            told = [(one, self._quoted(one)) for one in marked]
            stretches = deque(one for one, quoted in told if quoted)
            terms = deque(one for one, quoted in told if not quoted)
            sentences = list(self._sentences(start, end, marked))
            alone = end - start > _WHOLE_TEXT and (end - start) * 2 > len(self.text)
            for index, (first, last) in enumerate(sentences):
                inside = _taken(stretches, last)
                unit = self._unit(first, last, number, inside, opens=index == 0, single=len(sentences) == 1)
                yield replace(unit, terms=tuple(_taken(terms, last)))
                number += alone
            number += 1

    def _is_left_out(self, at: int) -> bool:
        index = bisect_right(self._left_out, (at, len(self.text) + 1)) - 1
        return index >= 0 and self._left_out[index][0] <= at < self._left_out[index][1]

    def _unit(self, start: int, end: int, number: int, inside: list[Stretch], *, opens: bool, single: bool) -> Unit:
        words = self.words(start, end, [one.outer for one in inside])
        last = words[-1].text if words else ""
        short = end - start < _LONGEST_HEADING and last not in (".", "!", "?", "؟", ":", "…", "\x01")
        return Unit(
            start=start,
            end=end,
            paragraph=number,
            opens_paragraph=opens,
            heading=single and short and not inside,
            words=words,
            quotations=tuple(inside),
            terms=(),
            dates=tuple(dates.find_dates(words, self.language, Reference())),
        )

    def _quoted(self, one: Stretch) -> bool:
        """Say whether marks hold a quotation and no name or term: those stay words of the sentence."""
        from archiver.cite.terms import is_term  # noqa: PLC0415 - it reads words as this does

        return not is_term(self, one)

    def _sentences(self, start: int, end: int, stretches: Sequence[Stretch]) -> Iterator[tuple[int, int]]:
        first, at = start, 0
        for match in _END.finditer(self.text, start, end):
            place = match.end()
            while at < len(stretches) and stretches[at].outer[1] <= match.start():
                at += 1
            inside = at < len(stretches) and stretches[at].outer[0] < match.start() < stretches[at].outer[1] - 1
            if inside and not self._closes(stretches[at], match):
                continue
            if self._abbreviated(match.start(), first) or self._goes_on(place, end):
                continue
            yield from self._bounded(first, place)
            first = place
        yield from self._bounded(first, end)

    def _closes(self, one: Stretch, match: re.Match[str]) -> bool:
        return match.end() >= one.outer[1] and one.inner[1] >= match.start()

    def _goes_on(self, place: int, end: int) -> bool:
        """Say whether the sentence goes on behind a quotation's full stop: a small letter, a comma."""
        rest = self.text[place : min(end, place + 4)].lstrip()
        return bool(rest) and (rest[0].islower() or rest[0] in ",،؛;")

    def _abbreviated(self, at: int, first: int) -> bool:
        if self.text[at] != ".":
            return False
        before = _WORD_BEFORE.search(self.text, max(first, at - 14), at)
        if before is None:
            return False
        word = before[0].lower().strip("().")
        return (len(word) == 1 and word.isalpha()) or word in self.language.abbreviations

    def _bounded(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Give a sentence without the space around it, in pieces where it is longer than any sentence is."""
        while start < end:
            stop = end
            if end - start > _LONGEST_UNIT:
                space = self.text.rfind(" ", start + _LONGEST_UNIT // 2, start + _LONGEST_UNIT)
                stop = space if space > start else start + _LONGEST_UNIT
            piece = self.text[start:stop]
            left = start + len(piece) - len(piece.lstrip())
            right = stop - (len(piece) - len(piece.rstrip()))
            if left < right:
                yield left, right
            start = stop

    # --- repair of marks ---

    def _quotation_end(self, start: int, limit: int) -> int:
        """Give where a quotation without a closing mark ends: before «، موضحًا», else at the limit."""
        words = self.words(start, limit)
        for index, word in enumerate(words[:-1]):
            cue = self.language.cues.at(words, index + 1, exact=True) if word.text in (",", ";") else None
            if cue is not None and cue[1] == "participles":
                return word.start
        return limit

    def _quotation_start(self, limit: int, end: int) -> int:
        """Give where a quotation without an opening mark begins: behind the last cue, "that" or colon before it."""
        words = self.words(limit, end)
        found = end
        for index, word in enumerate(words):
            cue = self.language.cues.at(words, index, exact=True)
            if word.text == ":" and index + 1 < len(words):
                found = words[index + 1].start
            elif cue is not None and cue[1] in ("say", "participles", "post"):
                behind = index + cue[0]
                while behind < len(words) and (
                    self.language.is_in("that").has(words, behind)
                    or words[behind].text in (",", ":")
                    or self.language.is_in("skip").has(words, behind)
                ):
                    behind += 1
                found = words[behind].start if behind < len(words) else found
        return found


def _taken(waiting: deque[Stretch], end: int) -> list[Stretch]:
    """Take from a queue the stretches that begin before a place."""
    found: list[Stretch] = []
    while waiting and waiting[0].outer[0] < end:
        found.append(waiting.popleft())
    return found
