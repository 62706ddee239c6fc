"""Level L0 of a bundle: is the bag whole, and does each folder hold what it must. Page: docs/formats/bundle.md."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from archiver.formats import bag, bundle
from archiver.model.bundle import Contents, Exhibit, OpenedEvent
from archiver.model.digest import Digest
from archiver.model.errors import Damaged, FormatError
from archiver.model.events import Derived, Export
from archiver.model.evidence import Artifact
from archiver.model.report import Check, Level
from archiver.store.source import EvidenceSource
from archiver.verify.bundle_view import BundleView
from archiver.verify.case import failed, passed, unchecked

_CHUNK = 1 << 20
_MOST_TOLD = 1_000  # of what is too much or missing: a report of millions of lines helps nobody
_INFO_BYTES = 64 << 10


@dataclass(slots=True, kw_only=True)
class Found:
    """The digests (SHA-256, hex) and sizes of the files under ``data/``, as they are."""

    digests: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)


def check_zip(problems: Sequence[str] | None, subject: str) -> Iterator[Check]:
    """Say what is wrong with the ZIP that the bundle came in; nothing of a folder."""
    if problems is None:
        return
    for problem in problems[:_MOST_TOLD]:
        yield failed("bundle-zip", Level.FILES, subject, problem)
    if not problems:
        yield passed("bundle-zip", Level.FILES, subject)


def check_bag(source: EvidenceSource, found: Found) -> Iterator[Check]:
    """Say whether the bag is complete and its digests are right; what is found of ``data/`` is put into ``found``."""
    short = _list(source, bag.SHA256_LIST, bag.SHA256_DIGITS)
    long = _list(source, bag.SHA512_LIST, bag.SHA512_DIGITS)
    tags = _list(source, bag.TAG_LIST, bag.SHA256_DIGITS)
    yield from _check_complete(source, short, long, tags)
    for path in _under_data(source):
        yield _check_file(source, path, short, long, found)
    yield from _check_declaration(source, found)
    for path, digest in tags.items() if isinstance(tags, dict) else ():
        yield _check_tag(source, path, digest)


Digests = dict[str, str] | str
"""A list as it was read, or why it could not be."""


def _list(source: EvidenceSource, name: str, digits: int) -> Digests:
    try:
        return bag.decode_list(source.read(name, limit_bytes=bag.LIMIT_BYTES), what=name, digits=digits)
    except (FormatError, Damaged) as error:
        return error.message


def _under_data(source: EvidenceSource) -> tuple[str, ...]:
    return source.list(bundle.DATA)


def _check_complete(source: EvidenceSource, short: Digests, long: Digests, tags: Digests) -> Iterator[Check]:
    name = "bag-complete"
    problems = [f"{one}" for one in (short, long, tags) if isinstance(one, str)]
    every = source.list()
    payload = {path for path in every if path.startswith(f"{bundle.DATA}/")}
    lists = ((bag.SHA256_LIST, short, payload), (bag.SHA512_LIST, long, payload))
    others = set(every) - payload - {bag.TAG_LIST, bag.SEAL}
    for what, listed, there in (*lists, (bag.TAG_LIST, tags, others)):
        if isinstance(listed, dict):
            problems.extend(f"{path}: listed in {what}, and not there" for path in sorted(listed.keys() - there))
            problems.extend(f"{path}: there, and not listed in {what}" for path in sorted(there - listed.keys()))
    problems.extend(f"{path}: no regular file" for path in every if not source.is_file(path))
    for problem in problems[:_MOST_TOLD]:
        yield failed(name, Level.FILES, bag.TAG_LIST, problem)
    if not problems:
        yield passed(name, Level.FILES, bag.TAG_LIST, f"{len(every)} files")


def _check_file(source: EvidenceSource, path: str, short: Digests, long: Digests, found: Found) -> Check:
    one, two = hashlib.sha256(), hashlib.sha512()
    size = 0
    try:
        with source.open(path) as file:
            while block := file.read(_CHUNK):
                one.update(block)
                two.update(block)
                size += len(block)
    except (FormatError, Damaged) as error:
        return failed("bag-file", Level.FILES, path, error.message)
    found.digests[path], found.sizes[path] = one.hexdigest(), size
    for what, listed, digest in ((bag.SHA256_LIST, short, one.hexdigest()), (bag.SHA512_LIST, long, two.hexdigest())):
        stated = listed.get(path) if isinstance(listed, dict) else None
        if stated != digest:
            told = f"{what} says {stated}" if stated else f"{what} does not list it"
            return failed("bag-file", Level.FILES, path, f"{told}, its bytes give {digest}")
    return passed("bag-file", Level.FILES, path)


def _check_tag(source: EvidenceSource, path: str, digest: str) -> Check:
    hasher = hashlib.sha256()
    try:
        with source.open(path) as file:
            while block := file.read(_CHUNK):
                hasher.update(block)
    except (FormatError, Damaged) as error:
        return failed("bag-tag", Level.FILES, path, error.message)
    if hasher.hexdigest() != digest:
        reason = f"{bag.TAG_LIST} says {digest}, its bytes give {hasher.hexdigest()}"
        return failed("bag-tag", Level.FILES, path, reason)
    return passed("bag-tag", Level.FILES, path)


def _check_declaration(source: EvidenceSource, found: Found) -> Iterator[Check]:
    name = "bag-declaration"
    try:
        said = source.read(bag.DECLARATION_FILE, limit_bytes=_INFO_BYTES)
        info = bag.decode_info(source.read(bag.INFO, limit_bytes=_INFO_BYTES))
    except (FormatError, Damaged) as error:
        yield failed(name, Level.FILES, bag.DECLARATION_FILE, error.message)
        return
    if said != bag.DECLARATION:
        yield failed(name, Level.FILES, bag.DECLARATION_FILE, "expected BagIt 1.0 in UTF-8, in its one form")
        return
    there = (sum(found.sizes.values()), len(found.sizes))
    if there != (info.payload_bytes, info.payload_files):
        reason = f"{info.payload_bytes} bytes in {info.payload_files} files are stated, found {there[0]} in {there[1]}"
        yield failed(name, Level.FILES, bag.INFO, reason)
        return
    yield passed(name, Level.FILES, bag.DECLARATION_FILE)


def read_contents(source: EvidenceSource) -> Contents | str:
    """Give what ``bundle.json`` says, or why it cannot be read."""
    try:
        return bundle.decode(source.read(bundle.CONTENTS, limit_bytes=bundle.LIMIT_BYTES))
    except (FormatError, Damaged) as error:
        return error.message


def check_folders(source: EvidenceSource, view: BundleView, found: Found) -> Iterator[Check]:
    """Say whether each folder holds exactly what it must, and each named file is the one that its manifest names."""
    present: dict[str, set[str]] = {}
    for path in source.list(bundle.DATA):
        folder, _, name = path.rpartition("/")
        present.setdefault(folder, set()).add(name)
    opened: tuple[Exhibit | OpenedEvent, ...] = (*view.contents.exhibits, *view.contents.events)
    for one in opened:
        folder = view.folders[one.seq]
        yield _check_folder(view, one, folder, present.pop(folder, set()))
        yield from _check_artifacts(view, one.seq, folder, found)
        yield _check_leaf(source, view, one.seq, folder)
    known = {bundle.DATA, "data/log", bundle.CHECKPOINTS, bundle.CONSISTENCY}
    strange = {
        one for one in present.keys() - known if one != bundle.REPORT and not one.startswith(f"{bundle.REPORT}/")
    }
    for folder in sorted(strange):
        yield failed("bundle-files", Level.FILES, folder, "bundle.json names no such folder")


def _check_folder(view: BundleView, one: Exhibit | OpenedEvent, folder: str, present: set[str]) -> Check:
    predicate = view.predicates.get(one.seq)
    named = {artifact.name for artifact in predicate.artifacts} if predicate else set()
    wanted = {*bundle.OF_ENTRY, *named}
    if isinstance(one, Exhibit) and bundle.WACZ in one.files:
        wanted.add(bundle.WACZ)
    if len(one.files) != len(present) or set(one.files) != present:
        return failed("bundle-files", Level.FILES, folder, "bundle.json lists other files than are there")
    if predicate is not None and present != wanted:
        odd = ", ".join(sorted(present ^ wanted))[:300]
        return failed("bundle-files", Level.FILES, folder, f"missing, or named by no manifest: {odd}")
    return passed("bundle-files", Level.FILES, folder)


def derived_in(view: BundleView) -> dict[tuple[int, str], Derived]:
    """Give the derivatives that the export names, by entry and file."""
    export = view.predicates.get(view.contents.export_seq)
    return {(one.seq, one.name): one for one in export.derived} if isinstance(export, Export) else {}


def _check_artifacts(view: BundleView, seq: int, folder: str, found: Found) -> Iterator[Check]:
    predicate = view.predicates.get(seq)
    derived = derived_in(view)
    for artifact in predicate.artifacts if predicate else ():
        path = f"{folder}/{artifact.name}"
        one = derived.get((seq, artifact.name))
        yield _check_artifact(path, artifact, one, found)


def _check_artifact(path: str, artifact: Artifact, derived: Derived | None, found: Found) -> Check:
    if path not in found.digests:
        return failed("artifact", Level.FILES, path, "a file that the manifest names is missing")
    there = (Digest(found.digests[path]), found.sizes[path])
    if there == (artifact.digest, artifact.size_bytes):
        return passed("artifact", Level.FILES, path)
    if derived is None or derived.original != artifact.digest:
        reason = f"the manifest says {artifact.digest} and {artifact.size_bytes} bytes, found {there[0]} and {there[1]}"
        return failed("artifact", Level.FILES, path, reason)
    if there != (derived.digest, derived.size_bytes):
        reason = f"the export names a derivative {derived.digest} of {derived.size_bytes} bytes, found {there[0]}"
        return failed("artifact", Level.FILES, path, reason)
    reason = f"a derivative in the place of {artifact.digest}, which is not here; removed: {', '.join(derived.removed)}"
    return unchecked("artifact", Level.FILES, path, reason)


def _check_leaf(source: EvidenceSource, view: BundleView, seq: int, folder: str) -> Check:
    path = f"{folder}/{bundle.LEAF}"
    try:
        leaf = source.read(path, limit_bytes=1 << 16)
    except (FormatError, Damaged) as error:
        return failed("leaf-line", Level.FILES, path, error.message)
    if seq >= len(view.leaves) or view.leaves[seq] != leaf:
        return failed("leaf-line", Level.FILES, path, f"it is not line {seq + 1} of {bundle.LEAVES}")
    return passed("leaf-line", Level.FILES, path)
