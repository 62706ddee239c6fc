"""The investigator's key changes in the person's own folder: the next one, the swap, and the one before, kept.

What ledgers say of it comes first (`app.key_events`); here only files move. A key that an agent holds is a file with
its public half. The order keeps a crash harmless: the one before is kept, the next takes its place, the rest goes.
LIMIT: a security key that is lost or broken cannot sign its own end, so no entry says it: whoever knew it has to be
told by another way which key comes after it.
"""

from collections.abc import Callable

from archiver.app.home import Home
from archiver.app.keyring import check_fresh, choose_key, held_key
from archiver.app.passphrase import agent_socket
from archiver.formats import ssh
from archiver.model.errors import SealError, UsageError
from archiver.model.provenance import Signer
from archiver.proof.signature import key_id
from archiver.seal import agent, keys
from archiver.store import durable

_OWNER_ONLY = 0o600


def next_key(
    home: Home, passphrase: bytes, old: Signer, *, from_agent: str | None, tell: Callable[[str], None]
) -> Signer:
    """Give the key that a rotation which was cut off had made or chosen; else a fresh one, or the agent's so named.

    Raises UsageError for a key of the agent that had its time, or that is another than the one begun with.
    """
    begun = _begun(home, passphrase, tell)
    if begun is not None and begun.public_key != old.public_key:
        if from_agent is not None and choose_key(agent_socket(), from_agent) != begun.public_key:
            raise UsageError(
                f"a rotation to {key_id(begun.public_key)} was cut off: it has to be ended first",
                hint="archiver key rotate, without --agent; then rotate again",
            )
        return begun
    if begun is not None:  # cut off after the swap: that rotation was whole
        _clear(home)
    if from_agent is None:
        return keys.create(home.next_key, passphrase)
    public_key = choose_key(agent_socket(), from_agent)
    check_fresh(home, public_key)
    if public_key == old.public_key:
        raise UsageError(f"{key_id(public_key)} is your key already; nothing was changed")
    durable.replace(home.next_agent, f"{ssh.public_line(public_key)}\n".encode())
    return agent.AgentSigner(agent_socket(), public_key, tell=tell)


def swap(home: Home, old: Signer) -> None:
    """Put the next key in the place of the investigator's, which is kept."""
    _keep(home, old)
    if home.next_agent.exists():
        durable.replace(home.investigator_agent, home.next_agent.read_bytes())
    else:
        durable.replace(home.investigator_key, home.next_key.read_bytes(), mode=_OWNER_ONLY)
    _clear(home)


def put_away(home: Home, old: Signer) -> None:
    """Keep the investigator's key as one that has ended; nothing is in its place."""
    _keep(home, old)
    if home.next_agent.exists() or not home.investigator_agent.exists():
        durable.remove(home.investigator_key)
    durable.remove(home.investigator_agent)
    durable.remove(home.next_agent)


def retired_signer(home: Home, passphrase: bytes, identity: str, *, tell: Callable[[str], None]) -> Signer | None:
    """Give a key that has ended, if it can still sign: its file is here, or the agent holds it."""
    if home.retired_key(identity).exists():
        return keys.load(home.retired_key(identity), passphrase)
    path = home.retired_agent(identity)
    if not path.exists():
        return None
    public_key = held_key(path)
    try:
        there = {key for key, _ in agent.keys_of(agent_socket())}
    except SealError:
        return None
    return agent.AgentSigner(agent_socket(), public_key, tell=tell) if public_key in there else None


def _begun(home: Home, passphrase: bytes, tell: Callable[[str], None]) -> Signer | None:
    if home.next_agent.exists():
        return agent.AgentSigner(agent_socket(), held_key(home.next_agent), tell=tell)
    return keys.load(home.next_key, passphrase) if home.next_key.exists() else None


def _keep(home: Home, old: Signer) -> None:
    identity = key_id(old.public_key)
    if home.investigator_agent.exists():
        durable.put_once(home.retired_agent(identity), f"{ssh.public_line(old.public_key)}\n".encode())
    elif home.investigator_key.exists():
        durable.put_once(home.retired_key(identity), home.investigator_key.read_bytes(), mode=_OWNER_ONLY)


def _clear(home: Home) -> None:
    """Remove what a swap leaves: the next key's file, and the one of the kind that is the investigator's no more."""
    if home.next_agent.exists():
        durable.remove(home.investigator_key)
        durable.remove(home.next_agent)
    else:
        durable.remove(home.investigator_agent)
        durable.remove(home.next_key)
