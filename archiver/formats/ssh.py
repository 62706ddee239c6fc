"""OpenSSH's formats for Ed25519: public keys, SSHSIG signatures, allowed_signers, revocation lists, agent messages.

Sources: RFC 4251 section 5 and RFC 8709 (keys), OpenSSH's PROTOCOL.sshsig, PROTOCOL.krl and PROTOCOL.agent, and
ssh-keygen(1) under ALLOWED SIGNERS. What is written here is judged by ``ssh-keygen`` in tests/foreign.
"""

import base64
import hashlib
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from archiver.formats import base64text
from archiver.model.errors import FormatError
from archiver.model.instant import Instant

NAMESPACE = "archiver"
_KIND = b"ssh-ed25519"
_KEY_BYTES = 32
_SIGNATURE_BYTES = 64
_LIMIT_BYTES = 256 << 10
_MAGIC = b"SSHSIG"
_KRL_MAGIC = 0x5353484B524C0A00
_EXPLICIT_KEYS = 2
_ARMOR = ("-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----")


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowedSigner:
    """A line of allowed_signers: who, with which key, from when and until when."""

    principal: str
    public_key: bytes
    valid_after: Instant | None = None
    valid_before: Instant | None = None


def public_blob(public_key: bytes) -> bytes:
    """Give a raw Ed25519 key as OpenSSH carries it."""
    return _text(_KIND) + _text(public_key)


def public_line(public_key: bytes) -> str:
    """Give the key as a line of ``id_ed25519.pub``, without a comment."""
    return f"{_KIND.decode()} {base64.b64encode(public_blob(public_key)).decode()}"


def read_blob(blob: bytes) -> bytes | None:
    """Give the raw key in a blob, or None for a key of another kind; raise FormatError for what is no key."""
    kind, rest = _take(blob)
    if kind != _KIND:
        return None
    key, rest = _take(rest)
    if len(key) != _KEY_BYTES or rest:
        raise FormatError("SSH key: expected 32 bytes of Ed25519 and no more")
    return key


def allowed_signers(signers: Sequence[AllowedSigner]) -> bytes:
    """Give the file for ``ssh-keygen -Y verify -f``; times to the second, in UTC."""
    return "".join(_signer_line(one) for one in signers).encode()


def _signer_line(one: AllowedSigner) -> str:
    options = [f'namespaces="{NAMESPACE}"']
    for name, at in (("valid-after", one.valid_after), ("valid-before", one.valid_before)):
        options.extend([f'{name}="{at.as_datetime:%Y%m%d%H%M%S}Z"'] if at is not None else [])
    return f"{one.principal} {','.join(options)} {public_line(one.public_key)}\n"


def revocation_list(public_keys: Sequence[bytes], *, generated_at: Instant) -> bytes:
    """Give the KRL for ``ssh-keygen -Y verify -r``; its version is the number of keys, which only grows."""
    keys = b"".join(_text(public_blob(one)) for one in sorted(public_keys))
    head = _KRL_MAGIC.to_bytes(8, "big") + (1).to_bytes(4, "big") + len(public_keys).to_bytes(8, "big")
    head += (generated_at.epoch_us // 1_000_000).to_bytes(8, "big") + bytes(8) + _text(b"") + _text(NAMESPACE.encode())
    return head + bytes([_EXPLICIT_KEYS]) + _text(keys)


def signed_message(message: bytes, *, namespace: str = NAMESPACE) -> bytes:
    """Give the bytes that an SSHSIG signature over a message covers."""
    digest = hashlib.sha512(message).digest()
    return _MAGIC + _text(namespace.encode()) + _text(b"") + _text(b"sha512") + _text(digest)


def encode_signature(public_key: bytes, signature: bytes, *, namespace: str = NAMESPACE) -> bytes:
    """Give the armored file that ``ssh-keygen -Y sign`` writes."""
    inner = _text(_KIND) + _text(signature)
    blob = _MAGIC + (1).to_bytes(4, "big") + _text(public_blob(public_key)) + _text(namespace.encode())
    blob += _text(b"") + _text(b"sha512") + _text(inner)
    lines = textwrap.wrap(base64.b64encode(blob).decode(), 70)
    return "\n".join((_ARMOR[0], *lines, _ARMOR[1], "")).encode()


def decode_signature(raw: bytes) -> tuple[bytes, bytes, str]:
    """Give public key, signature and namespace of an armored file that `encode_signature` wrote; FormatError else."""
    if len(raw) > _LIMIT_BYTES or not raw.isascii():
        raise FormatError(f"SSH signature: expected at most {_LIMIT_BYTES} bytes of ASCII")
    lines = raw.decode().split("\n")
    blob = base64text.decode("".join(lines[1:-2]), what="SSH signature")
    if blob[:6] != _MAGIC:
        raise FormatError("SSH signature: expected one in armor")
    key, rest = _take(blob[10:])
    namespace, rest = _take(rest)
    _, rest = _take(rest)
    _, rest = _take(rest)
    inner, _ = _take(rest)
    _, rest = _take(inner)
    signature, _ = _take(rest)
    public = read_blob(key)
    try:
        found = (public or b"", signature, namespace.decode())
    except UnicodeDecodeError as error:
        raise FormatError(f"SSH signature: a namespace that is no text: {error}") from error
    if public is None or encode_signature(public, signature, namespace=found[2]) != raw:
        raise FormatError("SSH signature: not an Ed25519 signature in its one form")
    return found


def identities_request() -> bytes:
    """Give the agent message that asks which keys it holds."""
    return _text(b"\x0b")


def sign_request(public_key: bytes, message: bytes) -> bytes:
    """Give the agent message that asks for a signature."""
    return _text(b"\x0d" + _text(public_blob(public_key)) + _text(message) + bytes(4))


def read_identities(answer: bytes) -> tuple[tuple[bytes, str], ...]:
    """Give each Ed25519 key that an agent holds, with its comment; raise FormatError for another answer."""
    if answer[:1] != b"\x0c":
        raise FormatError("SSH agent: it does not tell its keys")
    count, rest = int.from_bytes(answer[1:5], "big"), answer[5:]
    found: list[tuple[bytes, str]] = []
    for _ in range(min(count, 1024)):
        blob, rest = _take(rest)
        comment, rest = _take(rest)
        key = read_blob(blob)
        if key is not None:
            found.append((key, comment.decode("utf-8", "replace")))
    return tuple(found)


def read_signed(answer: bytes) -> bytes:
    """Give the raw signature in an agent's answer; raise FormatError where it refused or signed otherwise."""
    if answer[:1] != b"\x0e":
        raise FormatError("SSH agent: it refused to sign")
    blob, _ = _take(answer[1:])
    kind, rest = _take(blob)
    signature, rest = _take(rest)
    if kind != _KIND or len(signature) != _SIGNATURE_BYTES or rest:
        raise FormatError("SSH agent: expected an Ed25519 signature")
    return signature


def _text(content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + content


def _take(raw: bytes) -> tuple[bytes, bytes]:
    size = int.from_bytes(raw[:4], "big")
    if len(raw) < 4 + size:
        raise FormatError("SSH: cut short")
    return raw[4 : 4 + size], raw[4 + size :]
