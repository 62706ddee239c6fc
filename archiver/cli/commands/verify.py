"""``archiver verify``."""

import os
from dataclasses import replace
from pathlib import Path

import typer

from archiver.cli.output import say, say_json, say_table
from archiver.model.errors import FormatError, UsageError
from archiver.model.examination import Examination, Examined
from archiver.model.instant import Instant
from archiver.model.report import Check, Level, Report, Verdict
from archiver.model.text import visible

_CODES = {Verdict.PASS: 0, Verdict.FAIL: 1, Verdict.NOT_CHECKED: 7}


def verify(
    target: list[str] | None = typer.Argument(
        None,
        help="A workspace, a case, a manifest, a WARC or WACZ file, a timestamp (FILE.tsr beside FILE), a proof "
        "(FILE.tlog-proof beside FILE.leaf); one or more. The workspace here else.",
    ),
    trust: Path | None = typer.Option(None, "--trust", help="Your folder of keys/*.pem, logs/*.vkey, tsa/*.pem."),
    require: str | None = typer.Option(
        None,
        "--require",
        help="Level that must pass: L0 files, L1 records, L2 ledger, L3 time, L4 independence, L5 content. "
        "L2 for a workspace, a case, a manifest or a proof, L1 for a WARC or WACZ file, L3 for a timestamp else.",
    ),
    policy: Path | None = typer.Option(
        None, "--policy", help="Your tlog-policy: whose ledgers, and how many witnesses. Before those of --trust."
    ),
    at: str | None = typer.Option(
        None, "--at", help="Judge as of this time (2026-11-24T10:00:00Z): what came later does not count."
    ),
    leaf: Path | None = typer.Option(None, "--leaf", help="The entry that a proof is about, if it is not beside it."),
    trust_embedded: bool = typer.Option(
        False, "--trust-embedded", help="Believe keys and roots that came inside a WACZ file. The report says so first."
    ),
    every: bool = typer.Option(False, "--all", help="Show every check, not only one line for each kind that passed."),
    as_json: bool = typer.Option(False, "--json", help="Print the whole report as JSON (docs/formats/report.md)."),
) -> int:
    """Run every check over what is named: PASS, FAIL or NOT CHECKED, and why. Opens no socket, writes nothing.

    Exit code 0 if the required level passes, 1 if any check fails, 4 if something cannot be read at all, 7 if the
    required level was not checked. Nothing that is empty passes.
    """
    from archiver.app.examine import Terms, examine
    from archiver.app.home import find_home
    from archiver.app.verify import choose_trust, choose_wacz_trust, with_policy

    home = find_home(os.environ)
    moment = _moment(at)
    terms = Terms(
        trust=replace(with_policy(choose_trust(trust, home=home), policy), at=moment),
        required=None if require is None else _level(require),
        wacz=choose_wacz_trust(trust, home=home, embedded=trust_embedded, at=moment),
        leaf=leaf,
    )
    found = examine(target or (), here=Path.cwd(), terms=terms)
    if as_json:
        say_json({**examination_json(found), "trust_embedded": trust_embedded})
    else:
        say_examination(found, every=every, embedded=trust_embedded)
    return _code(found)


def _code(found: Examination) -> int:
    if found.verdict is not Verdict.FAIL and any(one.unreadable for one in found.examined):
        return FormatError.exit_code
    return _CODES[found.verdict]


def examination_json(found: Examination) -> dict[str, object]:
    """Give what was found for programs. docs/formats/report.md says every field."""
    reports = [one.report for one in found.examined if one.report]
    return {
        "version": 1,
        "verdict": found.verdict,
        "required": max((f"L{one.required.value}" for one in reports), default="L0"),
        "levels": {f"L{level.value}": found.verdict_of(level) for level in Level},
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


def say_examination(found: Examination, *, every: bool, embedded: bool = False) -> None:
    """Print what was found: first what is not proven, then each thing's checks, then the verdicts."""
    if embedded:
        say("TRUSTING WHAT CAME WITH THE EVIDENCE (--trust-embedded): whoever made it chose the keys that check it.")
    say("NOT PROVEN by any check below:")
    for line in found.not_proven:
        say(f"  - {line}")
    for one in found.examined:
        say("")
        if len(found.examined) > 1 or one.report is None:
            say(f"== {visible(one.name)}" + (f" ({one.kind})" if one.kind else ""))
        if one.report is None:
            say(f"UNREADABLE  {visible(one.unreadable)}")
        else:
            say_report(one, one.report, every=every)
    if len(found.examined) > 1:
        say("")
        say(f"{found.verdict}  (all {len(found.examined)} of them together)")


def say_report(one: Examined, report: Report, *, every: bool) -> None:
    """Print the checks of one thing, then its levels, then its verdict."""
    say_table(("verdict", "level", "check", "what", "why"), _rows(report, every=every))
    say("")
    for level in Level:
        say(f"L{level.value} {level.name.lower():<13} {report.verdict_of(level)}")
    say("")
    say(f"{one.verdict}  (required: L{report.required.value})")


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


def _moment(text: str | None) -> Instant | None:
    try:
        return None if text is None else Instant.parse(text)
    except FormatError as error:
        raise UsageError(f"--at: {error.message}") from error
