"""What verification says, in words for people who read English, Arabic or Persian: a file of data for each."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from archiver.model.errors import UsageError
from archiver.model.report import Level, Verdict

LANGUAGES = ("en", "ar", "fa")
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """One language's words. ``direction`` is ``ltr`` or ``rtl``."""

    code: str
    direction: str
    texts: Mapping[str, str]
    verdicts: Mapping[str, str]
    verdict_means: Mapping[str, str]
    kinds: Mapping[str, str]
    levels: Mapping[str, Mapping[str, str]]
    checks: Mapping[str, Mapping[str, str]]
    not_proven: Mapping[str, str]

    def verdict(self, one: Verdict) -> str:
        """Give the verdict's word."""
        return self.verdicts[one.value]

    def level(self, one: Level, what: str) -> str:
        """Give a level's ``name``, what its PASS ``means``, or what it does ``not`` mean."""
        return self.levels[f"L{one.value}"][what]

    def asks(self, check_id: str) -> str:
        """Give the question of a check; its id where it is none that is known."""
        return self.checks.get(check_id, {}).get("asks", check_id)

    def answers(self, check_id: str, verdict: Verdict) -> str:
        """Give the answer in plain words: what a failure means, else the verdict's word."""
        if verdict is Verdict.FAIL and check_id in self.checks:
            return self.checks[check_id]["fail"]
        return self.verdict(verdict)

    def unproven(self, line: str) -> str | None:
        """Give what is not proven in this language; None where only the English is there."""
        if self.code == "en":
            return line
        numbers = _NUMBER.findall(line)
        found = self.not_proven.get(line) or self.not_proven.get(_NUMBER.sub("{n}", line))
        return found.replace("{n}", numbers[0]) if found and numbers else found


@cache
def wording(code: str) -> Wording:
    """Give the words of a language; raise UsageError for one that is not there."""
    if code not in LANGUAGES:
        raise UsageError(f"--lang: expected {', '.join(LANGUAGES)}, found {code[:20]!r}")
    found = json.loads(resources.files(__package__).joinpath(f"{code}.json").read_text(encoding="utf-8"))
    return Wording(
        code=code,
        direction=found["dir"],
        texts=found["text"],
        verdicts=found["verdicts"],
        verdict_means=found["verdict_means"],
        kinds=found["kinds"],
        levels=found["levels"],
        checks=found["checks"],
        not_proven=found["not_proven"],
    )
