"""``archiver witness``."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from archiver.cli.output import say, waiting
from archiver.cli.passphrase import new_passphrase, passphrase
from archiver.model.errors import UsageError
from archiver.model.text import visible

if TYPE_CHECKING:
    from archiver.app.home import Home
    from archiver.app.recording import OpenCase
    from archiver.app.workspace import Workspace

_PENDING = 6
_CASE = typer.Option(None, "--case", help="Case; the workspace's default else.")

app = typer.Typer(help="Witnesses: a second person cosigns that a ledger only grew.", rich_markup_mode=None)


@app.callback()
def witness() -> None:
    """Witnesses cosign that a ledger only grew. They see its opaque name, its size and hashes, and no source."""


@app.command("new")
def new(name: str = typer.Argument(..., help="Name that you cosign under: like example.org/w1.")) -> int:
    """As a witness: make your key. Hand the line that is printed to those whose ledgers you cosign."""
    from archiver.app.cosigner import new_witness

    say(new_witness(_home(), new_passphrase(keep=False), name=name))
    return 0


@app.command("follow")
def follow(
    vkey: str = typer.Argument(..., help="The ledger's key: the line in its keys/log.vkey."),
    instead: bool = typer.Option(False, "--instead", help="In place of this ledger's other keys: after a rotation."),
) -> int:
    """As a witness: cosign this ledger from now on."""
    from archiver.app.cosigner import follow as follow_ledger

    say(f"you cosign {follow_ledger(_home(), vkey, instead=instead)}")
    return 0


@app.command("sign")
def sign(
    request: Path = typer.Argument(..., help="File that archiver witness request made."),
    out: Path | None = typer.Option(None, "--out", help="File to write; beside the request else."),
) -> int:
    """As a witness: check a request against the last tree you cosigned, then cosign it. Send the file back."""
    from archiver.app.cosigner import open_cosigner, sign_request
    from archiver.store import durable

    made = sign_request(open_cosigner(_home(), passphrase()), request)
    path = out or request.with_name(f"{request.name}.cosigned")
    durable.replace(path.absolute(), made)
    say(str(path))
    return 0


@app.command("serve")
def serve(
    listen: str = typer.Option("127.0.0.1:8344", "--listen", metavar="HOST:PORT", help="Where to answer."),
) -> int:
    """As a witness: answer over HTTP (C2SP tlog-witness add-checkpoint) until interrupted."""
    from archiver.app.cosigner import make_server, open_cosigner

    host, _, port = listen.rpartition(":")
    if not host or not port.isascii() or not port.isdecimal():
        raise UsageError(f"--listen: expected HOST:PORT, found {listen!r}")
    cosigner = open_cosigner(_home(), passphrase())
    with make_server(cosigner, host=host, port=int(port), tell=lambda line: say(visible(line))) as server:
        say(f"witness {cosigner.name} answers at http://{host}:{server.server_port}/add-checkpoint")
        server.serve_forever()
    return 0


@app.command("name")
def name(
    called: str = typer.Argument(..., metavar="NAME", help="What the witness is called in this case's policy."),
    vkey: str = typer.Argument(..., help="The witness's line from archiver witness new."),
    url: str | None = typer.Option(None, "--url", help="Where it answers over HTTP; by file else."),
    quorum: int | None = typer.Option(None, "--quorum", min=1, help="How many must have cosigned, of all witnesses."),
    case: str | None = _CASE,
) -> int:
    """For a ledger of yours: name a witness, and how many must have cosigned before independence passes."""
    from archiver.app.witness import name_witness

    workspace, chosen = _chosen(case)
    path = name_witness(workspace, chosen, name=called, vkey=vkey, url=url, quorum=quorum, home=_home())
    say(f"{called} is a witness of case {chosen}; what you trust is in {path}")
    return 0


@app.command("request")
def request(
    called: str = typer.Argument(..., metavar="NAME", help="Witness, as the policy calls it."),
    out: Path = typer.Option(Path("witness-request.txt"), "--out", help="File to write."),
    old: int | None = typer.Option(None, "--old", min=0, help="Size that the witness knows, if it said another."),
    case: str | None = _CASE,
) -> int:
    """For a ledger of yours: write the file that a witness signs (archiver witness sign). It names no source."""
    from archiver.app.witness import make_request
    from archiver.store import durable

    workspace, chosen = _chosen(case)
    durable.replace(out.absolute(), make_request(workspace, chosen, called, old_size=old))
    say(str(out))
    return 0


@app.command("add")
def add(
    file: Path = typer.Argument(..., help="File that the witness sent back."),
    case: str | None = _CASE,
) -> int:
    """For a ledger of yours: check a cosignature and record it."""
    from archiver.app.witness import add_cosigned

    try:
        with file.open("rb") as opened:
            raw = opened.read(1 << 17)
    except OSError as error:
        raise UsageError(f"{file}: cannot be read: {error.strerror}") from error
    workspace, chosen = _chosen(case)
    say(f"recorded as entry {add_cosigned(_open(workspace, chosen), workspace, raw).seq}")
    return 0


@app.command("ask")
def ask(case: str | None = _CASE) -> int:
    """For a ledger of yours: ask every witness that has an address. Exit code 6 if one did not cosign."""
    from archiver.app.witness import ask_witnesses

    workspace, chosen = _chosen(case)
    asked = ask_witnesses(_open(workspace, chosen), workspace)
    for one in asked:
        ended = f"entry {one.recorded.seq}" if one.recorded else f"PENDING: {visible(one.problem)}"
        say(f"witness: {one.witness} over {one.size} entries: {ended}")
    if not asked:
        say("nobody is to be asked")
    return _PENDING if any(one.recorded is None for one in asked) else 0


def _home() -> "Home":
    from archiver.app.home import find_home

    return find_home(os.environ)


def _chosen(case: str | None) -> "tuple[Workspace, str]":
    from archiver.app.workspace import open_workspace

    workspace = open_workspace(Path.cwd())
    return workspace, workspace.choose_case(case)


def _open(workspace: "Workspace", case: str) -> "OpenCase":
    from archiver.app.recording import open_case

    return open_case(workspace, case, home=_home(), passphrase=passphrase, waiting=waiting(False))
