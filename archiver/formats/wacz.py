"""What a WACZ file says of itself (WACZ 1.1.1): its package, its digest and signature, its indexes. Others wrote it.

JSON here is that of others: in any form, floats and fields of their own among it, but no key twice, no NaN, bounded.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NoReturn

from archiver.model.errors import FormatError

PACKAGE = "datapackage.json"
DIGEST = "datapackage-digest.json"
PAGES = "pages/pages.jsonl"
LIMIT_BYTES = 32 << 20
_LONGEST_LINE = 4 << 20
_HASH = re.compile(r"sha256:[0-9a-f]{64}\Z")
_ANONYMOUS = frozenset(("hash", "created", "software", "version", "signature", "publicKey"))
_DOMAIN = frozenset(
    ("hash", "created", "software", "version", "signature", "domain", "domainCert", "timeSignature", "timestampCert",
     "crossSignedCert")
)  # fmt: skip
_OPTIONAL = frozenset(("version", "crossSignedCert"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One file that the package lists."""

    path: str
    hash: str
    size_bytes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """``datapackage.json``: the profile and version, who made it, when, and its files."""

    profile: str
    version: str
    software: str
    created: str
    resources: tuple[Resource, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedData:
    """The signature in ``datapackage-digest.json``, of one of two shapes; what the other has is empty."""

    hash: str
    created: str
    software: str
    signature: str
    public_key: str = ""
    domain: str = ""
    domain_cert: str = ""
    time_signature: str = ""
    timestamp_cert: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageDigest:
    """``datapackage-digest.json``."""

    hash: str
    signed: SignedData | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexLine:
    """Where an index says that a record lies."""

    url: str
    filename: str
    offset: int
    length: int | None


def read_package(raw: bytes) -> Package:
    """Give what ``datapackage.json`` says; raise FormatError if it is none."""
    found = _object(read_json(raw, what=PACKAGE), what=PACKAGE)
    listed = found.get("resources")
    if not isinstance(listed, list) or not listed:
        raise FormatError(f"{PACKAGE}: expected a list of resources with something in it")
    return Package(
        profile=str(found.get("profile") or ""),
        version=str(found.get("wacz_version") or ""),
        software=str(found.get("software") or ""),
        created=str(found.get("created") or ""),
        resources=tuple(_resource(one, number) for number, one in enumerate(listed, 1)),
    )


def read_digest(raw: bytes) -> PackageDigest:
    """Give what ``datapackage-digest.json`` says; raise FormatError if it is none, or signed in no known shape."""
    found = _object(read_json(raw, what=DIGEST), what=DIGEST)
    stated = found.get("hash")
    if found.get("path") != PACKAGE or not isinstance(stated, str) or not _HASH.match(stated):
        raise FormatError(f"{DIGEST}: expected the path {PACKAGE} and its hash 'sha256:<hex>'")
    signed = found.get("signedData")
    return PackageDigest(hash=stated, signed=None if signed is None else _signed(signed))


def read_index_line(line: str) -> IndexLine:
    """Give what one line of a CDXJ index says; raise FormatError if it is none."""
    key, _, rest = line.partition(" ")
    time, _, text = rest.partition(" ")
    if not key or not time.isdigit():
        raise FormatError(f"expected '<key> <time> <JSON>', found {line[:60]!r}")
    found = _object(read_json(text.encode(), what="index"), what="index")
    url, filename = found.get("url"), found.get("filename")
    offset, length = _number(found.get("offset")), _number(found.get("length"))
    if not isinstance(url, str) or not isinstance(filename, str) or offset is None:
        raise FormatError(f"expected url, filename and offset, found {text[:80]!r}")
    return IndexLine(url=url, filename=filename, offset=offset, length=length)


def lines(blocks: Iterator[bytes]) -> Iterator[str]:
    """Give the lines of a text in UTF-8 that comes in blocks; raise FormatError for anything else."""
    rest = b""
    for block in blocks:
        *whole, rest = (rest + block).split(b"\n")
        yield from (_text(one) for one in whole)
        if len(rest) > _LONGEST_LINE:
            raise FormatError(f"a line longer than {_LONGEST_LINE} bytes")
    if rest:
        yield _text(rest)


def read_json(raw: bytes, *, what: str) -> object:
    """Give the value of JSON that others wrote; raise FormatError for a key that stands there twice, NaN, or depth."""
    if len(raw) > LIMIT_BYTES:
        raise FormatError(f"{what}: expected at most {LIMIT_BYTES} bytes, found {len(raw)}")
    try:
        found: object = json.loads(raw.decode("utf-8"), object_pairs_hook=_pairs, parse_constant=_constant)
    except UnicodeDecodeError as error:
        raise FormatError(f"{what}: not UTF-8 at byte {error.start}") from error
    except RecursionError as error:
        raise FormatError(f"{what}: nested too deep") from error
    except ValueError as error:
        raise FormatError(f"{what}: not JSON: {str(error)[:200]}") from error
    return found


def _pairs(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("an object holds the same key twice")
    return found


def _constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON")


def _object(found: object, *, what: str) -> dict[str, object]:
    if not isinstance(found, dict):
        raise FormatError(f"{what}: expected an object, found {type(found).__name__}")
    return found


def _resource(found: object, number: int) -> Resource:
    one = _object(found, what=f"{PACKAGE}: resource {number}")
    stats = one.get("stats")
    if isinstance(stats, dict):  # WACZ 1.0.0
        one = {**one, "hash": f"{one.get('hashing')}:{stats.get('hash')}", "bytes": stats.get("bytes")}
    path, stated = one.get("path"), one.get("hash")
    if not isinstance(path, str) or not isinstance(stated, str) or not _HASH.match(stated):
        raise FormatError(
            f"{PACKAGE}: resource {number}: expected a path and a hash 'sha256:<hex>', found {str(one)[:160]}"
        )
    return Resource(path=path, hash=stated, size_bytes=_number(one.get("bytes")))


def _signed(found: object) -> SignedData:
    given = _object(found, what=f"{DIGEST}: signedData")
    shape = _ANONYMOUS if "publicKey" in given else _DOMAIN
    missing, unknown = shape - _OPTIONAL - given.keys(), given.keys() - shape
    if missing or unknown:
        told = ", ".join(
            sorted((*(f"{one} is missing" for one in missing), *(f"{one!s:.40} is unknown" for one in unknown)))
        )
        raise FormatError(f"{DIGEST}: signedData is of neither shape of the standard: {told[:400]}")
    texts = {key: value for key, value in given.items() if isinstance(value, str)}
    if texts.keys() != given.keys():
        raise FormatError(f"{DIGEST}: signedData: expected texts only")
    return SignedData(
        hash=texts["hash"],
        created=texts["created"],
        software=texts["software"],
        signature=texts["signature"],
        public_key=texts.get("publicKey", ""),
        domain=texts.get("domain", ""),
        domain_cert=texts.get("domainCert", ""),
        time_signature=texts.get("timeSignature", ""),
        timestamp_cert=texts.get("timestampCert", ""),
    )


def _number(found: object) -> int | None:
    """Give a whole number, which some write as text."""
    if isinstance(found, str) and re.fullmatch(r"[0-9]{1,18}", found):
        return int(found)
    return found if isinstance(found, int) and not isinstance(found, bool) and found >= 0 else None


def _text(line: bytes) -> str:
    try:
        return line.decode("utf-8").removesuffix("\r")
    except UnicodeDecodeError as error:
        raise FormatError(f"a line that is not UTF-8: {line[:60]!r}") from error
