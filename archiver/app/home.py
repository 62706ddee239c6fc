"""The person's own folder: private keys, what they trust, and scratch space. Never inside a workspace.

::

    <home>/keys/investigator.pem  log-<opaque id>.pem   encrypted, 0600     log-<opaque id>.state
    <home>/trust/keys/*.pem  logs/*.vkey  tsa/*.pem     what this person trusts
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

    def log_key(self, origin: str) -> Path:
        """Give the path of the encrypted key that signs this ledger's checkpoints."""
        return self.root / "keys" / f"log-{_opaque(origin)}.pem"

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


def _opaque(origin: str) -> str:
    return origin.rsplit("/", 1)[-1]
