"""The folded form of a text: what cite and verify match on, so that both mean the same by "the same words".

Folded: tashkeel, tatweel, ZWNJ, bidi and other invisible marks go; the forms of alef, yeh, kaf, heh become one;
digits become ASCII; every double quotation mark becomes ``"``; case and accents go. Letters in NFD fold to the same.
Each code point is folded by itself, so that a place in the folded text leads back to one in the text.
"""

import unicodedata

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


TABLE = _Table()
"""For ``str.translate``."""


def fold(text: str) -> str:
    """Give the normalised form of a text."""
    return text.translate(TABLE)
