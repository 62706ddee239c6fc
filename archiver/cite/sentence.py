"""One sentence as it is read: its words, its cues, where its clauses begin and where what was said does."""

from collections.abc import Sequence
from dataclasses import dataclass

from archiver.cite.language import Language
from archiver.cite.outlets import Lexicon
from archiver.cite.people import Marker, Memory, Mention
from archiver.cite.units import Unit
from archiver.cite.words import Word

FAR = 26
OPENING = 3
_DATELINE = 14
_SAME_SOURCE = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """A word or phrase that tells of speech, and its class."""

    at: int
    end: int
    kind: str


class Sentence:
    """A sentence with its cues. Indices are of its words."""

    def __init__(self, unit: Unit, text: str, language: Language, lexicon: Lexicon, memory: Memory) -> None:
        self.unit = unit
        self.words: Sequence[Word] = unit.words
        self.language = language
        self.lexicon = lexicon
        self.marker = Marker(self.words, language, text, memory)
        self.first = self._dateline()
        self.verb_last = language.speaker_before and not language.speaker_after
        self.cues = self._cues()

    def own_voice(self) -> bool:
        """Say whether the writers speak of their own work."""
        return any(cue.kind == "own_voice" and cue.at <= OPENING for cue in self.cues)

    def opens_with(self, kind: str) -> bool:
        """Say whether a cue of this class is the sentence's first word."""
        return any(cue.kind == kind and cue.at <= 1 for cue in self.cues)

    def same_source(self) -> bool:
        """Say whether the sentence begins by saying that it tells of the same source («جاء ذلك …»)."""
        return any(self.marker.size("same_source", at) for at in range(min(_SAME_SOURCE, len(self.words))))

    def _dateline(self) -> int:
        """Give where the sentence begins behind a dateline: "BAGHDAD, April 25 (Reuters) - …" names no source."""
        words = [word.text for word in self.words[:_DATELINE]]
        closed = next((at for at, text in enumerate(words) if text == ")" and "(" in words[:at]), None)
        if closed is not None and closed + 1 < len(words) and words[closed + 1] in ("-", ":"):
            return closed + 2
        return 0

    def _cues(self) -> list[Cue]:
        found: list[Cue] = []
        at = self.first
        while at < len(self.words):
            hit = None if self.words[at].mark else self.language.cues.at(self.words, at, exact=True)
            if hit is None or (self.language.capitals and self._is_name(at)):
                at += 1
                continue
            found.append(Cue(at=at, end=at + hit[0], kind=hit[1]))
            at += hit[0]
        return found

    def _is_name(self, at: int) -> bool:
        return at > 0 and self.words[at].capital and not self.words[at - 1].mark

    def at_clause_start(self, cue: Cue) -> bool:
        """Say whether a verb opens its clause, and does not stand in a relative one («التي أعلنت»)."""
        if cue.at == 0 or self.words[cue.at - 1].mark:
            return True
        back = self.words[cue.at - 1]
        if (
            any(one.end == back.end for one in self.unit.dates)
            or self.words[cue.at].text != self.words[cue.at].forms[-1]
        ):
            return True
        known = ("skip", "auxiliaries", "contrast")
        return any(self._ends_here(name, cue.at) for name in known)

    def _ends_here(self, name: str, at: int) -> bool:
        if name == "contrast":
            return any(one.kind == name and one.end == at for one in self.cues)
        return any(
            self.marker.size(name, back) and back + self.marker.size(name, back) == at
            for back in (at - 1, at - 2, at - 3)
            if back >= 0
        )

    def clause_begin(self, at: int) -> int:
        """Give where the clause of a verb begins."""
        for back in range(at - 1, self.first - 1, -1):
            word = self.words[back]
            if word.mark and ((word.quoted and not self.verb_last) or word.text in (":", ";", "!", "?", "|")):
                return back + 1
        return self.first

    def content_from(self, at: int) -> int | None:
        """Give where what was said begins: "that", a colon or a quotation within reach, before any other cue."""
        that = self.language.is_in("that")
        stops = {cue.at for cue in self.cues if cue.kind in ("participles", "own_voice")}
        for index in range(at, min(len(self.words), at + FAR)):
            word = self.words[index]
            if index in stops:
                return None
            if (
                word.quoted
                or word.text == ":"
                or (not word.mark and that.has(self.words, index) and self._exact_that(index))
            ):
                return index
        return None

    def _exact_that(self, index: int) -> bool:
        return self.marker.exact("that", index) or len(self.words[index].text) > 3  # noqa: PLR2004 - «بأن», «فإن»

    def quotation_before(self, cue: Cue) -> bool:
        """Say whether a quotation stands before a verb."""
        return any(word.quoted for word in self.words[: cue.at])

    def pieces(self, begin: int, end: int) -> list[tuple[int, int]]:
        """Give the stretches between commas and dashes."""
        pieces: list[tuple[int, int]] = []
        start = begin
        for at in range(begin, end + 1):
            if at == end or self.words[at].text in (",", "-"):
                if at > start:
                    pieces.append((start, at))
                start = at + 1
        return pieces

    def resolves(self, speaker: Mention) -> bool:
        """Say whether somebody of this name was named in full before."""
        return self.marker.memory.full(speaker.key) is not None
