"""Level L3: what time-stamping authorities signed.

====================  =====================================================================
timestamp             does each recorded timestamp verify against roots that the auditor pinned?
timestamp-revocation  does a stored list or OCSP answer of its issuer clear its certificate?
renewal               is each renewal a verified timestamp over the older one, whole?
session-bound         do the lower bounds of each session verify?
====================  =====================================================================

A certificate that names neither list nor responder cannot be asked about: then nothing is said of it.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from archiver.formats import layout
from archiver.formats.renewed import decode_list
from archiver.model.digest import Digest
from archiver.model.errors import Damaged, FormatError
from archiver.model.events import Bound, Renewal, Session
from archiver.model.evidence import Artifact, Role
from archiver.model.instant import Instant
from archiver.model.provenance import Stamp
from archiver.model.report import Check, Level
from archiver.proof import certificates, ocsp, timestamp
from archiver.proof.timestamp import TimestampToken
from archiver.store.source import EvidenceSource
from archiver.verify.case import Case, failed, passed, unchecked
from archiver.verify.ots import read_anchors
from archiver.verify.policy import Trust

_LIMIT_BYTES = 8 << 20
_TOKEN_BYTES = 64 << 10
OCSP = "ocsp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """A timestamp that verified: everything up to this size existed before this time."""

    stamp: Stamp
    token: TimestampToken


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamps:
    """What was found of all timestamps of a case."""

    checks: tuple[Check, ...] = ()
    proven: tuple[Proven, ...] = ()
    anchored: tuple[tuple[int, Instant], ...] = ()

    @property
    def existed(self) -> list[tuple[int, Instant]]:
        """Give pairs: so many entries existed before this time."""
        return [*((one.stamp.checkpoint_size, one.token.gen_time) for one in self.proven), *self.anchored]


def read_stamps(source: EvidenceSource, case: Case, trust: Trust) -> Stamps:
    """Give each timestamp's checks, and those that verify."""
    reader = _Reader(source, case, trust)
    checks: list[Check] = []
    proven: list[Proven] = []
    for one in case.manifests:
        predicate = one.statement.predicate if one.statement else None
        subject = case.full(one.path)
        if isinstance(predicate, Stamp):
            check, found = reader.stamp(predicate, subject)
            checks.extend((check, *reader.revocation(predicate.artifacts, subject)))
            proven.extend(found)
        elif isinstance(predicate, Renewal):
            checks.extend((reader.renewal(predicate, subject), *reader.revocation(predicate.artifacts, subject)))
        elif isinstance(predicate, Session):
            checks.extend(reader.bounds(predicate, subject))
    anchors = read_anchors(source, case, trust.headers)
    return Stamps(checks=(*checks, *anchors.checks), proven=tuple(proven), anchored=anchors.existed)


