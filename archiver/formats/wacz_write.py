"""The files of a WACZ 1.1.1 besides its WARCs: pages, package, digest. Equal input gives equal bytes."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from archiver.formats.wacz import PACKAGE

INDEX = "indexes/index.cdx"
ARCHIVE = "archive"
_VERSION = "1.1.1"
_AUTH_VERSION = "0.1.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page to begin at: its address, its record's date as the WARC has it, and a title."""

    id: str
    url: str
    date: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a package says of itself: title, description, the program, and when it was made, to the second."""

    title: str
    description: str
    software: str
    created: str


def pages_file(pages: Sequence[Page]) -> bytes:
    """Give ``pages/pages.jsonl``."""
    head = {"format": "json-pages-1.0", "id": "pages", "title": "All Pages"}
    lines = [{"id": one.id, "url": one.url, "ts": one.date, "title": one.title} for one in pages]
    return b"".join(_json(one) + b"\n" for one in (head, *lines))


def package_file(told: Told, resources: Mapping[str, tuple[str, int]], pages: Sequence[Page]) -> bytes:
    """Give ``datapackage.json`` over these files: SHA-256 in hex and size by path."""
    main = {"mainPageUrl": pages[0].url, "mainPageDate": pages[0].date} if pages else {}
    listed = [
        {"name": path.rsplit("/", 1)[-1], "path": path, "hash": f"sha256:{digest}", "bytes": size}
        for path, (digest, size) in sorted(resources.items())
    ]
    return _json(
        {
            "profile": "data-package",
            "wacz_version": _VERSION,
            "title": told.title,
            "description": told.description,
            "software": told.software,
            "created": told.created,
            "modified": told.created,
            **main,
            "resources": listed,
        }
    )


def package_hash(package: bytes) -> str:
    """Give the text that is signed."""
    return f"sha256:{hashlib.sha256(package).hexdigest()}"


def digest_file(package: bytes, told: Told, *, public_key: str, signature: str) -> bytes:
    """Give ``datapackage-digest.json``: the package's hash, signed in the anonymous shape."""
    stated = package_hash(package)
    signed = {
        "hash": stated,
        "created": told.created,
        "software": told.software,
        "version": _AUTH_VERSION,
        "signature": signature,
        "publicKey": public_key,
    }
    return _json({"path": PACKAGE, "hash": stated, "signedData": signed})


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")
