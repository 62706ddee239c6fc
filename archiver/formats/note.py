"""C2SP signed notes and verifier keys (c2sp.org/signed-note), Ed25519 (type 0x01) for what we sign.

A note is text ending in a newline, an empty line, and one line a signature: ``— <name> <base64>``, where
the base64 holds four bytes of key hash and the signature. Signatures of other types are kept and shown;
0x01 and the cosignatures of 0x04 (c2sp.org/tlog-cosignature) are those that `proof.signature` verifies.
"""

import base64
import hashlib
import re

from archiver.formats import base64text
from archiver.model.errors import FormatError
from archiver.model.provenance import Note, NoteSignature, VerifierKey

ED25519 = 1
COSIGNATURE = 4
_LIMIT_BYTES = 64 << 10
_MOST_SIGNATURES = 16
_KEY_BYTES = 32
_HASH_BYTES = 4
_NAME_TEXT = r"[^\s+\x00-\x1f\x7f\ud800-\udfff]{1,256}"
_NAME = re.compile(rf"{_NAME_TEXT}\Z")
_UNFIT = re.compile(r"[\x00-\x09\x0b-\x1f\ud800-\udfff]")
_LINE = re.compile(rf"— ({_NAME_TEXT}) ([A-Za-z0-9+/=]{{8,8192}})\Z")


def key_hash(name: str, public_key: bytes, *, algorithm: int = ED25519) -> bytes:
    """Give the four bytes that tell which key a signature line is by: a hint, not a proof."""
    return hashlib.sha256(f"{name}\n".encode() + bytes([algorithm]) + public_key).digest()[:_HASH_BYTES]


def encode(note: Note) -> bytes:
    """Give the note's bytes; raise FormatError for a text that cannot be one."""
    _check_text(note.text)
    return f"{note.text}\n".encode() + b"".join(encode_signature(one) for one in note.signatures)


def encode_signature(one: NoteSignature) -> bytes:
    """Give one signature line; raise FormatError for a name that no line can carry."""
    return f"— {_check_name(one.name)} {base64.b64encode(one.key_hash + one.signature).decode()}\n".encode()


def decode(raw: bytes) -> Note:
    """Give the note in these bytes, unverified; raise FormatError unless they are its one form."""
    if len(raw) > _LIMIT_BYTES:
        raise FormatError(f"note: expected at most {_LIMIT_BYTES} bytes, found {len(raw)}")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise FormatError(f"note: not UTF-8 at byte {error.start}") from error
    body, separator, tail = text.rpartition("\n\n")
    if not separator or not tail.endswith("\n"):
        raise FormatError("note: expected text, an empty line, and signature lines each ending in a newline")
    _check_text(body + "\n")
    lines = tail[:-1].split("\n")
    if len(lines) > _MOST_SIGNATURES:
        raise FormatError(f"note: expected at most {_MOST_SIGNATURES} signatures, found {len(lines)}")
    return Note(text=body + "\n", signatures=tuple(_signature(line) for line in lines))


def encode_vkey(key: VerifierKey) -> str:
    """Give the vkey text ``<name>+<hash>+<base64 of type and key>``."""
    blob = base64.b64encode(bytes([key.algorithm]) + key.public_key).decode()
    return f"{_check_name(key.name)}+{key_hash(key.name, key.public_key, algorithm=key.algorithm).hex()}+{blob}"


def decode_vkey(text: str, *, algorithm: int = ED25519) -> VerifierKey:
    """Give the Ed25519 verifier key in a vkey text; raise FormatError for another type or a wrong hash."""
    name, _, rest = text.strip("\n").partition("+")
    hint, _, blob = rest.partition("+")
    content = base64text.decode(blob, what="vkey")
    if len(content) != 1 + _KEY_BYTES or content[0] != algorithm:
        raise FormatError(f"vkey: expected an Ed25519 key (type {algorithm} and 32 bytes)")
    key = VerifierKey(name=_check_name(name), public_key=content[1:], algorithm=algorithm)
    if encode_vkey(key) != text.strip("\n"):
        raise FormatError(f"vkey: the key hash {hint[:16]!r} is not that of this name and key")
    return key


def _signature(line: str) -> NoteSignature:
    match = _LINE.match(line)
    if not match:
        raise FormatError(f"note: expected a signature line '— <name> <base64>', found {line[:80]!r}")
    content = base64text.decode(match[2], what="note signature")
    if len(content) <= _HASH_BYTES:
        raise FormatError("note signature: shorter than a key hash and a signature")
    return NoteSignature(name=match[1], key_hash=content[:_HASH_BYTES], signature=content[_HASH_BYTES:])


def _check_text(text: str) -> None:
    if not text.endswith("\n") or len(text) < 2:  # noqa: PLR2004 - at least one character and its newline
        raise FormatError("note: the text must be there and end with a newline")
    if _UNFIT.search(text):
        raise FormatError("note: the text holds a control character or a lone surrogate")


def _check_name(name: str) -> str:
    if not _NAME.match(name):
        raise FormatError(f"key name: expected no space, plus sign or control character, found {name[:80]!r}")
    return name
