"""Drafts of what a court asks for: FRE 902(13), 902(14), a custodian's declaration. From recorded fields only.

What only a person can know stays blank, limits are listed, and each page says that it is a draft for a lawyer.
Sources: Fed. R. Evid. 902(11), (13), (14); 28 U.S.C. 1746.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from archiver.export.report_facts import CaseReport, Exhibit, Tried
from archiver.export.report_lines import hash_list
from archiver.export.report_words import Words
from archiver.model.events import Custody
from archiver.model.evidence import Reason, State
from archiver.model.text import visible

KINDS = ("902-13", "902-14", "custodian")
_LONGEST = 300
_PLACE = re.compile(r"\{(\w+)\}")
_COMMA = {"en": ", ", "ar": "، ", "fa": "، "}
_NONE = {"en": "none recorded", "ar": "لم يُسجَّل شيء", "fa": "چیزی ثبت نشده"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of a paragraph; ``recorded`` is a value from the records, set apart from prose.

    ``safe`` says that it is bounded and escaped already, and that marks of direction in it are ours.
    """

    text: str
    recorded: bool = False
    safe: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One draft in one language, ready to be set."""

    kind: str
    language: str
    direction: str
    header: str
    title: str
    paragraphs: tuple[tuple[Piece, ...], ...]
    limits_heading: str
    limits: tuple[str, ...]
    exhibits_heading: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    blank_note: str
    signature: tuple[str, ...]


def draft_of(report: CaseReport, words: Words, kind: str) -> Draft:
    """Give one draft, about the sources that the report shows."""
    told = _texts(words.language)
    facts = _facts(report, words)
    return Draft(
        kind=kind,
        language=words.language,
        direction=words.direction,
        header=told["draft"],
        title=told[kind]["title"],
        paragraphs=tuple(tuple(_pieces(one, facts)) for one in told[kind]["paragraphs"]),
        limits_heading=told["limits_heading"],
        limits=(*told["limits_general"], *(_limits(report, words) or (told["limits_none"],))),
        exhibits_heading=told["exhibits_heading"],
        columns=tuple(told["columns"]),
        rows=tuple(_rows(report, words)),
        blank_note=told["blank_note"],
        signature=tuple(told["signature"]),
    )


def as_text(draft: Draft) -> str:
    """Give a draft as plain text; in Arabic and Persian values are isolated by bidi controls."""
    rtl = draft.direction == "rtl"
    lines = [draft.header, "", draft.title, ""]
    for number, paragraph in enumerate(draft.paragraphs, 1):
        told = "".join(f"\u2068{one.text}\u2069" if rtl and one.recorded else one.text for one in paragraph)
        lines += [f"{number}. {told}", ""]
    lines += [draft.limits_heading, *(f"- {one}" for one in draft.limits), "", draft.exhibits_heading, ""]
    lines += ["\t".join(draft.columns), *("\t".join(row) for row in draft.rows), ""]
    lines += [draft.blank_note, "", *draft.signature, "", draft.header, ""]
    return "\n".join(lines)


@cache
def _texts(language: str) -> dict[str, Any]:
    path = files("archiver.export") / "texts" / f"certification-{language}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _pieces(template: str, facts: dict[str, str]) -> Iterator[Piece]:
    for number, part in enumerate(_PLACE.split(template)):
        if part:
            yield Piece(text=facts[part], recorded=True) if number % 2 else Piece(text=part)


def _facts(report: CaseReport, words: Words) -> dict[str, str]:
    """Give what the records say, each as text that is safe to show."""
    tried = [one for exhibit in report.exhibits for one in exhibit.attempts]
    captures = [one.capture for one in tried]
    failed = sum(one.attempt.outcome.state is State.FAILED for one in captures)
    none = _NONE[words.language]
    begun = [str(one.attempt.started_at) for one in captures]
    ended = [str(one.attempt.finished_at) for one in captures]
    head = report.record.head
    custody = [one.predicate for one in report.events if isinstance(one.predicate, Custody)]
    return {
        "case": report.record.case,
        "origin": head.origin,
        "size": words.number(head.size),
        "root": head.root,
        "made_at": str(report.record.made_at),
        "program": _joined({f"{one.tool.name} {one.tool.version}" for one in captures}, none),
        "engines": _joined(
            {f"{one.attempt.engine.name} {one.attempt.engine.version}" for one in captures if one.attempt.engine}, none
        ),
        "first": min(begun, default=none),
        "last": max(ended, default=none),
        "attempts": words.number(len(captures)),
        "failed": words.number(failed),
        "got": words.number(len(captures) - failed),
        "stamps": _joined(_stamps(tried), none),
        "checked": _checked(report, none),
        "manifests": words.number(len(tried)),
        "files": words.number(len(hash_list(report).splitlines())),
        "collectors": _joined({one.collector.name for one in captures if one.collector and one.collector.name}, none),
        "by_type": _COMMA[words.language].join(
            f"{words.texts[f'entry.{kind.value}']} {words.number(number)}" for kind, number in report.counts.by_type
        ),
        "custody": _joined({f"{words.texts[f'act.{one.action.value}']} {one.at}" for one in custody}, none),
        "unopened": words.number(report.counts.unopened),
    }


def _stamps(tried: list[Tried]) -> set[str]:
    found = {one.predicate.id: one.predicate for attempt in tried for one in attempt.clocks.stamps}
    return {f"{one.tsa_name} {one.gen_time} ({one.checkpoint_size})" for one in found.values()}


def _checked(report: CaseReport, none: str) -> str:
    if report.record.checked is None:
        return none
    return ", ".join(f"L{level.value} {verdict}" for level, verdict in report.record.checked.levels.items())


def _joined(found: set[str], none: str) -> str:
    return ", ".join(visible(one, longest=_LONGEST) for one in sorted(found)) or none


def _limits(report: CaseReport, words: Words) -> tuple[str, ...]:
    found: dict[str, int] = {}
    for one in (tried.capture for exhibit in report.exhibits for tried in exhibit.attempts):
        for limit in one.attempt.limits:
            found[limit] = found.get(limit, 0) + 1
    return tuple(
        f"{words.texts.get(f'limit.{one}', visible(one, longest=_LONGEST))} ({words.number(number)})"
        for one, number in sorted(found.items())
    )


def _rows(report: CaseReport, words: Words) -> Iterator[tuple[str, ...]]:
    for exhibit in report.exhibits:
        for tried in exhibit.attempts:
            yield _row(exhibit, tried, words)


def _row(exhibit: Exhibit, tried: Tried, words: Words) -> tuple[str, ...]:
    outcome = tried.capture.attempt.outcome
    told = words.texts[f"state.{outcome.state.value}"]
    if isinstance(outcome.reason, Reason):
        told = f"{told}: {words.texts[f'reason.{outcome.reason.value}']}"
    return (
        words.number(exhibit.number),
        str(tried.filed.seq),
        visible(tried.capture.attempt.target.url, longest=_LONGEST),
        str(tried.capture.attempt.finished_at),
        told,
        tried.filed.digest.hex,
    )
