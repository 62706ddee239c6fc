"""Looking for quoted words in a text: what counts as the same words, and exactly where they stand.

The rule, by name ``words/1``: both are folded (`archiver/formats/fold.py`); any run of white space is like any other;
marks at both ends of the quotation do not count; an ellipsis in it, bracketed or not, stands for at most 5,000
characters left out. Short quotations must be whole words.
"""

import re
from array import array
from bisect import bisect_right
from dataclasses import dataclass

from archiver.formats.fold import TABLE, fold

RULE = "words/1"
_OUTER = " \t\r\n\"'.,;:!?-()[]"
_ELLIPSIS = re.compile(r"\s*[\[(]?\s*\.{3,}\s*[\])]?\s*")
_SLICE = 4096
_MOST_LEFT_OUT = 5_000
_MOST_BEGINS = 1_000
_SHORT = 20
_FEWEST_LETTERS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Where words stand in the text that was searched, and whether they stand there to the letter."""

    start: int
    end: int
    exact: bool


class Words:
    """Quoted words, ready to be looked for. ``telling`` is False where they are too short to tell anything."""

    def __init__(self, quote: str) -> None:
        self._quote = quote
        parts = [part.strip(_OUTER) for part in _ELLIPSIS.split(fold(quote))]
        self._parts = [_pattern(part) for part in parts if part]
        self.telling = sum(one.isalnum() for part in parts for one in part) >= _FEWEST_LETTERS

    def find(self, text: "Folded") -> Found | None:
        """Give the first place where they stand."""
        if not self.telling:
            return None
        first, *rest = self._parts
        for number, match in enumerate(first.finditer(text.folded)):
            end = _rest(rest, text.folded, match.end())
            if end is not None:
                return self._found(text, match.start(), end)
            if number >= _MOST_BEGINS:
                break
        return None

    def _found(self, text: "Folded", start: int, end: int) -> Found:
        first, last = text.place(start)[0], text.place(end - 1)[1]
        same = " ".join(text.original[first:last].split()) == " ".join(self._quote.split()).strip(_OUTER + "«»“”„‘’…")
        return Found(start=first, end=last, exact=same)


class Folded:
    """A text and its folded form, and for each place of that form the place in the text."""

    def __init__(self, original: str) -> None:
        self.original = original
        self._begins = array("Q")
        parts: list[str] = []
        at = 0
        for start in range(0, len(original), _SLICE):
            self._begins.append(at)
            parts.append(original[start : start + _SLICE].translate(TABLE))
            at += len(parts[-1])
        self.folded = "".join(parts)

    def place(self, at: int) -> tuple[int, int]:
        """Give the character of the text that this place of the folded form came from: where it begins and ends."""
        index = bisect_right(self._begins, at) - 1
        begin = self._begins[index]
        for start in range(index * _SLICE, len(self.original)):  # pragma: no branch - the place is within the slice
            begin += len(TABLE[ord(self.original[start])])
            if begin > at:
                break
        return start, start + 1


def script(text: str) -> str:
    """Give the script that most letters of the text's first part are of: "Arabic", "Latin", another, or "" for none."""
    counted: dict[str, int] = {}
    for one in text[:20_000]:
        if one.isalpha():
            name = _script(ord(one))
            counted[name] = counted.get(name, 0) + 1
    return max(counted, key=lambda name: counted[name]) if counted else ""


_SCRIPTS = (
    (0x0000, "Latin"), (0x0370, "Greek"), (0x0400, "Cyrillic"), (0x0530, "Armenian"), (0x0590, "Hebrew"),
    (0x0600, "Arabic"), (0x0700, "Syriac"), (0x0750, "Arabic"), (0x0780, "other"), (0x08A0, "Arabic"),
    (0x0900, "Indic"), (0x0E00, "other"), (0x1E00, "Latin"), (0x1F00, "Greek"), (0x2000, "other"),
    (0x3040, "CJK"), (0xAC00, "Korean"), (0xD7B0, "other"), (0xFB50, "Arabic"), (0xFE00, "other"), (0x20000, "CJK"),
)  # fmt: skip


def _script(code: int) -> str:
    return _SCRIPTS[bisect_right(_SCRIPTS, code, key=lambda one: one[0]) - 1][1]


def _pattern(part: str) -> re.Pattern[str]:
    words = r"\s+".join(re.escape(one) for one in part.split())
    return re.compile(rf"(?<!\w){words}(?!\w)" if len(part) < _SHORT else words)


def _rest(parts: list[re.Pattern[str]], folded: str, end: int) -> int | None:
    for one in parts:
        match = one.search(folded, end, end + _MOST_LEFT_OUT)
        if match is None:
            return None
        end = match.end()
    return end
