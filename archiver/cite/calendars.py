"""Days of the Hijri and Jalali calendars as days of the Gregorian one.

Source: Umm al-Qura tables through hijridate (1343 to 1500 AH), the solar calendar of Iran through jdatetime.
LIMIT: a Hijri day may be a day off where the draft's country sighted the moon on another evening.
"""

import calendar
import datetime as dt

FIRST_JALALI, LAST_JALALI = 1200, 1500


def gregorian(name: str, year: int, month: int, day: int) -> dt.date | None:
    """Give the day in the Gregorian calendar, None where that calendar has no such day."""
    try:
        if name == "hijri":
            from hijridate import Hijri  # noqa: PLC0415 - a few drafts only

            found = Hijri(year, month, day).to_gregorian()
            return dt.date(found.year, found.month, found.day)
        if name == "jalali":
            from jdatetime import date  # noqa: PLC0415 - a few drafts only

            solar = date(year, month, day).togregorian()
            return dt.date(solar.year, solar.month, solar.day)
        return dt.date(year, month, day)
    except (ValueError, OverflowError):
        return None


def year_of(name: str, day: dt.date) -> int:
    """Give the year of that calendar in which a day lies."""
    try:
        if name == "hijri":
            from hijridate import Gregorian  # noqa: PLC0415 - a few drafts only

            return int(Gregorian(day.year, day.month, day.day).to_hijri().year)
        if name == "jalali":
            from jdatetime import date  # noqa: PLC0415 - a few drafts only

            return int(date.fromgregorian(date=day).year)
    except (ValueError, OverflowError):
        return day.year
    return day.year


def month_of(name: str, year: int, month: int) -> str | None:
    """Give a month as ``YYYY-MM``: of another calendar the Gregorian month in which its fifteenth lies."""
    day = gregorian(name, year, month, 15)
    return f"{day.year:04d}-{day.month:02d}" if day else None


def shifted(day: dt.date, unit: str, count: int) -> dt.date | None:
    """Give the day that lies ``count`` days, weeks, months or years after (before, if negative) another."""
    try:
        if unit in ("day", "week"):
            return day + dt.timedelta(days=count * (7 if unit == "week" else 1))
        months = day.year * 12 + day.month - 1 + count * (12 if unit == "year" else 1)
        year, month = divmod(months, 12)
        return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
    except (ValueError, OverflowError):
        return None
