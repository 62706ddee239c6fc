"""Who says it, where and when, in one sentence: the sentence's own attribution, with the words that prove each part."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from archiver.cite.carriers import Carrier, OutletWords, Zone, carrier_in, outlet_at, outlet_in
from archiver.cite.dates import FoundDate
from archiver.cite.language import Language
from archiver.cite.outlets import Lexicon
from archiver.cite.people import ANONYMOUS, DESCRIPTION, ORGANISATION, PERSON, PRONOUN, Marker, Memory, Mention, mention_of, read_mention
from archiver.cite.units import Unit
from archiver.cite.words import Word

_FAR = 26
_NEAR = 9
_ADJACENT = 3
_SPEECH = ("say", "say_weak", "post", "carry")
_OPENING = 3
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """A word or phrase that tells of speech, and its class."""

    at: int
    end: int
    kind: str


class SentenceReader:
    """Reads the attribution of one sentence."""

    def __init__(self, unit: Unit, text: str, language: Language, lexicon: Lexicon, memory: Memory) -> None:
        self.unit = unit
        self.words: Sequence[Word] = unit.words
        self.language = language
        self.lexicon = lexicon
        self.marker = Marker(self.words, language, text, memory)
        self.first = self._dateline()
        self.verb_last = language.speaker_before and not language.speaker_after
        self.cues = self._cues()

    def read(self) -> Attribution | None:
        """Give the attribution, None where nobody is said to say anything."""
        main = self._main()
        told = self._according(main)
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

    def own_voice(self) -> bool:
        """Say whether the writers speak of their own work."""
        return any(cue.kind == "own_voice" for cue in self.cues)

    def opens_with(self, kind: str) -> bool:
        """Say whether a cue of this class is the sentence's first word."""
        return any(cue.kind == kind and cue.at <= 1 for cue in self.cues)

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

    # --- the verb of the sentence ---

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
        """Give where reported words begin behind an opening "according to …": no verb in there is the sentence's own."""
        opening = next((cue for cue in self.cues if cue.kind == "according" and cue.at <= _OPENING), None)
        if opening is None or self.language.speaker_before:
            return len(self.words)
        that = self.language.is_in("that")
        return next((at for at in range(opening.end, len(self.words)) if that.has(self.words, at)), len(self.words))

    def _speech(self, cue: Cue) -> Attribution | None:
        if cue.kind == "carry":
            return self._carried(cue)
        begin = self._clause_begin(cue.at)
        content = self._content(cue.end)
        speaker = self._speaker(cue, begin, content)
        if (speaker is None and not self._elided(cue, content)) or self._no_comment(cue, speaker):
            return None
        if not self._is_speech(cue, speaker, content):
            return None
        return self._made(cue, speaker, begin, content)

    def _issued(self, cue: Cue) -> tuple[bool, Mention | None]:
        """Say whether a report or a statement is the subject («كشف تقرير صادر عن …»), and give who issued it."""
        at = cue.end
        hit = self.language.carriers.at(self.words, at) if at < len(self.words) and not self.words[at].mark else None
        if hit is None or hit[1] not in ("report", "statement", "letter"):
            return False, None
        for step in range(at + hit[0], min(len(self.words), at + hit[0] + _ADJACENT + 1)):
            if self.words[step].mark:
                break
            if self.marker.size("org_nouns", step) or self.marker.size("roles", step):
                return True, read_mention(self.marker, step, len(self.words))
        return True, None

    def _speaker(self, cue: Cue, begin: int, content: int | None) -> Mention | None:
        issued, by = self._issued(cue) if self.language.speaker_after and self._may_follow(cue) else (False, None)
        if issued:
            return by
        if self.language.speaker_after and self._may_follow(cue):
            found = read_mention(self.marker, cue.end, self._limit(cue, content))
            if found is not None:
                return found
        if not self.language.speaker_before:
            return None
        if not self.language.capitals:
            return self._subject_of_clause(begin, cue.at)
        passive = cue.at > 0 and self.marker.exact("passive", cue.at - 1)
        return None if passive else self._before(begin, cue.at)

    def _limit(self, cue: Cue, content: int | None) -> int:
        return min(len(self.words), cue.end + _FAR if content is None else content)

    def _may_follow(self, cue: Cue) -> bool:
        """Say whether the subject may stand behind the verb: where subjects come first, only behind a quotation."""
        if not self.language.capitals:
            return self._at_clause_start(cue)
        back = cue.at - 1
        while back >= 0 and self.words[back].text in (",", "-"):
            back -= 1
        return back >= 0 and self.words[back].quoted

    def _at_clause_start(self, cue: Cue) -> bool:
        """Say whether a verb opens its clause, and does not stand in a relative one («التي أعلنت»)."""
        if cue.at == 0 or self.words[cue.at - 1].mark:
            return True
        back = self.words[cue.at - 1]
        if any(one.end == back.end for one in self.unit.dates) or self.words[cue.at].text != self.words[cue.at].forms[-1]:
            return True
        known = ("skip", "auxiliaries", "contrast")
        return any(self._ends_here(name, cue.at) for name in known)

    def _ends_here(self, name: str, at: int) -> bool:
        if name == "contrast":
            return any(one.kind == name and one.end == at for one in self.cues)
        return any(self.marker.size(name, back) and back + self.marker.size(name, back) == at for back in (at - 1, at - 2, at - 3) if back >= 0)

    def _clause_begin(self, at: int) -> int:
        for back in range(at - 1, self.first - 1, -1):
            word = self.words[back]
            if word.mark and ((word.quoted and not self.verb_last) or word.text in (":", ";", "!", "?", "|")):
                return back + 1
        return self.first

    def _content(self, at: int) -> int | None:
        """Give where what was said begins: "that", a colon or a quotation within reach, before any other cue."""
        that = self.language.is_in("that")
        stops = {cue.at for cue in self.cues if cue.kind in ("participles", "own_voice")}
        for index in range(at, min(len(self.words), at + _FAR)):
            word = self.words[index]
            if index in stops:
                return None
            if word.quoted or word.text == ":" or (not word.mark and that.has(self.words, index) and self._exact_that(index)):
                return index
        return None

    def _exact_that(self, index: int) -> bool:
        return self.marker.exact("that", index) or len(self.words[index].text) > 3  # noqa: PLR2004 - «بأن», «فإن»

    def _elided(self, cue: Cue, content: int | None) -> bool:
        """Say whether the verb goes on for the speaker before: nobody stands between it and what was said."""
        if self.language.speaker_before and self.language.capitals:
            return False
        if not self._at_clause_start(cue):
            return False
        between = range(cue.end, content) if content is not None else range(cue.end, cue.end)
        empty = all(self.words[at].mark or self.marker.size("skip", at) for at in between)
        if self._issued(cue)[0]:
            return True
        if content is not None:
            return empty
        return cue.at <= _OPENING and cue.kind == "say"

    def _is_speech(self, cue: Cue, speaker: Mention | None, content: int | None) -> bool:
        """Say whether a verb tells of speech here: verbs that also mean other things need more to show it."""
        if speaker is None or speaker.kind == PRONOUN:
            return cue.kind != "say_weak" or content is not None
        shown = content is not None and content - max(cue.end, 0) <= _FAR
        if cue.kind == "say_weak":
            known = speaker.kind != PERSON or speaker.sure > 0.5 or self._resolves(speaker)  # noqa: PLR2004
            if self.language.capitals:
                return shown or self._quotation_before(cue)
            return known and (shown or cue.at <= _OPENING or self._at_clause_start(cue))
        if speaker.sure > 0.4 or self._resolves(speaker):  # noqa: PLR2004 - else nothing but what follows shows a name
            return True
        return content is not None and content - max(cue.end, speaker.last) <= 1

    def _no_comment(self, cue: Cue, speaker: Mention | None) -> bool:
        """Say whether somebody only declined to comment."""
        for at in range(cue.end, min(len(self.words), max(cue.end, speaker.last if speaker else 0) + _NEAR)):
            if self.words[at].mark:
                return False
            if self.marker.exact("no_comment", at):
                return True
        return False

    def same_source(self) -> bool:
        """Say whether the sentence begins by saying that it tells of the same source («جاء ذلك …»)."""
        return any(self.marker.size("same_source", at) for at in range(min(2, len(self.words))))

    def _quotation_before(self, cue: Cue) -> bool:
        return any(word.quoted for word in self.words[: cue.at])

    def _resolves(self, speaker: Mention) -> bool:
        return self.marker.memory.full(speaker.key) is not None

    # --- who stands before the verb ---

    def _before(self, begin: int, at: int) -> Mention | None:
        """Read the subject right before the verb: the last stretch between commas, or two where one explains the other."""
        end = at
        while end > begin and (self.marker.exact("auxiliaries", end - 1) or self.marker.exact("skip", end - 1)):
            end -= 1
        if end > begin and self.words[end - 1].text == ")":
            end = next((back for back in range(end - 1, begin, -1) if self.words[back].text == "("), end)
        pieces = self._pieces(begin, end)
        if not pieces:
            return None
        if end > begin and self.words[end - 1].text == "," and len(pieces) >= 2:  # noqa: PLR2004
            return self._explained(pieces)
        return self._last_subject(*pieces[-1])

    def _pieces(self, begin: int, end: int) -> list[tuple[int, int]]:
        pieces: list[tuple[int, int]] = []
        start = begin
        for at in range(begin, end + 1):
            if at == end or self.words[at].text in (",", "-"):
                if at > start:
                    pieces.append((start, at))
                start = at + 1
        return pieces

    def _explained(self, pieces: list[tuple[int, int]]) -> Mention | None:
        for first, second in ((pieces[-2], pieces[-1]), (pieces[-1], pieces[-2])):
            found = self._last_subject(*first)
            if found is not None and found.kind in (PERSON, ORGANISATION, ANONYMOUS):
                whole = read_mention(self.marker, self._subject_start(*pieces[-2]), pieces[-1][1])
                same = whole is not None and whole.kind == PERSON and found.kind == PERSON
                return whole if same or found.kind == ANONYMOUS else found
        for piece in (pieces[-2], pieces[0]):
            found = self._last_subject(*piece)
            if found is not None:
                return found
        return None

    def _last_subject(self, first: int, last: int) -> Mention | None:
        start = self._subject_start(first, last)
        found = read_mention(self.marker, start, last)
        if found is not None or start >= last:
            return found
        for at in range(last - 1, start, -1):
            if self.words[at].capital and not self.words[at - 1].capital:
                return read_mention(self.marker, at, last)
        return None

    def _subject_start(self, first: int, last: int) -> int:
        """Give where the subject begins: behind the last joining word of its clause."""
        start = first
        for at in range(first, last):
            word = self.words[at].text
            joining = self.marker.exact("skip", at) or self.marker.exact("that", at) or word in ("(", ")")
            if joining and not self.words[at].capital:
                start = at + max(1, self.marker.size("skip", at))
            elif joining and at == first:
                start = at + max(1, self.marker.size("skip", at))
        return min(start, last)

    def _subject_of_clause(self, begin: int, at: int) -> Mention | None:
        """Read the subject where the verb comes last: the first stretch of the clause that names somebody."""
        pieces = self._pieces(begin, at)
        for index, (first, last) in enumerate(pieces):
            start = first
            if any(cue.kind in ("according", "contrast") and cue.at == start for cue in self.cues):
                cue = next(one for one in self.cues if one.at == start)
                if cue.kind == "according":
                    continue
                start = cue.end
            if start < last and self.marker.exact("stops", start):
                continue
            explained = self._explained_name(start, last, pieces[index + 1] if index + 1 < len(pieces) else None)
            if explained is not None:
                return explained
            start = self._behind_adverbs(start, last)
            found = read_mention(self.marker, start, at)
            if found is not None and (found.kind != PERSON or found.sure > 0.4 or last == at):  # noqa: PLR2004
                return found
        return None

    def _explained_name(self, first: int, last: int, following: tuple[int, int] | None) -> Mention | None:
        """Read two or three words that a role behind a comma explains: they are a name, known or not."""
        if following is None or not 2 <= last - first <= 3:  # noqa: PLR2004
            return None
        sets = ("roles", "org_nouns", "stops", "skip", "anonymous", "pronouns", "that")
        if any(self.marker.exact(name, at) for at in range(first, last) for name in sets if not self.marker.exact("given", at)):
            return None
        if not self.marker.exact("roles", following[0]):
            return None
        role = read_mention(self.marker, following[0], following[1])
        if role is None or role.kind not in (DESCRIPTION, ANONYMOUS):
            return None
        found = mention_of(self.marker, first, following[1], kind=PERSON, name=(first, last))
        return replace(found, role=role.name, role_words=role.role_words)

    def _behind_adverbs(self, first: int, last: int) -> int:
        """Give where a subject begins that a date or another adverb stands before: at a given name, title or role."""
        dated = any(first <= at < last and self.words[at].start == one.start for one in self.unit.dates for at in range(first, min(last, first + 2)))
        if not dated:
            return first
        names = ("given", "titles", "roles", "pronouns", "org_nouns")
        return next((at for at in range(first + 1, last) if any(self.marker.exact(name, at) for name in names)), first)

    # --- what is told of the source besides ---

    def _carried(self, cue: Cue) -> Attribution | None:
        """Read «نقلت وكالة … عن فلان قوله»: the outlet first, then who spoke."""
        source = self.language.is_in("carry_from")
        reach = range(cue.end, min(len(self.words), cue.end + _FAR))
        from_at = next((at for at in reach if source.has(self.words, at)), None)
        outlet = outlet_in(self._zone(cue.end, from_at if from_at is not None else min(len(self.words), cue.end + 6)), first=True)
        speaker = read_mention(self.marker, from_at + 1, min(len(self.words), from_at + _FAR)) if from_at is not None else None
        if outlet is None and speaker is None:
            return None
        content = self._content(cue.end)
        end = content if content is not None else min(len(self.words), (speaker.last if speaker else cue.end) + _ADJACENT)
        return Attribution(
            cue=cue.kind,
            place=self._place(cue),
            speaker=speaker,
            outlet=outlet,
            outlet_again=self._again(cue.end, from_at or cue.end + 2),
            carrier=None,
            date=self._date(cue, self._clause_begin(cue.at), end, speaker),
            sure=0.9,
        )

    def _made(self, cue: Cue, speaker: Mention | None, begin: int, content: int | None) -> Attribution:
        end = self._zone_end(cue, speaker, content)
        outlet = outlet_in(self._zone(begin, cue.at)) or outlet_in(self._zone(cue.end, end))
        told_by_outlet = outlet is not None and speaker is not None and self._is_subject(outlet, speaker)
        carrier = self._named_carrier(speaker)
        return Attribution(
            cue=cue.kind,
            place=self._place(cue),
            speaker=None if told_by_outlet or carrier is not None else speaker,
            outlet=outlet,
            outlet_again=self._again(cue.end, cue.end + 1) or self._again(begin, begin + 1),
            carrier=carrier or carrier_in(self._zone(begin, end), cue),
            date=self._date(cue, begin, end, speaker),
            sure=0.9 if content is not None else 0.6,
        )

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
        inverted = self.language.capitals and self._quotation_before(cue)
        return len(self.words) if inverted else min(len(self.words), behind + _NEAR)

    def _zone(self, first: int, last: int) -> Zone:
        return Zone(marker=self.marker, lexicon=self.lexicon, first=first, last=min(last, len(self.words)))

    @staticmethod
    def _is_subject(outlet: OutletWords, speaker: Mention) -> bool:
        place = speaker.name
        return place is not None and outlet.kind != "platform" and outlet.start < place[1] and place[0] < outlet.end

    def _again(self, first: int, last: int) -> bool:
        """Say whether an outlet named before is meant: «الوكالة», "the newspaper"."""
        return any(self.marker.size("outlet_anaphors", at) for at in range(first, min(last, len(self.words))))

    def _place(self, cue: Cue) -> tuple[int, int]:
        return self.words[cue.at].start, self.words[cue.end - 1].end

    def _date(self, cue: Cue, begin: int, end: int, speaker: Mention | None) -> FoundDate | None:
        """Give the date of the source: before the verb in its clause, or right behind verb or speaker; not of an event."""
        first = self.words[begin].start if begin < len(self.words) else 0
        verb = self._place(cue)
        for one in self.unit.dates:
            if first <= one.start < verb[0] and not one.parts.bare:
                return one
        limit = self.words[end - 1].end if end > 0 else 0
        behind = max(verb[1], *(place[1] for place in (speaker.name, speaker.role) if place)) if speaker else verb[1]
        for one in self.unit.dates:
            near = one.start - behind <= _letters(self.words, behind, _ADJACENT) or one.start - verb[1] <= _letters(self.words, verb[1], _ADJACENT)
            if verb[1] <= one.start < limit and (one.start - behind <= 2 if one.parts.bare else near):  # noqa: PLR2004
                return one
        return None

    # --- "according to" ---

    def _according(self, main: Attribution | None) -> Attribution | None:
        found: Attribution | None = None
        for cue in self.cues:
            if cue.kind != "according" or (found is not None and found.speaker is not None and found.outlet is not None):
                continue
            one = self._one_according(cue)
            if one is None:
                continue
            found = one if found is None else Attribution(
                cue=found.cue, place=found.place, speaker=found.speaker or one.speaker, outlet=found.outlet or one.outlet,
                outlet_again=found.outlet_again or one.outlet_again, carrier=found.carrier or one.carrier,
                date=found.date or one.date, sure=found.sure,
            )
        return found

    def _one_according(self, cue: Cue) -> Attribution | None:
        end = self._chunk_end(cue.end)
        zone = self._zone(cue.end, end)
        outlet = outlet_in(zone, first=True)
        carrier = carrier_in(zone, cue)
        speaker = read_mention(self.marker, cue.end, min(len(self.words), end + _NEAR)) if outlet is None else None
        if speaker is not None and (speaker.kind == PRONOUN or (speaker.kind == PERSON and speaker.sure < 0.5 and not self._resolves(speaker))):  # noqa: PLR2004
            speaker = None
        again = self._again(cue.end, cue.end + 1)
        subject = self._named_carrier(speaker)
        if again or subject is not None:
            speaker, carrier = None, subject or carrier
        if outlet is None and speaker is None and not again and (carrier is None or carrier.kind not in ("web_page", "report", "letter")):
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

    def _chunk_end(self, at: int) -> int:
        that = self.language.is_in("that")
        for index in range(at, min(len(self.words), at + _FAR)):
            word = self.words[index]
            if word.quoted or word.text in (",", ":", ";", ".") or that.has(self.words, index):
                return index
        return min(len(self.words), at + _FAR)


def _letters(words: Sequence[Word], behind: int, count: int) -> int:
    """Give how many letters the next few words take."""
    following = [word for word in words if word.start >= behind][: count + 1]
    return following[-1].start - behind if following else 0


__all__ = ["ANONYMOUS", "DESCRIPTION", "Attribution", "SentenceReader", "outlet_at"]
