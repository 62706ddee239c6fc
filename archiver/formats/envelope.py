"""DSSE envelopes (github.com/secure-systems-lab/dsse, protocol 1.0.2): exact bytes and who signed them.

A key id in an envelope is an unauthenticated hint and decides nothing. The payload that was verified is
the payload that is parsed: both are `Envelope.payload`, never a second decoding.
"""

import base64

from archiver.formats import base64text, canonical
from archiver.formats.canonical import JsonValue
from archiver.model.errors import FormatError
from archiver.model.provenance import Envelope, EnvelopeSignature

PAYLOAD_TYPE = "application/vnd.in-toto+json"
_MOST_SIGNATURES = 16


def pae(payload_type: str, payload: bytes) -> bytes:
    """Give the pre-authentication encoding: the bytes that a DSSE signature covers."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def encode(envelope: Envelope) -> bytes:
    """Give the envelope's file: canonical JSON, standard base64."""
    return canonical.encode(
        {
            "payload": base64.b64encode(envelope.payload).decode(),
            "payloadType": envelope.payload_type,
            "signatures": [
                {"keyid": one.key_id, "sig": base64.b64encode(one.signature).decode()} for one in envelope.signatures
            ],
        }
    )


def decode(raw: bytes) -> Envelope:
    """Give the envelope in these bytes; raise FormatError unless they are its one canonical form."""
    found = canonical.decode(raw, what="envelope", limit_bytes=8 << 20)
    match found:
        case {"payload": str(payload), "payloadType": str(kind), "signatures": list(signatures), **rest} if not rest:
            pass
        case _:
            raise FormatError("envelope: expected exactly payload, payloadType and signatures")
    if not 1 <= len(signatures) <= _MOST_SIGNATURES:
        raise FormatError(f"envelope: expected 1 to {_MOST_SIGNATURES} signatures, found {len(signatures)}")
    return Envelope(
        payload_type=kind,
        payload=base64text.decode(payload, what="envelope payload"),
        signatures=tuple(_signature(one) for one in signatures),
    )


def _signature(found: JsonValue) -> EnvelopeSignature:
    match found:
        case {"keyid": str(key_id), "sig": str(signature), **rest} if not rest:
            return EnvelopeSignature(key_id=key_id, signature=base64text.decode(signature, what="envelope signature"))
        case _:
            raise FormatError("envelope signature: expected exactly keyid and sig")
