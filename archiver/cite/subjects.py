"""Who speaks in a sentence: the subject behind its verb, before it, or left out."""

from dataclasses import replace

from archiver.cite.people import (
    ANONYMOUS,
    DESCRIPTION,
    ORGANISATION,
    PERSON,
    PRONOUN,
    Mention,
    mention_of,
    read_mention,
)
from archiver.cite.sentence import FAR, OPENING, Cue, Sentence

_ADJACENT = 3
_NEAR = 9


class Subjects:
    """Reads the subjects of one sentence's verbs."""

    def __init__(self, sentence: Sentence) -> None:
        self.sentence = sentence
        self.words = sentence.words
        self.language = sentence.language
        self.marker = sentence.marker
        self.cues = sentence.cues
        self.unit = sentence.unit

    def issued(self, cue: Cue) -> tuple[bool, Mention | None]:
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

    def speaker_of(self, cue: Cue, begin: int, content: int | None) -> Mention | None:
        """Give the subject of a verb, None where it is left out or nobody is recognised."""
        issued, by = self.issued(cue) if self.language.speaker_after and self._may_follow(cue) else (False, None)
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
        return min(len(self.words), cue.end + FAR if content is None else content)

    def _may_follow(self, cue: Cue) -> bool:
        """Say whether the subject may stand behind the verb: where subjects come first, only behind a quotation."""
        if not self.language.capitals:
            return self.sentence.at_clause_start(cue)
        back = cue.at - 1
        while back >= 0 and self.words[back].text in (",", "-"):
            back -= 1
        return back >= 0 and self.words[back].quoted

    def is_elided(self, cue: Cue, content: int | None) -> bool:
        """Say whether the verb goes on for the speaker before: nobody stands between it and what was said."""
        if self.language.speaker_before and self.language.capitals:
            return False
        if not self.sentence.at_clause_start(cue):
            return False
        between = range(cue.end, content) if content is not None else range(cue.end, cue.end)
        empty = all(self.words[at].mark or self.marker.size("skip", at) for at in between)
        if self.issued(cue)[0]:
            return True
        if content is not None:
            return empty
        return cue.at <= OPENING and cue.kind == "say"

    def is_speech(self, cue: Cue, speaker: Mention | None, content: int | None) -> bool:
        """Say whether a verb tells of speech here: verbs that also mean other things need more to show it."""
        if speaker is None or speaker.kind == PRONOUN:
            return cue.kind != "say_weak" or content is not None
        shown = content is not None and content - max(cue.end, 0) <= FAR
        if cue.kind == "say_weak":
            known = speaker.kind != PERSON or speaker.sure > 0.5 or self.sentence.resolves(speaker)  # noqa: PLR2004
            if self.language.capitals:
                sure = speaker.kind == PERSON and speaker.role is not None and bool(self.unit.quotations)
                return shown or sure or self.sentence.quotation_before(cue)
            beside = content is not None and content - max(cue.end, speaker.last) <= 1
            return beside or (known and (shown or cue.at <= OPENING or self.sentence.at_clause_start(cue)))
        if speaker.sure > 0.4 or self.sentence.resolves(speaker):  # noqa: PLR2004 - else nothing but what follows shows a name
            return True
        return content is not None and content - max(cue.end, speaker.last) <= 1

    def only_declines(self, cue: Cue, speaker: Mention | None) -> bool:
        """Say whether somebody only declined to comment."""
        for at in range(cue.end, min(len(self.words), max(cue.end, speaker.last if speaker else 0) + _NEAR)):
            if self.words[at].mark:
                return False
            if self.marker.exact("no_comment", at):
                return True
        return False

    def _before(self, begin: int, at: int) -> Mention | None:
        """Read the subject right before the verb: the last stretch between commas, or two, one explaining the other."""
        end = at
        while end > begin and (self.marker.exact("auxiliaries", end - 1) or self.marker.exact("skip", end - 1)):
            end -= 1
        if end > begin and self.words[end - 1].text == ")":
            end = next((back for back in range(end - 1, begin, -1) if self.words[back].text == "("), end)
        pieces = self.sentence.pieces(begin, end)
        if not pieces:
            return None
        if end > begin and self.words[end - 1].text == "," and len(pieces) >= 2:  # noqa: PLR2004
            return self._explained(pieces)
        return self._last_subject(*pieces[-1])

    def _explained(self, pieces: list[tuple[int, int]]) -> Mention | None:
        for first, _ in ((pieces[-2], pieces[-1]), (pieces[-1], pieces[-2])):
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
            if (joining and not self.words[at].capital) or (joining and at == first):
                start = at + max(1, self.marker.size("skip", at))
        return min(start, last)

    def _subject_of_clause(self, begin: int, at: int) -> Mention | None:
        """Read the subject where the verb comes last: the first stretch of the clause that names somebody."""
        pieces = self.sentence.pieces(begin, at)
        for index, (first, last) in enumerate(pieces):
            start = first
            if any(cue.kind in ("according", "contrast") and cue.at == start for cue in self.cues):
                cue = next(one for one in self.cues if one.at == start)
                if cue.kind == "according":
                    continue
                start = cue.end
            while start < last and self.marker.exact("skip", start):
                start += self.marker.size("skip", start)
            if start < last and (self.marker.exact("stops", start) or any(cue.at == start for cue in self.cues)):
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
        if any(
            self.marker.exact(name, at)
            for at in range(first, last)
            for name in sets
            if not self.marker.exact("given", at)
        ):
            return None
        if not self.marker.exact("roles", following[0]):
            return None
        role = read_mention(self.marker, following[0], following[1])
        if role is None or role.kind not in (DESCRIPTION, ANONYMOUS):
            return None
        found = mention_of(self.marker, following[1], kind=PERSON, name=(first, last))
        return replace(found, role=role.name, role_words=role.role_words)

    def _behind_adverbs(self, first: int, last: int) -> int:
        """Give where a subject begins that a date or another adverb stands before: at a given name, title or role."""
        dated = any(
            first <= at < last and self.words[at].start == one.start
            for one in self.unit.dates
            for at in range(first, min(last, first + 2))
        )
        if not dated:
            return first
        names = ("given", "titles", "roles", "pronouns", "org_nouns")
        return next((at for at in range(first + 1, last) if any(self.marker.exact(name, at) for name in names)), first)
