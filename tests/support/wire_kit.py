"""A capture's traffic without a network: one page, its words, pictures and certificates, always the same bytes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import BytesIO
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding

from archiver.formats.warc import Head, WarcWriter
from archiver.model.digest import Digest
from archiver.model.evidence import Artifact, Capture, ResponseFacts, Role, TlsFacts, WarcFacts
from archiver.model.instant import Instant
from tests.support.ledger_kit import CaseKit, sample_capture

AT = Instant.parse("2026-11-24T10:00:00.000Z")
URL = "https://example.org/"
_BEGIN, _END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One response that the WARC holds."""

    body: bytes
    url: str = URL
    media_type: str = "text/html; charset=utf-8"
    fields: tuple[tuple[str, str], ...] = ()


def make_chain(host: str = "example.org", *, signer: bytes = b"a" * 32, begin: datetime = _BEGIN) -> bytes:
    """Give a leaf for this host and its authority's certificate as PEM: the same bytes for the same arguments."""
    authority, key = Ed25519PrivateKey.from_private_bytes(signer), Ed25519PrivateKey.from_private_bytes(b"k" * 32)
    top = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test authority")])
    own = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host or "nobody")])
    builder = x509.CertificateBuilder().not_valid_before(begin).not_valid_after(_END).issuer_name(top)
    leaf = builder.subject_name(own).public_key(key.public_key()).serial_number(2)
    if host:
        leaf = leaf.add_extension(x509.SubjectAlternativeName([_name(host)]), critical=False)
    issuer = builder.subject_name(top).public_key(authority.public_key()).serial_number(1)
    issuer = issuer.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    made = [one.sign(authority, None) for one in (leaf, issuer)]
    return b"".join(one.public_bytes(Encoding.PEM) for one in made)


def _name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def tls_facts(pem: bytes) -> TlsFacts:
    """Give what a manifest says of these certificates."""
    found = x509.load_pem_x509_certificates(pem)
    chain = tuple(Digest.of(one.public_bytes(Encoding.DER)) for one in found)
    return TlsFacts(version="TLS 1.3", cipher="AES_128_GCM", chain=chain)


def make_warc(
    number: int, responses: tuple[Response, ...], *, views: Mapping[str, tuple[str, bytes]], chain: bytes = b""
) -> tuple[bytes, WarcFacts]:
    """Give a WARC with a warcinfo, each response with its request, certificates, and views (kind: type and bytes)."""
    out = BytesIO()
    ids = iter(f"<urn:uuid:00000000-0000-4000-8000-{number:06d}{step:06d}>" for step in range(10_000))
    warc = WarcWriter(out, new_id=lambda: next(ids))
    warc.info({"software": "test"}, at=AT, filename="capture.warc.gz")
    main = ""
    for one in responses:
        head = Head(start_line="HTTP/1.1 200 OK", headers=[("Content-Type", one.media_type), *one.fields])
        identity = warc.response(one.url, head, at=AT, body=BytesIO(one.body), size_bytes=len(one.body))
        main = main or identity
        request = Head(start_line="GET / HTTP/1.1", headers=[("Host", "example.org")])
        warc.request(one.url, request, at=AT, body=b"", concurrent_to=identity)
    if chain:
        warc.metadata(f"urn:certificates:{URL}", "application/pem-certificate-chain", chain, at=AT)
    for kind, (media_type, content) in views.items():
        uri = kind if ":" in kind else f"urn:{kind}:{URL}"
        warc.resource(uri, media_type, BytesIO(content), size_bytes=len(content), at=AT)
    facts = WarcFacts(
        records=warc.count,
        exchanges=len(responses),
        main_record_id=main or None,
        recorder="cdp",
        payload_form="decoded",
    )
    return out.getvalue(), facts


def page_capture(
    kit: CaseKit,
    number: int,
    responses: tuple[Response, ...],
    *,
    text: str | None,
    quotes: tuple[str, ...] = (),
    chain: bytes | None = None,
) -> Capture:
    """Store the files of one page and give the capture about them, not sealed yet."""
    pem = make_chain() if chain is None else chain
    picture = b"\x89PNG picture %d" % number
    views = {"view": ("image/png", picture)}
    if text is not None:
        views["text"] = ("text/plain", text.encode())
    warc, facts = make_warc(number, responses, views=views, chain=pem)
    artifacts = [
        kit.artifact("capture.warc.gz", warc, role=Role.WARC, media_type="application/warc", extension="warc.gz"),
        kit.artifact("viewport.png", picture, role=Role.SCREENSHOT_VIEWPORT, media_type="image/png", extension="png"),
    ]
    if text is not None:
        artifacts.append(_stored(kit, "text.txt", text.encode(), Role.TEXT, "text/plain", "txt"))
    if pem:
        artifacts.append(_stored(kit, "tls-chain.pem", pem, Role.TLS_CHAIN, "application/pem-certificate-chain", "pem"))
    capture = sample_capture(number, artifacts=tuple(artifacts))
    attempt = replace(
        capture.attempt,
        target=replace(capture.attempt.target, quotes=quotes),
        response=ResponseFacts(method="GET", status=200, final_url=URL, media_type="text/html"),
        tls=tls_facts(pem) if pem.startswith(b"-----") else None,
        warc=facts,
    )
    return replace(capture, attempt=attempt)


def _stored(kit: CaseKit, name: str, content: bytes, role: Role, media_type: str, extension: str) -> Artifact:
    return kit.artifact(name, content, role=role, media_type=media_type, extension=extension)
