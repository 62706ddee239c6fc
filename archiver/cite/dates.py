"""Dates as prose writes them, by a grammar of our own over words that are data (``dates`` in a language's file).

dateparser is not used: of the 13 dates of the article that this was first built for it reads none.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from archiver.cite import resolve
from archiver.cite.language import Language
from archiver.cite.phrases import Phrases
from archiver.cite.resolve import Parts, Reference
from archiver.cite.words import Word

_FAR = 4
_YEAR_DIGITS = 4
_LONGEST_DAY = 2
_NOTHING: tuple[int, Mapping[str, str]] = (0, {})


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundDate:
    """A date in a text: the words it was read from, and what they come to. ``iso`` is None where no year is known."""

    start: int
    end: int
    iso: str | None
    precision: str
    how: str
    sure: float
    contradiction: str | None = None
    parts: Parts = field(default_factory=Parts)


def find_dates(words: Sequence[Word], language: Language, reference: Reference) -> list[FoundDate]:
    """Give the dates among some words, in order, none inside another."""
    found: list[FoundDate] = []
    index = 0
    phrases = _Phrases(words, language.dates.words)
    while index < len(words):
        read = _Reader(words, index, language, phrases).read() if phrases.may_begin(index) else None
        if read is None:
            index += 1
            continue
        parts, last = read
        place = FoundDate(start=words[index].start, end=words[last - 1].end, iso=None, precision="", how="", sure=0.0)
        found.append(resolved(replace(place, parts=parts), reference))
        index = last
    return found


def resolved(found: FoundDate, reference: Reference) -> FoundDate:
    """Give a date with what it comes to, counted from a reference."""
    iso, precision, how, sure = resolve.iso_of(found.parts, reference)
    told = resolve.contradiction(found.parts, iso)
    return replace(found, iso=iso, precision=precision, how=how, sure=sure, contradiction=told)


class _Phrases:
    """The words of dates in a sentence, each place looked up once."""

    def __init__(self, words: Sequence[Word], known: Phrases[Mapping[str, str]]) -> None:
        self.words = words
        self._known = known
        self._found: dict[int, tuple[int, Mapping[str, str]]] = {}

    def at(self, index: int) -> tuple[int, Mapping[str, str]]:
        """Give how many words the longest phrase of dates here has, and what it may be."""
        found = self._found.get(index)
        if found is None:
            hit = self._known.at(self.words, index) if index < len(self.words) else None
            self._found[index] = found = hit or _NOTHING
        return found

    def may_begin(self, index: int) -> bool:
        """Say whether a date may begin here: at a digit or at a word of dates."""
        word = self.words[index]
        if word.mark:
            return False
        return any(one.isdigit() for one in word.text[:2]) or self.at(index)[0] > 0


class _Reader:
    """Reads one date from a place on. Each method gives what it read and where it stopped, or None."""

    def __init__(self, words: Sequence[Word], index: int, language: Language, phrases: _Phrases) -> None:
        self.words = words
        self.kinds = phrases.at
        self.first = index
        self.dates = language.dates
        self.capitals = language.capitals

    def read(self) -> tuple[Parts, int] | None:
        weekday, after = self._weekday(self.first)
        for rule in (self._numeric, self._range, self._day_month, self._month_day, self._vague, self._month_year):
            found = rule(after)
            if found is not None and found[1] > after:
                parts, last = found
                if weekday is None:
                    weekday, last = self._weekday_after(last)
                return replace(parts, weekday=weekday), last
        return self._relative() or self._year()

    # --- words ---

    def take(self, at: int, key: str) -> tuple[str | None, int]:
        """Give the value of a phrase if it is of a kind, and where the words go on."""
        size, kinds = self.kinds(at)
        return (kinds[key], at + size) if key in kinds else (None, at)

    def skip(self, at: int, *keys: str) -> int:
        for key in keys:
            _, at = self.take(at, key)
        return at

    def mark(self, at: int, *marks: str) -> bool:
        return at < len(self.words) and self.words[at].text in marks

    def number(self, at: int) -> int | None:
        if at < len(self.words):
            for form in self.words[at].forms:
                if form.isascii() and form.isdigit() and len(form) <= _YEAR_DIGITS:
                    return int(form)
        return None

    def day(self, at: int) -> tuple[int | None, int]:
        number = self.number(at)
        if number is not None and 1 <= number <= 31 and len(self.words[at].text) <= _LONGEST_DAY + 1:  # noqa: PLR2004
            return number, at + 1
        ordinal, after = self.take(at, "ordinals")
        return (int(ordinal), after) if ordinal else (None, at)

    def year(self, at: int) -> tuple[int | None, int]:
        after = self.skip(at, "year_words")
        number = self.number(after)
        if number is None or not 1200 <= number <= 2100:  # noqa: PLR2004 - Jalali and Hijri years among them
            return None, at
        return number, self.skip(after + 1, "era")

    # --- dates ---

    def _weekday(self, at: int) -> tuple[int | None, int]:
        after = self.skip(at, "yesterday", "today", "parts")
        value, after = self.take(after, "weekdays")
        if value is None or not self._is_name(after - 1):
            return None, at
        after = self.skip(after, "past", "present", "future", "parts")
        while self.mark(after, ",", "(", "-"):
            after += 1
        return int(value), after

    def _weekday_after(self, at: int) -> tuple[int | None, int]:
        """Read a weekday named after a date: in brackets or behind a comma."""
        inside = at + 1 if self.mark(at, "(", ",") else at
        if inside == at:
            return None, at
        value, after = self.take(inside, "weekdays")
        if value is None or (self.mark(at, ",") and not self._ends(after)):
            return None, at
        return int(value), after + 1 if self.mark(after, ")") else after

    def _ends(self, at: int) -> bool:
        return at >= len(self.words) or self.words[at].mark

    def _is_name(self, at: int) -> bool:
        return not self.capitals or self.words[at].capital

    def _numeric(self, at: int) -> tuple[Parts, int] | None:
        pieces = self.words[at].text.split("-") if at < len(self.words) else []
        after = at + 1
        if (
            len(pieces) == 1
            and at + 4 < len(self.words)
            and self.mark(at + 1, "/", ".")
            and self.mark(at + 3, "/", ".")
        ):
            pieces, after = [self.words[step].text for step in (at, at + 2, at + 4)], at + 5
        if len(pieces) != 3 or not all(one.isascii() and one.isdigit() for one in pieces):  # noqa: PLR2004
            return None
        parts = resolve.numeric(pieces, self.dates.default_calendar)
        return (parts, after) if parts else None

    def _range(self, at: int) -> tuple[Parts, int] | None:
        """Read «between 20 and 25 December 2021» and ``20-25 December 2021``."""
        pieces = self.words[at].text.split("-") if at < len(self.words) else []
        if len(pieces) == 2 and all(one.isdigit() and len(one) <= _LONGEST_DAY for one in pieces):  # noqa: PLR2004
            month = self._month(at + 1)
            return self._ranged(int(pieces[0]), int(pieces[1]), month) if month else None
        opened, start = self.take(at, "range_open")
        first, after = self.day(start) if opened else (None, at)
        if first is None:
            return None
        second = self.skip(after, "range_join")
        last, after = self.day(second)
        month = self._month(after) if last is not None else None
        return self._ranged(first, last or 0, month) if month else None

    def _ranged(self, first: int, last: int, month: tuple[Parts, int]) -> tuple[Parts, int] | None:
        parts, after = month
        return (replace(parts, day=first, last_day=last), after) if 1 <= first < last <= 31 else None  # noqa: PLR2004

    def _day_month(self, at: int) -> tuple[Parts, int] | None:
        day, after = self.day(at)
        if day is None:
            return None
        after = self.skip(after, "between")
        after = self.skip(after, "between", "parts")
        month = self._month(after)
        return (replace(month[0], day=day), month[1]) if month else None

    def _month_day(self, at: int) -> tuple[Parts, int] | None:
        """Read ``December 21, 2020``."""
        if not self.dates.capital_months:
            return None
        month = self._month_name(at)
        if month is None:
            return None
        calendar, number, after = month
        if self.mark(after, "."):
            after += 1
        day, after = self.day(after)
        if day is None:
            return None
        with_year = after + 1 if self.mark(after, ",") else after
        year, end = self.year(with_year)
        if year is None:
            return self._modified(Parts(calendar=calendar, month=number, day=day), after)
        return Parts(calendar=calendar, month=number, day=day, year=year), end

    def _month(self, at: int) -> tuple[Parts, int] | None:
        """Read a month, a second name of it, and the year or what says which year."""
        named = self._month_name(at)
        if named is None:
            return None
        calendar, number, after = named
        after = self.skip(after, "month_word")
        if self.mark(after, "."):
            after += 1
        after = self._second_name(after, number)
        comma = after + 1 if self.mark(after, ",") else after
        year, end = self.year(comma)
        if year is not None:
            return Parts(calendar=self._calendar(calendar, year, end), month=number, year=year), self.skip(
                end, "hijri_era"
            )
        return self._modified(Parts(calendar=calendar, month=number), after)

    def _calendar(self, named: str, year: int, at: int) -> str:
        return "hijri" if named == "gregorian" and self.take(at, "hijri_era")[0] and year < 1600 else named  # noqa: PLR2004

    def _modified(self, parts: Parts, at: int) -> tuple[Parts, int]:
        for sense in ("past", "present", "future"):
            value, after = self.take(at, sense)
            if value is not None:
                return replace(parts, sense=sense), after
        return parts, at

    def _month_name(self, at: int) -> tuple[str, int, int] | None:
        size, kinds = self.kinds(at)
        if not self._proper(at):
            return None
        for key, calendar in (("months", "gregorian"), ("jalali", "jalali"), ("hijri", "hijri")):
            if key in kinds:
                return calendar, int(kinds[key]), at + size
        return None

    def _proper(self, at: int) -> bool:
        return not self.dates.capital_months or (at < len(self.words) and self.words[at].capital)

    def _second_name(self, at: int, number: int) -> int:
        """Pass over the same month's other name: «أبريل/ نيسان», «تشرين الأول (أكتوبر)», «تشرين الأول أكتوبر»."""
        if not self.dates.slash_names:
            return at
        inside = at + 1 if self.mark(at, "/", "(", "-") else at
        named = self._month_name(inside)
        if named is None or named[1] != number:
            return at
        return named[2] + 1 if self.mark(at, "(") and self.mark(named[2], ")") else named[2]

    def _month_year(self, at: int) -> tuple[Parts, int] | None:
        before, after = self._sense_before(at)
        after = self.skip(after, "between")
        month = self._month(after)
        if month is None:
            return None
        parts, end = month
        sense = parts.sense or before
        return (replace(parts, sense=sense), end) if parts.year is not None or sense else None

    def _sense_before(self, at: int) -> tuple[str | None, int]:
        for sense in ("past", "present", "future"):
            value, after = self.take(at, f"{sense}_before")
            if value is not None:
                return sense, after
        return None, at

    def _vague(self, at: int) -> tuple[Parts, int] | None:
        """Read «in late 2020», «أواخر أكتوبر 2020»: a month, the last of a year where only the year is named."""
        for key, month in (("late", 12), ("early", 1), ("middle", 6)):
            value, after = self.take(at, key)
            if value is None:
                continue
            after = self.skip(after, "between")
            named = self._month(after)
            if named is not None:
                return replace(named[0], vague=key), named[1]
            year, end = self.year(after)
            if year is not None:
                return Parts(month=month, year=year, vague=key, calendar=self._year_calendar(year)), end
        return None

    def _year(self) -> tuple[Parts, int] | None:
        value, after = self.take(self.first, "year_words")
        year, end = self.year(self.first) if value is not None else (None, after)
        return (Parts(year=year, calendar=self._year_calendar(year)), end) if year is not None else None

    def _year_calendar(self, year: int) -> str:
        if year >= 1600:  # noqa: PLR2004 - no other calendar is there yet
            return "gregorian"
        return self.dates.default_calendar if self.dates.default_calendar != "gregorian" else "hijri"

    def _relative(self) -> tuple[Parts, int] | None:
        """Read days told by their distance: yesterday, «قبل يومين», two weeks ago, last month, a weekday alone."""
        at = self.first
        for key, count in (("before_yesterday", -2), ("yesterday", -1), ("today", 0), ("tomorrow", 1)):
            value, after = self.take(at, key)
            if value is not None:
                weekday, end = self.take(after, "weekdays")
                return Parts(unit="day", count=count, weekday=int(weekday) if weekday else None), end
        return self._ago() or self._last_unit() or self._that_time() or self._weekday_alone()

    def _ago(self) -> tuple[Parts, int] | None:
        value, after = self.take(self.first, "ago")
        if value is None:
            counted = self._counted(self.first)
            if counted is None:
                return None
            value, end = self.take(counted[2], "ago_after")
            return (Parts(unit=counted[0], count=-counted[1], ago=True), end) if value is not None else None
        counted = self._counted(after)
        return (Parts(unit=counted[0], count=-counted[1], ago=True), counted[2]) if counted else None

    def _counted(self, at: int) -> tuple[str, int, int] | None:
        """Read a count and its unit in either order, or a dual: «يوم واحد», «3 أيام», «أسبوعين»."""
        number = self.number(at)
        spelled, after = self.take(at, "numbers")
        count = number if number is not None else int(spelled) if spelled else None
        unit, end = self.take(at + 1 if number is not None else after, "units")
        if unit is None:
            return None
        if unit.endswith("2"):
            return unit[:-1], 2, end
        if count is None:
            spelled, after = self.take(end, "numbers")
            return unit, int(spelled) if spelled else 1, after if spelled else end
        return (unit, count, end) if count < 100 else None  # noqa: PLR2004 - more is no distance but a sum

    def _last_unit(self) -> tuple[Parts, int] | None:
        before, after = self._sense_before(self.first)
        unit, end = self.take(after, "last_unit")
        if unit is None:
            return None
        sense = before
        for one in ("past", "present", "future"):
            value, later = self.take(end, one)
            if value is not None:
                sense, end = one, later
                break
        return (Parts(unit=unit, sense=sense), end) if sense else None

    def _that_time(self) -> tuple[Parts, int] | None:
        value, after = self.take(self.first, "that_time")
        return (Parts(that_time=True), after) if value is not None else None

    def _weekday_alone(self) -> tuple[Parts, int] | None:
        """Read a weekday that names a day: after "on", "last", a part of the day, or between commas."""
        before, start = self._sense_before(self.first)
        after_part = self.skip(start, "parts")
        value, after = self.take(after_part, "weekdays")
        if value is None or not self._is_name(after - 1):
            return None
        parts, end = self._modified(Parts(weekday=int(value), sense=before), after)
        set_off = (
            after_part > start or parts.sense or self.capitals or (self._set_off(self.first) and self._ends(after))
        )
        return replace(parts, bare=not set_off), self.skip(end, "parts")

    def _set_off(self, at: int) -> bool:
        return at == 0 or self.words[at - 1].text in (",", "(", "-") or "between" in self.kinds(at - 1)[1]


def newest(dates: Sequence[FoundDate]) -> dt.date | None:
    """Give the latest full day among dates that name their year: the draft cannot be older."""
    days = [one.iso for one in dates if one.iso and one.precision == "day" and one.parts.year is not None]
    return max((dt.date.fromisoformat(one) for one in days), default=None)
