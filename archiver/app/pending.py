"""Which authorities did not answer, and when to ask them again: each failure doubles the wait, up to a day."""

from dataclasses import dataclass, field
from pathlib import Path

from archiver.formats import canonical
from archiver.model.errors import FormatError
from archiver.model.instant import Instant
from archiver.store import durable

_FIRST_US = 60 * 1_000_000
_LONGEST_US = 24 * 3600 * 1_000_000


@dataclass(slots=True)
class Pending:
    """The file of one ledger. A damaged one is as good as none: then everybody is asked."""

    path: Path
    waits: dict[str, tuple[int, Instant]] = field(default_factory=dict)

    def due(self, tsa: str, now: Instant) -> bool:
        """Say whether an authority may be asked: it never failed, or its wait is over."""
        return tsa not in self.waits or self.waits[tsa][1] <= now

    def failed(self, tsa: str, now: Instant) -> Instant:
        """Keep that it did not answer; give when it will be asked again."""
        tries = self.waits[tsa][0] + 1 if tsa in self.waits else 1
        again = Instant(now.epoch_us + min(_FIRST_US << min(tries - 1, 20), _LONGEST_US))
        self.waits[tsa] = (tries, again)
        self._write()
        return again

    def answered(self, tsa: str) -> None:
        """Forget its failures."""
        if self.waits.pop(tsa, None) is not None:
            self._write()

    def _write(self) -> None:
        durable.replace(
            self.path,
            canonical.encode({name: {"next_at": str(at), "tries": tries} for name, (tries, at) in self.waits.items()}),
        )


def read_pending(path: Path) -> Pending:
    """Give what is pending."""
    try:
        found = canonical.decode(path.read_bytes(), what="pending")
    except (OSError, FormatError):
        return Pending(path)
    waits: dict[str, tuple[int, Instant]] = {}
    for name, one in found.items() if isinstance(found, dict) else ():
        match one:
            case {"next_at": str(at), "tries": int(tries)} if tries > 0:
                try:
                    waits[name] = (tries, Instant.parse(at))
                except FormatError:
                    continue
            case _:
                continue
    return Pending(path, waits)
