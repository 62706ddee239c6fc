"""Somebody else's bundles that a case received: are they whole, as they were when they were taken in.

==================  =======================================================================
imported-bundle     is each received bundle a whole bag, to the digests that it states?
==================  =======================================================================

Only level L0: who made it is another question, with other keys. `archiver verify` on the archived file asks it.
"""

from collections.abc import Iterator

from archiver.formats import layout
from archiver.model.errors import Damaged, FormatError
from archiver.model.events import Custody
from archiver.model.evidence import Artifact, Role
from archiver.model.report import Check, Level, Verdict
from archiver.store.source import EvidenceSource
from archiver.store.zip_source import ZipSource
from archiver.verify.bundle import check_files
from archiver.verify.case import Case, failed, passed

_NAME = "imported-bundle"


def check_imported(source: EvidenceSource, case: Case) -> Iterator[Check]:
    """Say of each bundle that a receipt of this case names whether it is whole."""
    for one in case.manifests:
        predicate = one.statement.predicate if one.statement else None
        artifacts = predicate.artifacts if isinstance(predicate, Custody) else ()
        for artifact in [each for each in artifacts if each.role is Role.BUNDLE]:
            yield _check(source, artifact, subject=f"{case.full(one.path)}: {artifact.name}")


def _check(source: EvidenceSource, artifact: Artifact, *, subject: str) -> Check:
    try:
        path = layout.archive_path(artifact.digest, artifact.extension)
        with source.open(path) as file:
            zipped = ZipSource(file)
            checks = list(check_files(zipped, zip_problems=zipped.problems(), name=path))
    except (FormatError, Damaged) as error:
        return failed(_NAME, Level.FILES, subject, error.message)
    wrong = [one for one in checks if one.verdict is Verdict.FAIL]
    if wrong:
        return failed(_NAME, Level.FILES, subject, f"{wrong[0].id} {wrong[0].subject}: {wrong[0].reason}")
    return passed(
        _NAME, Level.FILES, subject, f"{len(checks)} checks of its files; its makers are judged by themselves"
    )
