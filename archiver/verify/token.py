"""A timestamp token by itself (RFC 3161 response): does a pinned authority stand behind it, and is it about this file.

==================  =======================================================================
token               does the response verify under roots that the auditor pinned?
token-data          is it about the bytes of the file beside it?
==================  =======================================================================
"""

import hashlib
from collections.abc import Iterator
from typing import BinaryIO

from archiver.model.digest import Digest
from archiver.model.errors import Damaged, FormatError
from archiver.model.report import Check, Level
from archiver.proof import timestamp
from archiver.verify.case import failed, passed, unchecked

NOT_PROVEN = (
    "Anything about what the stamped bytes say: a timestamp is about when they existed, and nothing else.",
    "That the authority's certificate was not revoked: revocation is not checked.",
)
_BLOCK = 1 << 20
LIMIT_BYTES = 64 << 10


def check_token(
    response: bytes, *, data: BinaryIO | None, subject: str, data_name: str, roots: tuple[bytes, ...]
) -> Iterator[Check]:
    """Say whether the token verifies and what it is about. ``data`` is the file that it should be about, if found."""
    try:
        claimed = timestamp.read(response)
    except FormatError as error:
        yield failed("token", Level.TIME, subject, error.message)
        return
    yield _verified(response, claimed, subject, roots)
    if data is None:
        reason = f"no file beside it: it is about {claimed.imprint}"
        yield unchecked("token-data", Level.TIME, subject, reason)
        return
    try:
        found = _digest(data)
    except Damaged as error:
        yield failed("token-data", Level.TIME, f"{subject}: {data_name}", error.message)
        return
    if found == claimed.imprint:
        yield passed("token-data", Level.TIME, f"{subject}: {data_name}", f"it existed before {claimed.gen_time}")
    else:
        reason = f"it is about {claimed.imprint}, the file's bytes give {found}"
        yield failed("token-data", Level.TIME, f"{subject}: {data_name}", reason)


def _verified(response: bytes, claimed: timestamp.TimestampToken, subject: str, roots: tuple[bytes, ...]) -> Check:
    if not roots:
        reason = f"it says {claimed.gen_time}; you pinned no root of a time-stamping authority"
        return unchecked("token", Level.TIME, subject, reason)
    try:
        token = timestamp.verify(response, digest=claimed.imprint, roots=roots, nonce=None)
    except FormatError as error:
        return failed("token", Level.TIME, subject, error.message)
    return passed("token", Level.TIME, subject, f"{token.gen_time}, serial {token.serial}")


def _digest(data: BinaryIO) -> Digest:
    hasher = hashlib.sha256()
    while block := data.read(_BLOCK):
        hasher.update(block)
    return Digest(hasher.hexdigest())