class _Reader:
    """Reads tokens of one case against one auditor's trust."""

    def __init__(self, source: EvidenceSource, case: Case, trust: Trust) -> None:
        self._source = source
        self._case = case
        self._trust = trust

    def stamp(self, stamp: Stamp, subject: str) -> tuple[Check, Sequence[Proven]]:
        try:
            digest = self._checkpoint(stamp)
            token = self._token(stamp.artifacts, digest, stamp, about=f"checkpoint {stamp.checkpoint_size}")
        except (FormatError, Damaged) as error:
            return failed("timestamp", Level.TIME, subject, error.message), ()
        if token is None:
            return unchecked("timestamp", Level.TIME, subject, _unpinned(stamp)), ()
        reason = f"{stamp.checkpoint_size} entries existed before {token.gen_time}, says {stamp.tsa_name}"
        return passed("timestamp", Level.TIME, subject, reason), (Proven(stamp=stamp, token=token),)

    def renewal(self, renewal: Renewal, subject: str) -> Check:
        try:
            listed = self._file(renewal.artifacts, Role.TIMESTAMP_LIST)
            self._check_list(renewal, listed)
            token = self._token(renewal.artifacts, Digest.of(listed), renewal, about="its list")
        except (FormatError, Damaged) as error:
            return failed("renewal", Level.TIME, subject, error.message)
        if token is None:
            return unchecked("renewal", Level.TIME, subject, _unpinned(renewal))
        return passed("renewal", Level.TIME, subject, f"timestamp {renewal.of} was whole at {token.gen_time}")

    def bounds(self, session: Session, subject: str) -> Iterator[Check]:
        for bound in session.bounds:
            prefix = f"{bound.tsa_name}-"
            artifacts = tuple(one for one in session.artifacts if one.name.startswith(prefix))
            try:
                digest = Digest.of(bytes.fromhex(session.nonce))
                token = self._token(artifacts, digest, bound, about="the session's nonce")
            except (FormatError, Damaged, ValueError) as error:
                yield failed("session-bound", Level.TIME, subject, str(error))
                continue
            if token is None:
                yield unchecked("session-bound", Level.TIME, subject, _unpinned(bound))
            else:
                reason = f"this record and all later entries were made after {token.gen_time}, says {bound.tsa_name}"
                yield passed("session-bound", Level.TIME, subject, reason)

    def revocation(self, artifacts: Sequence[Artifact], subject: str) -> Iterator[Check]:
        name = "timestamp-revocation"
        try:
            response = self._file(artifacts, Role.TIMESTAMP_RESPONSE)
            stored = [one for one in artifacts if one.role is Role.TIMESTAMP_REVOCATION]
            if not stored:
                if certificates.list_urls(response) or ocsp.responder_urls(response):
                    reason = "the authority's certificate says where to ask about its revocation; no answer was stored"
                    yield unchecked(name, Level.TIME, subject, reason)
                return
            chain = [self._file(artifacts, Role.TIMESTAMP_CHAIN), *self._trust.tsa_roots]
            content = self._file(stored, Role.TIMESTAMP_REVOCATION)
            check = ocsp.check if stored[0].extension == OCSP else certificates.check_revocation
            problem = check(response, content, chain)
        except (FormatError, Damaged) as error:
            problem = error.message
        if problem:
            yield failed(name, Level.TIME, subject, problem)
        else:
            yield passed(name, Level.TIME, subject, "not revoked, by what its issuer said, stored with it")

    def _checkpoint(self, stamp: Stamp) -> Digest:
        digest = Digest.of(self._case.read(layout.checkpoint_of(stamp.checkpoint_size)))
        if digest != stamp.checkpoint_digest:
            raise FormatError(f"it is not about checkpoint {stamp.checkpoint_size} as it lies here")
        return digest

    def _token(
        self, artifacts: Sequence[Artifact], digest: Digest, said: Stamp | Renewal | Bound, *, about: str
    ) -> TimestampToken | None:
        """Give the verified token, or None where no root is pinned; raise FormatError or Damaged else."""
        asked, nonce = timestamp.read_request(self._file(artifacts, Role.TIMESTAMP_REQUEST))
        response = self._file(artifacts, Role.TIMESTAMP_RESPONSE)
        claimed = timestamp.read(response)
        if asked != digest or claimed.imprint != digest:
            raise FormatError(f"it is not about {about} as it lies here")
        if (claimed.gen_time, claimed.serial) != (said.gen_time, said.serial):
            raise FormatError("manifest and token say different times or serials")
        if not self._trust.tsa_roots:
            return None
        return timestamp.verify(response, digest=digest, roots=self._trust.tsa_roots, nonce=nonce)

    def _check_list(self, renewal: Renewal, listed: bytes) -> None:
        """Raise FormatError unless the list names every file of the older timestamp, with its digest."""
        found = decode_list(listed)
        old = next((one for one in self._case.manifests if one.path == f"{layout.EVENTS}/{renewal.of}.dsse.json"), None)
        predicate = old.statement.predicate if old and old.statement else None
        if not isinstance(predicate, Stamp | Renewal):
            raise FormatError(f"it renews {renewal.of}, which is no timestamp here")
        wanted = {layout.archive_path(one.digest, one.extension): "" for one in predicate.artifacts}
        if isinstance(predicate, Stamp):
            wanted[self._case.full(layout.checkpoint_of(predicate.checkpoint_size))] = ""
        if found.keys() != wanted.keys():
            raise FormatError(f"its list is not of the files of timestamp {renewal.of}")
        for path, digest in found.items():
            content = self._source.read(path, limit_bytes=_LIMIT_BYTES)
            if hashlib.sha512(content).hexdigest() != digest:
                raise FormatError(f"{path} is not what was renewed")

    def _file(self, artifacts: Sequence[Artifact], role: Role) -> bytes:
        found = next((one for one in artifacts if one.role is role), None)
        if found is None:
            raise FormatError(f"the manifest names no {role}")
        limit = _LIMIT_BYTES if role is Role.TIMESTAMP_REVOCATION else _TOKEN_BYTES
        content = self._source.read(layout.archive_path(found.digest, found.extension), limit_bytes=limit)
        if Digest.of(content) != found.digest:
            raise FormatError(f"{found.name}: its bytes are not those that were signed")
        return content


def _unpinned(said: Stamp | Renewal | Bound) -> str:
    return f"{said.tsa_name} says {said.gen_time}; you pinned no root of a time-stamping authority"
