"""``archiver verify``."""

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from archiver.cli.output import say, say_json, say_table
from archiver.model.errors import FormatError, UsageError
from archiver.model.examination import Examination, Examined
from archiver.model.instant import Instant
from archiver.model.report import Check, Level, Report, Verdict
from archiver.model.text import visible

if TYPE_CHECKING:
    from archiver.app.words import Wording

_CODES = {Verdict.PASS: 0, Verdict.FAIL: 1, Verdict.NOT_CHECKED: 7}


_TARGET = typer.Argument(
    None,
    help="A workspace, a case, a bundle, a manifest, a WARC or WACZ file, a timestamp (FILE.tsr or FILE.ots beside "
    "FILE), a proof (FILE.tlog-proof beside FILE.leaf); one or more. The workspace here else.",
)
_TRUST = typer.Option(None, "--trust", help="Your folder of keys/*.pem, logs/*.vkey, tsa/*.pem.")
_REQUIRE = typer.Option(
    None,
    "--require",
    help="Level that must pass: L0 files, L1 records, L2 ledger, L3 time, L4 independence, L5 content. L2 for a "
    "workspace, a case, a bundle, a manifest or a proof, L1 for a WARC or WACZ file, L3 for a timestamp else.",
)
_POLICY = typer.Option(
    None, "--policy", help="Your tlog-policy: whose ledgers, and how many witnesses. Before those of --trust."
)
_AT = typer.Option(None, "--at", help="Judge as of this time (2026-11-24T10:00:00Z): what came later does not count.")
_REPORT = typer.Option(None, "--report", help="Write the report into this new file: one HTML page.")
_LANG = typer.Option(None, "--lang", help="en, ar or fa: the page's language; on the terminal, plain words besides.")
_LEAF = typer.Option(None, "--leaf", help="The entry that a proof is about, if it is not beside it.")
_TRUST_EMBEDDED = typer.Option(
    False, "--trust-embedded", help="Believe keys and roots that came inside a WACZ file. The report says so first."
)
_EVERY = typer.Option(False, "--all", help="Show every check, not only one line for each kind that passed.")
_AS_JSON = typer.Option(False, "--json", help="Print the whole report as JSON (docs/formats/report.md).")


def verify(
    target: list[str] | None = _TARGET,
    trust: Path | None = _TRUST,
    require: str | None = _REQUIRE,
    policy: Path | None = _POLICY,
    at: str | None = _AT,
    report: Path | None = _REPORT,
    lang: str | None = _LANG,
    leaf: Path | None = _LEAF,
    trust_embedded: bool = _TRUST_EMBEDDED,
    every: bool = _EVERY,
    as_json: bool = _AS_JSON,
) -> int:
    """Run every check over what is named: PASS, FAIL or NOT CHECKED, and why. Opens no socket.

    Exit code 0 if the required level passes, 1 if any check fails (of L5 only where L5 is required), 4 if something
    cannot be read at all, 7 if the required level was not checked. Nothing that is empty passes.
    """
    from archiver.app.clock import SystemClock
    from archiver.app.examine import Terms, examine
    from archiver.app.home import find_home
    from archiver.app.report_json import examination_json
    from archiver.app.report_page import Told, check_place, report_page, write_page
    from archiver.app.verify import choose_kept, choose_trust, choose_wacz_trust, with_policy
    from archiver.app.words import wording

    home = find_home(os.environ)
    words = None if lang is None else wording(lang)
    if report is not None:
        check_place(report)
    moment = _moment(at)
    terms = Terms(
        trust=replace(with_policy(choose_trust(trust, home=home), policy), at=moment),
        required=None if require is None else level_of(require),
        wacz=choose_wacz_trust(trust, home=home, embedded=trust_embedded, at=moment),
        kept=choose_kept(trust, home=home),
        leaf=leaf,
    )
    found = examine(target or (), here=Path.cwd(), terms=terms)
    if as_json:
        say_json(examination_json(found, embedded=trust_embedded))
    else:
        say_examination(found, every=every, embedded=trust_embedded, words=words)
    if report is not None:
        told = Told(trust=terms.trust.origin, made_at=SystemClock().now(), at=terms.trust.at, embedded=trust_embedded)
        write_page(report, report_page(found, words or wording("en"), told))
    return _code(found)


