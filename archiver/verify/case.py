"""One case as verification reads it: every file bounded, every problem a value.

LIMIT: all manifests of a case are held at once, 13 KB for a small capture: 100,000 of them take more than 1 GB.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from archiver.formats import entry, envelope, layout, manifest
from archiver.model.errors import Damaged, FormatError
from archiver.model.provenance import Envelope, Opening, Statement
from archiver.model.report import Check, Level, Verdict
from archiver.model.text import visible
from archiver.store.source import EvidenceSource

SMALL_BYTES = 8 << 20


def passed(name: str, level: Level, subject: str, reason: str = "") -> Check:
    """Give a check that passed."""
    return Check(id=name, level=level, subject=visible(subject), verdict=Verdict.PASS, reason=visible(reason))


def failed(name: str, level: Level, subject: str, reason: str) -> Check:
    """Give a check that failed."""
    return Check(id=name, level=level, subject=visible(subject), verdict=Verdict.FAIL, reason=visible(reason))


def unchecked(name: str, level: Level, subject: str, reason: str) -> Check:
    """Give a check that could not be made."""
    return Check(id=name, level=level, subject=visible(subject), verdict=Verdict.NOT_CHECKED, reason=visible(reason))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadManifest:
    """One envelope file: what could be read of it, or why not."""

    path: str
    raw: bytes = b""
    envelope: Envelope | None = None
    statement: Statement | None = None
    problem: str = ""


class Case:
    """The files of one case. Paths are relative to its folder."""

    def __init__(self, source: EvidenceSource, name: str) -> None:
        self.name = name
        self.source = source
        self._folder = layout.case_folder(name)

    @cached_property
    def files(self) -> tuple[str, ...]:
        """Give every path below the case's folder, sorted."""
        cut = len(self._folder) + 1
        return tuple(path[cut:] for path in self.source.list(self._folder))

    def full(self, path: str) -> str:
        """Give a path relative to the workspace."""
        return f"{self._folder}/{path}"

    def is_file(self, path: str) -> bool:
        """Say whether a regular file is there."""
        return self.source.is_file(self.full(path))

    @property
    def investigator_file(self) -> str:
        """Give where the investigator's key lies here: PEM, or where there is none, the line of a security key."""
        only_line = self.is_file(layout.INVESTIGATOR_PUB) and not self.is_file(layout.INVESTIGATOR_PEM)
        return layout.INVESTIGATOR_PUB if only_line else layout.INVESTIGATOR_PEM

    def read(self, path: str) -> bytes:
        """Give a small file; raise Damaged or FormatError."""
        return self.source.read(self.full(path), limit_bytes=SMALL_BYTES)

    @cached_property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """Give the first and the last entry of each file of salts, in their order."""
        found = (layout.parse_openings(path) for path in self.files)
        return tuple(sorted(span for span in found if span is not None))

    @cached_property
    def openings(self) -> dict[int, Opening | str]:
        """Give what opens each entry, or why the file that does cannot be read; what has no file is absent."""
        found: dict[int, Opening | str] = {}
        for first, last in self.spans:
            try:
                raw = self.read(layout.openings(first, last))
                found.update((one.seq, one) for one in entry.decode_openings(raw, first=first, last=last))
            except (FormatError, Damaged) as error:
                found[first] = error.message
        return found

    @cached_property
    def manifests(self) -> tuple[ReadManifest, ...]:
        """Give every signed manifest, captures first, in the order of their names."""
        found = [path for path in self.files if _is_manifest(path)]
        return tuple(self._read_manifest(path) for path in sorted(found))

    def _read_manifest(self, path: str) -> ReadManifest:
        raw = b""
        opened: Envelope | None = None
        try:
            layout.parse_envelope_path(path)
            raw = self.read(path)
            opened = envelope.decode(raw)
            return ReadManifest(path=path, raw=raw, envelope=opened, statement=manifest.decode(opened.payload))
        except (FormatError, Damaged) as error:
            return ReadManifest(path=path, raw=raw, envelope=opened, problem=error.message)


class View(Case):
    """A case of which only some manifests are looked at; all its other files are as they are."""

    def __init__(self, case: Case, keep: Callable[[ReadManifest], bool]) -> None:
        super().__init__(case.source, case.name)
        self._case = case
        self._keep = keep

    @cached_property
    def openings(self) -> dict[int, Opening | str]:
        """Give what opens each entry of the whole case."""
        return self._case.openings

    @cached_property
    def manifests(self) -> tuple[ReadManifest, ...]:
        """Give the manifests that are looked at."""
        return tuple(one for one in self._case.manifests if self._keep(one))


def _is_manifest(path: str) -> bool:
    folder, _, name = path.partition("/")
    return folder in (layout.CAPTURES, layout.EVENTS) and not name.startswith(".")
