"""Ask a witness over HTTP. What it answers is text: whoever takes a signature from it verifies it first."""

from archiver.model.errors import SealError
from archiver.seal.exchange import exchange

_LIMIT_BYTES = 64 << 10
_TIMEOUT_S = 30
_OK, _CONFLICT = 200, 409


def ask(url: str, request: bytes) -> tuple[bytes, int | None]:
    """Send an add-checkpoint request; give signature lines, or no bytes and the size that the witness knows.

    ``url`` is the witness's submission prefix. Raises SealError for every other answer, or none.
    """
    place = f"{url.rstrip('/')}/add-checkpoint"
    kinds = {"Content-Type": "text/plain; charset=utf-8"}
    status, content = exchange("POST", place, request, kinds, timeout_s=_TIMEOUT_S, limit_bytes=_LIMIT_BYTES)
    if status == _OK:
        return content, None
    text = content[:200].decode("utf-8", "replace").strip()
    if status == _CONFLICT and text.isascii() and text.isdecimal():
        return b"", int(text[:17])
    raise SealError(f"{place}: HTTP status {status}: {text}", hint="archiver witness request makes a file instead")
