"""A bundle seen as the workspace that it was taken from, so that the checks of a workspace can be asked of it.

Paths of a workspace lead to the bundle's files; tiles of entries are made of its leaves. What a bundle does not hold is
not there.
"""

import io
from dataclasses import replace
from typing import BinaryIO, cast

from archiver.formats import bundle, envelope, layout, manifest, tiles
from archiver.model.bundle import Contents, Exhibit, OpenedEvent
from archiver.model.errors import Damaged, FormatError
from archiver.model.events import KeyEvent, KeyRole
from archiver.model.provenance import Predicate
from archiver.model.report import Check
from archiver.store.source import EvidenceSource
from archiver.verify.files import is_case_name

_RECORD_BYTES = 8 << 20
_LEAVES_BYTES = 512 << 20  # nearly three million entries, all held in memory
_MOST_LEAVES = 3_000_000


class BundleView:
    """An `EvidenceSource` of workspace paths over a bundle's files. Its case is the one that the export names."""

    def __init__(self, source: EvidenceSource, contents: Contents) -> None:
        self._source = source
        self.contents = contents
        self.folders = {
            **{one.seq: bundle.exhibit_folder(one.number) for one in contents.exhibits},
            **{one.seq: bundle.event_folder(one.number) for one in contents.events},
        }
        self.predicates: dict[int, Predicate] = {}
        for seq, folder in self.folders.items():
            found = self._predicate(folder)
            if found is not None:
                self.predicates[seq] = found
        export = self.predicates.get(contents.export_seq)
        self.case = export.case if export is not None and is_case_name(export.case) else "unknown"
        self.leaves, self.leaves_problem = self._read_leaves()
        self._real: dict[str, str] = {}
        self._made: dict[str, bytes] = {}
        self._map()

    def real(self, path: str) -> str:
        """Give where in the bundle a workspace's path lies; the path itself for what lies nowhere."""
        return self._real.get(path, path)

    def told(self, check: Check) -> Check:
        """Give the check with its subject as the bundle calls it."""
        head, colon, rest = check.subject.partition(": ")
        folder = layout.case_folder(self.case)
        if head in self._real:
            head = self._real[head]
        elif head.startswith(f"{folder}/"):
            inside = head[len(folder) + 1 :]
            head = bundle.LEAVES if inside.startswith(layout.TILES) else inside or bundle.DATA
        return replace(check, subject=f"{head}{colon}{rest}")

    def list(self, prefix: str = "") -> tuple[str, ...]:
        """Give the workspace's paths below the prefix."""
        begins = f"{prefix}/" if prefix else ""
        found = (path for path in (*self._real, *self._made) if path.startswith(begins) and self.is_file(path))
        return tuple(sorted(found))

    def is_file(self, path: str) -> bool:
        """Say whether it is there."""
        return path in self._made or (path in self._real and self._source.is_file(self._real[path]))

    def size(self, path: str) -> int:
        """Give its size."""
        return len(self._made[path]) if path in self._made else self._source.size(self._there(path))

    def read(self, path: str, *, limit_bytes: int) -> bytes:
        """Give its bytes."""
        return self._made[path] if path in self._made else self._source.read(self._there(path), limit_bytes=limit_bytes)

    def open(self, path: str) -> BinaryIO:
        """Open it."""
        return (
            cast("BinaryIO", io.BytesIO(self._made[path]))
            if path in self._made
            else self._source.open(self._there(path))
        )

    def _there(self, path: str) -> str:
        found = self._real.get(path)
        if found is None:
            raise Damaged(f"{path}: the bundle holds nothing of this name")
        return found

    def _predicate(self, folder: str) -> Predicate | None:
        try:
            raw = self._source.read(f"{folder}/{bundle.RECORD}", limit_bytes=_RECORD_BYTES)
            return manifest.decode(envelope.decode(raw).payload).predicate
        except (FormatError, Damaged):  # told by the checks of records
            return None

    def _read_leaves(self) -> tuple[tuple[bytes, ...], str]:
        try:
            raw = self._source.read(bundle.LEAVES, limit_bytes=_LEAVES_BYTES)
        except (FormatError, Damaged) as error:
            return (), error.message
        if not raw.endswith(b"\n"):
            return (), "expected lines, each ending in a newline"
        lines = raw[:-1].split(b"\n")
        if len(lines) > _MOST_LEAVES or max(map(len, lines)) > 0xFFFF:  # noqa: PLR2004 - the longest entry of a tile
            return (), "more entries, or longer ones, than a ledger can have"
        problem = (
            "" if len(lines) == self.contents.size else f"expected {self.contents.size} entries, found {len(lines)}"
        )
        return tuple(lines), problem

    def _map(self) -> None:
        folder = layout.case_folder(self.case)
        opened: tuple[Exhibit | OpenedEvent, ...] = (*self.contents.exhibits, *self.contents.events)
        for one in opened:
            kind = layout.CAPTURES if isinstance(one, Exhibit) else layout.EVENTS
            self._put_entry(folder, one.seq, f"{kind}/{one.id}.dsse.json")
        self._real[f"{folder}/{layout.CHECKPOINT}"] = bundle.CHECKPOINT
        for path in self._source.list(bundle.CHECKPOINTS):
            self._real[f"{folder}/{layout.CHECKPOINTS}/{path.rsplit('/', 1)[-1]}"] = path
        for path in layout.PUBLIC_FILES:
            self._real[f"{folder}/{path}"] = f"{bundle.TRUST}/{path.rsplit('/', 1)[-1]}"
        if not any(_is_of_investigator(self.predicates.get(one.seq)) for one in self.contents.events):
            # Without events of the investigator's key a workspace has none: what the bundle says is looked at apart.
            self._real.pop(f"{folder}/{layout.ALLOWED_SIGNERS}", None)
        for tile in tiles.tiles_for(len(self.leaves)):
            if tile.level is None:
                start = tile.index * tiles.WIDTH
                self._made[f"{folder}/{tile.path}"] = tiles.encode_entries(self.leaves[start : start + tile.width])

    def _put_entry(self, folder: str, seq: int, path: str) -> None:
        self._real[f"{folder}/{path}"] = f"{self.folders[seq]}/{bundle.RECORD}"
        self._real[f"{folder}/{layout.opening(seq)}"] = f"{self.folders[seq]}/{bundle.SALT}"
        predicate = self.predicates.get(seq)
        for artifact in predicate.artifacts if predicate else ():
            try:
                place = layout.archive_path(artifact.digest, artifact.extension)
            except FormatError:  # told by the checks of records
                continue
            self._real.setdefault(place, f"{self.folders[seq]}/{artifact.name}")


def _is_of_investigator(predicate: Predicate | None) -> bool:
    return isinstance(predicate, KeyEvent) and predicate.role is not KeyRole.LOG
