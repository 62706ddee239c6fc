"""``archiver export``."""

import os
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from archiver.cli.output import say, say_event, waiting
from archiver.cli.passphrase import passphrase
from archiver.model.errors import FormatError, UsageError

if TYPE_CHECKING:
    from archiver.app.export import Exported
    from archiver.app.home import Home
    from archiver.app.workspace import Workspace
    from archiver.export.assemble import Extras
    from archiver.model.instant import Instant


_CASE = typer.Argument(None, help="Case; the workspace's default else.")
_OUT = typer.Option(..., "-o", "--out", help="The bundle: a ZIP if it ends in .zip, a folder else.")
_CITATION = typer.Option(None, "--citation", help="A citation's id; all if none is named.")
_SINCE = typer.Option(None, "--since", help="Captures of this day (UTC, 2026-11-24) and later only.")
_TO = typer.Option(None, "--to", help="Who receives it, as it is to be recorded; nobody else.")
_ENCRYPT_TO = typer.Option(
    None,
    "--encrypt-to",
    help="Encrypt (age) to this recipient: age1..., or an SSH public key. OUT ends in .zip.age.",
)
_STRIP_CREDENTIALS = typer.Option(
    False, "--strip-credentials", help="Give copies of WARC files without cookies and tokens, and say so in them."
)
_REPORT = typer.Option([], "--report", help="Put a report into it too: en, ar or fa; several.")
_PDF = typer.Option(False, "--pdf", help="Print the report as PDF too, signed with your identity certificate.")
_CERTIFY = typer.Option(False, "--certify", help="Put drafts of certifications for a lawyer beside the report.")
_AS_JSON = typer.Option(False, "--json", help="Print one JSON object a line.")


def export(
    case: str | None = _CASE,
    out: Path = _OUT,
    citation: list[str] | None = _CITATION,
    since: str | None = _SINCE,
    to: str | None = _TO,
    encrypt_to: list[str] | None = _ENCRYPT_TO,
    strip_credentials: bool = _STRIP_CREDENTIALS,
    report: list[str] = _REPORT,
    pdf: bool = _PDF,
    certify: bool = _CERTIFY,
    as_json: bool = _AS_JSON,
) -> int:
    """Write a bundle: chosen captures with all that proves them, to be checked without archiver.

    Nothing of any other source goes into it but that there are so many entries, of which types. The export itself is
    recorded. docs/formats/bundle.md says every byte.
    """
    from archiver.app.export import Order
    from archiver.app.export import export as make
    from archiver.app.home import find_home
    from archiver.app.recording import open_case
    from archiver.app.workspace import open_workspace
    from archiver.cli.progress import say_stamps
    from archiver.cli.steps import Steps
    from archiver.export.select import Wanted

    asked = Asked(languages=tuple(dict.fromkeys(report)), pdf=pdf, certify=certify, quiet=as_json)
    workspace = open_workspace(Path.cwd())
    chosen = workspace.choose_case(case)
    home = find_home(os.environ)
    wanted = Wanted(citations=frozenset(citation or ()), since=_day(since) if since else None)
    opened = open_case(workspace, chosen, home=home, passphrase=passphrase, waiting=waiting(as_json))
    order = Order(
        wanted=wanted,
        out=out,
        recipient=to,
        encrypt_to=tuple(encrypt_to or ()),
        strip_credentials=strip_credentials,
    )
    with _extras(workspace, chosen, asked, home=home) as extras, Steps(as_json=as_json) as steps:
        made = make(opened, workspace, replace(order, extras=extras), home=home, tell=steps.tell)
    if as_json:
        _say_events(made)
        return 0
    say_stamps(made.stamped)
    if not workspace.config.tsa:
        say("timestamps: none asked, no authority is configured (archiver tsa add): times rest on this clock")
    _say(made)
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The report that is to go into the bundle; none without a language."""

    languages: tuple[str, ...]
    pdf: bool
    certify: bool
    quiet: bool


def _extras(workspace: "Workspace", case: str, asked: Asked, *, home: "Home") -> "AbstractContextManager[Extras]":
    """Give what puts the report into the bundle. What is wrong with the wish is told before anything is recorded."""
    from archiver.app.export_report import Reporting, report_extras
    from archiver.app.report import Wanted
    from archiver.capture.browser import can_be_sandboxed, find_browser
    from archiver.export.assemble import nothing_more
    from archiver.export.report_words import words_in

    if not asked.languages:
        if asked.pdf or asked.certify:
            raise UsageError("--pdf and --certify: of which report?", hint="add --report en, ar or fa")
        return nullcontext(nothing_more)
    for language in asked.languages:
        words_in(language)
    browser = find_browser(workspace.config.capture.browser) if asked.pdf else None
    if asked.pdf and browser is None:
        raise UsageError("--pdf: no browser was found to print with", hint="archiver doctor")
    reporting = Reporting(
        wanted=Wanted(languages=asked.languages, pdf=asked.pdf, certify=asked.certify),
        passphrase=passphrase,
        browser=(browser.path, can_be_sandboxed()) if browser else None,
        tell=(lambda _: None) if asked.quiet else say,
    )
    return report_extras(workspace, case, reporting, home=home)


def _say(made: "Exported") -> None:
    counts = made.contents.counts
    say(f"{made.path}: {len(made.contents.exhibits)} exhibits, {counts.failed_disclosed} of them failed attempts")
    say(
        f"of {counts.entries} entries {counts.disclosed} are opened, {counts.withheld} withheld, "
        f"{counts.erased} erased; this export is entry {made.contents.export_seq}"
    )
    if made.redacted_files:
        say(f"files of these sources with redacted copies: {made.redacted_files}; THE ORIGINALS are in the bundle")


def _say_events(made: "Exported") -> None:
    from archiver.cli.progress import stamp_event

    counts = made.contents.counts
    for one in made.stamped:
        say_event(stamp_event(one))
    say_event(
        {
            "event": "exported",
            "path": str(made.path),
            "name": made.name,
            "entry": made.contents.export_seq,
            "exhibits": len(made.contents.exhibits),
            "entries": counts.entries,
            "disclosed": counts.disclosed,
            "withheld": counts.withheld,
            "erased": counts.erased,
            "failed_disclosed": counts.failed_disclosed,
            "failed_withheld": counts.failed_withheld,
            "originals_of_redacted": made.redacted_files,
        }
    )


def _day(text: str) -> "Instant":
    from archiver.model.instant import Instant

    try:
        return Instant.parse(text if "T" in text else f"{text}T00:00:00Z")
    except FormatError as error:
        raise UsageError(f"--since: expected a day like 2026-11-24, found {text[:40]!r}") from error
