"""Content codings in both directions. Brotli and zstd are written as stored blocks: valid, and nothing to install."""

import gzip
import zlib
from collections.abc import Callable
from typing import Final

_ZSTD_MAGIC: Final = b"\x28\xb5\x2f\xfd"
_STORED_MOST: Final = 1 << 16


def encode(coding: str, body: bytes) -> bytes:
    """Give the body as the coding has it on the wire; an empty name means as it is."""
    return _ENCODERS[coding](body)


def decode(coding: str, body: bytes) -> bytes:
    """Give back what `encode` was given. Brotli and zstd are read only as `encode` writes them."""
    return _DECODERS[coding](body)


def _brotli(body: bytes) -> bytes:
    """Write one uncompressed meta-block (RFC 7932 section 9.2) and the empty last one."""
    assert len(body) <= _STORED_MOST, "one stored block holds 64 KiB"
    if not body:
        return b"\x06"
    return ((len(body) - 1) << 4 | 1 << 20).to_bytes(3, "little") + body + b"\x03"


def _from_brotli(coded: bytes) -> bytes:
    return b"" if coded == b"\x06" else coded[3:-1]


def _zstd(body: bytes) -> bytes:
    """Write one frame of one raw block (RFC 8878 section 3.1.1) with its content size."""
    assert len(body) <= _STORED_MOST, "one raw block holds at most 128 KiB"
    return _ZSTD_MAGIC + b"\xa0" + len(body).to_bytes(4, "little") + (1 | len(body) << 3).to_bytes(3, "little") + body


def _from_zstd(coded: bytes) -> bytes:
    return coded[len(_ZSTD_MAGIC) + 8 :]


def _gunzip(coded: bytes) -> bytes:
    """Give what is there of a gzip stream, also where it was cut off."""
    return zlib.decompressobj(31).decompress(coded)


def _gzip(body: bytes) -> bytes:
    return gzip.compress(body, compresslevel=1, mtime=0)


def _same(body: bytes) -> bytes:
    return body


_ENCODERS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "": _same,
    "gzip": _gzip,
    "deflate": zlib.compress,
    "br": _brotli,
    "zstd": _zstd,
}
_DECODERS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "": _same,
    "identity": _same,
    "gzip": _gunzip,
    "deflate": zlib.decompress,
    "br": _from_brotli,
    "zstd": _from_zstd,
}
