"""OpenSSH's formats for Ed25519: public keys, SSHSIG signatures, allowed_signers, revocation lists, agent messages.

A key is 32 raw bytes, or the whole public key of a security key (`formats.security_key`); a signature is 64 bytes, or
the 69 of a security key. Sources: RFC 4251 section 5 and RFC 8709 (keys), OpenSSH's PROTOCOL.sshsig, PROTOCOL.krl,
PROTOCOL.u2f and PROTOCOL.agent, and ssh-keygen(1) under ALLOWED SIGNERS. What is written here is judged by
``ssh-keygen`` in tests/foreign.
"""

import base64
import contextlib
import hashlib
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from archiver.formats import base64text, security_key
from archiver.formats.ssh_wire import take, text
from archiver.model.errors import FormatError
from archiver.model.instant import Instant

NAMESPACE = "archiver"
ENVELOPE_NAMESPACE = "archiver-dsse"
"""In which a security key signs the bytes of an envelope: whatever it signs as a file never passes as a manifest."""
_KIND = b"ssh-ed25519"
_KEY_BYTES = 32
_SIGNATURE_BYTES = 64
_COUNTED_BYTES = 5  # a security key's flags and counter
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
    """Give a key as OpenSSH carries it."""
    return public_key if security_key.is_security_key(public_key) else text(_KIND) + text(public_key)


def public_line(public_key: bytes) -> str:
    """Give the key as a line of ``id_ed25519.pub``, without a comment."""
    blob = public_blob(public_key)
    return f"{take(blob)[0].decode()} {base64.b64encode(blob).decode()}"


def read_blob(blob: bytes) -> bytes | None:
    """Give the key in a blob, or None for a key of another kind; raise FormatError for what is no key."""
    kind, rest = take(blob)
    if kind == security_key.KIND:
        security_key.decode_key(blob)
        return blob
    if kind != _KIND:
        return None
    key, rest = take(rest)
    if len(key) != _KEY_BYTES or rest:
        raise FormatError("SSH key: expected 32 bytes of Ed25519 and no more")
    return key


def read_public_line(raw: bytes) -> bytes:
    """Give the key in a file like ``id_ed25519_sk.pub``: one line, a comment or none; raise FormatError else."""
    words = raw.removesuffix(b"\n").split(b" ", 2) if len(raw) <= _LIMIT_BYTES and raw.count(b"\n") <= 1 else []
    blob = base64text.decode(words[1].decode("latin-1"), what="SSH key") if len(words) > 1 else b""
    key = read_blob(blob) if blob else None
    if key is None or words[0] != take(blob)[0]:
        raise FormatError("SSH key: expected one line with an Ed25519 key, of a security key or without one")
    return key


def allowed_signers(signers: Sequence[AllowedSigner]) -> bytes:
    """Give the file for ``ssh-keygen -Y verify -f``; times to the second, in UTC."""
    return "".join(_signer_line(one) for one in signers).encode()


def _signer_line(one: AllowedSigner) -> str:
    more = f",{ENVELOPE_NAMESPACE}" if security_key.is_security_key(one.public_key) else ""
    options = [f'namespaces="{NAMESPACE}{more}"']
    for name, at in (("valid-after", one.valid_after), ("valid-before", one.valid_before)):
        options.extend([f'{name}="{at.as_datetime:%Y%m%d%H%M%S}Z"'] if at is not None else [])
    return f"{one.principal} {','.join(options)} {public_line(one.public_key)}\n"


