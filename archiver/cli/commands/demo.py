"""``archiver demo``."""

import os
from pathlib import Path

import typer

from archiver.cli.output import say, say_json
from archiver.model.examination import Examination, Examined, ExaminedKind
from archiver.model.report import Report


def demo(
    keep: Path | None = typer.Option(None, "--keep", help="Leave the workspace in this folder (case `demo`)."),
    as_json: bool = typer.Option(False, "--json", help="Print what happened as JSON."),
) -> int:
    """Run the whole job on a small demonstration site of our own, served on this machine only."""
    from archiver.app.demo import run_demo
    from archiver.app.home import find_home
    from archiver.app.report_json import examination_json
    from archiver.cli.commands.verify import say_examination

    told = (lambda _: None) if as_json else say
    done = run_demo(keep=keep, trust_home=find_home(os.environ), tell=told)
    if as_json:
        say_json(done.as_json(lambda report: examination_json(_examination(report))))
        return done.exit_code
    say("")
    say_examination(_examination(done.report), every=False)
    say("")
    say("Then one byte of one file was flipped in a copy of the workspace, and the copy verified:")
    for check in done.damage_found:
        say(f"  {check.verdict}  {check.id}  {check.subject}: {check.reason}")
    say("")
    say(done.last_words)
    return done.exit_code


def _examination(report: Report) -> Examination:
    return Examination(examined=(Examined(name="demo", kind=ExaminedKind.CASE, report=report),))
