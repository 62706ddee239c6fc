"""A case's folder: its signed manifests, written once, and the citations, which people edit."""

from collections.abc import Sequence
from pathlib import Path

from archiver.formats import layout
from archiver.model.errors import Damaged, StoreError
from archiver.store import durable
from archiver.store.durable import REAL_DISK, Disk

_FOLDERS = (layout.CAPTURES, layout.EVENTS)


class ManifestFolder:
    """The manifests of one case. Paths are relative to the case's folder."""

    def __init__(self, case_root: Path, *, disk: Disk = REAL_DISK) -> None:
        self.root = case_root
        self._disk = disk

    def put_all(self, envelopes: Sequence[tuple[str, bytes]]) -> None:
        """Write signed manifests, each once; on return all are durable. Safe to repeat."""
        for path, _ in envelopes:
            layout.parse_envelope_path(path)
        durable.put_all_once([(self.root / path, content) for path, content in envelopes], disk=self._disk)

    def read(self, path: str) -> bytes:
        """Give a manifest's bytes; raise Damaged if it is not there."""
        try:
            return (self.root / path).read_bytes()
        except OSError as error:
            raise Damaged(f"{self.root / path}: expected a manifest, found {error.strerror or error}") from error

    def erase(self, path: str) -> None:
        """Destroy a manifest, durably: only where a recorded erasure says so. Nothing happens if it is gone."""
        layout.parse_envelope_path(path)
        durable.remove(self.root / path, disk=self._disk)

    def list(self) -> tuple[str, ...]:
        """Give the paths of all manifests: captures, then events, each in the order of their ids, that is of time."""
        found: list[str] = []
        for folder in _FOLDERS:
            names = sorted(path.name for path in (self.root / folder).glob("*.dsse.json"))
            found.extend(f"{folder}/{name}" for name in names if not name.startswith("."))
        return tuple(found)

    @property
    def citations_path(self) -> Path:
        """Give where the citations lie."""
        return self.root / layout.CITATIONS

    def read_citations(self) -> bytes | None:
        """Give the citations file, or None if there is none yet."""
        try:
            return self.citations_path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreError(f"{self.citations_path}: cannot be read: {error.strerror or error}") from error

    def write_citations(self, content: bytes) -> None:
        """Write the citations; what was there is kept beside them as ``citations.yaml.old``."""
        present = self.read_citations()
        if present is not None and present != content:
            durable.replace(self.citations_path.with_name(f"{layout.CITATIONS}.old"), present, disk=self._disk)
        durable.replace(self.citations_path, content, disk=self._disk)

    def sweep(self) -> None:
        """Remove what a crash left half-written."""
        durable.sweep(self.root, disk=self._disk)
