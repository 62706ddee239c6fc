"""Level L5: the certificates that came over the connection of the main document.

They are public: anybody can copy them. What the check says is that the capture did not pass over an error, and that
what it recorded is consistent; it does not say that the site was at the other end.
"""

from itertools import pairwise
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import (
    Certificate,
    DNSName,
    DuplicateExtension,
    ExtensionNotFound,
    InvalidVersion,
    IPAddress,
    SubjectAlternativeName,
    UnsupportedGeneralNameType,
    load_pem_x509_certificates,
)

from archiver.formats import layout
from archiver.model.digest import Digest
from archiver.model.errors import Damaged, FormatError
from archiver.model.evidence import Artifact, Capture, Role, TlsFacts
from archiver.model.report import Check, Level
from archiver.store.source import EvidenceSource
from archiver.verify.case import failed, passed, unchecked
from archiver.verify.wire import Wire

_NAME = "tls-chain"
_LIMIT_BYTES = 1 << 20
_ODD = (ValueError, TypeError, UnsupportedAlgorithm, InvalidVersion, DuplicateExtension, UnsupportedGeneralNameType)


def check_chain(source: EvidenceSource, wire: Wire, subject: str) -> Check:
    """Say whether the main document came over a connection whose certificates fit."""
    attempt = wire.capture.attempt
    if attempt.settings.https_errors_ignored or (attempt.tls is not None and attempt.tls.errors_ignored):
        return failed(_NAME, Level.CONTENT, subject, "certificate errors were ignored: anybody can have answered")
    url = attempt.response.final_url if attempt.response else attempt.target.url
    if attempt.tls is None:
        plain = urlsplit(url).scheme.lower() == "http"
        reason = "it came over plain HTTP: anybody on the way can have changed it" if plain else "no TLS is recorded"
        return unchecked(_NAME, Level.CONTENT, subject, reason)
    found = next((one for one in wire.capture.artifacts if one.role is Role.TLS_CHAIN), None)
    if found is None:
        return unchecked(_NAME, Level.CONTENT, subject, "the certificates were not kept")
    chain: list[Certificate] = []
    try:
        chain = _read(source, found)
        problem = _differs(wire, found, chain, attempt.tls, url) or _unfit(wire.capture, chain, url)
    except (FormatError, Damaged) as error:
        problem = error.message
    if problem:
        return failed(_NAME, Level.CONTENT, subject, problem)
    reason = (
        f"{len(chain)} certificates, in force, for {urlsplit(url).hostname}; whether their root counts is not asked"
    )
    return passed(_NAME, Level.CONTENT, subject, reason)


def _read(source: EvidenceSource, artifact: Artifact) -> list[Certificate]:
    pem = source.read(layout.archive_path(artifact.digest, artifact.extension), limit_bytes=_LIMIT_BYTES)
    try:
        return load_pem_x509_certificates(pem)
    except _ODD as error:
        raise FormatError(f"{artifact.name}: no certificates can be read: {error}") from error


def _differs(wire: Wire, artifact: Artifact, chain: list[Certificate], tls: TlsFacts, url: str) -> str:
    """Give where the file, the manifest and the WARC say different things of the certificates."""
    found = tuple(Digest.of(one.public_bytes(Encoding.DER)) for one in chain)
    if found != tls.chain:
        return f"{artifact.name} does not hold the certificates that the manifest names"
    parts = urlsplit(url)
    kept = [digest for origin, digest in wire.certificates.items() if _is_origin(origin, parts.scheme, parts.netloc)]
    if kept and str(artifact.digest) not in kept:
        return f"the WARC holds other certificates of {parts.netloc} than {artifact.name}"
    return ""


def _is_origin(origin: str, scheme: str, netloc: str) -> bool:
    found = urlsplit(origin)
    return (found.scheme, found.netloc) == (scheme, netloc)


def _unfit(capture: Capture, chain: list[Certificate], url: str) -> str:
    """Give why these certificates are not ones for this host at this time."""
    try:
        leaf, at = chain[0], capture.attempt.started_at.as_datetime
        if not leaf.not_valid_before_utc <= at <= leaf.not_valid_after_utc:
            return f"the certificate was in force from {leaf.not_valid_before_utc} to {leaf.not_valid_after_utc} only"
        host = urlsplit(url).hostname or ""
        if not _is_for(leaf, host):
            return f"the certificate is not one for {host}"
        for lower, upper in pairwise(chain):
            lower.verify_directly_issued_by(upper)
    except (InvalidSignature, IndexError, *_ODD) as error:
        return f"the certificates do not follow from each other: {type(error).__name__} {error}"
    return ""


def _is_for(leaf: Certificate, host: str) -> bool:
    try:
        names = leaf.extensions.get_extension_for_class(SubjectAlternativeName).value
    except ExtensionNotFound:
        return False
    if any(str(one) == host for one in names.get_values_for_type(IPAddress)):
        return True
    return any(_matches(one.lower(), host.lower()) for one in names.get_values_for_type(DNSName))


def _matches(name: str, host: str) -> bool:
    """Say whether a certificate's name is this host's, a star standing for its whole first label (RFC 9525)."""
    if not name.startswith("*."):
        return name == host
    return host.partition(".")[2] == name[2:] and name.count(".") > 1
