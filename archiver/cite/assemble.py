"""Sentences to sources: which attributions are one and the same source, which begin another.

A source may run over paragraphs: a lead with the date, then who spoke and where, then what else he said. A field is
never taken from another source; `null` is a right answer.
LIMIT: what one speaker says without another date or outlet is taken for one source, however far apart it stands.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from archiver.cite.attribute import Attribution, SentenceReader
from archiver.cite.carriers import Carrier, OutletWords
from archiver.cite.dates import FoundDate, newest, resolved
from archiver.cite.outlets import Lexicon
from archiver.cite.people import (
    ANONYMOUS,
    DESCRIPTION,
    ORGANISATION,
    PERSON,
    PRONOUN,
    Marker,
    Memory,
    Mention,
    names_in,
)
from archiver.cite.quotes import Stretch
from archiver.cite.resolve import Reference
from archiver.cite.sentence import Sentence
from archiver.cite.units import Reading, Unit

_CLITIC_ARTICLE = 2
_LONG = 30
_FEW_WORDS = 3
_HEAD = 10


@dataclass(slots=True, kw_only=True)
class Source:
    """One cited source while it is read."""

    speaker: Mention | None = None
    lead: Mention | None = None
    outlet: OutletWords | None = None
    carriers: list[Carrier] = field(default_factory=list)
    date: FoundDate | None = None
    spans: list[tuple[int, int]] = field(default_factory=list)
    paragraphs: list[int] = field(default_factory=list)
    quotations: list[Stretch] = field(default_factory=list)
    terms: list[Stretch] = field(default_factory=list)
    sure: float = 0.0

    @property
    def last_paragraph(self) -> int:
        """Give the paragraph that was added last."""
        return self.paragraphs[-1] if self.paragraphs else -9

    def add(self, unit: Unit) -> None:
        """Add a sentence and its quotations."""
        if self.paragraphs and self.paragraphs[-1] == unit.paragraph and self.spans[-1][1] <= unit.start:
            self.spans[-1] = (self.spans[-1][0], unit.end)
        else:
            self.spans.append((unit.start, unit.end))
            self.paragraphs.append(unit.paragraph)
        self.quotations.extend(unit.quotations)
        self.terms.extend(unit.terms)

    def has(self, kind: str) -> bool:
        """Say whether a carrier of this kind was named."""
        return any(one.kind == kind for one in self.carriers)


class Assembler:
    """Walks the sentences of a text and gives its sources in their order."""

    def __init__(self, reading: Reading, lexicon: Lexicon, published: dt.date | None) -> None:
        self.reading = reading
        self.lexicon = lexicon
        self.memory = Memory()
        self.sources: list[Source] = []
        self.current: Source | None = None
        self._by_speaker: dict[tuple[str, ...], Source] = {}
        found = [one for unit in reading.units for one in unit.dates]
        self.reference = Reference(published=published, newest=newest(found))
        head = _day_at_the_head(reading) if published is None else None
        if head is not None:
            self.reference = replace(self.reference, published=head, told="the day that stands at the draft's head")
        self._told: dt.date | None = None
        self._person: tuple[Mention, Unit] | None = None

    def run(self) -> list[Source]:
        """Give the sources."""
        for unit in self.reading.units:
            if not unit.heading:
                self._read(unit)
        return self.sources

    def _read(self, unit: Unit) -> None:
        self._remember(unit)
        sentence = Sentence(unit, self.reading.text, self.reading.language, self.lexicon, self.memory)
        if sentence.own_voice():
            self.current = None
            return
        found = SentenceReader(sentence).read()
        if found is None:
            self._go_on(unit, sentence)
            return
        found = replace(found, speaker=self._resolved(found.speaker), date=self._dated(found, unit))
        self._place(found, unit, same_source=sentence.same_source())

    def _remember(self, unit: Unit) -> None:
        """Remember the full names in a sentence, whoever speaks: later ones may be named by the family name alone."""
        marker = Marker(unit.words, self.reading.language, self.reading.text, self.memory)
        for one in names_in(marker):
            if self.memory.full(one.key) is None or one.role:
                self.memory.keep(one)
            self._person = (one, unit)

    def _go_on(self, unit: Unit, sentence: Sentence) -> None:
        """Add a sentence that names nobody to the source before it, where it plainly goes on with it."""
        source = self.current
        longest = max((one.inner[1] - one.inner[0] for one in unit.quotations), default=0)
        opening = bool(unit.words) and unit.words[0].quoted
        if source is not None and self._adjacent(source, unit):
            same = source.last_paragraph == unit.paragraph
            if (same and (sentence.opens_with("participles") or longest)) or opening or longest >= _LONG:
                source.add(unit)
        elif opening and longest >= _LONG and self._person_before(unit) is not None:
            self._begin_with_person(unit)

    def _person_before(self, unit: Unit) -> Mention | None:
        """Give who was named last, where that was in this paragraph or the one before."""
        if self._person is None or unit.paragraph - self._person[1].paragraph > 1:
            return None
        return self._person[0]

    def _begin_with_person(self, unit: Unit) -> None:
        """Begin a source with a paragraph of nothing but quotation: its speaker was named in the one before."""
        speaker = self._person_before(unit)
        source = Source(speaker=speaker, sure=0.5)
        self.sources.append(source)
        if self._person is not None and self._person[1] is not unit:
            source.add(self._person[1])
        source.add(unit)
        self.current = source
        if speaker is not None:
            self._by_speaker[speaker.key] = source

    # --- what an attribution comes to ---

    def _dated(self, found: Attribution, unit: Unit) -> FoundDate | None:
        if found.date is None:
            return None
        parts = found.date.parts
        narrated = parts.that_time or (parts.ago and found.date.start - unit.start < 12)  # noqa: PLR2004 - it opens the sentence
        one = resolved(found.date, replace(self.reference, anchor=self._told if narrated else None))
        return one if one.iso is not None else None

    def _resolved(self, speaker: Mention | None) -> Mention | None:
        """Give the full name of somebody who is named by a part of it; remember full names."""
        if speaker is None or speaker.kind not in (PERSON, ORGANISATION):
            return speaker
        full = self.memory.full(speaker.key)
        if full is not None and full.kind == speaker.kind:
            role, words = (speaker.role, speaker.role_words) if speaker.role else (full.role, full.role_words)
            return replace(full, role=role, role_words=words, sure=max(full.sure, 0.7))
        if len(speaker.key) > 1 or speaker.kind == PERSON:
            self.memory.keep(speaker)
        return speaker

    # --- where it belongs ---

    def _adjacent(self, source: Source, unit: Unit) -> bool:
        return unit.paragraph - source.last_paragraph <= 1

    def _place(self, found: Attribution, unit: Unit, *, same_source: bool) -> None:
        source = self._home(found, unit, same_source=same_source)
        if source is None:
            if self._says_nothing(found):
                person = self._person_before(unit) if unit.quotations else None
                if person is None:
                    return
                found = replace(found, speaker=person, sure=0.5)
            source = Source()
            self.sources.append(source)
        self._fill(source, found)
        source.add(unit)
        self.current = source
        if found.date is not None and found.date.iso and found.date.precision == "day" and "/" not in found.date.iso:
            self._told = dt.date.fromisoformat(found.date.iso)
        if source.speaker is not None and source.speaker.kind in (PERSON, ORGANISATION):
            self._by_speaker[source.speaker.key] = source

    @staticmethod
    def _says_nothing(found: Attribution) -> bool:
        nobody = found.speaker is None or found.speaker.kind == PRONOUN
        return nobody and found.outlet is None and (found.carrier is None or found.carrier.kind == "statement")

    def _home(self, found: Attribution, unit: Unit, *, same_source: bool) -> Source | None:
        """Give the source that an attribution goes on with, None where it begins another."""
        current = self.current
        near = current is not None and self._adjacent(current, unit)
        if current is not None and near and (same_source or self._goes_on_with(current, found)):
            return current
        if found.speaker is not None and found.speaker.kind in (PERSON, ORGANISATION):
            earlier = self._by_speaker.get(found.speaker.key)
            if earlier is not None and self._compatible(earlier, found, near=False):
                return earlier
        return None

    def _goes_on_with(self, current: Source, found: Attribution) -> bool:
        speaker = found.speaker
        if speaker is None or speaker.kind == PRONOUN:
            return self._nobody_named(current, found)
        if self._speaks_for(current, speaker):
            return self._compatible(current, found, near=True)
        if speaker.kind == ANONYMOUS and current.speaker is not None and current.speaker.kind == ORGANISATION:
            return set(current.speaker.key) <= set(speaker.key) and self._compatible(current, found, near=True)
        if speaker.kind == DESCRIPTION:
            return self._described(current, speaker) and self._compatible(current, found, near=True)
        if current.speaker is None:
            return bool(found.outlet_again) or (
                current.outlet is not None
                and found.outlet is not None
                and current.outlet.name == found.outlet.name
                and not found.date
            )
        if self._same(current.speaker, speaker):
            return self._compatible(current, found, near=True)
        return self._holds_office(current, speaker) and self._compatible(current, found, near=True)

    def _nobody_named(self, current: Source, found: Attribution) -> bool:
        if (
            found.speaker is None
            and found.carrier is not None
            and found.carrier.kind in ("report", "web_page", "letter")
        ):
            return current.has(found.carrier.kind) and self._compatible(current, found, near=True)
        if found.outlet is None:
            return self._compatible(current, found, near=True) or found.outlet_again
        same = current.outlet is not None and current.outlet.name == found.outlet.name
        return same and self._compatible(current, found, near=True)

    @staticmethod
    def _same(one: Mention, other: Mention) -> bool:
        if not one.key or not other.key or ANONYMOUS in (one.kind, other.kind):
            return one.key == other.key and bool(one.key)
        return set(one.key) <= set(other.key) or set(other.key) <= set(one.key)

    @staticmethod
    def _speaks_for(current: Source, speaker: Mention) -> bool:
        """Say whether an unnamed one speaks for the organisation that was described or is named next."""
        have = current.speaker
        if have is None:
            return False
        if have.kind == DESCRIPTION and speaker.kind == ANONYMOUS:
            return bool(have.role_words) and any(word.startswith("spokes") for word in speaker.key)
        return have.kind == ANONYMOUS and speaker.kind in (ORGANISATION, PERSON) and set(speaker.key) <= set(have.key)

    @staticmethod
    def _described(current: Source, speaker: Mention) -> bool:
        """Say whether a description («المسؤول العسكري الأمريكي») may mean who spoke last."""
        if current.speaker is None:
            return False
        if current.speaker.kind == PERSON:
            return (
                not speaker.role_words
                or not current.speaker.role_words
                or bool(_alike(speaker.role_words, current.speaker.role_words))
                or len(speaker.role_words) <= _FEW_WORDS
            )
        return bool(_alike(speaker.role_words, frozenset(current.speaker.key)))

    def _is_of_a_country(self, word: str) -> bool:
        """Say whether a word only says of which country somebody is («الأميركية»): many share it."""
        base = word.removesuffix("ه").removesuffix("ي")
        shorter = base != word and len(base) > _FEW_WORDS
        return shorter and self.reading.language.is_in("places").begins_with(base)

    def _holds_office(self, current: Source, speaker: Mention) -> bool:
        """Say whether a person's role is in the organisation, or is the role, that the lead named."""
        lead = current.speaker
        if lead is None or lead.kind == PERSON or speaker.kind != PERSON or not speaker.role_words:
            return False
        words = frozenset(word for word in lead.key if not self._is_of_a_country(word)) or frozenset(lead.key)
        shared = _alike(words, speaker.role_words)
        if lead.kind == ANONYMOUS:
            return len(frozenset(word for word in shared if len(word) > 3)) > 1  # noqa: PLR2004
        return len(shared) * 2 >= len(words) or (
            bool(lead.key) and bool(_alike(frozenset(lead.key[:1]), speaker.role_words))
        )

    def _compatible(self, source: Source, found: Attribution, *, near: bool) -> bool:
        """Say whether nothing tells two occasions apart: another date, another outlet."""
        if found.date is not None and found.date.iso:
            if source.date is not None and source.date.iso != found.date.iso:
                return False
            if source.date is None and not near:
                return False
        if found.outlet is not None:
            if source.outlet is not None:
                return source.outlet.name == found.outlet.name
            return near
        return near or found.carrier is None

    def _fill(self, source: Source, found: Attribution) -> None:
        if found.speaker is not None and found.speaker.kind != PRONOUN:
            self._speak(source, found.speaker)
        source.outlet = source.outlet or found.outlet
        source.date = source.date or found.date
        if found.carrier is not None and (
            found.carrier.kind != "report" or source.speaker is None or source.speaker.kind != PERSON
        ):
            source.carriers.append(found.carrier)
        source.sure = max(source.sure, found.sure)

    @staticmethod
    def _speak(source: Source, speaker: Mention) -> None:
        have = source.speaker
        if have is None:
            source.speaker = speaker
        elif have.kind in (ORGANISATION, DESCRIPTION, ANONYMOUS) and speaker.kind == PERSON:
            source.lead, source.speaker = have, speaker
        elif (
            have.kind == PERSON
            and speaker.kind == PERSON
            and (len(speaker.key) > len(have.key) or (speaker.role and not have.role))
        ):
            source.speaker = speaker


def _day_at_the_head(reading: Reading) -> dt.date | None:
    """Give the day in a line of its own among a draft's first lines, as saved articles carry it."""
    for unit in reading.units[:_HEAD]:
        day = newest(unit.dates) if unit.heading else None
        if day is not None:
            return day
    return None


def _alike(one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    """Give the words of one that are in the other, a joined preposition or the ending of the feminine left aside."""
    plain = {stem for word in other for stem in _stems(word)}
    return frozenset(word for word in one if _stems(word) & plain)


def _stems(word: str) -> frozenset[str]:
    """Give the forms by which words of roles are compared; each language's joined letters are left off both ways."""
    found = {word, word.removesuffix("'s")}
    for joined in ("وال", "بال", "لل", "ال", "ل", "ب", "و"):
        if word.startswith(joined) and len(word) > len(joined) + _CLITIC_ARTICLE:
            found.add(word[len(joined) :])
    return frozenset(one.removesuffix("ه").replace("امريك", "اميرك") for one in found)


def sources_of(reading: Reading, lexicon: Lexicon, published: dt.date | None) -> Iterator[Source]:
    """Give the sources that a text cites, in its order."""
    yield from sorted(Assembler(reading, lexicon, published).run(), key=lambda one: one.spans[0])
