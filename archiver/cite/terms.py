"""Which words in marks are no quotation: names of media, titles, terms that the writer does not make his own."""

from typing import TYPE_CHECKING

from archiver.cite.outlets import lexicon
from archiver.cite.quotes import Stretch

if TYPE_CHECKING:
    from archiver.cite.units import Reading

_FEW = 3
_MANY = 6
_LOOK_BACK = 60


def is_term(reading: "Reading", one: Stretch) -> bool:
    """Say whether a stretch in marks is a name or a term and no quotation.

    One word is a term, or none; two or three are where a cue of terms or of titles stands before them; more where
    the noun of a title does and nobody is said to speak.
    """
    words = [word for word in reading.words(*one.inner) if not word.mark]
    if len(words) <= 1 or all(word.text.isdigit() for word in words):
        return True
    named = lexicon().at(words, 0, reading.language, sure=True)
    if named is not None and named.last - named.first >= len(words):
        return True
    if len(words) <= _FEW + 1 and reading.language.is_in("given").at(words, 0, exact=True) is not None:
        return True
    if one.marks in ("unclosed", "unopened"):
        return len(words) <= _FEW
    before = reading.words(max(0, one.outer[0] - _LOOK_BACK), one.outer[0])
    if not before:
        return False
    last = len(before) - 1
    language = reading.language
    hits = (
        (at, language.is_in(name).at(before, at))
        for at in range(max(0, last - 3), last + 1)
        for name in ("term_before", "title_before")
    )
    if any(found is not None and at + found[0] > last for at, found in hits):
        return len(words) <= _MANY
    return len(words) < _FEW and before[last].text in language.clitics[2:3]
