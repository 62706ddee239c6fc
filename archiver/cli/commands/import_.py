"""``archiver import``."""

import os
from pathlib import Path

import typer

from archiver.cli.output import say, say_json, waiting
from archiver.cli.passphrase import passphrase
from archiver.model.report import Level, Verdict

_CODES = {Verdict.PASS: 0, Verdict.FAIL: 1, Verdict.NOT_CHECKED: 7}


def import_(
    bundle: Path = typer.Argument(..., help="Somebody's bundle: a folder, or a ZIP."),
    case: str | None = typer.Option(None, "--case", help="Case to take it into; the workspace's default else."),
    trust: Path | None = typer.Option(None, "--trust", help="Your folder of keys, for this bundle's makers."),
    require: str = typer.Option("L2", "--require", help="Level that must pass before it is taken: L0 to L4."),
    by: str | None = typer.Option(
        None, "--by", help="Who gave it, as it is to be recorded; nobody is named unless you do."
    ),
    reason: str | None = typer.Option(None, "--reason", help="Why, as it is to be recorded."),
    as_json: bool = typer.Option(False, "--json", help="Print what became of it as JSON."),
) -> int:
    """Verify somebody's bundle and keep it as foreign evidence: whole, under its digest, with a receipt in the ledger.

    Nothing in it becomes a capture of the case. Exit code 1 if a check fails, 7 if the required level was not
    checked: nothing is taken then.
    """
    from archiver.app.home import find_home
    from archiver.app.imported import Terms, import_bundle
    from archiver.app.recording import open_case
    from archiver.app.verify import choose_kept, choose_trust
    from archiver.app.workspace import open_workspace
    from archiver.cli.commands.verify import level_of, say_report
    from archiver.model.examination import Examined, ExaminedKind

    workspace = open_workspace(Path.cwd())
    chosen = workspace.choose_case(case)
    home = find_home(os.environ)
    terms = Terms(
        trust=choose_trust(trust, home=home),
        required=level_of(require),
        kept=choose_kept(trust, home=home),
        by=by,
        reason=reason,
    )
    opened = open_case(workspace, chosen, home=home, passphrase=passphrase, waiting=waiting(as_json))
    found = import_bundle(opened, bundle, terms)
    verdict = found.report.verdict
    if as_json:
        levels = {f"L{level.value}": found.report.verdict_of(level) for level in Level}
        entry = found.recorded.seq if found.recorded else None
        say_json({"verdict": verdict, "levels": levels, "entry": entry, "path": found.path or None})
    else:
        say_report(Examined(name=str(bundle), kind=ExaminedKind.BUNDLE, report=found.report), found.report, every=False)
        if found.recorded is None:
            say("nothing was imported")
        else:
            say(f"imported as entry {found.recorded.seq}, a receipt; the bundle is {found.path}")
    return _CODES[verdict]
