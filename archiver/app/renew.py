"""Renew timestamps before the authority's certificate ends: a younger one over the older and all its files."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from archiver.app.asking import ask_over
from archiver.app.clock import SystemClock
from archiver.app.config import TsaConfig
from archiver.app.home import Home
from archiver.app.ids import new_id
from archiver.app.prepared import describe, prepare, scratch
from archiver.app.reading import statements
from archiver.app.recording import OpenCase, finish
from archiver.formats import layout
from archiver.formats.manifest import statement_of
from archiver.formats.renewed import encode_list
from archiver.model.digest import Digest
from archiver.model.errors import FormatError, SealError
from archiver.model.events import Renewal
from archiver.model.evidence import Piece, Role
from archiver.model.instant import Instant
from archiver.model.provenance import Stamp

_BEFORE_US = 90 * 24 * 3600 * 1_000_000
_LIST = "renewed.sha512"


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewed:
    """What became of one timestamp whose certificate ends soon."""

    of: str
    tsa: str
    renewal: Renewal | None
    problem: str = ""


def ending(case: OpenCase, now: Instant) -> list[Stamp | Renewal]:
    """Give the timestamps whose authority's certificate ends within ninety days, and that nothing renews yet."""
    found = [one.predicate for one in statements(case.book.manifests)]
    renewed = {one.of for one in found if isinstance(one, Renewal)}
    return [
        one
        for one in found
        if isinstance(one, Stamp | Renewal)
        and one.id not in renewed
        and one.certificate_ends_at is not None
        and now.epoch_us + _BEFORE_US > one.certificate_ends_at.epoch_us
    ]


def renew_case(case: OpenCase, authorities: Sequence[TsaConfig], *, home: Home, now: Instant) -> tuple[Renewed, ...]:
    """Renew what ends soon, by the first authority that answers with a certificate that lasts longer; record each."""
    return tuple(_renew(case, old, authorities, home=home) for old in ending(case, now))


def _renew(case: OpenCase, old: Stamp | Renewal, authorities: Sequence[TsaConfig], *, home: Home) -> Renewed:
    problem = "no time-stamping authority is configured"
    for tsa in authorities:
        try:
            return Renewed(of=old.id, tsa=tsa.name, renewal=_ask(case, old, tsa, home=home))
        except (SealError, FormatError) as error:
            problem = f"{tsa.name}: {error.message}"
    return Renewed(of=old.id, tsa=old.tsa_name, renewal=None, problem=problem)


def _ask(case: OpenCase, old: Stamp | Renewal, tsa: TsaConfig, *, home: Home) -> Renewal:
    identity = new_id(SystemClock())
    with scratch(case.scratch, identity) as folder:
        listed = encode_list(_digests(case, old))
        (folder / _LIST).write_bytes(listed)
        digest = Digest.of(listed)
        answered = ask_over(digest, tsa, home=home, folder=folder, tries=1)
        if old.certificate_ends_at is not None and answered.ends_at <= old.certificate_ends_at:
            raise SealError(f"its certificate ends at {answered.ends_at}, no later than the one to be renewed")
        piece = Piece(role=Role.TIMESTAMP_LIST, name=_LIST, media_type="text/plain", path=folder / _LIST)
        renewal = Renewal(
            id=identity,
            case=case.name,
            of=old.id,
            list_digest=digest,
            tsa_name=tsa.name,
            tsa_url=tsa.url,
            gen_time=answered.token.gen_time,
            serial=answered.token.serial,
            received_at=answered.received_at,
            clock_difference_ms=answered.clock_difference_ms,
            certificate_ends_at=answered.ends_at,
            artifacts=tuple(describe(one) for one in (piece, *answered.pieces)),
        )
        finish(case, prepare(folder, statement_of(renewal)))
    return renewal


def _digests(case: OpenCase, old: Stamp | Renewal) -> dict[str, str]:
    """Give the SHA-512 of each file that the older timestamp consists of, by its path in the workspace."""
    found: dict[str, str] = {}
    if isinstance(old, Stamp):
        content = case.book.ledger.checkpoint_bytes(old.checkpoint_size)
        path = f"{layout.case_folder(case.name)}/{layout.checkpoint_of(old.checkpoint_size)}"
        found[path] = hashlib.sha512(content).hexdigest()
    for one in old.artifacts:
        with case.blobs.open(one.digest, one.extension) as file:
            found[layout.archive_path(one.digest, one.extension)] = hashlib.sha512(file.read()).hexdigest()
    return found
