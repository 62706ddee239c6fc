"""WARC files written by hand, byte for byte: whole ones of any shape, and records with one thing wrong."""

import base64
import gzip
import hashlib
from collections.abc import Iterable, Sequence

Fields = Sequence[tuple[str, str]]


def identity(number: int) -> str:
    """Give a record id."""
    return f"<urn:uuid:00000000-0000-4000-8000-{number:012d}>"


def fields(kind: str, number: int, **changes: str | None) -> list[tuple[str, str]]:
    """Give the fields of a record that keeps the standard; a change of None leaves a field out."""
    found = {
        "WARC-Type": kind,
        "WARC-Record-ID": identity(number),
        "WARC-Date": "2026-11-24T10:00:00Z",
        "Content-Type": {"warcinfo": "application/warc-fields"}.get(kind, f"application/http; msgtype={kind}"),
    }
    if kind != "warcinfo":
        found["WARC-Target-URI"] = "https://example.org/"
    if kind == "revisit":
        found["WARC-Profile"] = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
    if kind == "continuation":
        found |= {"WARC-Segment-Number": "2", "WARC-Segment-Origin-ID": identity(1)}
    named = {key.replace("_", "-").lower(): value for key, value in changes.items()}
    left = {key: value for key, value in found.items() if key.lower() not in named}
    return [*left.items(), *((key, value) for key, value in named.items() if value is not None)]


def record(given: Fields, block: bytes, *, version: str = "1.1", length: int | None = None) -> bytes:
    """Give a record's bytes; its length is stated as it is unless ``length`` says otherwise."""
    stated = len(block) if length is None else length
    head = "".join(f"{name}: {value}\r\n" for name, value in (*given, ("Content-Length", str(stated))))
    return f"WARC/{version}\r\n{head}\r\n".encode() + block + b"\r\n\r\n"


def digest(content: bytes, algorithm: str = "sha256", base: int = 16) -> str:
    """Give a labelled digest."""
    value = hashlib.new(algorithm, content).digest()
    text = {16: value.hex(), 32: base64.b32encode(value).decode(), 64: base64.b64encode(value).decode()}
    return f"{algorithm}:{text[base]}"


def response(body: bytes, number: int = 2, *, chunked: bool = False, **changes: str | None) -> bytes:
    """Give a response record with both digests."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
    head += b"Transfer-Encoding: chunked\r\n\r\n" if chunked else b"\r\n"
    given = {"WARC_Block_Digest": digest(head + body), "WARC_Payload_Digest": digest(body), **changes}
    return record(fields("response", number, **given), head + body)


def whole(number: int = 3) -> list[bytes]:
    """Give the records of a whole file: a warcinfo and responses, all with digests."""
    info = b"software: by hand\r\n"
    first = record(fields("warcinfo", 1, WARC_Block_Digest=digest(info)), info)
    return [first, *(response(b"<p>body %d" % one, one) for one in range(2, 2 + number))]


def packed(records: Iterable[bytes]) -> bytes:
    """Give records as gzip members, one each."""
    return b"".join(gzip.compress(one, mtime=0) for one in records)
