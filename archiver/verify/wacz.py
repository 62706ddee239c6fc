"""A WACZ file by itself, whoever made it (WACZ 1.1.1).

==================  =======================================================================
wacz-zip            is every byte of the ZIP accounted for, no name twice, unsafe or a link?
wacz-layout         is there what the standard demands, where it demands it?
wacz-hash           has each listed file the hash and size that the package states?
wacz-unlisted       is each file listed, whatever its name?
wacz-digest         is the package the one that the digest file is about?
wacz-signature      is it signed, over this package, by somebody whom the auditor trusts?
wacz-index          does each line of an index point at the record that it names?
warc-…              of each WARC file inside: `archiver/verify/warc.py`
==================  =======================================================================
"""

import hashlib
from collections.abc import Iterator
from typing import BinaryIO

from archiver.formats import wacz
from archiver.formats.members import Members
from archiver.formats.warc_walk import WalkedRecord
from archiver.formats.zipped import Zipped, ZippedFile
from archiver.model.errors import Damaged, FormatError
from archiver.model.report import Check, Level
from archiver.verify import wacz_blocks, warc
from archiver.verify.case import failed, passed, unchecked
from archiver.verify.wacz_signed import WaczTrust, check_signature

NOT_PROVEN = (
    "That the site sent these bytes to anybody: a WACZ file is what its maker put into it.",
    "When they came, and from where: the dates and addresses are the maker's words.",
)
_CHUNK = 64 << 10
_MOST_RECORDS = 1_000_000
_MOST_TOLD = 1_000
_WHOLE = 1 << 50
_WARCS = (".warc", ".warc.gz")
_INDEXES = (".cdx", ".cdxj", ".cdx.gz", ".cdxj.gz")
_VERSIONS = ("1.0.0", "1.1.0", "1.1.1")
_ENDING = 4  # that some indexes of plain WARC files leave out
DEFECT = "producer defect, bytes consistent: js-wacz counts each chunk of 64 KiB twice; no other program gets this hash"


def check_wacz(stream: BinaryIO, *, subject: str, trust: WaczTrust) -> Iterator[Check]:
    """Give every check of the file; what cannot be read fails, and the rest is checked."""
    try:
        zipped = Zipped(stream)
    except (FormatError, Damaged) as error:
        yield failed("wacz-zip", Level.FILES, subject, error.message)
        return
    yield from _Wacz(zipped, subject, trust).checks()


def not_proven(checks: tuple[Check, ...]) -> tuple[str, ...]:
    """Give what these checks leave open whatever they say."""
    return (*NOT_PROVEN, *warc.not_proven(checks)[len(warc.NOT_PROVEN) :])


