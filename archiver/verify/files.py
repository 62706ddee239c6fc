"""Level L0: are the files there, whole, and no others.

==================  =======================================================================
archive-name        does each archived file have the SHA-256 that its name says?
artifact            is each file that a manifest names there, with the size it says?
archive-unlisted    is each archived file named by a manifest?
case-files          does a case's folder hold nothing but what belongs there, and manifests/ nothing but cases?
nothing-to-verify   is there anything at all?
unreadable          could each part of the evidence be listed and read?
==================  =======================================================================
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import BinaryIO

from archiver.formats import layout
from archiver.model.errors import Damaged, FormatError, UsageError
from archiver.model.report import Check, Level, Verdict
from archiver.store.source import EvidenceSource
from archiver.verify.beside import Beside
from archiver.verify.case import Case, failed, passed, unchecked

_README = f"{layout.ARCHIVE}/README.md"
_TEMPORARY = ".tmp-"
_CHUNK = 1 << 20
_BELONGS = re.compile(
    r"(?:citations\.yaml(?:\.old)?|\.gitignore|README\.md"
    r"|(?:captures|events)/[0-9a-f-]{36}\.dsse\.json"
    r"|ledger/(?:checkpoint|policy|lock)|ledger/checkpoints/[1-9][0-9]{0,15}|ledger/salts/[0-9]{1,16}(?:-[0-9]{1,16})?"
    r"|ledger/tile/(?:entries|[0-9]{1,2})/(?:x[0-9]{3}/)*[0-9]{3}(?:\.p/[0-9]{1,3})?"
    r"|keys/(?:log\.vkey|log\.pem|investigator\.(?:pem|pub)|allowed_signers|krl))\Z"
)
_UNFINISHED = "left by a write that was cut off: run archiver capture or archiver stamp, which finish or remove it"


class Archive:
    """The archived files of a workspace; the large ones are hashed from now on, beside whatever else is checked."""

    def __init__(self, source: EvidenceSource, beside: Beside) -> None:
        self._problem: Damaged | FormatError | None = None
        self._asked: list[tuple[str, Callable[[], Check]]] = []
        try:
            for path in source.list(layout.ARCHIVE):
                if path != _README:
                    self._asked.append((path, _begin(source, path, beside)))
        except (Damaged, FormatError) as error:  # told when the checks are asked for
            self._problem = error

    def check(self, named: frozenset[str]) -> Iterator[Check]:
        """Say of each file whether its bytes are those of its name and whether a manifest names it.

        Raises Damaged or FormatError where the archive cannot be listed.
        """
        if self._problem is not None:
            raise self._problem
        for path, ask in self._asked:
            check = ask()
            yield check
            if check.verdict is not Verdict.NOT_CHECKED and path not in named:
                yield failed(
                    "archive-unlisted",
                    Level.FILES,
                    path,
                    "no manifest names this file: it was added, or its manifest removed",
                )


def _begin(source: EvidenceSource, path: str, beside: Beside) -> Callable[[], Check]:
    """Begin to check an archived file; give what waits for its check."""
    if path.rsplit("/", 1)[-1].startswith(_TEMPORARY):
        return lambda: unchecked("archive-name", Level.FILES, path, _UNFINISHED)
    try:
        size = source.size(path)
    except Damaged:  # told by its check; what is not there is small
        size = 0
    return beside.begin(size, partial(_check_name, source, path))


def check_named(source: EvidenceSource, paths: Sequence[str]) -> Iterator[Check]:
    """Say of each of these archived files, as far as it is there, whether its bytes are those of its name."""
    for path in paths:
        if source.is_file(path):
            yield _check_name(source, path)


def _check_name(source: EvidenceSource, path: str) -> Check:
    try:
        expected, _ = layout.parse_archive_path(path)
        with source.open(path) as file:
            found = sha256(file)
    except (FormatError, Damaged) as error:
        return failed("archive-name", Level.FILES, path, error.message)
    if found != expected.hex:
        return failed(
            "archive-name", Level.FILES, path, f"the bytes are not those of the name: their SHA-256 is {found}"
        )
    return passed("archive-name", Level.FILES, path)


def sha256(file: BinaryIO) -> str:
    """Give the SHA-256 of what is left to read, in hex."""
    hasher = hashlib.sha256()
    while block := file.read(_CHUNK):
        hasher.update(block)
    return hasher.hexdigest()


def check_artifacts(source: EvidenceSource, case: Case) -> Iterator[Check]:
    """Say of each file that a manifest names whether it is there."""
    for one in case.manifests:
        if one.statement is None:
            continue
        for artifact in one.statement.predicate.artifacts:
            subject = f"{case.full(one.path)}: {artifact.name}"
            try:
                path = layout.archive_path(artifact.digest, artifact.extension)
                size = source.size(path)
            except (FormatError, Damaged) as error:
                yield failed("artifact", Level.FILES, subject, f"a file of this capture is missing: {error.message}")
                continue
            if size != artifact.size_bytes:
                reason = f"the manifest says {artifact.size_bytes} bytes, {path} has {size}"
                yield failed("artifact", Level.FILES, subject, reason)
            else:
                yield passed("artifact", Level.FILES, subject)


def named_files(cases: Sequence[Case]) -> frozenset[str]:
    """Give the archive paths that the manifests of these cases name."""
    found: set[str] = set()
    for case in cases:
        try:
            manifests = case.manifests
        except (Damaged, FormatError):  # a folder that cannot be listed names nothing; the case's own checks tell
            continue
        for one in manifests:
            for artifact in one.statement.predicate.artifacts if one.statement else ():
                try:
                    found.add(layout.archive_path(artifact.digest, artifact.extension))
                except FormatError:
                    continue
    return frozenset(found)


def check_case_files(case: Case) -> Iterator[Check]:
    """Say of each file that does not belong into a case's folder what it is."""
    strange = [path for path in case.files if not _BELONGS.match(path) or not case.is_file(path)]
    for path in strange:
        if path.rsplit("/", 1)[-1].startswith(_TEMPORARY) or path == layout.STAGED:
            yield unchecked("case-files", Level.FILES, case.full(path), _UNFINISHED)
        else:
            yield failed(
                "case-files", Level.FILES, case.full(path), "nothing of archiver's has this name: it was added"
            )
    if not strange:
        yield passed("case-files", Level.FILES, case.full(""), f"{len(case.files)} files")


def check_strays(source: EvidenceSource, cases: Sequence[str]) -> Iterator[Check]:
    """Say of each file under manifests/ that is in no case's folder that it was added."""
    for path in source.list(layout.MANIFESTS):
        case = path.split("/")[1] if path.count("/") > 1 else ""
        if not is_case_name(case) and path != f"{layout.MANIFESTS}/README.md":
            yield failed("case-files", Level.FILES, path, "it lies in no case's folder: it was added")
    for case in cases:
        if not is_case_name(case):
            yield failed("case-files", Level.FILES, f"{layout.MANIFESTS}/{case}", "no case can have this name")


def is_case_name(name: str) -> bool:
    """Say whether a case can have this name."""
    try:
        layout.check_case_name(name)
    except UsageError:
        return False
    return True


def check_something(case: Case) -> Iterator[Check]:
    """Fail a case without any manifest: nothing checked is not everything well."""
    if not any(one.path.startswith(f"{layout.CAPTURES}/") for one in case.manifests):
        yield failed("nothing-to-verify", Level.FILES, case.full(""), "this case holds no capture")
