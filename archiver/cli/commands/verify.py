"""``archiver verify``."""

import os
from pathlib import Path

import typer

from archiver.cli.output import say, say_json, say_table
from archiver.model.errors import UsageError
from archiver.model.report import Check, Level, Report, Verdict
from archiver.model.text import visible

_CODES = {Verdict.PASS: 0, Verdict.FAIL: 1, Verdict.NOT_CHECKED: 7}


def verify(
    case: str | None = typer.Argument(None, help="Case; all cases of the workspace else."),
    trust: Path | None = typer.Option(None, "--trust", help="Your folder of keys/*.pem, logs/*.vkey, tsa/*.pem."),
    require: str = typer.Option(
        "L2", "--require", help="Level that must pass: L0 files, L1 records, L2 ledger, L3 time, L4 independence"
    ),
    every: bool = typer.Option(False, "--all", help="Show every check, not only one line for each kind that passed."),
    as_json: bool = typer.Option(False, "--json", help="Print the whole report as JSON."),
) -> int:
    """Run every check over the workspace: PASS, FAIL or NOT CHECKED, and why. Opens no socket, writes nothing.

    Exit code 0 if the required level passes, 1 if any check fails, 7 if the required level was not checked.
    """
    from archiver.app.home import find_home
    from archiver.app.verify import verify_workspace
    from archiver.app.workspace import open_workspace

    level = _level(require)
    workspace = open_workspace(Path.cwd())
    report = verify_workspace(
        workspace,
        case=workspace.choose_case(case) if case else None,
        trust=trust,
        home=find_home(os.environ),
        required=level,
    )
    if as_json:
        say_json(report_json(report))
    else:
        say_report(report, every=every)
    return _CODES[report.verdict]


def report_json(report: Report) -> dict[str, object]:
    """Give the report for programs."""
    return {
        "verdict": report.verdict,
        "required": f"L{report.required.value}",
        "levels": {f"L{level.value}": report.verdict_of(level) for level in Level},
        "not_proven": list(report.not_proven),
        "checks": [
            {
                "id": one.id,
                "level": f"L{one.level.value}",
                "subject": one.subject,
                "verdict": one.verdict,
                "reason": one.reason,
            }
            for one in report.checks
        ],
    }


def say_report(report: Report, *, every: bool) -> None:
    """Print the report: first what is not proven, then the checks, then the verdict."""
    say("NOT PROVEN by any check below:")
    for line in report.not_proven:
        say(f"  - {line}")
    say("")
    say_table(("verdict", "level", "check", "what", "why"), _rows(report, every=every))
    say("")
    for level in Level:
        say(f"L{level.value} {level.name.lower():<13} {report.verdict_of(level)}")
    say("")
    say(f"{report.verdict}  (required: L{report.required.value})")


def _rows(report: Report, *, every: bool) -> list[tuple[str, str, str, str, str]]:
    rows: list[tuple[str, str, str, str, str]] = []
    passed: dict[str, list[Check]] = {}
    for one in report.checks:
        if one.verdict is Verdict.PASS and not every:
            passed.setdefault(one.id, []).append(one)
        else:
            rows.append((one.verdict, f"L{one.level.value}", one.id, visible(one.subject), one.reason))
    short = [
        (
            Verdict.PASS.value,
            f"L{many[0].level.value}",
            name,
            _subjects(many),
            many[0].reason if len(many) == 1 else "",
        )
        for name, many in passed.items()
    ]
    order = {Verdict.PASS: 0, Verdict.NOT_CHECKED: 1, Verdict.FAIL: 2}
    return short + sorted(rows, key=lambda row: order[Verdict(row[0])])


def _subjects(many: list[Check]) -> str:
    return visible(many[0].subject) if len(many) == 1 else f"{len(many)} times"


def _level(text: str) -> Level:
    try:
        return Level(int(text.upper().removeprefix("L")))
    except ValueError as error:
        raise UsageError(f"--require: expected L0 to L5, found {text!r}") from error
