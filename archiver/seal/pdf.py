"""Sign a PDF: PAdES B-T with a timestamp, B-B without (ETSI EN 319 142-1), by pyHanko, files attached before.

The timestamp is asked for by the caller, who verifies it against pinned roots before it is accepted. What a reader
sees of the signer is a certificate that nobody vouches for: its digest has to be compared (THREAT_MODEL).
"""

import io
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from archiver.model.errors import SealError, UsageError

if TYPE_CHECKING:
    from pyhanko.pdf_utils.writer import BasePdfFileWriter
    from pyhanko.sign.signers import SimpleSigner
    from pyhanko.sign.timestamps import TimeStamper

_FIELD = "ArchiverSeal"
_ROOM_BYTES = 48 << 10
"""What is kept free for the signature: its certificate, a token with its chain."""

Stamp = Callable[[bytes], bytes]
"""Gives a verified RFC 3161 response over a SHA-256 digest; raises SealError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The key that signs PDFs and its certificate (PEM)."""

    key: ec.EllipticCurvePrivateKey
    certificate: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedPdf:
    """A signed PDF; ``level`` is ``B-T`` or ``B-B``, ``problem`` why it has no timestamp where one was asked for."""

    content: bytes
    level: str
    problem: str = ""


def sign_pdf(
    content: bytes, identity: Identity, *, attached: Mapping[str, bytes], reason: str, stamp: Stamp | None
) -> SignedPdf:
    """Give the PDF with files attached and one signature over all of it.

    An authority that does not answer leaves it at B-B, and that is told. Raises UsageError where pyHanko is not
    installed, SealError where the PDF cannot be signed.
    """
    if stamp is not None:
        try:
            return SignedPdf(content=_signed(content, identity, attached, reason, stamp), level="B-T")
        except SealError as error:
            problem = error.message
    else:
        problem = "no time-stamping authority is configured"
    return SignedPdf(content=_signed(content, identity, attached, reason, None), level="B-B", problem=problem)


def _signed(
    content: bytes, identity: Identity, attached: Mapping[str, bytes], reason: str, stamp: Stamp | None
) -> bytes:
    try:
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter  # noqa: PLC0415 - heavy, an extra
        from pyhanko.pdf_utils.misc import PdfError  # noqa: PLC0415 - same
        from pyhanko.sign import signers  # noqa: PLC0415 - same
        from pyhanko.sign.fields import SigSeedSubFilter  # noqa: PLC0415 - same
        from pyhanko.sign.general import SigningError  # noqa: PLC0415 - same
    except ImportError as error:
        raise UsageError(
            "signing a PDF needs pyHanko, which is not installed", hint="pip install 'archiver[pdf]'"
        ) from error
    told = signers.PdfSignatureMetadata(
        field_name=_FIELD, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES, reason=reason
    )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the library's own making; none is about what is signed
            writer = IncrementalPdfFileWriter(io.BytesIO(content))
            _attach(writer, attached)
            signer = signers.PdfSigner(
                told, signer=_signer(identity), timestamper=_timestamper(stamp) if stamp else None
            )
            out: io.BytesIO = signer.sign_pdf(writer, bytes_reserved=2 * _ROOM_BYTES)
    except (PdfError, SigningError) as error:
        raise SealError(f"the PDF could not be signed: {type(error).__name__}: {str(error)[:200]}") from error
    return out.getvalue()


def _attach(writer: "BasePdfFileWriter", attached: Mapping[str, bytes]) -> None:
    from pyhanko.pdf_utils import embed  # noqa: PLC0415 - heavy, an extra

    for name, file in attached.items():
        stream = embed.EmbeddedFileObject.from_file_data(writer, data=file, mime_type="text/plain")
        embed.embed_file(writer, embed.FileSpec(file_spec_string=name, file_name=name, embedded_data=stream))


def _signer(identity: Identity) -> "SimpleSigner":
    from asn1crypto import keys, pem, x509  # noqa: PLC0415 - beside pyHanko only
    from pyhanko.sign.signers import SimpleSigner  # noqa: PLC0415 - heavy, an extra
    from pyhanko_certvalidator.registry import SimpleCertificateStore  # noqa: PLC0415 - same

    _, _, der = pem.unarmor(identity.certificate)
    plain = identity.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return SimpleSigner(
        signing_cert=x509.Certificate.load(der),
        signing_key=keys.PrivateKeyInfo.load(plain),
        cert_registry=SimpleCertificateStore(),  # type: ignore[no-untyped-call] # of pyHanko
    )


def _timestamper(stamp: Stamp) -> "TimeStamper":
    from asn1crypto import tsp  # noqa: PLC0415 - beside pyHanko only
    from pyhanko.sign.timestamps import TimeStamper  # noqa: PLC0415 - heavy, an extra

    class OurExchange(TimeStamper):
        """Asks by our own exchange, which has a nonce of its own and verifies it."""

        async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
            """Give the response over the digest of this request."""
            return tsp.TimeStampResp.load(stamp(req["message_imprint"]["hashed_message"].native))

    return OurExchange(include_nonce=False)  # type: ignore[no-untyped-call] # of pyHanko