def _code(found: Examination) -> int:
    if found.verdict is not Verdict.FAIL and any(one.unreadable for one in found.examined):
        return FormatError.exit_code
    return _CODES[found.verdict]


def say_examination(found: Examination, *, every: bool, embedded: bool = False, words: "Wording | None" = None) -> None:
    """Print what was found: first what is not proven, then each thing's checks, then the verdicts.

    With ``words`` levels and reasons are told in that language besides.
    """
    _say_first(found, embedded=embedded, words=words)
    for one in found.examined:
        say("")
        if len(found.examined) > 1 or one.report is None:
            say(f"== {visible(one.name)}" + (f" ({one.kind})" if one.kind else ""))
        if one.report is None:
            say(f"UNREADABLE  {visible(one.unreadable)}")
        else:
            say_report(one, one.report, every=every, words=words)
    if len(found.examined) > 1:
        say("")
        say(f"{found.verdict}  (all {len(found.examined)} of them together)")


def _say_first(found: Examination, *, embedded: bool, words: "Wording | None") -> None:
    """Print what the report must begin with: whose keys were believed, and what is not proven."""
    other = words if words and words.code != "en" else None
    if embedded:
        say("TRUSTING WHAT CAME WITH THE EVIDENCE (--trust-embedded): whoever made it chose the keys that check it.")
        if other:
            say(other.texts["embedded_more"])
    say("NOT PROVEN by any check below:")
    if other:
        say(f"{other.texts['not_proven']}:")
    for line in found.not_proven:
        say(f"  - {(other.unproven(line) if other else None) or line}")


def say_report(one: Examined, report: Report, *, every: bool, words: "Wording | None" = None) -> None:
    """Print the checks of one thing, then its levels, then its verdict."""
    say_table(("verdict", "level", "check", "what", "why"), _rows(report, every=every))
    if words:
        _say_plainly(report, words)
    say("")
    for level in Level:
        say(f"L{level.value} {level.name.lower():<13} {report.verdict_of(level)}")
        if words:
            say(f"     {words.level(level, 'name')}: {words.verdict(report.verdict_of(level))}")
            say(f"     {words.texts['means']}: {words.level(level, 'means')}")
            say(f"     {words.texts['means_not']}: {words.level(level, 'not')}")
    say("")
    beyond = report.verdict_of(Level.CONTENT) is Verdict.FAIL and not report.failed
    more = "; beyond that L5 content FAIL, see above" if beyond else ""
    say(f"{one.verdict}  (required: L{report.required.value}{more})")
    if words:
        say(f"{words.verdict(one.verdict)}: {words.verdict_means[one.verdict.value]}")


def _say_plainly(report: Report, words: "Wording") -> None:
    """Print in plain words what each kind of check that did not pass asked, and what its answer means."""
    told = dict.fromkeys((check.id, check.verdict) for check in report.checks if check.verdict is not Verdict.PASS)
    if told:
        say("")
    for name, verdict in sorted(told, key=lambda one: (one[1] is not Verdict.FAIL, one[0])):
        say(f"{verdict}  {name}: {words.asks(name)} {words.answers(name, verdict)}")


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


def level_of(text: str) -> Level:
    """Give the level that is called so; raise UsageError else."""
    try:
        return Level(int(text.upper().removeprefix("L")))
    except ValueError as error:
        raise UsageError(f"--require: expected L0 to L5, found {text!r}") from error


def _moment(text: str | None) -> Instant | None:
    try:
        return None if text is None else Instant.parse(text)
    except FormatError as error:
        raise UsageError(f"--at: {error.message}") from error
