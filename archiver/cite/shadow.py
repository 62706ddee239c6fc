"""A normalised copy of a text to match on, with a map back: what is reported is always the text's own code points.

What is folded says `archiver/formats/fold.py`.
"""

import unicodedata
from bisect import bisect_left
from collections.abc import Sequence

from archiver.formats.fold import TABLE, fold


class Shadow:
    """The normalised copy of one text, and for each of its characters the place that it came from."""

    def __init__(self, text: str) -> None:
        self.original = text
        self.text = fold(text)
        table = TABLE
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
