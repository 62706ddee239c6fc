"""What verification says: one verdict a check, a reason each, and what is not proven."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Verdict(StrEnum):
    """NOT_CHECKED is never a pass."""

    PASS = "PASS"  # noqa: S105 - a verdict, not a password
    FAIL = "FAIL"
    NOT_CHECKED = "NOT CHECKED"


class Level(IntEnum):
    """What a check helps to show."""

    FILES = 0
    RECORDS = 1
    LEDGER = 2
    TIME = 3
    INDEPENDENCE = 4
    CONTENT = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One question asked of one thing, and the answer. ``id`` is stable; ``subject`` is a path or an id."""

    id: str
    level: Level
    subject: str
    verdict: Verdict
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All checks in a fixed order, the level that was asked for, and what is not proven whatever they say."""

    checks: tuple[Check, ...]
    required: Level
    not_proven: tuple[str, ...]

    def verdict_of(self, level: Level) -> Verdict:
        """Give FAIL if any check of the level failed, PASS only if all passed and there was one."""
        verdicts = {check.verdict for check in self.checks if check.level is level}
        if Verdict.FAIL in verdicts:
            return Verdict.FAIL
        return Verdict.PASS if verdicts == {Verdict.PASS} else Verdict.NOT_CHECKED

    @property
    def failed(self) -> bool:
        """Say whether a check failed that counts: any, but those of content only where that level is required.

        That a draft quotes loosely, or that a capture passed over a certificate error and says so, is told at its
        level; it does not make evidence unsound that is whole, signed and recorded.
        """
        counted = (check for check in self.checks if check.level < Level.CONTENT or self.required is Level.CONTENT)
        return any(check.verdict is Verdict.FAIL for check in counted)

    @property
    def verdict(self) -> Verdict:
        """Give FAIL if any check failed that counts, PASS only if each level up to the required one passed."""
        if self.failed:
            return Verdict.FAIL
        levels = [self.verdict_of(level) for level in Level if level <= self.required]
        return Verdict.PASS if all(level is Verdict.PASS for level in levels) else Verdict.NOT_CHECKED
