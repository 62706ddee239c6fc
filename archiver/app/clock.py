"""The wall clock. The only module that reads it."""

from datetime import UTC, datetime

from archiver.model.instant import Instant


class SystemClock:
    """This machine's clock: unverified until a time-stamping authority has answered."""

    def now(self) -> Instant:
        """Give the present in UTC, cut to whole milliseconds (the precision that manifests carry)."""
        present = Instant.at(datetime.now(tz=UTC))
        return Instant(present.epoch_us - present.epoch_us % 1000)
