"""A normalised copy of a text to match on, with a map back: what is reported is always the text's own code points.

Folded: tashkeel, tatweel, ZWNJ, bidi and other invisible marks go; the forms of alef, yeh, kaf, heh become one;
digits become ASCII; every double quotation mark becomes ``"``; case and accents go. Letters in NFD fold to the same.
"""

import unicodedata
from bisect import bisect_left
from collections.abc import Sequence

_LETTERS = {
    "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ې": "ي", "ئ": "ي", "ؤ": "و", "ک": "ك", "ڪ": "ك",
    "ة": "ه", "ۀ": "ه", "ە": "ه", "ہ": "ه", "ھ": "ه", "ۃ": "ه",
    "«": '"', "»": '"', "“": '"', "”": '"', "„": '"', "‟": '"', "〝": '"', "〞": '"', "＂": '"', "‹": "'", "›": "'",
    "‘": "'", "’": "'", "‚": "'", "ʼ": "'", "–": "-", "—": "-", "‐": "-", "‑": "-", "−": "-", "ـ": "",
    "،": ",", "؛": ";", "؟": "?", "٫": ".", "٬": ",",
}  # fmt: skip
_DROPPED = frozenset(("Mn", "Me", "Cf"))


class _Table(dict[int, str]):
    """A table for ``str.translate`` that works out each code point once."""

    def __missing__(self, code: int) -> str:
        self[code] = found = _folded(chr(code))
        return found


def _folded(one: str) -> str:
    if one in _LETTERS:
        return _LETTERS[one]
    category = unicodedata.category(one)
    if category in _DROPPED:
        return ""
    if category == "Nd":
        return str(unicodedata.digit(one))
    if category in ("Zs", "Cc") and one not in "\n\r":
        return " "
    plain = "".join(part for part in unicodedata.normalize("NFKD", one) if unicodedata.category(part) not in _DROPPED)
    return "".join(_LETTERS.get(part, part) for part in plain.lower()) or ""


_TABLE = _Table()


def fold(text: str) -> str:
    """Give the normalised form of a text."""
    return text.translate(_TABLE)


class Shadow:
    """The normalised copy of one text, and for each of its characters the place that it came from."""

    def __init__(self, text: str) -> None:
        self.original = text
        self.text = fold(text)
        table = _TABLE
        plain = len(self.text) == len(text) and all(len(table[ord(one)]) == 1 for one in set(text))
        self._places: Sequence[int] = (
            range(len(text)) if plain else [at for at, one in enumerate(text) for _ in table[ord(one)]]
        )

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Give the stretch of the text that ``start:end`` of the copy came from, marks on its last letter included."""
        if start >= len(self._places):
            return len(self.original), len(self.original)
        first = self._places[start]
        if end <= start:
            return first, first
        last = self._places[end - 1] + 1
        while last < len(self.original) and unicodedata.category(self.original[last]) in ("Mn", "Me"):
            last += 1
        return first, last

    def place(self, at: int) -> int:
        """Give where in the copy a place of the text begins."""
        return bisect_left(self._places, at)
