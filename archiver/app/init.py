"""Make a workspace, or add a case to one: folders, keys, configuration, and what this person trusts."""

from dataclasses import dataclass
from pathlib import Path

from archiver.app import config
from archiver.app.home import Home
from archiver.app.ids import new_opaque_id
from archiver.app.keyring import new_investigator, open_investigator, trust_key
from archiver.formats import layout, note, policy
from archiver.model.errors import UsageError
from archiver.model.provenance import Policy, Signer, VerifierKey
from archiver.proof import signature
from archiver.seal import keys
from archiver.store import durable

_IGNORED = """\
# Scratch and locks of archiver; everything else here is evidence.
ledger/lock
"""
_NAMES_ALONE = "archiver.invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Initialised:
    """What `initialise` made: the ledger's public name and the files to back up."""

    root: Path
    case: str
    origin: str
    made_investigator_key: bool
    back_up: tuple[Path, ...]
    public: tuple[Path, ...]


def initialise(root: Path, *, case: str, home: Home, passphrase: bytes) -> Initialised:
    """Make the workspace at ``root`` if there is none, and the case ``case`` in it.

    Keys are written to the person's own folder, encrypted; only public keys go into the workspace.
    Nothing that exists is overwritten. Raises UsageError if the case already has a ledger.
    """
    layout.check_case_name(case)
    settings = root / config.NAME
    if settings.exists() and case in config.read_config(settings).cases:
        raise UsageError(f"case {case!r} already has a ledger in {settings}; nothing was changed")
    origin = f"{_NAMES_ALONE}/{new_opaque_id()}"
    # (1) Keys first: a configuration that names a ledger without a key would be a dead end.
    fresh = not home.investigator_key.exists() and not home.investigator_agent.exists()
    if fresh:
        new_investigator(home, passphrase, from_agent=None)
    investigator = open_investigator(home, passphrase)
    log = keys.create(home.log_key(origin), passphrase)
    # (2) What this person trusts: their own public keys, outside the workspace.
    vkey = note.encode_vkey(VerifierKey(name=origin, public_key=log.public_key))
    trusted = _trust(home, origin, vkey, investigator)
    # (3) The workspace: folders, public keys, policy; the configuration last, for it makes the case exist.
    public = _public(root / layout.case_folder(case), vkey, log, investigator)
    (root / "archive").mkdir(parents=True, exist_ok=True)
    before = settings.read_text(encoding="utf-8") if settings.exists() else config.TEMPLATE.format(case=case)
    durable.replace(settings, (before + config.case_section(case, origin)).encode())
    return Initialised(
        root=root,
        case=case,
        origin=origin,
        made_investigator_key=fresh,
        back_up=tuple(one for one in (home.investigator_key, home.log_key(origin)) if one.exists()),
        public=(*public, *trusted),
    )


def _trust(home: Home, origin: str, vkey: str, investigator: Signer) -> tuple[Path, ...]:
    key = trust_key(home, investigator.public_key)
    log = home.trust / "logs" / f"{origin.rsplit('/', 1)[-1]}.vkey"
    durable.put_once(log, f"{vkey}\n".encode())
    return key, log


def _public(case_root: Path, vkey: str, log: Signer, investigator: Signer) -> tuple[Path, ...]:
    files = {
        case_root / "keys" / "log.vkey": f"{vkey}\n".encode(),
        case_root / "keys" / "log.pem": signature.public_pem(log.public_key),
        case_root / layout.investigator_file(investigator.public_key): signature.public_file(investigator.public_key),
        case_root / layout.POLICY: policy.encode(Policy(logs=(note.decode_vkey(vkey),))),
        case_root / ".gitignore": _IGNORED.encode(),
    }
    for path, content in files.items():
        durable.put_once(path, content)
    return tuple(files)
