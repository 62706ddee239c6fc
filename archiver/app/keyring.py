"""A person's keys: made, shown, changed, handed on. What ledgers must say of them: `app.key_events`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from archiver.app.clock import SystemClock
from archiver.app.home import Home
from archiver.app.passphrase import agent_socket
from archiver.formats import note, security_key, ssh
from archiver.model.errors import ArchiverError, FormatError, SealError, UsageError
from archiver.model.provenance import Signer
from archiver.proof.signature import key_id, public_file, sign_file
from archiver.seal import agent, keys
from archiver.store import durable


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownKey:
    """One key of this person: what it signs, how it stands (current, retired, in the agent), and where it lies."""

    role: str
    id: str
    state: str
    path: Path
    public_key: bytes = b""


def silent(_: str) -> None:
    """Tell nobody: for who does not sign."""


def open_investigator(home: Home, passphrase: bytes, *, tell: Callable[[str], None] = silent) -> Signer:
    """Give the investigator's current key: from its file, or held by an SSH agent. Raises SealError.

    ``tell`` is told when a security key waits to be touched.
    """
    held = home.investigator_agent
    if held.exists():
        return agent.AgentSigner(agent_socket(), held_key(held), tell=tell)
    return keys.load(home.investigator_key, passphrase)


def known_keys(home: Home, passphrase: bytes) -> tuple[KnownKey, ...]:
    """Give every key of this person; what the passphrase does not open is told as such."""
    return tuple(_known(home, passphrase))


def _known(home: Home, passphrase: bytes) -> Iterator[KnownKey]:
    for path in home.agent_files():
        public_key = held_key(path)
        where = _where(public_key)
        state = where if path == home.investigator_agent else f"retired, {where}"
        yield _public_key("investigator", state, path, public_key)
    for path in home.key_files():
        role = path.name.partition("-")[0].removesuffix(".pem")
        is_current = path == home.investigator_key and not home.investigator_agent.exists()
        state = "retired" if role == "investigator" and not is_current else "current"
        if role == "identity":
            yield KnownKey(role=role, id="", state=state, path=path)
            continue
        try:
            yield _public_key(role, state, path, keys.load(path, passphrase).public_key)
        except ArchiverError as error:
            yield KnownKey(role=role, id="", state=f"cannot be opened: {error.message}", path=path)


def held_state(home: Home) -> tuple[str, bool]:
    """Give where the investigator's key is that an agent holds, and whether one holds it now. Raises SealError."""
    public_key = held_key(home.investigator_agent)
    try:
        return _where(public_key), public_key in {key for key, _ in agent.keys_of(agent_socket())}
    except SealError:
        return _where(public_key), False


def _where(public_key: bytes) -> str:
    return "on a security key" if security_key.is_security_key(public_key) else "in the SSH agent"


def _public_key(role: str, state: str, path: Path, public_key: bytes) -> KnownKey:
    return KnownKey(role=role, id=key_id(public_key), state=state, path=path, public_key=public_key)


def find_key(home: Home, passphrase: bytes, wanted: str) -> KnownKey:
    """Give the one key whose id begins so; raise UsageError where none or several do."""
    found = [
        one
        for one in known_keys(home, passphrase)
        if one.public_key and one.id.removeprefix("sha256:").startswith(wanted.removeprefix("sha256:"))
    ]
    if len({one.id for one in found}) != 1:
        raise UsageError(f"key {wanted!r}: expected one, found {len(found)}", hint="archiver key list")
    return found[0]


def show_key(found: KnownKey, home: Home) -> str:
    """Give the public key in each form that programs read: PEM, OpenSSH, and for a ledger's key its vkey.

    PEM has no form for a security key.
    """
    lines = list(dict.fromkeys((public_file(found.public_key).decode().rstrip(), ssh.public_line(found.public_key))))
    if found.role == "log":
        vkeys = (path.read_text(encoding="ascii").strip() for path in sorted((home.trust / "logs").glob("*.vkey")))
        lines.extend(vkey for vkey in vkeys if note.decode_vkey(vkey).public_key == found.public_key)
    return "\n".join(lines)


