"""``archiver key``."""

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from archiver.cli.output import say, say_json, say_table
from archiver.cli.passphrase import changed_passphrase, new_passphrase, passphrase
from archiver.model.errors import UsageError

if TYPE_CHECKING:
    from archiver.app.home import Home
    from archiver.app.key_events import Changed, Ring

_AGENT = "Take this key of your SSH agent, which may be a FIDO2 security key: its comment or its id."
_REASON = typer.Option(None, "--reason", help="Why; it is recorded for ever.")

app = typer.Typer(help="Your keys, and what the ledgers of this workspace say of them.", rich_markup_mode=None)


@app.callback()
def key() -> None:
    """Your keys: they lie encrypted in your own data folder, never in a workspace."""


@app.command("new")
def new(
    kind: str = typer.Argument("investigator", metavar="investigator|identity", help="What it is to sign."),
    agent: str | None = typer.Option(None, "--agent", help=_AGENT),
    name: str | None = typer.Option(None, "--name", help="Name in an identity's certificate."),
) -> int:
    """Make a key: an investigator's, which signs manifests, or an identity, which signs PDF files under a name.

    A FIDO2 security key: ssh-keygen -t ed25519-sk, ssh-add, then --agent with the key's comment. It signs when touched.
    """
    from archiver.app import keyring

    home = _home()
    if kind == "identity" and name is not None:
        say(f"certificate {keyring.new_identity(home, new_passphrase(keep=False), name=name)}; its key lies beside it")
        return 0
    if kind != "investigator" or name is not None:
        raise UsageError("expected investigator, or identity with --name NAME")
    secret = b"" if agent is not None else new_passphrase(keep=False)
    made = keyring.new_investigator(home, secret, from_agent=agent)
    say(f"{made.role} key {made.id}")
    say(f"back up {made.path}" if agent is None else f"its private half stays where it is: {made.state}")
    return 0


@app.command("list")
def listed(as_json: bool = typer.Option(False, "--json", help="Print them as JSON.")) -> int:
    """List your keys: what each signs, how it stands, where it lies."""
    from archiver.app.keyring import known_keys

    found = known_keys(_home(), passphrase())
    if as_json:
        say_json([asdict(one) | {"path": str(one.path), "public_key": one.public_key.hex()} for one in found])
        return 0
    say_table(("role", "id", "state", "file"), [(one.role, one.id, one.state, str(one.path)) for one in found])
    return 0


@app.command("show")
def show(wanted: str = typer.Argument(..., metavar="ID", help="The key's id, or how it begins.")) -> int:
    """Print a public key in each form that programs read: PEM, OpenSSH, vkey."""
    from archiver.app.keyring import find_key, show_key

    home = _home()
    found = find_key(home, passphrase(), wanted)
    say(f"{found.role} {found.id} ({found.state})")
    say(show_key(found, home))
    return 0


@app.command("rotate")
def rotate(
    kind: str = typer.Argument("investigator", metavar="investigator|log", help="Which key."),
    case: str | None = typer.Option(
        None, "--case", help="Case whose ledger's key it is; the workspace's default else."
    ),
    agent: str | None = typer.Option(None, "--agent", help=_AGENT),
    reason: str | None = _REASON,
) -> int:
    """Put a fresh key in the place of your investigator's or of a ledger's own: an entry that both sign.

    The investigator's is rotated in every case here, and the old one kept. A ledger's old key is destroyed.
    """
    from archiver.app import key_events

    if kind == "log" and agent is None:
        ring = _ring()
        chosen = ring.workspace.choose_case(case)
        return _told("replaced", key_events.rotate_log(ring, chosen, reason=reason))
    if kind != "investigator" or case is not None:
        raise UsageError("expected investigator with or without --agent KEY, or log with or without --case CASE")
    return _told("replaced", key_events.rotate(_ring(), reason=reason, from_agent=agent))


@app.command("retire")
def retire(reason: str | None = _REASON) -> int:
    """End your investigator's key without another in its place: what is recorded later by it does not count."""
    from archiver.app import key_events

    return _told("retired", key_events.retire(_ring(), reason=reason))


@app.command("revoke")
def revoke(
    wanted: str = typer.Argument(..., metavar="ID", help="The key's id, or how it begins."),
    since: str = typer.Option(..., "--since", help="Since when somebody else may have it: 2026-11-24T10:00:00Z."),
    reason: str | None = _REASON,
) -> int:
    """Say that somebody else may have a key. Its signatures then count only where a timestamp proves them older."""
    from archiver.app import key_events
    from archiver.model.errors import FormatError
    from archiver.model.instant import Instant

    try:
        moment = Instant.parse(since)
    except FormatError as error:
        raise UsageError(f"--since: {error.message}") from error
    return _told("revoked", key_events.revoke(_ring(), wanted, since=moment, reason=reason))


@app.command("export-public")
def export_public(
    folder: Path = typer.Argument(..., help="Folder to write into: what an auditor uses with --trust."),
) -> int:
    """Copy your public keys, your ledgers' keys and your authorities' roots for an auditor. Nothing secret."""
    from archiver.app.keyring import export_public as export

    for path in export(_home(), folder.absolute()):
        say(str(path))
    say("hand it over by another way than the evidence, and read the ids aloud: archiver key list")
    return 0


@app.command("sign")
def sign(file: Path = typer.Argument(..., help="File to sign.")) -> int:
    """Sign any file as ``ssh-keygen -Y sign -n archiver`` does; the signature lies beside it."""
    from archiver.app import keyring

    say(str(keyring.sign(_home(), passphrase(), file, tell=say)))
    return 0


@app.command("passphrase")
def change() -> int:
    """Encrypt all your keys anew under another passphrase. Repeat it if it was interrupted."""
    from archiver.app.keyring import change_passphrases

    done = change_passphrases(_home(), passphrase(), changed_passphrase())
    for path in done:
        say(str(path))
    say(f"{len(done)} keys encrypted anew; back them up again")
    return 0


def _home() -> "Home":
    from archiver.app.home import find_home

    return find_home(os.environ)


def _ring() -> "Ring":
    from archiver.app.key_events import Ring
    from archiver.app.workspace import open_workspace

    return Ring(workspace=open_workspace(Path.cwd()), home=_home(), passphrase=passphrase(), waiting=say)


def _told(what: str, changed: "Changed") -> int:
    say(f"{changed.key} {what}" + (f"; in its place {changed.successor}" if changed.successor else ""))
    for case, seq in changed.entries.items():
        say(f"  case {case}: entry {seq}")
    say("Back up your keys again, and hand the new public key to those who trust the old: archiver key export-public")
    return 0
