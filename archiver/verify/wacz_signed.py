"""Who signed a WACZ file's package, and does the auditor trust them. Both shapes of wacz-auth 0.1.0.

The question is ``wacz-signature``: is the package signed, over these bytes, by somebody whom the auditor trusts?
"""

from dataclasses import dataclass
from datetime import timedelta

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from archiver.formats import base64text
from archiver.formats.wacz import Package, SignedData
from archiver.model.digest import Digest
from archiver.model.errors import FormatError
from archiver.model.instant import Instant
from archiver.model.report import Check, Level
from archiver.proof import timestamp, wacz_signature
from archiver.store.source import EvidenceSource
from archiver.verify.case import failed, passed, unchecked

NAME = "wacz-signature"
_LIMIT_BYTES = 1 << 20
_AFTER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaczTrust:
    """Keys of makers (names of P-384 keys), roots of domains' certificates and of time-stamping authorities (PEM).

    ``embedded`` says that the auditor believes what came inside the file. ``at`` is the time as of which is judged.
    """

    keys: frozenset[str] = frozenset()
    roots: tuple[bytes, ...] = ()
    tsa_roots: tuple[bytes, ...] = ()
    embedded: bool = False
    at: Instant | None = None


def read_wacz_trust(source: EvidenceSource, *, embedded: bool) -> WaczTrust:
    """Give the trust in a folder: ``wacz/*.pem`` (public keys), ``roots/*.pem`` (of domains), ``tsa/*.pem``."""
    return WaczTrust(
        keys=frozenset(_key_name(one) for one in _files(source, "wacz")),
        roots=_files(source, "roots"),
        tsa_roots=_files(source, "tsa"),
        embedded=embedded,
    )


def check_signature(
    signed: SignedData | None, package: Package, digest: str, *, subject: str, trust: WaczTrust
) -> Check:
    """Say whether somebody whom the auditor trusts signed this package."""
    if signed is None:
        return unchecked(NAME, Level.RECORDS, subject, "not signed: anybody can have made or changed it")
    if signed.hash != digest:
        return failed(NAME, Level.RECORDS, subject, "it is of another package: its hash is not this one's")
    if signed.created != package.created:
        return failed(NAME, Level.RECORDS, subject, "it states another time of making than the package")
    try:
        if trust.at is not None and Instant.parse(signed.created) > trust.at:
            return unchecked(NAME, Level.RECORDS, subject, f"it says {signed.created}, after {trust.at}: too late")
        return _anonymous(signed, subject, trust) if signed.public_key else _by_domain(signed, subject, trust)
    except FormatError as error:
        return failed(NAME, Level.RECORDS, subject, error.message)


def _anonymous(signed: SignedData, subject: str, trust: WaczTrust) -> Check:
    name = wacz_signature.check_anonymous(signed.public_key, signed.signature, signed.hash)
    if name in trust.keys:
        return passed(NAME, Level.RECORDS, subject, f"by the key {name}, which you trust")
    if trust.embedded:
        return passed(NAME, Level.RECORDS, subject, f"by the key {name}, which came with the file (--trust-embedded)")
    if trust.keys:
        return failed(NAME, Level.RECORDS, subject, f"by the key {name}, which is none that you trust")
    reason = f"valid under {name}, a key that came with the file: --trust says if you trust it"
    return unchecked(NAME, Level.RECORDS, subject, reason)


def _by_domain(signed: SignedData, subject: str, trust: WaczTrust) -> Check:
    chain = wacz_signature.certificates(signed.domain_cert, what="domainCert")
    wacz_signature.check_by_certificate(chain[0], signed.signature, signed.hash)
    stamped = wacz_signature.certificates(signed.timestamp_cert, what="timestampCert")
    response = base64text.decode(signed.time_signature, what="timeSignature")
    imprint = Digest.of(signed.signature.encode())
    claimed = timestamp.read(response)
    if claimed.imprint != imprint:
        raise FormatError("the timestamp is of another signature")
    _check_created(signed.created, claimed.gen_time)
    inside = chain[-1].public_bytes(Encoding.PEM), stamped[-1].public_bytes(Encoding.PEM)
    roots = trust.roots or ((inside[0],) if trust.embedded else ())
    tsa_roots = trust.tsa_roots or ((inside[1],) if trust.embedded else ())
    if not roots or not tsa_roots:
        reason = f"valid for {signed.domain} by its own certificate; you pinned no root for domains and timestamps"
        return unchecked(NAME, Level.RECORDS, subject, reason)
    helping = [one.public_bytes(Encoding.PEM) for one in stamped[1:] if one.issuer != one.subject]
    own = stamped[0].public_bytes(Encoding.PEM)
    token = timestamp.verify(response, digest=imprint, roots=tsa_roots, intermediates=helping, nonce=None, signer=own)
    pinned = [one for pem in roots for one in wacz_signature.certificates(pem.decode("utf-8", "replace"), what="root")]
    wacz_signature.check_domain_chain(chain, signed.domain, roots=pinned, at=token.gen_time.as_datetime)
    if trust.at is not None and not token.gen_time <= trust.at <= Instant.at(stamped[0].not_valid_after_utc):
        reason = f"stamped at {token.gen_time} by a certificate that was not in force at {trust.at}: it does not count"
        return unchecked(NAME, Level.RECORDS, subject, reason)
    how = "" if trust.roots and trust.tsa_roots else " (roots that came with the file: --trust-embedded)"
    return passed(NAME, Level.RECORDS, subject, f"by {signed.domain}, before {token.gen_time}{how}")


def _check_created(created: str, stamped: Instant) -> None:
    made = Instant.parse(created).as_datetime
    if not made <= stamped.as_datetime <= made + _AFTER:
        raise FormatError(f"made at {created}, stamped at {stamped}: expected within ten minutes after")


def _files(source: EvidenceSource, folder: str) -> tuple[bytes, ...]:
    paths = [path for path in source.list(folder) if path.endswith(".pem")]
    return tuple(source.read(path, limit_bytes=_LIMIT_BYTES) for path in paths)


def _key_name(pem: bytes) -> str:
    try:
        key = load_pem_public_key(pem)
    except ValueError as error:
        raise FormatError(f"wacz/*.pem: not a PEM public key: {error}") from error
    return str(Digest.of(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)))