class _Wacz:
    def __init__(self, zipped: Zipped, subject: str, trust: WaczTrust) -> None:
        self._zipped = zipped
        self._subject = subject
        self._trust = trust
        self._files = tuple(one for one in zipped.files if not one.is_folder)
        self._records: dict[str, dict[int, tuple[int, int]]] = {}
        self._count = 0

    def checks(self) -> Iterator[Check]:
        yield from _all("wacz-zip", self._subject, self._zipped.problems())
        package = None
        try:
            package = wacz.read_package(self._read(wacz.PACKAGE))
        except (FormatError, Damaged) as error:
            yield failed("wacz-layout", Level.FILES, self._subject, error.message)
        yield from _all("wacz-layout", self._subject, self._layout(package))
        if package is not None:
            yield from self._listed(package)
            yield from self._signed(package)
        for one in self._files:
            if one.name.startswith("archive/") and one.name.endswith(_WARCS):
                yield from self._warc(one)
        for one in self._files:
            if one.name.startswith("indexes/") and one.name.endswith(_INDEXES):
                yield from self._index(one)
            elif one.name.startswith("indexes/") and one.name.endswith(".idx"):
                yield from self._blocks(one)

    def _read(self, name: str) -> bytes:
        found = self._zipped.find(name)
        if found is None:
            raise FormatError(f"{name} is missing")
        return self._zipped.read(found, limit_bytes=wacz.LIMIT_BYTES)

    def _name(self, path: str) -> str:
        return f"{self._subject}: {path}"

    def _layout(self, package: wacz.Package | None) -> Iterator[str]:
        names = {one.name for one in self._files}
        if not any(name.startswith("archive/") and name.endswith(_WARCS) for name in names):
            yield "archive/ holds no WARC file"
        if not any(name.startswith("indexes/") and name.endswith(_INDEXES) for name in names):
            yield "indexes/ holds no index"
        if wacz.PAGES not in names:
            yield f"{wacz.PAGES} is missing"
        if package is not None and package.profile != "data-package":
            yield f"{wacz.PACKAGE}: expected profile 'data-package', found {package.profile[:40]!r}"
        if package is not None and package.version not in _VERSIONS:
            yield f"version {package.version[:20]!r}: expected {' or '.join(_VERSIONS)}"

    def _listed(self, package: wacz.Package) -> Iterator[Check]:
        paths: set[str] = set()
        for one in package.resources:
            subject = self._name(one.path)
            if one.path in paths:
                yield failed("wacz-hash", Level.FILES, subject, "the package lists it twice")
            paths.add(one.path)
            yield self._hash(one, package, subject)
        for file in self._files:
            if file.name not in paths and file.name not in (wacz.PACKAGE, wacz.DIGEST):
                yield failed("wacz-unlisted", Level.FILES, self._name(file.name), "the package does not list this file")
        if all(file.name in paths or file.name in (wacz.PACKAGE, wacz.DIGEST) for file in self._files):
            yield passed("wacz-unlisted", Level.FILES, self._subject, f"{len(paths)} files")

    def _hash(self, listed: wacz.Resource, package: wacz.Package, subject: str) -> Check:
        file = self._zipped.find(listed.path)
        if file is None:
            return failed("wacz-hash", Level.FILES, subject, "the package lists it, and it is missing")
        try:
            found = f"sha256:{self._sha256(file, times=1)}"
            if listed.size_bytes not in (None, file.size_bytes):
                reason = f"the package says {listed.size_bytes} bytes, it has {file.size_bytes}"
                return failed("wacz-hash", Level.FILES, subject, reason)
            if found == listed.hash:
                return passed("wacz-hash", Level.FILES, subject)
            if f"sha256:{self._sha256(file, times=2)}" == listed.hash:
                return passed("wacz-hash", Level.FILES, subject, f"{DEFECT} (written by {package.software[:80]})")
        except (FormatError, Damaged) as error:
            return failed("wacz-hash", Level.FILES, subject, error.message)
        return failed("wacz-hash", Level.FILES, subject, f"the package says {listed.hash}, its bytes give {found}")

    def _sha256(self, file: ZippedFile, *, times: int) -> str:
        hasher = hashlib.sha256()
        reader = self._zipped.open(file)
        rest = b""
        while block := reader.read():
            rest += block
            whole = len(rest) // _CHUNK * _CHUNK
            for at in range(0, whole, _CHUNK):
                hasher.update(rest[at : at + _CHUNK] * times)
            rest = rest[whole:]
        hasher.update(rest * times)
        return hasher.hexdigest()

    def _signed(self, package: wacz.Package) -> Iterator[Check]:
        subject = self._name(wacz.DIGEST)
        if self._zipped.find(wacz.DIGEST) is None:
            reason = "it is missing: nothing says that the package is as it was, and nobody has signed it"
            yield unchecked("wacz-digest", Level.RECORDS, subject, reason)
            return
        try:
            digest = wacz.read_digest(self._read(wacz.DIGEST))
            found = f"sha256:{hashlib.sha256(self._read(wacz.PACKAGE)).hexdigest()}"
        except (FormatError, Damaged) as error:
            yield failed("wacz-digest", Level.RECORDS, subject, error.message)
            return
        if digest.hash == found:
            yield passed("wacz-digest", Level.RECORDS, subject)
        else:
            yield failed("wacz-digest", Level.RECORDS, subject, f"it says {digest.hash}, the package gives {found}")
        yield check_signature(digest.signed, package, found, subject=subject, trust=self._trust)

    def _warc(self, file: ZippedFile) -> Iterator[Check]:
        records = self._records.setdefault(file.name.removeprefix("archive/"), {})

        def seen(record: WalkedRecord) -> None:
            self._count += 1
            if self._count <= _MOST_RECORDS and record.addressable and not record.lost:
                records[record.offset] = (record.end, hash(record.target_uri))

        try:
            yield from warc.check_warc(self._zipped.open(file), subject=self._name(file.name), covered=True, seen=seen)
        except (FormatError, Damaged) as error:
            yield failed("warc-whole", Level.FILES, self._name(file.name), error.message)

    def _index(self, file: ZippedFile) -> Iterator[Check]:
        subject = self._name(file.name)
        if self._count > _MOST_RECORDS:
            yield unchecked("wacz-index", Level.RECORDS, subject, f"more than {_MOST_RECORDS} records")
            return
        number = wrong = 0
        try:
            blocks = Members(self._zipped.open(file)).blocks(_WHOLE)
            for number, line in enumerate((one for one in wacz.lines(blocks) if one), 1):
                problem = "" if line.startswith("!meta") else self._points(line)
                wrong += bool(problem)
                if problem and wrong <= _MOST_TOLD:
                    yield failed("wacz-index", Level.RECORDS, f"{subject}: line {number}", problem)
        except (FormatError, Damaged) as error:
            yield failed("wacz-index", Level.RECORDS, subject, error.message)
            return
        if not number:
            yield failed("wacz-index", Level.RECORDS, subject, "an index without a line")
        elif not wrong:
            yield passed("wacz-index", Level.RECORDS, subject, f"{number} lines")

    def _blocks(self, file: ZippedFile) -> Iterator[Check]:
        def read(name: str) -> bytes:
            found = self._zipped.find(f"indexes/{name}")
            if found is None:
                raise FormatError(f"it points into {name[:100]}, which is not there")
            return self._zipped.read(found, limit_bytes=wacz_blocks.LIMIT_BYTES)

        subject = self._name(file.name)
        try:
            raw = self._zipped.read(file, limit_bytes=wacz.LIMIT_BYTES)
        except (FormatError, Damaged) as error:
            yield failed("wacz-index", Level.RECORDS, subject, error.message)
            return
        yield from wacz_blocks.check_blocks(raw, read, subject=subject)

    def _points(self, line: str) -> str:
        try:
            found = wacz.read_index_line(line)
        except FormatError as error:
            return error.message
        records = self._records.get(found.filename)
        if records is None:
            return f"it points into {found.filename[:100]}, which is no WARC file here"
        if found.offset not in records:
            return f"no record begins at byte {found.offset} of {found.filename[:100]}"
        end, target = records[found.offset]
        if target != hash(found.url):
            return f"the record at byte {found.offset} is of another address than {found.url[:200]}"
        left_out = 0 if found.filename.endswith(".gz") else _ENDING
        if found.length is not None and end and found.offset + found.length not in (end, end - left_out):
            return f"the record at byte {found.offset} has {end - found.offset} bytes, the index says {found.length}"
        return ""


def _all(name: str, subject: str, problems: Iterator[str]) -> Iterator[Check]:
    found = 0
    for found, problem in enumerate(problems, 1):
        if found <= _MOST_TOLD:
            yield failed(name, Level.FILES, subject, problem)
    if not found:
        yield passed(name, Level.FILES, subject)
