"""What an auditor hands to verification, and what came of each: several things, one verdict."""

from dataclasses import dataclass
from enum import StrEnum

from archiver.model.report import Level, Report, Verdict


class ExaminedKind(StrEnum):
    """What sort of thing was handed in."""

    WORKSPACE = "workspace"
    CASE = "case"
    MANIFEST = "manifest"
    WARC = "warc"
    WACZ = "wacz"
    TIMESTAMP = "timestamp"
    BUNDLE = "bundle"
    PROOF = "proof"

    @property
    def levels(self) -> tuple[Level, ...]:
        """Give the levels that such a thing can reach at all."""
        return _LEVELS.get(self, tuple(Level))

    @property
    def required(self) -> Level:
        """Give the level that must pass unless the auditor says otherwise."""
        return _REQUIRED.get(self, Level.LEDGER)


_LEVELS: dict[ExaminedKind, tuple[Level, ...]] = dict.fromkeys(
    (ExaminedKind.WARC, ExaminedKind.WACZ), (Level.FILES, Level.RECORDS)
)
_LEVELS[ExaminedKind.TIMESTAMP] = (Level.TIME,)
_LEVELS[ExaminedKind.PROOF] = (Level.LEDGER, Level.INDEPENDENCE)
_REQUIRED = {kind: max(levels) for kind, levels in _LEVELS.items()}
_REQUIRED[ExaminedKind.PROOF] = Level.LEDGER


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """One thing that was handed in. ``unreadable`` says why there is no report; ``name`` is as it was given."""

    name: str
    kind: ExaminedKind | None = None
    report: Report | None = None
    unreadable: str = ""

    @property
    def verdict(self) -> Verdict:
        """Give FAIL if a check failed that counts, PASS only if each level passed that it can reach and is required."""
        if self.report is None or self.kind is None:
            return Verdict.NOT_CHECKED
        if self.report.failed:
            return Verdict.FAIL
        reached = self.kind.levels
        wanted = [level for level in reached if level <= self.report.required]
        if not wanted or self.report.required > max(reached):
            return Verdict.NOT_CHECKED
        passed = all(self.report.verdict_of(level) is Verdict.PASS for level in wanted)
        return Verdict.PASS if passed else Verdict.NOT_CHECKED


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """All that was handed in, in the order in which it was named."""

    examined: tuple[Examined, ...]

    @property
    def verdict(self) -> Verdict:
        """Give FAIL if anything failed, PASS only if there was something and all of it passed."""
        verdicts = {one.verdict for one in self.examined}
        if Verdict.FAIL in verdicts:
            return Verdict.FAIL
        return Verdict.PASS if verdicts == {Verdict.PASS} else Verdict.NOT_CHECKED

    def verdict_of(self, level: Level) -> Verdict:
        """Give FAIL if a check of the level failed anywhere, PASS only if it passed for everything."""
        verdicts = {one.report.verdict_of(level) if one.report else Verdict.NOT_CHECKED for one in self.examined}
        if Verdict.FAIL in verdicts:
            return Verdict.FAIL
        return Verdict.PASS if verdicts == {Verdict.PASS} else Verdict.NOT_CHECKED

    @property
    def not_proven(self) -> tuple[str, ...]:
        """Give what is not proven of any of it, each line once."""
        lines = (line for one in self.examined if one.report for line in one.report.not_proven)
        return tuple(dict.fromkeys(lines))
