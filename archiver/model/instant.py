"""Points in time: UTC only, microseconds inside, RFC 3339 with milliseconds outside."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from archiver.model.errors import FormatError

_RFC3339 = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?Z\Z", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, order=True)
class Instant:
    """One point in time, as microseconds since 1970-01-01T00:00:00Z."""

    epoch_us: int

    def __str__(self) -> str:
        """Give RFC 3339 UTC with milliseconds (truncated): the form that manifests carry."""
        return self.as_datetime.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"

    @property
    def as_datetime(self) -> datetime:
        """Give the same point as an aware datetime."""
        return _EPOCH + timedelta(microseconds=self.epoch_us)

    def warc(self) -> str:
        """Give the form of a WARC/1.1 date: UTC with microseconds."""
        return self.as_datetime.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"

    @classmethod
    def parse(cls, text: str) -> "Instant":
        """Read RFC 3339 with a ``Z`` and at most six fractional digits; raise FormatError else."""
        match = _RFC3339.match(text)
        if not match:
            raise FormatError(f"time: expected 2026-11-24T10:00:00.000Z, found {text[:80]!r}")
        year, month, day, hour, minute, second = map(int, match.groups()[:6])
        part_us = int((match[7] or "0").ljust(6, "0"))
        try:
            return cls.at(datetime(year, month, day, hour, minute, second, part_us, UTC))
        except ValueError as error:
            raise FormatError(f"time: {text!r} is not a date of the calendar: {error}") from error

    @classmethod
    def at(cls, moment: datetime) -> "Instant":
        """Give the instant of an aware datetime; a naive one is a programming error (TypeError)."""
        return cls((moment - _EPOCH) // timedelta(microseconds=1))


class Clock(Protocol):
    """Where times come from. Only ``app/clock.py`` reads the wall clock."""

    def now(self) -> Instant:
        """Give the present, cut to whole milliseconds."""
        ...
