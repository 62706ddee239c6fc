"""What a page says in each language: texts and labels as data, digits, and how foreign text is set into a line.

Each value that is no prose of ours (a date, address, digest, name, title) is isolated: otherwise an Arabic line
shows an ISO date backwards (UAX #9). What others wrote goes through `visible` first, so it is escaped and bounded.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from markupsafe import Markup, escape

from archiver.model.errors import UsageError
from archiver.model.text import visible

LANGUAGES = ("en", "ar", "fa")
_DIGITS = {"en": "0123456789", "ar": "٠١٢٣٤٥٦٧٨٩", "fa": "۰۱۲۳۴۵۶۷۸۹"}
_SHA_256 = Markup('<bdi class="name">SHA-256</bdi>')  # of a right-to-left line the "256" would begin the next one
_DATE = re.compile(r"[0-9]+(?:-[0-9]+)+")
LONGEST = 2000
_MOST_LINES = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One language: its code, direction, and texts by their key."""

    language: str
    texts: Mapping[str, str]
    labels: Mapping[str, str]

    @property
    def direction(self) -> str:
        """Give ``rtl`` or ``ltr``."""
        return "ltr" if self.language == "en" else "rtl"

    def say(self, key: str, **values: object) -> Markup:
        """Give a text with values set in: numbers in this language's digits, markup as it is, text escaped."""
        told = Markup(escape(self.texts[key])).replace("SHA-256", _SHA_256)  # noqa: S704 - our own text, escaped
        return told.format(**{name: self._set(one) for name, one in values.items()})

    def plain(self, key: str, **values: object) -> str:
        """Give a text for files without markup."""
        return self.texts[key].format(
            **{name: self.number(one) if isinstance(one, int) else one for name, one in values.items()}
        )

    def number(self, value: int) -> str:
        """Give a number in this language's digits."""
        return str(value).translate(str.maketrans(_DIGITS["en"], _DIGITS[self.language]))

    def label(self, path: str) -> Markup:
        """Give what a field is called; a field without a name is called by its path."""
        named = self.labels.get(path)
        return Markup(escape(named)) if named is not None else ltr(path)  # noqa: S704 - our own text, escaped

    def word(self, group: str, value: str) -> Markup:
        """Give a word of a closed set (a state, a reason, a role) in this language, the set's own word beside it."""
        named = self.texts.get(f"{group}.{value}")
        if named is None:
            return ltr(value)
        code = value.replace("_", " ")
        if named.replace("-", " ").lower() == code.lower() or f"({code})" in named.lower():
            return Markup(escape(named))  # noqa: S704 - our own text, escaped
        return Markup('{} <span class="pair">({})</span>').format(named, ltr(value))

    def value(self, value: str | int, *, free: bool = False) -> Markup:
        """Give a recorded value as it is, isolated: yes and no in words, free text by its own direction."""
        if isinstance(value, bool):
            return self.say("yes" if value else "no")
        return auto(value) if free and isinstance(value, str) else ltr(str(value))

    def _set(self, value: object) -> object:
        """Give a number isolated where Latin letters before it would draw Persian digits to their side (UAX #9, W7)."""
        if not isinstance(value, int):
            return value
        return self.number(value) if self.language == "en" else Markup("<bdi>{}</bdi>").format(self.number(value))


def ltr(value: str) -> Markup:
    """Give a value that runs left to right, isolated."""
    return Markup('<bdi dir="ltr">{}</bdi>').format(visible(value, longest=LONGEST))


def auto(value: str) -> Markup:
    """Give other people's words, isolated, in the direction of their first letter; lines stay lines.

    A date of digits and hyphens is isolated within: an Arabic line would show it backwards, as another date.
    """
    lines = value[:LONGEST].split("\n")[:_MOST_LINES]
    cut = "…" if len(value) > LONGEST or value.count("\n") >= _MOST_LINES else ""
    told = _DATE.sub(r'<bdi dir="ltr">\g<0></bdi>', str(escape("\n".join(visible(one) for one in lines) + cut)))
    return Markup('<bdi dir="auto">{}</bdi>').format(Markup(told))  # noqa: S704 - escaped, our own marks in it


@cache
def words_in(language: str) -> Words:
    """Give the words of a language; raise UsageError for one that is not there."""
    if language not in LANGUAGES:
        raise UsageError(f"--lang: expected one of {', '.join(LANGUAGES)}, found {language[:40]!r}")
    folder = files("archiver.export") / "texts"
    found = tomllib.loads((folder / f"{language}.toml").read_text(encoding="utf-8"))
    return Words(language=language, texts=dict(_flat(found["text"])), labels=found["label"])


def _flat(found: Mapping[str, object], at: str = "") -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for name, one in found.items():
        key = f"{at}.{name}" if at else name
        pairs.extend(_flat(one, key) if isinstance(one, dict) else [(key, str(one))])
    return pairs
