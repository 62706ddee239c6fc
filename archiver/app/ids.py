"""Randomness: identifiers, salts and nonces. The only module that draws them."""

import secrets
import uuid

from archiver.model.instant import Clock


def new_id(clock: Clock) -> str:
    """Give a UUIDv7 (RFC 9562 section 5.7): its text sorts by the time it was made, to the millisecond."""
    milliseconds = clock.now().epoch_us // 1000
    value = (milliseconds << 80) | (0x7 << 76) | (secrets.randbits(12) << 64) | (0b10 << 62) | secrets.randbits(62)
    return str(uuid.UUID(int=value))


def new_record_id() -> str:
    """Give a WARC record id: a random UUID as a URN in angle brackets."""
    return f"<urn:uuid:{uuid.UUID(bytes=secrets.token_bytes(16), version=4)}>"


def new_salt() -> bytes:
    """Give the 32 random bytes that hide one ledger entry's content."""
    return secrets.token_bytes(32)


def new_nonce() -> int:
    """Give a 64-bit nonce for a time-stamp request."""
    return secrets.randbits(63) | 1


def new_opaque_id() -> str:
    """Give 128 random bits in hex: a ledger's public name that says nothing about the investigation."""
    return secrets.token_hex(16)
