"""Who says it, where and when, in one sentence: the sentence's own attribution, with the words that prove each part."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from archiver.cite.carriers import Carrier, OutletWords, Zone, body_in, carrier_in, outlet_in
from archiver.cite.dates import FoundDate
from archiver.cite.people import (
    ANONYMOUS,
    DESCRIPTION,
    ORGANISATION,
    PERSON,
    PRONOUN,
    SURE_ENOUGH,
    Mention,
    mention_of,
    read_mention,
)
from archiver.cite.sentence import Cue, Sentence
from archiver.cite.subjects import Subjects
from archiver.cite.words import Word

FAR = 26
_NEAR = 9
_ADJACENT = 3
_BEFORE_OUTLET = 5
_SPEECH = ("say", "say_weak", "post", "carry")
OPENING = 3
_DATELINE = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """What one sentence says of its source. ``speaker`` is None where it is left out (the one before goes on)."""

    cue: str
    place: tuple[int, int]
    speaker: Mention | None = None
    outlet: OutletWords | None = None
    outlet_again: bool = False
    carrier: Carrier | None = None
    date: FoundDate | None = None
    sure: float = 0.5


class SentenceReader:
    """Reads the attribution of one sentence."""

    def __init__(self, sentence: Sentence) -> None:
        self.sentence = sentence
        self.subjects = Subjects(sentence)
        self.words = sentence.words
        self.language = sentence.language
        self.lexicon = sentence.lexicon
        self.marker = sentence.marker
        self.cues = sentence.cues
        self.unit = sentence.unit

    def read(self) -> Attribution | None:
        """Give the attribution, None where nobody is said to say anything."""
        main = self._main()
        told = self._according()
        if main is None:
            return told
        if told is None:
            return main
        return Attribution(
            cue=main.cue,
            place=main.place,
            speaker=main.speaker or told.speaker,
            outlet=main.outlet or told.outlet,
            outlet_again=main.outlet_again or told.outlet_again,
            carrier=main.carrier or told.carrier,
            date=main.date or told.date,
            sure=max(main.sure, told.sure),
        )

    def _main(self) -> Attribution | None:
        reported = self._reported_from()
        for cue in self.cues:
            if cue.kind not in _SPEECH or cue.at >= reported:
                continue
            found = self._speech(cue)
            if found is not None:
                return found
        return None

    def _reported_from(self) -> int:
        """Give where reported words begin behind an opening "according to …": no verb in there is its own."""
        opening = next((cue for cue in self.cues if cue.kind == "according" and cue.at <= OPENING), None)
        if opening is None or self.language.speaker_before:
            return len(self.words)
        that = self.language.is_in("that")
        return next((at for at in range(opening.end, len(self.words)) if that.has(self.words, at)), len(self.words))

    def _speech(self, cue: Cue) -> Attribution | None:
        if cue.kind == "carry":
            return self._carried(cue)
        begin = self.sentence.clause_begin(cue.at)
        content = self.sentence.content_from(cue.end)
        speaker = self.subjects.speaker_of(cue, begin, content)
        if speaker is None and self.sentence.at_clause_start(cue):
            told = self._told_by_outlet(cue, begin, content)
            if told is not None:
                return told
        if (speaker is None and not self.subjects.is_elided(cue, content)) or self.subjects.only_declines(cue, speaker):
            return None
        if not self.subjects.is_speech(cue, speaker, content):
            return None
        return self._made(cue, speaker, begin, content)

    def _quoted_by(self, cue: Cue) -> Attribution | None:
        """Read "the agency quoted the minister as saying": the outlet before the verb, who spoke behind it."""
        begin = self.sentence.clause_begin(cue.at)
        outlet = outlet_in(self._zone(begin, cue.at), first=True)
        speaker = read_mention(self.marker, cue.end, min(len(self.words), cue.end + FAR))
        if outlet is None or speaker is None:
            return None
        date = self._date(cue, begin, min(len(self.words), speaker.last + _ADJACENT), speaker)
        return Attribution(cue=cue.kind, place=self._place(cue), speaker=speaker, outlet=outlet, date=date, sure=0.9)

    def _told_by_outlet(self, cue: Cue, begin: int, content: int | None) -> Attribution | None:
        """Read «ذكرت صحيفة "كذا" أن …»: the outlet itself is the subject of the verb."""
        if not self.language.speaker_after or self.language.capitals:
            return None
        end = min(len(self.words), cue.end + _NEAR, content if content is not None else len(self.words))
        outlet = outlet_in(self._zone(cue.end, end), first=True)
        beside = self.words[min(len(self.words) - 1, cue.end + 2)].start
        if outlet is None or outlet.kind == "platform" or outlet.start > beside:
            return None
        return Attribution(
            cue=cue.kind, place=self._place(cue), outlet=outlet, date=self._date(cue, begin, end, None), sure=0.9
        )

    def _carried(self, cue: Cue) -> Attribution | None:
        """Read «نقلت وكالة … عن فلان قوله»: the outlet first, then who spoke."""
        if self.language.capitals:
            return self._quoted_by(cue)
        source = self.language.is_in("carry_from")
        reach = range(cue.end, min(len(self.words), cue.end + FAR))
        from_at = next((at for at in reach if source.has(self.words, at)), None)
        outlet = outlet_in(
            self._zone(cue.end, from_at if from_at is not None else min(len(self.words), cue.end + 6)), first=True
        )
        speaker = (
            read_mention(self.marker, from_at + 1, min(len(self.words), from_at + FAR)) if from_at is not None else None
        )
        if outlet is None and speaker is None:
            return None
        content = self.sentence.content_from(cue.end)
        end = (
            content if content is not None else min(len(self.words), (speaker.last if speaker else cue.end) + _ADJACENT)
        )
        return Attribution(
            cue=cue.kind,
            place=self._place(cue),
            speaker=speaker,
            outlet=outlet,
            outlet_again=self._again(cue.end, from_at or cue.end + 2),
            carrier=None,
            date=self._date(cue, self.sentence.clause_begin(cue.at), end, speaker),
            sure=0.9,
        )

    def _made(self, cue: Cue, speaker: Mention | None, begin: int, content: int | None) -> Attribution:
        end = self._zone_end(cue, speaker, content)
        outlet = self._outlet(cue, begin, end, speaker, content)
        told_by_outlet = outlet is not None and speaker is not None and self._is_subject(outlet, speaker)
        carrier = self._named_carrier(speaker)
        return Attribution(
            cue=cue.kind,
            place=self._place(cue),
            speaker=None if told_by_outlet or carrier is not None else speaker,
            outlet=outlet,
            outlet_again=self._again(cue.end, cue.end + 1) or self._again(begin, begin + 1),
            carrier=carrier or carrier_in(self._zone(begin, end), cue),
            date=self._date(cue, begin, end, speaker, before_words=content is not None),
            sure=0.9 if content is not None else 0.6,
        )

    def _outlet(
        self, cue: Cue, begin: int, end: int, speaker: Mention | None, content: int | None
    ) -> OutletWords | None:
        """Give the outlet in which something was said.

        Where nothing shows where the words begin, only one that a preposition leads to («لقناة …», "to Reuters"):
        others are what was spoken of.
        """
        told = [
            self._chunk_end(one.end) for one in self.cues if one.kind == "according" and begin <= one.at <= begin + 1
        ]
        for first, last in ((max(begin, *told, 0), cue.at), (cue.end, end)):
            found = outlet_in(self._zone(first, last))
            if found is None:
                continue
            sure = content is not None and not self.sentence.verb_last
            subject = speaker is not None and self._is_subject(found, speaker)
            if sure or subject or self._is_led_to(found):
                return found
        return None

    def _is_led_to(self, outlet: OutletWords) -> bool:
        """Say whether a preposition that leads to an outlet stands before it, its noun and marks between them."""
        at = next((index for index, word in enumerate(self.words) if word.start >= outlet.start), 0)
        for back in range(at, max(-1, at - _BEFORE_OUTLET), -1):
            word = self.words[back]
            joined = not word.mark and word.text != word.forms[-1] and self.language.article != ""
            if joined or (back < at and self.marker.exact("outlet_led", back)):
                return True
        return False

    def _named_carrier(self, speaker: Mention | None) -> Carrier | None:
        """Give the letter, report or site that is itself the subject: "the letter also said"."""
        if speaker is None or speaker.kind not in (DESCRIPTION, ANONYMOUS) or speaker.name is None:
            return None
        for at, word in enumerate(self.words):
            if speaker.name[0] <= word.start < speaker.name[1]:
                hit = self.language.carriers.at(self.words, at)
                if hit is not None and hit[1] in ("letter", "report", "web_page"):
                    return Carrier(kind=hit[1], start=word.start, end=self.words[at + hit[0] - 1].end)
        return None

    def _zone_end(self, cue: Cue, speaker: Mention | None, content: int | None) -> int:
        if content is not None:
            return content
        behind = max(cue.end, speaker.last if speaker else 0)
        inverted = self.language.capitals and self.sentence.quotation_before(cue)
        return len(self.words) if inverted else min(len(self.words), behind + _NEAR)

    def _zone(self, first: int, last: int) -> Zone:
        return Zone(marker=self.marker, lexicon=self.lexicon, first=first, last=min(last, len(self.words)))

    @staticmethod
    def _is_subject(outlet: OutletWords, speaker: Mention) -> bool:
        place = speaker.name
        if place is None or outlet.kind == "platform":
            return False
        beside = speaker.kind == ORGANISATION and 0 <= outlet.start - place[1] <= _ADJACENT
        return beside or (outlet.start < place[1] and place[0] < outlet.end)

    def _again(self, first: int, last: int) -> bool:
        """Say whether an outlet named before is meant: «الوكالة», "the newspaper"."""
        return any(self.marker.size("outlet_anaphors", at) for at in range(first, min(last, len(self.words))))

    def _place(self, cue: Cue) -> tuple[int, int]:
        return self.words[cue.at].start, self.words[cue.end - 1].end

    def _date(
        self, cue: Cue, begin: int, end: int, speaker: Mention | None, *, before_words: bool = False
    ) -> FoundDate | None:
        """Give the source's date, not an event's: before the verb in its clause, or right behind verb or speaker."""
        first = self.words[begin].start if begin < len(self.words) else 0
        verb = self._place(cue)
        for one in self.unit.dates:
            if first <= one.start < verb[0] and not one.parts.bare:
                return one
        limit = self.words[end - 1].end if end > 0 else 0
        behind = max(verb[1], *(place[1] for place in (speaker.name, speaker.role) if place)) if speaker else verb[1]
        for one in self.unit.dates:
            near = (
                before_words
                or one.start - behind <= _letters(self.words, behind, _ADJACENT)
                or one.start - verb[1] <= _letters(self.words, verb[1], _ADJACENT)
            )
            if verb[1] <= one.start < limit and (one.start - behind <= 2 if one.parts.bare else near):  # noqa: PLR2004
                return one
        return None

    def _according(self) -> Attribution | None:
        found: Attribution | None = None
        for cue in self.cues:
            if cue.kind != "according" or (
                found is not None and found.speaker is not None and found.outlet is not None
            ):
                continue
            one = self._one_according(cue)
            if one is None:
                continue
            found = (
                one
                if found is None
                else Attribution(
                    cue=found.cue,
                    place=found.place,
                    speaker=found.speaker or one.speaker,
                    outlet=found.outlet or one.outlet,
                    outlet_again=found.outlet_again or one.outlet_again,
                    carrier=found.carrier or one.carrier,
                    date=found.date or one.date,
                    sure=found.sure,
                )
            )
        return found

    def _one_according(self, cue: Cue) -> Attribution | None:
        end = self._chunk_end(cue.end)
        zone = self._zone(cue.end, end)
        outlet = outlet_in(zone, first=True)
        carrier = carrier_in(zone, cue)
        posted = outlet is None or outlet.kind == "platform"
        speaker = read_mention(self.marker, cue.end, min(len(self.words), end + _NEAR)) if posted else None
        if speaker is not None and (
            speaker.kind == PRONOUN
            or (speaker.kind == PERSON and speaker.sure < SURE_ENOUGH and not self.sentence.resolves(speaker))
        ):
            speaker = None
        again = self._again(cue.end, cue.end + 1)
        if carrier is not None and carrier.kind in ("report", "statement") and outlet is None:
            by = self._by_report(cue, carrier, end)
            return by if by.speaker is not None or carrier.kind == "report" else None
        subject = self._named_carrier(speaker)
        if again or subject is not None:
            speaker, carrier = None, subject or carrier
        if (
            outlet is None
            and speaker is None
            and not again
            and (carrier is None or carrier.kind not in ("web_page", "report", "letter"))
        ):
            return None
        return Attribution(
            cue=cue.kind,
            place=self._place(cue),
            speaker=speaker,
            outlet=outlet,
            outlet_again=again,
            carrier=carrier,
            date=self._date(cue, cue.at, end, speaker),
            sure=0.8,
        )

    def _by_report(self, cue: Cue, carrier: Carrier, end: int) -> Attribution:
        """Read "according to a report by …": the body that issued it, and the day that is told with it."""
        body = body_in(self._zone(cue.end, end))
        speaker = mention_of(self.marker, body[1], kind=ORGANISATION, name=body) if body else None
        if speaker is None:
            at = next((at for at in range(cue.end + 1, end) if self.marker.size("org_nouns", at)), None)
            named = read_mention(self.marker, at, end) if at is not None else None
            speaker = self._without_preposition(named, at) if named and named.kind == ORGANISATION else None
        first, last = self._place(cue)[1], self.words[end - 1].end if end else 0
        date = next((one for one in self.unit.dates if first <= one.start < last and not one.parts.bare), None)
        return Attribution(cue=cue.kind, place=self._place(cue), speaker=speaker, carrier=carrier, date=date, sure=0.8)

    def _without_preposition(self, mention: Mention, at: int | None) -> Mention:
        """Give a name without the preposition that is joined to its first word («بيان لخلية …»)."""
        word = self.words[at] if at is not None else None
        if word is None or mention.name is None or word.text[1:] not in word.forms[1:2]:
            return mention
        return replace(mention, name=(mention.name[0] + 1, mention.name[1]))

    def _chunk_end(self, at: int) -> int:
        that = self.language.is_in("that")
        for index in range(at, min(len(self.words), at + FAR)):
            word = self.words[index]
            if word.quoted or word.text in (",", ":", ";", ".") or that.has(self.words, index):
                return index
        return min(len(self.words), at + FAR)


def _letters(words: Sequence[Word], behind: int, count: int) -> int:
    """Give how many letters the next few words take."""
    following = [word for word in words if word.start >= behind][: count + 1]
    return following[-1].start - behind if following else 0
