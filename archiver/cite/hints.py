"""What to look for where a source is not linked: most survive as copies and translations in another language."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from archiver.cite.language import packaged
from archiver.cite.outlets import Lexicon, plain_name
from archiver.model.citation import Citation, SearchHints, StatedDate

_DAYS_AROUND = 3
_LONGEST_PHRASE = 90


def with_hints(citation: Citation, lexicon: Lexicon) -> Citation:
    """Give the citation with its search hints: names in Latin letters where they are known, days, a key phrase."""
    first, last = _around(citation.date_found or citation.date_stated)
    hints = SearchHints(
        speaker=latin_name(citation.speaker.name, lexicon) if citation.speaker else None,
        outlet=citation.outlet.name if citation.outlet and citation.outlet.name.isascii() else None,
        date_from=first,
        date_to=last,
        phrase=_phrase(citation),
    )
    return replace(citation, search_hints=hints if hints != SearchHints() else None)


def latin_name(name: str, lexicon: Lexicon) -> str | None:
    """Give a name in Latin letters: as it is where it is written so, else by the lexicons of people and bodies."""
    if name.isascii():
        return name
    return _people().get(plain_name(name)) or lexicon.english(name)


@cache
def _people() -> Mapping[str, str]:
    listed = packaged("people.yaml").get("people")
    entries = listed.items() if isinstance(listed, dict) else ()
    return {plain_name(form): str(latin) for latin, forms in entries for form in forms}


def _around(date: StatedDate | None) -> tuple[str | None, str | None]:
    """Give three days before and after a day; the first and last of a longer time as it is."""
    if date is None:
        return None, None
    first, _, last = date.iso.partition("/")
    if date.precision != "day":
        return first, None
    try:
        early, late = dt.date.fromisoformat(first), dt.date.fromisoformat(last or first)
        around = dt.timedelta(days=_DAYS_AROUND)
        return (early - around).isoformat(), (late + around).isoformat()
    except (ValueError, OverflowError):
        return first, last or None


def _phrase(citation: Citation) -> str | None:
    """Give the beginning of the longest quotation, cut between words."""
    longest = max((one.text for one in citation.quotes), key=len, default="")
    phrase = " ".join(longest.split())
    if len(phrase) > _LONGEST_PHRASE:
        phrase = phrase[:_LONGEST_PHRASE].rsplit(" ", 1)[0]
    return phrase or None
