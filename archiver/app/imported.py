"""Take somebody's bundle into a case as foreign evidence: verified first, kept whole, never mixed with own captures.

It becomes one archived file, a ZIP under its own digest, named by a signed receipt in the ledger. Nothing in it becomes
a capture of this case.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

from archiver.app.bundle import verify_zip
from archiver.app.clock import SystemClock
from archiver.app.ids import new_id
from archiver.app.prepared import describe, prepare, scratch, sweep
from archiver.app.recording import OpenCase, finish
from archiver.export.write import zip_folder
from archiver.formats import layout
from archiver.formats.manifest import statement_of
from archiver.model.errors import Damaged, FormatError, StoreError, UsageError
from archiver.model.events import Custody, CustodyAction
from archiver.model.evidence import Piece, Role
from archiver.model.provenance import Recorded
from archiver.model.report import Level, Report, Verdict
from archiver.store.source import FolderSource
from archiver.verify.policy import Trust

_NAME = "bundle.zip"
_MEDIA_TYPE = "application/zip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Whom the person who takes it believes, what must pass, checkpoints kept, and what is recorded of who gave it."""

    trust: Trust
    required: Level
    kept: dict[str, bytes]
    by: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What became of it: the report, and its place in ledger and archive; neither where the report did not pass."""

    report: Report
    recorded: Recorded | None = None
    path: str = ""


def import_bundle(case: OpenCase, place: Path, terms: Terms) -> Imported:
    """Give the bundle's report; if it passed, the bundle is archived and its receipt recorded.

    The copy that is verified is the copy that is kept. Raises UsageError if there is nothing, FormatError or Damaged
    for a folder that is no bundle, StoreError if the disk refuses.
    """
    if not place.exists():
        raise UsageError(f"{place}: no such file or folder; nothing was imported")
    clock = SystemClock()
    identity = new_id(clock)
    with scratch(case.scratch, identity) as folder:
        try:
            copy = _copy(place, folder / _NAME)
            report = _verified(copy, place.name, terms)
            if report.verdict is not Verdict.PASS:
                return Imported(report=report)
            artifact = describe(Piece(role=Role.BUNDLE, name=_NAME, media_type=_MEDIA_TYPE, path=copy))
            receipt = Custody(
                id=identity,
                case=case.name,
                at=clock.now(),
                action=CustodyAction.RECEIPT,
                by=terms.by,
                reason=terms.reason,
                artifacts=(artifact,),
            )
            recorded = finish(case, prepare(folder, statement_of(receipt)))
        finally:
            sweep(folder)
    return Imported(report=report, recorded=recorded, path=layout.archive_path(artifact.digest, artifact.extension))


def _copy(place: Path, copy: Path) -> Path:
    """Give the bundle as a ZIP in scratch space."""
    try:
        if place.is_dir():
            with copy.open("xb") as file:
                zip_folder(FolderSource(place), file)
        else:
            with place.open("rb") as source, copy.open("xb") as file:
                shutil.copyfileobj(source, file, 1 << 20)
    except OSError as error:
        raise StoreError(f"{place}: could not be copied to scratch space: {error.strerror or error}") from error
    except (FormatError, Damaged) as error:
        raise FormatError(f"{place}: no bundle: {error.message}; nothing was imported") from error
    return copy


def _verified(copy: Path, name: str, terms: Terms) -> Report:
    source = FolderSource(copy.parent)
    with source.open(copy.name) as file:
        return verify_zip(file, name, terms.trust, terms.required, terms.kept)
