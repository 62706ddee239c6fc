"""The one building block of OpenSSH's formats: a string after its length in four bytes (RFC 4251 section 5)."""

from archiver.model.errors import FormatError


def text(content: bytes) -> bytes:
    """Give a string as it stands on the wire."""
    return len(content).to_bytes(4, "big") + content


def take(raw: bytes) -> tuple[bytes, bytes]:
    """Give the string with which these bytes begin, and what follows; raise FormatError if they are cut short."""
    size = int.from_bytes(raw[:4], "big")
    if len(raw) < 4 + size:
        raise FormatError("SSH: cut short")
    return raw[4 : 4 + size], raw[4 + size :]
