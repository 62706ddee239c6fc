"""The WACZ files in a bundle: whole, signed by the key that the export names, of the bundle's own WARC files.

==================  =======================================================================
wacz-warc           are its WARC files those of the exhibits, to the byte?
wacz-…              as of any WACZ file: `archiver/verify/wacz.py`
==================  =======================================================================
"""

from collections.abc import Iterator

from archiver.formats import bundle, wacz
from archiver.formats.zipped import Zipped
from archiver.model.errors import Damaged, FormatError
from archiver.model.events import Export
from archiver.model.evidence import Role
from archiver.model.report import Check, Level, Verdict
from archiver.store.source import EvidenceSource
from archiver.verify.bundle_bag import Found
from archiver.verify.bundle_view import BundleView
from archiver.verify.case import failed, passed, unchecked
from archiver.verify.wacz import check_wacz
from archiver.verify.wacz_signed import WaczTrust

_ARCHIVE = "archive/"


def check_waczs(source: EvidenceSource, view: BundleView, found: Found, *, signed: Verdict) -> Iterator[Check]:
    """Give every check of every WACZ. ``signed`` is what came of the export's own signature: its key rests on that."""
    export = view.predicates.get(view.contents.export_seq)
    key = export.wacz_key if isinstance(export, Export) else None
    keys = frozenset((str(key),)) if key is not None and signed is Verdict.PASS else frozenset[str]()
    for path, warcs in _expected(view, found).items():
        try:
            with source.open(path) as file:
                if not file.seekable():
                    reason = "compressed in the bundle's ZIP: it cannot be looked into here; unpacked it can"
                    yield unchecked("wacz-warc", Level.FILES, path, reason)
                    continue
                yield from check_wacz(file, subject=path, trust=WaczTrust(keys=keys))
                yield _check_warcs(Zipped(file), path, warcs)
        except (FormatError, Damaged) as error:
            yield failed("wacz-warc", Level.FILES, path, error.message)


def _expected(view: BundleView, found: Found) -> dict[str, set[str]]:
    """Give the WACZ files that must be there, each with the digests of its WARC files."""
    expected: dict[str, set[str]] = {}
    for one in view.contents.exhibits:
        predicate, folder = view.predicates.get(one.seq), view.folders[one.seq]
        warcs = [each for each in predicate.artifacts if each.role is Role.WARC] if predicate else []
        if warcs:
            digest = found.digests.get(f"{folder}/{warcs[0].name}", "")
            expected[f"{folder}/{bundle.WACZ}"] = {digest}
            expected.setdefault(bundle.COLLECTION, set()).add(digest)
    return expected


def _check_warcs(zipped: Zipped, path: str, warcs: set[str]) -> Check:
    package = zipped.find(wacz.PACKAGE)
    if package is None:
        return failed("wacz-warc", Level.FILES, path, "it has no package")
    listed = wacz.read_package(zipped.read(package, limit_bytes=wacz.LIMIT_BYTES)).resources
    there = {one.hash.removeprefix("sha256:") for one in listed if one.path.startswith(_ARCHIVE)}
    if there != warcs:
        return failed("wacz-warc", Level.FILES, path, "its WARC files are not those of the exhibits")
    return passed("wacz-warc", Level.FILES, path, f"{len(warcs)} WARC files")
