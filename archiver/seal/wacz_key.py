"""The key that signs the WACZ files of one export (wacz-auth 0.1.0, anonymous): ECDSA P-384, raw ``r || s``.

It lives for one export and is kept nowhere: the export's entry names it (docs/decisions/0021).
"""

import base64

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from archiver.model.digest import Digest

_HALF = 48


class WaczKey:
    """A fresh P-384 key."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP384R1())

    @property
    def public_key(self) -> str:
        """Give the SubjectPublicKeyInfo in base64, as the signature's file carries it."""
        return base64.b64encode(self._spki()).decode()

    @property
    def digest(self) -> Digest:
        """Give the SHA-256 of the SubjectPublicKeyInfo: how the export's entry names the key."""
        return Digest.of(self._spki())

    def sign(self, text: str) -> str:
        """Give the signature over a text, in base64."""
        r, s = decode_dss_signature(self._key.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
        return base64.b64encode(r.to_bytes(_HALF, "big") + s.to_bytes(_HALF, "big")).decode()

    def _spki(self) -> bytes:
        return self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
