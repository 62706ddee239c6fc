"""One signed manifest: within its case, or alone.

Within its case everything is asked that bears on it: its files, its signature, its entry, the ledger that holds the
entry, timestamps and witnesses over that ledger. Alone, only its content and signature, and the files beside it.
"""

from collections.abc import Iterator, Sequence

from archiver.formats import envelope, layout, manifest
from archiver.model.errors import Damaged, FormatError
from archiver.model.evidence import Artifact
from archiver.model.report import Check, Level
from archiver.store.source import EvidenceSource
from archiver.verify import files, records, run
from archiver.verify.case import Case, ReadManifest, View, failed, passed, unchecked
from archiver.verify.keys import KeyTimes
from archiver.verify.policy import Trust

LIMIT_BYTES = 8 << 20
ALONE = "That anything was recorded: a manifest alone stands in no ledger, and its maker can withdraw or repeat it."


def check_recorded(source: EvidenceSource, case: Case, path: str, trust: Trust) -> Iterator[Check]:
    """Give every check of the case that bears on the manifest at this path."""
    view = View(case, lambda one: one.path == path)
    if not view.manifests:
        yield failed("nothing-to-verify", Level.FILES, case.full(path), "no manifest is there")
        return
    yield from run.whole(files.check_named(source, sorted(files.named_files((view,)))), layout.ARCHIVE)
    yield from run.check_case(source, case, trust, only=view)


def check_alone(raw: bytes, *, folder: EvidenceSource, subject: str, trust: Trust) -> Iterator[Check]:
    """Give the checks of a manifest that came without its case; ``folder`` is what lies beside it."""
    case = _Alone(folder, subject, raw)
    yield from _content(case.manifests[0])
    yield from records.check_signatures(case, trust, KeyTimes())
    statement = case.manifests[0].statement
    yield from _beside(folder, statement.predicate.artifacts if statement else (), subject)
    yield unchecked("manifest-recorded", Level.LEDGER, subject, "it came without its case: no ledger says that it was")


def _content(one: ReadManifest) -> Iterator[Check]:
    if one.problem:
        yield failed("manifest-content", Level.RECORDS, one.path, one.problem)
    else:
        yield passed("manifest-content", Level.RECORDS, one.path)


def _beside(folder: EvidenceSource, artifacts: Sequence[Artifact], subject: str) -> Iterator[Check]:
    for one in artifacts:
        about = f"{subject}: {one.name}"
        found = next((name for name in _names(one) if folder.is_file(name)), None)
        if found is None:
            yield unchecked("artifact", Level.FILES, about, f"not beside it: expected {_names(one)[0]}")
            continue
        try:
            with folder.open(found) as file:
                digest = files.sha256(file)
        except Damaged as error:
            yield failed("artifact", Level.FILES, about, error.message)
            continue
        if digest == one.digest.hex:
            yield passed("artifact", Level.FILES, about)
        else:
            yield failed("artifact", Level.FILES, about, f"its SHA-256 is {digest}, the manifest says {one.digest.hex}")


def _names(one: Artifact) -> tuple[str, ...]:
    """Give how the file may be called beside its manifest: by its own name, or as in the archive."""
    plain = "/" not in one.name and one.name not in (".", "..")
    return ((one.name,) if plain else ()) + (f"{one.digest.hex}.{one.extension}",)


class _Alone(Case):
    """A manifest without its case, in the shape of a case that holds nothing else."""

    def __init__(self, folder: EvidenceSource, subject: str, raw: bytes) -> None:
        super().__init__(folder, "alone")
        self._one = _read(subject, raw)

    @property
    def manifests(self) -> tuple[ReadManifest, ...]:
        """Give the one manifest."""
        return (self._one,)

    def full(self, path: str) -> str:
        """Give the path as it is."""
        return path

    def read(self, path: str) -> bytes:
        """Raise Damaged: none of a case's files is there."""
        raise Damaged(f"{path}: it came without its case")


def _read(path: str, raw: bytes) -> ReadManifest:
    opened = None
    try:
        opened = envelope.decode(raw)
        return ReadManifest(path=path, raw=raw, envelope=opened, statement=manifest.decode(opened.payload))
    except FormatError as error:
        return ReadManifest(path=path, raw=raw, envelope=opened, problem=error.message)