def new_investigator(home: Home, passphrase: bytes, *, from_agent: str | None) -> KnownKey:
    """Make the investigator's key, or take the one of the agent that this names; raise UsageError if one is there.

    Its public half goes into this person's trust. Raises SealError where no agent answers or has not the key.
    """
    if home.investigator_key.exists() or home.investigator_agent.exists():
        raise UsageError("there is an investigator's key already", hint="archiver key rotate puts another in its place")
    if from_agent is None:
        path, state = home.investigator_key, "current"
        public_key = keys.create(path, passphrase).public_key
    else:
        public_key = choose_key(agent_socket(), from_agent)
        check_fresh(home, public_key)
        path, state = home.investigator_agent, _where(public_key)
        durable.replace(path, f"{ssh.public_line(public_key)}\n".encode())
    trust_key(home, public_key)
    return _public_key("investigator", state, path, public_key)


def check_fresh(home: Home, public_key: bytes) -> None:
    """Raise UsageError for a key of the agent that was replaced or retired before: ledgers say that it has ended."""
    if home.retired_agent(key_id(public_key)).exists():
        raise UsageError(f"{key_id(public_key)} was your key before, and has ended: it never counts again")


def new_identity(home: Home, passphrase: bytes, *, name: str) -> Path:
    """Make the key and certificate for signatures in PDF files; give the certificate's path."""
    keys.create_identity(home.identity_key, home.identity_certificate, passphrase, name=name, now=SystemClock().now())
    return home.identity_certificate


def trust_key(home: Home, public_key: bytes) -> Path:
    """Put a public key into this person's trust; give its path."""
    suffix = "pub" if security_key.is_security_key(public_key) else "pem"
    path = home.trusted_key(key_id(public_key), suffix)
    durable.put_once(path, public_file(public_key))
    return path


def change_passphrases(home: Home, old: bytes, new: bytes) -> tuple[Path, ...]:
    """Encrypt every key anew, one after another; give those that were. Repeat it after a crash: it goes on."""
    return tuple(path for path in home.key_files() if keys.change_passphrase(path, old, new))


def export_public(home: Home, folder: Path) -> tuple[Path, ...]:
    """Copy what this person trusts into a folder that an auditor may use with ``--trust``; give the files.

    Public keys, ledgers' keys and authorities' roots; nothing secret. Raises Conflict where other files lie there.
    """
    if not home.trust.is_dir():
        raise UsageError(f"nothing to export: {home.trust} is not there", hint="archiver init DIR makes keys")
    found = sorted(path for path in home.trust.rglob("*") if path.is_file())
    for path in found:
        durable.put_once(folder / path.relative_to(home.trust), path.read_bytes())
    return tuple(folder / path.relative_to(home.trust) for path in found)


def sign(home: Home, passphrase: bytes, path: Path, *, tell: Callable[[str], None] = silent) -> Path:
    """Sign a file as ``ssh-keygen -Y sign -n archiver`` would; give the signature's path, ``<file>.sig``.

    ``tell`` is told when a security key waits to be touched.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    made = path.with_name(f"{path.name}.sig")
    durable.put_once(made, sign_file(content, open_investigator(home, passphrase, tell=tell)))
    return made


def choose_key(socket: Path, wanted: str) -> bytes:
    """Give the one key of the agent that this names: its comment, its id or its line. Raises SealError."""
    held = agent.keys_of(socket)
    found = {key for key, comment in held if wanted in {comment, ssh.public_line(key), key_id(key)}}
    if len(found) != 1:
        listed = ", ".join(sorted({comment for _, comment in held})) or "none"
        raise SealError(f"{socket}: expected one Ed25519 key {wanted!r}, found {len(found)}; it holds: {listed}")
    return next(iter(found))


def held_key(path: Path) -> bytes:
    """Give the key whose public half this file holds, and an agent the other; raise SealError if it is none."""
    try:
        return ssh.read_public_line(path.read_bytes())
    except (OSError, FormatError) as error:
        raise SealError(f"{path}: expected an Ed25519 key that an SSH agent holds: {error}") from error
