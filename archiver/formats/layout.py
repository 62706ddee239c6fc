"""Every path inside a workspace, as text with forward slashes. Nobody else joins strings.

Paths that begin with ``archive/`` or ``manifests/`` are relative to the workspace; the others are
relative to the folder of one case. The tree is drawn in docs/formats/workspace.md.
"""

import re

from archiver.formats.security_key import is_security_key
from archiver.model.digest import Digest
from archiver.model.errors import FormatError, UsageError
from archiver.model.provenance import EntryType

ARCHIVE = "archive"
MANIFESTS = "manifests"
CITATIONS = "citations.yaml"
CAPTURES = "captures"
EVENTS = "events"
CHECKPOINT = "ledger/checkpoint"
CHECKPOINTS = "ledger/checkpoints"
SALTS = "ledger/salts"
TILES = "ledger/tile"
STAGED = "ledger/staged"
POLICY = "ledger/policy"
LOCK = "ledger/lock"
LOG_VKEY = "keys/log.vkey"
LOG_PEM = "keys/log.pem"
INVESTIGATOR_PEM = "keys/investigator.pem"
INVESTIGATOR_PUB = "keys/investigator.pub"
INVESTIGATOR_FILES = (INVESTIGATOR_PEM, INVESTIGATOR_PUB)
"""The investigator's key: one of the two, PEM or, for a security key, which PEM has no form for, OpenSSH's line."""
ALLOWED_SIGNERS = "keys/allowed_signers"
REVOKED = "keys/krl"
PUBLIC_FILES = (LOG_VKEY, LOG_PEM, *INVESTIGATOR_FILES, ALLOWED_SIGNERS, REVOKED, POLICY)
"""What lies in a case for other people's programs: public, and proof of nothing by itself."""

_CASE = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}\Z")
_EXTENSION = re.compile(r"[a-z0-9]{1,8}(\.[a-z0-9]{1,4})?\Z")
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z")
_OPENINGS = re.compile(r"ledger/salts/(0|[1-9][0-9]{0,15})(?:-([1-9][0-9]{0,15}))?\Z", re.ASCII)
_ARCHIVED = re.compile(r"archive/sha256/([0-9a-f]{2})/([0-9a-f]{64})\.([a-z0-9]{1,8}(?:\.[a-z0-9]{1,4})?)\Z")


def investigator_file(public_key: bytes) -> str:
    """Give where the investigator's public key lies in a case, by its kind."""
    return INVESTIGATOR_PUB if is_security_key(public_key) else INVESTIGATOR_PEM


def check_case_name(name: str) -> str:
    """Give the name back if it can be a case's folder; raise UsageError else."""
    if not _CASE.match(name) or ".." in name:
        raise UsageError(
            f"case name: expected 1 to 64 of a-z 0-9 . _ - beginning with a letter or digit, found {name[:80]!r}"
        )
    return name


def check_extension(extension: str) -> str:
    """Give the extension back if archived files may have it; raise FormatError else."""
    if not _EXTENSION.match(extension):
        raise FormatError(f"file extension: expected like 'png' or 'warc.gz', found {extension[:40]!r}")
    return extension


def check_id(identity: str) -> str:
    """Give the id back if it is a UUIDv7 in lowercase; raise FormatError else."""
    if not _ID.match(identity):
        raise FormatError(f"id: expected a lowercase UUIDv7, found {identity[:80]!r}")
    return identity


def archive_path(digest: Digest, extension: str) -> str:
    """Give where bytes of this digest lie."""
    return f"{ARCHIVE}/sha256/{digest.hex[:2]}/{digest.hex}.{check_extension(extension)}"


def parse_archive_path(path: str) -> tuple[Digest, str]:
    """Give digest and extension of an archived file's path; raise FormatError if it is none."""
    match = _ARCHIVED.match(path)
    if not match or match[1] != match[2][:2]:
        raise FormatError(f"archive path: expected archive/sha256/ab/<64 hex>.<ext>, found {path[:200]!r}")
    return Digest(match[2]), match[3]


def case_folder(case: str) -> str:
    """Give the folder of a case."""
    return f"{MANIFESTS}/{check_case_name(case)}"


def envelope_path(kind: EntryType, identity: str) -> str:
    """Give where the signed manifest of an entry lies: captures apart from all other events."""
    return f"{CAPTURES if kind is EntryType.CAPTURE else EVENTS}/{check_id(identity)}.dsse.json"


def capture_envelope(identity: str) -> str:
    """Give where the signed manifest of a capture lies."""
    return envelope_path(EntryType.CAPTURE, identity)


def parse_envelope_path(path: str) -> str:
    """Give the id in the path of a signed manifest; raise FormatError if it is none."""
    folder, _, name = path.partition("/")
    if folder not in (CAPTURES, EVENTS) or not name.endswith(".dsse.json"):
        raise FormatError(f"manifest path: expected captures/<id>.dsse.json, found {path[:200]!r}")
    return check_id(name.removesuffix(".dsse.json"))


def checkpoint_of(size: int) -> str:
    """Give where the checkpoint of this tree size is kept."""
    return f"{CHECKPOINTS}/{size}"


def openings(first: int, last: int) -> str:
    """Give where the salts of the entries that one append added are kept."""
    return f"{SALTS}/{first}" if first == last else f"{SALTS}/{first}-{last}"


def opening(seq: int) -> str:
    """Give where the salt of an entry that was appended by itself is kept."""
    return openings(seq, seq)


def parse_openings(path: str) -> tuple[int, int] | None:
    """Give the first and the last entry whose salts a file keeps, or None for any other path."""
    match = _OPENINGS.match(path)
    if not match:
        return None
    first, last = int(match[1]), int(match[2] or match[1])
    return (first, last) if path == openings(first, last) and first <= last else None
