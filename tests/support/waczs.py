"""WACZ files made by hand: whole and signed ones, and any file of them changed before or after it is signed."""

import base64
import hashlib
import json
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from io import BytesIO

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from tests.support.warcs import packed, whole

KEY = ec.derive_private_key(20_261_126, ec.SECP384R1())
AT = datetime(2026, 11, 24, tzinfo=UTC)
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
CREATED = "2026-11-24T10:00:00Z"


def spki(key: ec.EllipticCurvePrivateKey = KEY) -> bytes:
    """Give a key's public half."""
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def pem(key: ec.EllipticCurvePrivateKey = KEY) -> bytes:
    """Give a key's public half as PEM."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def signed_data(stated: str, key: ec.EllipticCurvePrivateKey = KEY) -> dict[str, object]:
    """Give an anonymous signature over a package's hash."""
    r, s = decode_dss_signature(key.sign(stated.encode(), ec.ECDSA(hashes.SHA256())))
    size = key.curve.key_size // 8
    return {
        "hash": stated,
        "created": CREATED,
        "software": "by hand",
        "version": "0.1.0",
        "signature": base64.b64encode(r.to_bytes(size, "big") + s.to_bytes(size, "big")).decode(),
        "publicKey": base64.b64encode(spki(key)).decode(),
    }


def sha256(content: bytes) -> str:
    """Give a hash as the package states it."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def inner_files(records: list[bytes] | None = None) -> dict[str, bytes]:
    """Give the files that a package lists: one WARC, its index, its pages."""
    chosen = whole() if records is None else records
    offset, lines = 0, []
    for number, one in enumerate(chosen):
        length = len(packed([one]))
        if number:
            found = {"url": "https://example.org/", "filename": "data.warc.gz", "offset": offset, "length": str(length)}
            lines.append(f"org,example)/ 20261124100000 {json.dumps(found)}\n")
        offset += length
    return {
        "archive/data.warc.gz": packed(chosen),
        "indexes/index.cdx": "".join(lines).encode(),
        "pages/pages.jsonl": b'{"format":"json-pages-1.0","id":"pages","title":"All Pages"}\n',
    }


def package(files: Mapping[str, bytes], **changes: object) -> bytes:
    """Give ``datapackage.json`` over these files."""
    listed = [
        {"name": path.rsplit("/", 1)[-1], "path": path, "hash": sha256(content), "bytes": len(content)}
        for path, content in files.items()
    ]
    told = {"profile": "data-package", "wacz_version": "1.1.1", "created": CREATED, "software": "by hand"}
    return json.dumps({**told, "resources": listed, **changes}).encode()


def digest_file(raw: bytes, *, key: ec.EllipticCurvePrivateKey | None = KEY, **changes: object) -> bytes:
    """Give ``datapackage-digest.json`` over a package, signed unless there is no key."""
    told: dict[str, object] = {"path": "datapackage.json", "hash": sha256(raw)}
    if key is not None:
        told["signedData"] = {**signed_data(sha256(raw), key), **changes}
    return json.dumps(told).encode()


def complete(files: Mapping[str, bytes] | None = None) -> dict[str, bytes]:
    """Give all files of a whole, signed WACZ."""
    inner = dict(inner_files() if files is None else files)
    raw = package(inner)
    return {**inner, "datapackage.json": raw, "datapackage-digest.json": digest_file(raw)}


def zipped(files: Mapping[str, bytes], *, method: int = zipfile.ZIP_STORED) -> bytes:
    """Give the files as a ZIP."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for path, content in files.items():
            archive.writestr(zipfile.ZipInfo(path), content, compress_type=method)
    return out.getvalue()


def certificate(key: Key) -> x509.Certificate:
    """Give a certificate by the key itself."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a.org")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(AT).not_valid_after(AT + timedelta(days=1))
    signed_by = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return builder.sign(key, signed_by)
