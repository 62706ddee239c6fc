"""Standard base64 (RFC 4648 section 4), strict: one text for one sequence of bytes."""

import base64
import binascii

from archiver.model.errors import FormatError


def decode(text: str, *, what: str) -> bytes:
    """Give the bytes; raise FormatError for anything but the text that encoding them gives."""
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise FormatError(f"{what}: not base64: {error}") from error
    if base64.b64encode(content).decode() != text:
        raise FormatError(f"{what}: base64 with stray bits")
    return content
