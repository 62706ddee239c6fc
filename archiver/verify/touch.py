"""What a security key says of its signatures, in the words of a report. Its counter is its own word: shown, not judged.

LIMIT: that a security key was touched says that somebody stood before it, not who: a name behind it comes from whoever
hands the public key over.
"""

from collections.abc import Sequence

from archiver.formats.security_key import DeviceSignature
from archiver.model.provenance import Envelope
from archiver.proof.signature import device_signatures, key_id


def shown(found: Sequence[DeviceSignature]) -> str:
    """Give what is said beside a key by which a touched device signed; nothing for a key without a device."""
    touched = [one for one in found if one.is_touched]
    if not touched:
        return ""
    verified = ", PIN or finger checked" if touched[0].is_person_verified else ""
    return f" (security key, touched{verified}, its counter says {touched[0].counter})"


def untouched(signed: Envelope, keys: Sequence[bytes]) -> str:
    """Give why a signature does not count that one of these security keys made while nobody touched it, or nothing."""
    for key in keys:
        if any(not one.is_touched for one in device_signatures(signed, key)):
            return nobody(key)
    return ""


def nobody(key: bytes) -> str:
    """Give the words for a signature for which nobody touched the device."""
    return f"by {key_id(key)}, a security key that nobody touched for it: it does not count"
