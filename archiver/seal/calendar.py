"""Ask an OpenTimestamps calendar: to anchor a commitment, and later what became of it. Answers are unverified bytes."""

from archiver.model.errors import SealError
from archiver.seal.exchange import exchange

_LIMIT_BYTES = 10_000
_OK, _NOT_YET = 200, 404
_KINDS = {"Accept": "application/vnd.opentimestamps.v1", "Content-Type": "application/x-www-form-urlencoded"}


def submit(url: str, commitment: bytes, *, timeout_s: float) -> bytes:
    """Send a commitment, and nothing else; give the calendar's promise. Raises SealError."""
    place = f"{url.rstrip('/')}/digest"
    status, content = exchange("POST", place, commitment, _KINDS, timeout_s=timeout_s, limit_bytes=_LIMIT_BYTES)
    if status != _OK:
        raise SealError(f"{place}: expected HTTP status 200, found {status}")
    return content


def fetch(url: str, commitment: bytes, *, timeout_s: float) -> bytes | None:
    """Give what the calendar knows of a commitment by now, None if nothing yet. Raises SealError."""
    place = f"{url.rstrip('/')}/timestamp/{commitment.hex()}"
    status, content = exchange("GET", place, b"", _KINDS, timeout_s=timeout_s, limit_bytes=_LIMIT_BYTES)
    if status == _NOT_YET:
        return None
    if status != _OK:
        raise SealError(f"{place}: expected HTTP status 200 or 404, found {status}")
    return content
