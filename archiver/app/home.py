"""The person's own folder: private keys, what they trust, and scratch space. Never inside a workspace.

::

    <home>/keys/investigator.pem  log-<opaque id>.pem   encrypted, 0600     log-<opaque id>.state
    <home>/keys/investigator-<key id>.pem  identity.pem  replaced keys; the key for signatures in PDF files
    <home>/keys/investigator.pub  investigator-<key id>.pub  public halves of keys that an SSH agent holds
    <home>/trust/keys/*.pem *.pub  logs/*.vkey  tsa/*.pem     what this person trusts
    <home>/scratch/<opaque id>/<capture id>/            captures under way; swept when finished
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Where one person's keys and trust lie."""

    root: Path

    @property
    def investigator_key(self) -> Path:
        """Give the path of the encrypted investigator key."""
        return self.root / "keys" / "investigator.pem"

    @property
    def investigator_agent(self) -> Path:
        """Give the path of the public key whose private half an SSH agent holds: in place of the encrypted one."""
        return self.root / "keys" / "investigator.pub"

    @property
    def identity_key(self) -> Path:
        """Give the path of the encrypted key for signatures in PDF files."""
        return self.root / "keys" / "identity.pem"

    @property
    def identity_certificate(self) -> Path:
        """Give the path of that key's certificate."""
        return self.root / "keys" / "identity.crt"

    @property
    def next_key(self) -> Path:
        """Give the path of a key that is being put in the investigator's place."""
        return self.root / "keys" / "next.pem"

    @property
    def next_agent(self) -> Path:
        """Give the path of a key of the agent that is being put in the investigator's place: its public half."""
        return self.root / "keys" / "next.pub"

    def retired_agent(self, identity: str) -> Path:
        """Give the path of the public half of a key of the agent that was replaced."""
        return self.root / "keys" / f"investigator-{short(identity)}.pub"

    def agent_files(self) -> tuple[Path, ...]:
        """Give every file of an investigator's key that an agent holds, sorted."""
        return tuple(sorted((self.root / "keys").glob("investigator*.pub")))

    def retired_key(self, identity: str) -> Path:
        """Give the path of an investigator's key that was replaced."""
        return self.root / "keys" / f"investigator-{short(identity)}.pem"

    def trusted_key(self, identity: str, suffix: str = "pem") -> Path:
        """Give the path of a public key of an investigator whom this person trusts; a security key's ends in pub."""
        return self.trust / "keys" / f"{short(identity)}.{suffix}"

    def trusted_policy(self, origin: str) -> Path:
        """Give the path of the policy for one ledger that this person trusts."""
        return self.trust / "policies" / f"{_opaque(origin)}.policy"

    @property
    def witness_key(self) -> Path:
        """Give the path of the encrypted key with which this person cosigns other people's ledgers."""
        return self.root / "keys" / "witness.pem"

    @property
    def witness_name(self) -> Path:
        """Give the path of the name under which this person cosigns."""
        return self.root / "witness" / "name"

    @property
    def witness_state(self) -> Path:
        """Give the path of what this person's witness remembers."""
        return self.root / "witness" / "state.sqlite"

    def key_files(self) -> tuple[Path, ...]:
        """Give every file of an encrypted key, sorted."""
        return tuple(sorted((self.root / "keys").glob("*.pem")))

    def log_key(self, origin: str) -> Path:
        """Give the path of the encrypted key that signs this ledger's checkpoints."""
        return self.root / "keys" / f"log-{_opaque(origin)}.pem"

    def next_log_key(self, origin: str) -> Path:
        """Give the path of a key that is being put in the place of this ledger's."""
        return self.root / "keys" / f"next-log-{_opaque(origin)}.pem"

    def trusted_log(self, origin: str, identity: str) -> Path:
        """Give the path of the vkey of a later key of this ledger: the first one's is named by the ledger alone."""
        return self.trust / "logs" / f"{_opaque(origin)}-{short(identity)}.vkey"

    def log_state(self, origin: str) -> Path:
        """Give the path of the note of the largest tree this key has signed."""
        return self.root / "keys" / f"log-{_opaque(origin)}.state"

    @property
    def trust(self) -> Path:
        """Give the folder of keys and roots that this person trusts."""
        return self.root / "trust"

    def tsa_roots(self, name: str) -> Path:
        """Give the path of the pinned root certificates of one time-stamping authority."""
        return self.trust / "tsa" / f"{name}.pem"

    def pending(self, origin: str) -> Path:
        """Give the file that says which authorities did not answer for this ledger, and when to ask them again."""
        return self.root / "pending" / f"{_opaque(origin)}.json"

    def scratch(self, origin: str) -> Path:
        """Give the folder in which captures of this ledger are prepared."""
        return self.root / "scratch" / _opaque(origin)


def find_home(environ: Mapping[str, str]) -> Home:
    """Give ``$ARCHIVER_HOME`` or this platform's folder for user data."""
    chosen = environ.get("ARCHIVER_HOME")
    if chosen:
        return Home(root=Path(chosen).absolute())
    import platformdirs  # noqa: PLC0415 - not needed where ARCHIVER_HOME is set; keeps --version fast

    return Home(root=Path(platformdirs.user_data_dir("archiver", appauthor=False)))


def short(identity: str) -> str:
    """Give the sixteen digits by which files name a key."""
    return identity.removeprefix("sha256:")[:16]


def _opaque(origin: str) -> str:
    return origin.rsplit("/", 1)[-1]
