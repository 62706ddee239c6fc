"""``archiver log``."""

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from archiver.cli.output import say, say_json, say_table, waiting
from archiver.cli.passphrase import passphrase
from archiver.model.errors import UsageError
from archiver.model.events import CustodyAction
from archiver.model.report import Verdict

if TYPE_CHECKING:
    from archiver.app.recording import OpenCase
    from archiver.model.provenance import Recorded

_CODES = {Verdict.PASS: 0, Verdict.FAIL: 1, Verdict.NOT_CHECKED: 7}
_CASE = typer.Option(None, "--case", help="Case; the workspace's default else.")
_ENTRIES = typer.Argument(..., min=0, help="Numbers of entries, as archiver log shows them.")
_BY = typer.Option(None, "--by", help="Who, as it is to be recorded; nobody is named unless you do.")

app = typer.Typer(help="The ledger of a case: what it holds, and proofs to give away.", rich_markup_mode=None)


@app.callback(invoke_without_command=True)
def log(
    context: typer.Context,
    case: str | None = _CASE,
    as_json: bool = typer.Option(False, "--json", help="Print it as JSON."),
) -> None:
    """Show every entry of the ledger: its number, type, time and what it is about. Nothing is verified here."""
    if context.invoked_subcommand is not None:
        return
    from archiver.app.log import read_log
    from archiver.app.workspace import open_workspace

    workspace = open_workspace(Path.cwd())
    lines = read_log(workspace, workspace.choose_case(case))
    if as_json:
        say_json([asdict(one) for one in lines])
        return
    rows = [(str(one.seq), one.type, one.at[:19], one.about, one.id) for one in lines]
    say_table(("entry", "type", "time (UTC)", "about", "id"), rows)


@app.command("prove")
def prove(
    entry: str = typer.Argument(..., help="Number of an entry, or the id of its manifest."),
    case: str | None = _CASE,
    out: Path = typer.Option(Path(), "--out", help="Folder to write into; this one else."),
    newest: bool = typer.Option(False, "--newest", help="Against the newest checkpoint, cosigned or not."),
) -> int:
    """Write an entry's bytes and the proof that they are in a checkpoint (C2SP tlog-proof).

    It is the checkpoint that most witnesses have cosigned, with their signatures; the newest if none has.
    """
    from archiver.app import log as logs
    from archiver.app.workspace import open_workspace

    workspace = open_workspace(Path.cwd())
    found = logs.prove(workspace, workspace.choose_case(case), entry, newest=newest)
    for path in logs.write_proof(found, out):
        say(str(path))
    by = f", cosigned by {', '.join(found.witnesses)}" if found.witnesses else ""
    say(f"entry {found.seq} of {found.size}{by}; what it commits to stays hidden until salt and manifest are shown")
    return 0


@app.command("consistency")
def consistency(
    old: Path = typer.Argument(..., help="A checkpoint that somebody kept: a file."),
    case: str | None = _CASE,
    as_json: bool = typer.Option(False, "--json", help="Print the answer as JSON."),
) -> int:
    """Check that a checkpoint which somebody kept is a prefix of the ledger as it is now.

    Exit code 0 if it is, 1 if it is not, 7 if you trust no key of this ledger.
    """
    from archiver.app.home import find_home
    from archiver.app.log import check_old
    from archiver.app.workspace import open_workspace

    workspace = open_workspace(Path.cwd())
    try:
        with old.open("rb") as file:
            raw = file.read(1 << 17)
    except OSError as error:
        raise UsageError(f"{old}: cannot be read: {error.strerror}") from error
    check = check_old(workspace, workspace.choose_case(case), raw, subject=old.name, home=find_home(os.environ))
    if as_json:
        say_json({"id": check.id, "subject": check.subject, "verdict": check.verdict, "reason": check.reason})
    else:
        say(f"{check.verdict}  {check.subject}: {check.reason}")
    return _CODES[check.verdict]


@app.command("annotate")
def annotate(
    text: str = typer.Argument(..., help="The remark."),
    entries: list[int] = _ENTRIES,
    case: str | None = _CASE,
    by: str | None = _BY,
) -> int:
    """Record a remark on entries. It changes none of them, and cannot be taken back."""
    from archiver.app import events

    return _told(events.annotate(_open(case), entries, text=text, by=by))


@app.command("custody")
def custody(
    action: str = typer.Argument(..., metavar="transfer|access|fixity", help="What was done with the evidence."),
    entries: list[int] = typer.Argument(None, min=0, help="Numbers of entries; the whole case else."),
    case: str | None = _CASE,
    by: str | None = _BY,
    to: str | None = typer.Option(None, "--to", help="Who received it."),
    reason: str | None = typer.Option(None, "--reason", help="Why."),
) -> int:
    """Record that evidence changed hands, was looked at, or was checked."""
    from archiver.app import events

    if action not in {one.value for one in CustodyAction} - {"erasure", "receipt"}:
        raise UsageError(
            f"expected transfer, access or fixity, found {action!r}",
            hint="archiver log erase erases, archiver import receives",
        )
    how = events.Handling(by=by, to=to, reason=reason)
    return _told(events.record_custody(_open(case), CustodyAction(action), entries or [], how))


@app.command("erase")
def erase(
    entries: list[int] = _ENTRIES,
    reason: str = typer.Option(..., "--reason", help="Why it must be forgotten; it is recorded for ever."),
    case: str | None = _CASE,
    by: str | None = _BY,
    yes: bool = typer.Option(False, "--yes", help="Do not ask again."),
) -> int:
    """Destroy what entries hold: manifest, salt, and the files that nothing else names. It cannot be undone.

    Every proof stays valid. Copies elsewhere (backups, bundles, git) are not reached. The citation stays in
    citations.yaml, marked as erased: capture leaves it alone.
    """
    from archiver.app import events

    if not yes and not typer.confirm(f"Destroy entries {', '.join(map(str, entries))} for ever?"):
        raise UsageError("nothing was erased")
    return _told(events.erase(_open(case), entries, events.Handling(by=by, reason=reason)))


def _open(case: str | None) -> "OpenCase":
    from archiver.app.home import find_home
    from archiver.app.recording import open_case
    from archiver.app.workspace import open_workspace

    workspace = open_workspace(Path.cwd())
    chosen = workspace.choose_case(case)
    return open_case(workspace, chosen, home=find_home(os.environ), passphrase=passphrase, waiting=waiting(False))


def _told(recorded: "Recorded") -> int:
    say(f"recorded as entry {recorded.seq}")
    return 0
