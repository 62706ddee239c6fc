"""A report for programs, and the JSON Schema that says what it looks like. Page: docs/formats/report.md."""

from archiver.model.examination import Examination, Examined, ExaminedKind
from archiver.model.report import Check, Level, Verdict

_VERDICT = {"enum": [one.value for one in Verdict]}
_LEVEL = {"enum": [f"L{one.value}" for one in Level]}
_LEVELS = {
    "type": "object",
    "additionalProperties": False,
    "required": [f"L{one.value}" for one in Level],
    "properties": {f"L{one.value}": _VERDICT for one in Level},
}
_TEXT = {"type": "string"}


def examination_json(found: Examination, *, embedded: bool = False) -> dict[str, object]:
    """Give what was found for programs. docs/formats/report.md says every field."""
    reports = [one.report for one in found.examined if one.report]
    return {
        "version": 1,
        "verdict": found.verdict,
        "required": max((f"L{one.required.value}" for one in reports), default="L0"),
        "levels": {f"L{level.value}": found.verdict_of(level) for level in Level},
        "trust_embedded": embedded,
        "not_proven": list(found.not_proven),
        "targets": [_examined_json(one) for one in found.examined],
        "checks": [
            {"target": one.name, **_check_json(check)}
            for one in found.examined
            for check in (one.report.checks if one.report else ())
        ],
    }


def _examined_json(one: Examined) -> dict[str, object]:
    told: dict[str, object] = {"target": one.name, "kind": one.kind, "verdict": one.verdict}
    if one.report is None:
        return {**told, "unreadable": one.unreadable}
    levels = {f"L{level.value}": one.report.verdict_of(level) for level in Level}
    return {**told, "required": f"L{one.report.required.value}", "levels": levels}


def _check_json(check: Check) -> dict[str, object]:
    return {
        "id": check.id,
        "level": f"L{check.level.value}",
        "subject": check.subject,
        "verdict": check.verdict,
        "reason": check.reason,
    }


def report_schema() -> dict[str, object]:
    """Give the JSON Schema (2020-12) of what `examination_json` gives; later versions may add fields."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What archiver verify --json prints",
        **_object(
            version={"const": 1},
            verdict=_VERDICT,
            required=_LEVEL,
            levels=_LEVELS,
            trust_embedded={"type": "boolean"},
            not_proven={"type": "array", "items": _TEXT},
            targets={"type": "array", "items": {"oneOf": [_read(), _unreadable()]}},
            checks={
                "type": "array",
                "items": _object(target=_TEXT, id=_TEXT, level=_LEVEL, subject=_TEXT, verdict=_VERDICT, reason=_TEXT),
            },
        ),
    }


def _read() -> dict[str, object]:
    kinds = {"enum": [one.value for one in ExaminedKind]}
    return _object(target=_TEXT, kind=kinds, verdict=_VERDICT, required=_LEVEL, levels=_LEVELS)


def _unreadable() -> dict[str, object]:
    return _object(target=_TEXT, kind={"type": "null"}, verdict={"const": "NOT CHECKED"}, unreadable=_TEXT)


def _object(**properties: object) -> dict[str, object]:
    return {"type": "object", "required": list(properties), "properties": properties}
