"""What the parts of a date come to: a day, a month or a year in ISO form, and how that was worked out."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from archiver.cite import calendars

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTH = "month"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """What relative dates are counted from: the draft's publication, and the date that was told before.

    ``newest`` is the latest day that the draft itself names: it stands in for an unknown publication where only
    a year is missing, and the answer says so.
    """

    published: dt.date | None = None
    told: str = "the date of publication"
    anchor: dt.date | None = None
    newest: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """A date as it is written: what is named and what is not."""

    calendar: str = "gregorian"
    year: int | None = None
    month: int | None = None
    day: int | None = None
    last_day: int | None = None
    weekday: int | None = None
    sense: str | None = None
    vague: str | None = None
    unit: str | None = None
    count: int | None = None
    ago: bool = False
    that_time: bool = False
    bare: bool = False

    @property
    def relative(self) -> bool:
        """Say whether this needs another day to be counted from."""
        return self.unit is not None or self.that_time or (self.month is None and self.weekday is not None)


Answer = tuple[str | None, str, str, float]
_UNKNOWN = "needs the date of publication (--published)"


def iso_of(parts: Parts, reference: Reference) -> Answer:
    """Give the ISO form (None if not known), its precision, how it was found, and how sure that is (0 to 1)."""
    if parts.that_time:
        day = reference.anchor
        if day is None:
            return None, _MONTH, "needs the date told before", 0.0
        return f"{day.year:04d}-{day.month:02d}", _MONTH, "the month of the date told before", 0.5
    if parts.unit is not None:
        return _relative(parts, reference)
    if parts.month is None:
        return _year_or_weekday(parts, reference)
    if parts.year is None:
        return _without_year(parts, reference)
    return _explicit(parts, parts.year, "stated", 0.95 if parts.vague is None else 0.6)


def _explicit(parts: Parts, year: int, how: str, sure: float) -> Answer:
    how = how if parts.calendar == "gregorian" else f"{how}, {parts.calendar} calendar"
    month = parts.month or 1
    if parts.day is None:
        iso = calendars.month_of(parts.calendar, year, month)
        return iso, _MONTH, f"{how} ({parts.vague})" if parts.vague else how, sure
    day = calendars.gregorian(parts.calendar, year, month, parts.day)
    if day is None:
        return None, "day", "no such day in the calendar", 0.0
    if parts.last_day is None:
        return day.isoformat(), "day", how, sure
    last = calendars.gregorian(parts.calendar, year, month, parts.last_day)
    return (f"{day}/{last}" if last else day.isoformat()), "day", f"{how}, a range", sure


def _without_year(parts: Parts, reference: Reference) -> Answer:
    """Find the year: the latest such day up to the reference, or what "last", "this", "next" say of it."""
    base, told, sure = _base(parts, reference)
    if base is None:
        return None, "day" if parts.day else _MONTH, _UNKNOWN, 0.0
    year = calendars.year_of(parts.calendar, base)
    wanted = [_first_day(parts, one) for one in (year - 1, year, year + 1)]
    days = [(one, each) for one, each in zip((year - 1, year, year + 1), wanted, strict=True) if each is not None]
    if parts.sense == "future":
        chosen = next((one for one, each in days if each > base), None)
    elif parts.sense == "present":
        chosen = min(days, key=lambda one: abs((one[1] - base).days), default=(None, base))[0]
    else:
        chosen = next((one for one, each in reversed(days) if each <= base + dt.timedelta(days=1)), None)
    if chosen is None:
        return None, "day" if parts.day else _MONTH, "no such day in the calendar", 0.0
    how = {"past": "the last one before", "present": "the same month as", "future": "the next one after"}
    return _explicit(parts, chosen, f"{how.get(parts.sense or '', 'the latest one up to')} {told}", sure)


def _first_day(parts: Parts, year: int) -> dt.date | None:
    return calendars.gregorian(parts.calendar, year, parts.month or 1, parts.day or 1)


def _base(parts: Parts, reference: Reference) -> tuple[dt.date | None, str, float]:
    if reference.anchor is not None and (parts.sense in ("present", "future") or reference.published is None):
        return reference.anchor, "the date told before", 0.6
    if reference.published is not None:
        return reference.published, reference.told, 0.85
    return reference.newest, "the newest date that the draft names (its publication is not known)", 0.4


def _relative(parts: Parts, reference: Reference) -> Answer:
    base, told = reference.published, reference.told
    if reference.anchor is not None and (parts.ago or base is None):
        base, told = reference.anchor, "the date told before"
    if base is None:
        return None, parts.unit or "day", _UNKNOWN, 0.0
    count = parts.count if parts.count is not None else {"past": -1, "future": 1}.get(parts.sense or "", 0)
    day = calendars.shifted(base, parts.unit or "day", count)
    if day is None:
        return None, "day", "outside the calendar", 0.0
    how = f"{abs(count)} {parts.unit}(s) {'before' if count < 0 else 'after'} {told}" if count else told
    if parts.unit == "year":
        return f"{day.year:04d}", "year", how, 0.7
    if parts.unit == _MONTH or (parts.unit == "week" and parts.count is None):
        return f"{day.year:04d}-{day.month:02d}", _MONTH, how, 0.7
    return day.isoformat(), "day", how, 0.85 if parts.unit == "day" else 0.5


def _year_or_weekday(parts: Parts, reference: Reference) -> Answer:
    if parts.year is not None:
        year = parts.year
        if parts.calendar != "gregorian":
            day = calendars.gregorian(parts.calendar, parts.year, 6, 15)
            year = day.year if day else parts.year
        return f"{year:04d}", "year", "stated", 0.9
    base = reference.published or reference.anchor
    if parts.weekday is None or base is None:
        return None, "day", _UNKNOWN, 0.0
    behind = (base.weekday() - parts.weekday) % 7
    if parts.sense == "past" and behind == 0:
        behind = 7
    distance = 7 - behind if parts.sense == "future" else -behind
    day = calendars.shifted(base, "day", distance)
    if day is None:
        return None, "day", "outside the calendar", 0.0
    return day.isoformat(), "day", f"the {_DAYS[parts.weekday]} nearest before {reference.told}", 0.75


def contradiction(parts: Parts, iso: str | None) -> str | None:
    """Say where a weekday that is named beside a date is not that day's."""
    if parts.weekday is None or iso is None or len(iso) != 10 or (parts.month is None and parts.unit is None):  # noqa: PLR2004
        return None
    actual = dt.date.fromisoformat(iso).weekday()
    if actual == parts.weekday:
        return None
    return f"the draft says {_DAYS[parts.weekday]}, but {iso} was a {_DAYS[actual]}"


def numeric(pieces: Sequence[str], calendar: str) -> Parts | None:
    """Read three numbers: year first or year last, then day before month; which calendar by the year."""
    first, second, third = (int(one) for one in pieces)
    if len(pieces[0]) == 4:  # noqa: PLR2004
        year, month, day = first, second, third
    elif len(pieces[2]) == 4:  # noqa: PLR2004
        year, month, day = third, second, first
    else:
        return None
    if month > 12 >= day:  # noqa: PLR2004
        month, day = day, month
    if not (1 <= month <= 12 and 1 <= day <= 31):  # noqa: PLR2004
        return None
    if 1200 <= year < 1600:  # noqa: PLR2004
        calendar = calendar if calendar != "gregorian" else "hijri"
    elif 1600 <= year <= 2100:  # noqa: PLR2004
        calendar = "gregorian"
    else:
        return None
    return Parts(calendar=calendar, year=year, month=month, day=day)
