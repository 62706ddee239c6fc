"""What is taken out of a WARC before it is published: header fields that let others act as who was logged in.

LIMIT: cookies and tokens are looked for in the header fields of requests and responses, and nowhere else: a page's
text, a body, a frame of a WebSocket, an address or a picture may still hold one.
"""

import json
import re
from collections.abc import Mapping

from archiver.model.digest import Digest
from archiver.model.errors import FormatError
from archiver.model.instant import Instant

_SECRET = re.compile(
    r"(?:x-orig-)?(?:cookie2?|set-cookie2?|(?:proxy-)?authorization|authentication-info|dpop"
    r"|[a-z0-9-]*(?:token|csrf|xsrf|api-?key|session-?id|auth-?key)[a-z0-9-]*)\Z"
)
_LENGTH = re.compile(rb"^content-length:[^\r\n]*", re.IGNORECASE | re.MULTILINE)
_DIGEST = re.compile(rb"^warc-block-digest:[^\r\n]*", re.IGNORECASE | re.MULTILINE)
_VERBATIM = "verbatim_head"


def is_secret(name: str) -> bool:
    """Say whether a header field of this name is taken out."""
    return _SECRET.match(name.strip().lower()) is not None


def strip_head(head: bytes) -> tuple[bytes, frozenset[str]]:
    """Give an HTTP head without such fields, and the names of those that were taken out, in lowercase.

    ``head`` is the start line and the fields; a field that goes on over several lines goes whole.
    """
    kept: list[bytes] = []
    gone: set[str] = set()
    dropping = False
    for number, line in enumerate(head.split(b"\r\n")):
        if number and line[:1] in (b" ", b"\t"):
            kept.extend([line] * (not dropping))
            continue
        name, colon, _ = line.partition(b":")
        text = name.decode("latin-1").strip().lower()
        dropping = bool(number and colon) and is_secret(text)
        if dropping:
            gone.add(text)
        else:
            kept.append(line)
    return b"\r\n".join(kept), frozenset(gone)


def strip_exchange(content: bytes) -> tuple[bytes, frozenset[str]]:
    """Give the facts of an exchange (JSON of a ``urn:exchange:`` record) with such fields out of the verbatim head."""
    try:
        facts = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"urn:exchange: no JSON: {error}") from error
    head = facts.get(_VERBATIM) if isinstance(facts, dict) else None
    if not isinstance(head, str):
        return content, frozenset()
    stripped, gone = strip_head(head.encode("utf-8", "surrogatepass"))
    if not gone:
        return content, gone
    facts[_VERBATIM] = stripped.decode("utf-8", "surrogatepass")
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass"), gone


def derived_head(head: bytes, *, length: int, digest: Digest) -> bytes:
    """Give a record's head for a block of this length and digest; its other fields stay as they are."""
    changed = _LENGTH.sub(b"Content-Length: %d" % length, head)
    return _DIGEST.sub(f"WARC-Block-Digest: {digest}".encode(), changed)


def derivation(original: Digest, fields: Mapping[str, str], *, at: Instant) -> bytes:
    """Give the warcinfo record that a derivative begins with. Its id follows from the original's digest."""
    block = "".join(f"{key}: {value}\r\n" for key, value in fields.items()).encode()
    digits = original.hex
    identity = f"{digits[:8]}-{digits[8:12]}-8{digits[13:16]}-8{digits[17:20]}-{digits[20:32]}"
    head = (
        f"WARC/1.1\r\nWARC-Type: warcinfo\r\nWARC-Record-ID: <urn:uuid:{identity}>\r\nWARC-Date: {at.warc()}\r\n"
        f"WARC-Block-Digest: {Digest.of(block)}\r\nContent-Type: application/warc-fields\r\n"
        f"Content-Length: {len(block)}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"
