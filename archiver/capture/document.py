"""The file that a direct fetch is about: named by its media type, content-decoded if it was encoded."""

import zlib
from pathlib import Path
from typing import Final

from archiver.capture.exchange import Exchange
from archiver.model.errors import StoreError
from archiver.model.evidence import Piece, Role

_EXTENSIONS: Final = {
    "application/json": "json",
    "application/msword": "doc",
    "application/pdf": "pdf",
    "application/vnd.ms-excel": "xls",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/zip": "zip",
    "audio/mpeg": "mp3",
    "image/gif": "gif",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/svg+xml": "svg",
    "image/webp": "webp",
    "text/csv": "csv",
    "text/html": "html",
    "text/plain": "txt",
    "video/mp4": "mp4",
}
_GZIP_OR_ZLIB: Final = 32 + zlib.MAX_WBITS
_BLOCK: Final = 1 << 20
_LONGEST_TYPE: Final = 200


def document(main: Exchange, *, scratch: Path, max_bytes: int) -> Piece | None:
    """Give the main document as a file of its own, or None where its encoding is unknown or it is too large.

    Raises StoreError if the disk refuses. The bytes as they came over the wire are in the WARC.
    """
    told = (main.header("content-type") or "").partition(";")[0].strip().lower()
    media_type = told[:_LONGEST_TYPE] or "application/octet-stream"
    name = f"document.{_EXTENSIONS.get(media_type, 'bin')}"
    encoding = unpacked(main, scratch / name, max_bytes=max_bytes)
    if encoding is None:
        return None
    made_from = "response body" if encoding == "identity" else f"response body, {encoding} undone"
    return Piece(role=Role.DOCUMENT, name=name, media_type=media_type, path=scratch / name, made_from=made_from)


def unpacked(exchange: Exchange, to: Path, *, max_bytes: int) -> str | None:
    """Write an exchange's payload, content-decoded, and give the encoding that was undone; None where it cannot be.

    Raises StoreError if the disk refuses.
    """
    if exchange.body is None:
        return None
    encoding = (exchange.header("content-encoding") or "identity").strip().lower()
    try:
        if not _unpack(exchange.body, to, encoding, max_bytes):
            to.unlink(missing_ok=True)
            return None
    except OSError as error:
        raise StoreError(f"{to.name}: could not be written to scratch space: {error}") from error
    return encoding


def _unpack(source: Path, to: Path, encoding: str, max_bytes: int) -> bool:
    if encoding not in {"identity", "gzip", "x-gzip", "deflate"}:
        return False
    unpacker = None if encoding == "identity" else zlib.decompressobj(_GZIP_OR_ZLIB)
    size = 0
    with source.open("rb") as packed, to.open("wb") as out:
        while block := packed.read(_BLOCK):
            while block:
                try:
                    plain = block if unpacker is None else unpacker.decompress(block, _BLOCK)
                except zlib.error:
                    return False
                size += len(plain)
                if size > max_bytes:
                    return False
                out.write(plain)
                block = b"" if unpacker is None else unpacker.unconsumed_tail
    return True