def revocation_list(public_keys: Sequence[bytes], *, generated_at: Instant) -> bytes:
    """Give the KRL for ``ssh-keygen -Y verify -r``; its version is the number of keys, which only grows."""
    keys = b"".join(text(public_blob(one)) for one in sorted(public_keys))
    head = _KRL_MAGIC.to_bytes(8, "big") + (1).to_bytes(4, "big") + len(public_keys).to_bytes(8, "big")
    head += (generated_at.epoch_us // 1_000_000).to_bytes(8, "big") + bytes(8) + text(b"") + text(NAMESPACE.encode())
    return head + bytes([_EXPLICIT_KEYS]) + text(keys)


def signed_message(message: bytes, *, namespace: str = NAMESPACE) -> bytes:
    """Give the bytes that an SSHSIG signature over a message covers."""
    digest = hashlib.sha512(message).digest()
    return _MAGIC + text(namespace.encode()) + text(b"") + text(b"sha512") + text(digest)


def signature_blob(public_key: bytes, signature: bytes, *, namespace: str = NAMESPACE) -> bytes:
    """Give an SSHSIG signature without its armor."""
    blob = _MAGIC + (1).to_bytes(4, "big") + text(public_blob(public_key)) + text(namespace.encode())
    return blob + text(b"") + text(b"sha512") + text(_inner(public_key, signature))


def read_signature_blob(blob: bytes) -> tuple[bytes, bytes, str]:
    """Give public key, signature and namespace of what `signature_blob` wrote; raise FormatError else."""
    if blob[:6] != _MAGIC:
        raise FormatError("SSH signature: expected one in armor")
    key, rest = take(blob[10:])
    namespace, rest = take(rest)
    _, rest = take(rest)
    _, rest = take(rest)
    inner, _ = take(rest)
    public = read_blob(key)
    if public is None:
        raise FormatError("SSH signature: by a key that is not Ed25519")
    try:
        found = (public, _read_inner(public, inner, what="SSH signature"), namespace.decode())
    except UnicodeDecodeError as error:
        raise FormatError(f"SSH signature: a namespace that is no text: {error}") from error
    if signature_blob(public, found[1], namespace=found[2]) != blob:
        raise FormatError("SSH signature: not an Ed25519 signature in its one form")
    return found


def _inner(public_key: bytes, signature: bytes) -> bytes:
    kind = security_key.KIND if security_key.is_security_key(public_key) else _KIND
    return text(kind) + text(signature[:_SIGNATURE_BYTES]) + signature[_SIGNATURE_BYTES:]


def _read_inner(public_key: bytes, inner: bytes, *, what: str) -> bytes:
    """Give the signature in its SSH form, of the kind that this key makes; raise FormatError for another."""
    kind, rest = take(inner)
    first, rest = take(rest)
    signature = first + rest
    size = _SIGNATURE_BYTES + (_COUNTED_BYTES if security_key.is_security_key(public_key) else 0)
    if len(first) != _SIGNATURE_BYTES or len(signature) != size or kind != take(public_blob(public_key))[0]:
        raise FormatError(f"{what}: expected an Ed25519 signature of the key's own kind")
    return signature


def encode_signature(public_key: bytes, signature: bytes, *, namespace: str = NAMESPACE) -> bytes:
    """Give the armored file that ``ssh-keygen -Y sign`` writes."""
    blob = signature_blob(public_key, signature, namespace=namespace)
    lines = textwrap.wrap(base64.b64encode(blob).decode(), 70)
    return "\n".join((_ARMOR[0], *lines, _ARMOR[1], "")).encode()


def decode_signature(raw: bytes) -> tuple[bytes, bytes, str]:
    """Give public key, signature and namespace of an armored file that `encode_signature` wrote; FormatError else."""
    if len(raw) > _LIMIT_BYTES or not raw.isascii():
        raise FormatError(f"SSH signature: expected at most {_LIMIT_BYTES} bytes of ASCII")
    lines = raw.decode().split("\n")
    found = read_signature_blob(base64text.decode("".join(lines[1:-2]), what="SSH signature"))
    if encode_signature(found[0], found[1], namespace=found[2]) != raw:
        raise FormatError("SSH signature: not an Ed25519 signature in its one form")
    return found


def identities_request() -> bytes:
    """Give the agent message that asks which keys it holds."""
    return text(b"\x0b")


def sign_request(public_key: bytes, message: bytes) -> bytes:
    """Give the agent message that asks for a signature."""
    return text(b"\x0d" + text(public_blob(public_key)) + text(message) + bytes(4))


def read_identities(answer: bytes) -> tuple[tuple[bytes, str], ...]:
    """Give each Ed25519 key that an agent holds, of a security key or without one, with its comment.

    Keys of other kinds are passed over, and security keys made for a web site. Raises FormatError for another answer.
    """
    if answer[:1] != b"\x0c":
        raise FormatError("SSH agent: it does not tell its keys")
    count, rest = int.from_bytes(answer[1:5], "big"), answer[5:]
    found: list[tuple[bytes, str]] = []
    for _ in range(min(count, 1024)):
        blob, rest = take(rest)
        comment, rest = take(rest)
        with contextlib.suppress(FormatError):
            key = read_blob(blob)
            found.extend([(key, comment.decode("utf-8", "replace"))] if key is not None else [])
    return tuple(found)


def read_signed(answer: bytes, *, public_key: bytes) -> bytes:
    """Give the signature by this key in an agent's answer; raise FormatError where it refused or signed otherwise."""
    if answer[:1] != b"\x0e":
        raise FormatError("SSH agent: it refused to sign")
    blob, rest = take(answer[1:])
    if rest:
        raise FormatError("SSH agent: more than a signature")
    return _read_inner(public_key, blob, what="SSH agent")
