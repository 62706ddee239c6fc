"""``archiver report``."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from archiver.cli.output import say, say_json
from archiver.cli.passphrase import passphrase
from archiver.model.errors import UsageError

if TYPE_CHECKING:
    from archiver.app.report import Made


def report(
    case: str | None = typer.Argument(None, help="Case; the workspace's default else."),
    out: Path = typer.Option(..., "-o", "--out", help="Folder to write into; new or empty."),
    citation: list[str] = typer.Option([], "--citation", help="Show this source only (id of a citation or capture)."),
    lang: list[str] = typer.Option(["en"], "--lang", help="en, ar or fa; several give one report each."),
    paper: str = typer.Option("a4", "--paper", help="a4 or letter."),
    pdf: bool = typer.Option(False, "--pdf", help="Print PDFs too, and sign them with your identity certificate."),
    redacted: bool = typer.Option(False, "--redacted", help="Show redacted copies in place of what was redacted."),
    certify: bool = typer.Option(False, "--certify", help="Write drafts of certifications for a lawyer too."),
    no_check: bool = typer.Option(False, "--no-check", help="Do not run archiver verify for the first page."),
    as_json: bool = typer.Option(False, "--json", help="Print what was written as JSON."),
) -> int:
    """Write what a lawyer files and a reader sees: report.html, report.pdf, drafts of certifications.

    What is and is not proven stands first; then one sheet for each source. Evidence is only read.
    """
    from archiver.app.home import find_home
    from archiver.app.report import Wanted, make_report
    from archiver.app.workspace import open_workspace
    from archiver.capture.browser import can_be_sandboxed, find_browser
    from archiver.export.report_drawings import Paper

    if paper not in set(Paper):
        raise UsageError(f"--paper: expected a4 or letter, found {paper[:20]!r}")
    workspace = open_workspace(Path.cwd())
    browser = find_browser(workspace.config.capture.browser) if pdf else None
    made = make_report(
        workspace,
        workspace.choose_case(case),
        out,
        Wanted(
            languages=tuple(dict.fromkeys(lang)),
            paper=Paper(paper),
            sources=tuple(citation),
            pdf=pdf,
            redacted=redacted,
            certify=certify,
            check=not no_check,
        ),
        home=find_home(os.environ),
        passphrase=passphrase,
        browser=(browser.path, can_be_sandboxed()) if browser else None,
        tell=(lambda _: None) if as_json else say,
    )
    _tell(made, as_json=as_json)
    return 0


def _tell(made: "Made", *, as_json: bool) -> None:
    """Say what was written, and where a PDF has no signature or no timestamp."""
    if as_json:
        signed = {
            name: {"level": one.level or None, "problem": one.problem or None} for name, one in made.signed.items()
        }
        say_json({"folder": str(made.folder), "files": [str(one) for one in made.files], "signed": signed})
        return
    for name, one in made.signed.items():
        if one.problem:
            say(f"{name}: {'signed without a timestamp' if one.level else 'NOT SIGNED'}: {one.problem}")
    say(f"{len(made.files)} files, {made.exhibits} exhibits: {made.folder}")
