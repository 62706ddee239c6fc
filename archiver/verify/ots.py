"""Level L3: what OpenTimestamps proofs say, against Bitcoin headers that the auditor supplies.

====================  =====================================================================
anchor                does each recorded proof lead from its checkpoint to a block whose header the auditor has?
ots                   does a proof file by itself?
ots-data              is it about the bytes of the file beside it?
====================  =====================================================================

A header comes from the auditor's trust (``bitcoin/<height>.header``), never from the evidence, and nothing is asked
of a network. A promise of a calendar proves nothing.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from archiver.formats import layout
from archiver.model.digest import Digest
from archiver.model.errors import Damaged, FormatError
from archiver.model.events import Anchor
from archiver.model.evidence import Role
from archiver.model.instant import Instant
from archiver.model.report import Check, Level, Verdict
from archiver.proof import ots
from archiver.store.source import EvidenceSource
from archiver.verify.case import Case, failed, passed, unchecked

NOT_PROVEN = (
    "Anything about what the anchored bytes say: a proof is about when they existed, and nothing else.",
    "That a header which you supplied is one of the longest chain: it is taken as you gave it.",
)
_OFF_US = 2 * 3600 * 1_000_000  # a block's time may be so far ahead of the network's (Bitcoin's consensus rules)
_BLOCK = 1 << 20
_WITHOUT_EXTRA = "an OpenTimestamps proof, and the extra archiver[ots] is not installed here"


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchors:
    """What was found of all anchors of a case; ``existed`` are pairs: so many entries existed before this time."""

    checks: tuple[Check, ...] = ()
    existed: tuple[tuple[int, Instant], ...] = ()


def read_anchors(source: EvidenceSource, case: Case, headers: Mapping[int, bytes]) -> Anchors:
    """Give a check for each anchor; for one that a later anchor upgrades only where it fails."""
    found = [(one.path, one.statement.predicate) for one in case.manifests if one.statement]
    anchors = [(case.full(path), predicate) for path, predicate in found if isinstance(predicate, Anchor)]
    upgraded = {anchor.of for _, anchor in anchors}
    checks: list[Check] = []
    existed: list[tuple[int, Instant]] = []
    for subject, anchor in anchors:
        check, before = _anchor(source, case, anchor, headers, subject=subject)
        if anchor.id not in upgraded or check.verdict is Verdict.FAIL:
            checks.append(check)
        existed.extend([(anchor.checkpoint_size, before)] if before is not None else [])
    return Anchors(checks=tuple(checks), existed=tuple(existed))


def _anchor(
    source: EvidenceSource, case: Case, anchor: Anchor, headers: Mapping[int, bytes], *, subject: str
) -> tuple[Check, Instant | None]:
    try:
        digest = Digest.of(case.read(layout.checkpoint_of(anchor.checkpoint_size)))
        raw = _file(source, anchor)
        if anchor.checkpoint_digest != digest:
            raise FormatError(f"it is not about checkpoint {anchor.checkpoint_size} as it lies here")  # noqa: TRY301 - told like any other
        if not ots.available():
            return unchecked("anchor", Level.TIME, subject, _WITHOUT_EXTRA), None
        proof = ots.read(raw)
        _compare(anchor, proof, digest)
    except (FormatError, Damaged) as error:
        return failed("anchor", Level.TIME, subject, error.message), None
    about = f"{anchor.checkpoint_size} entries existed"
    return _judge("anchor", proof, headers, subject=subject, about=about)


def _compare(anchor: Anchor, proof: ots.OtsProof, digest: Digest) -> None:
    if proof.digest != digest:
        raise FormatError(f"its proof is not about checkpoint {anchor.checkpoint_size}")
    calendars, blocks = {one.calendar for one in proof.promises}, {one.height for one in proof.blocks}
    if (tuple(sorted(calendars)), tuple(sorted(blocks))) != (anchor.calendars, anchor.blocks):
        raise FormatError("manifest and proof name different calendars or blocks")


def _judge(
    name: str, proof: ots.OtsProof, headers: Mapping[int, bytes], *, subject: str, about: str
) -> tuple[Check, Instant | None]:
    """Say what the blocks prove: the earliest of those whose headers are at hand; any that contradicts fails."""
    if not proof.blocks:
        promised = ", ".join(sorted({one.calendar for one in proof.promises})) or "nobody"
        return unchecked(name, Level.TIME, subject, f"promised by {promised}: no block yet, so nothing is proven"), None
    times: list[tuple[Instant, int]] = []
    for block in proof.blocks:
        if block.height not in headers:
            continue
        header = ots.read_header(headers[block.height])
        if header.root != block.root:
            reason = f"block {block.height}, by the header that you supplied, does not hold it"
            return failed(name, Level.TIME, subject, reason), None
        times.append((header.mined_at, block.height))
    if not times:
        wanted = ", ".join(str(block.height) for block in proof.blocks)
        reason = f"it names Bitcoin block {wanted}; you supplied no header of it (bitcoin/<height>.header)"
        return unchecked(name, Level.TIME, subject, reason), None
    mined_at, height = min(times)
    before = Instant(mined_at.epoch_us + _OFF_US)
    reason = f"{about} before {before} (two hours after block {height}), says the Bitcoin chain"
    return passed(name, Level.TIME, subject, reason), before


def _file(source: EvidenceSource, anchor: Anchor) -> bytes:
    artifact = next((one for one in anchor.artifacts if one.role is Role.OPENTIMESTAMPS), None)
    if artifact is None:
        raise FormatError("the manifest names no OpenTimestamps proof")
    raw = source.read(layout.archive_path(artifact.digest, artifact.extension), limit_bytes=ots.LIMIT_BYTES)
    if Digest.of(raw) != artifact.digest:
        raise FormatError(f"{artifact.name}: its bytes are not those that were signed")
    return raw


def check_ots(
    raw: bytes, *, data: BinaryIO | None, subject: str, data_name: str, headers: Mapping[int, bytes]
) -> Iterator[Check]:
    """Say whether a proof file leads to a block at hand, and what it is about. ``data`` is the file beside it."""
    if not ots.available():
        yield unchecked("ots", Level.TIME, subject, _WITHOUT_EXTRA)
        return
    try:
        proof = ots.read(raw)
    except FormatError as error:
        yield failed("ots", Level.TIME, subject, error.message)
        return
    yield _judge("ots", proof, headers, subject=subject, about="it existed")[0]
    if data is None:
        yield unchecked("ots-data", Level.TIME, subject, f"no file beside it: it is about {proof.digest}")
        return
    place = f"{subject}: {data_name}"
    try:
        found = _digest(data)
    except Damaged as error:
        yield failed("ots-data", Level.TIME, place, error.message)
        return
    if found == proof.digest:
        yield passed("ots-data", Level.TIME, place)
    else:
        yield failed("ots-data", Level.TIME, place, f"it is about {proof.digest}, the file's bytes give {found}")


def _digest(data: BinaryIO) -> Digest:
    hasher = hashlib.sha256()
    while block := data.read(_BLOCK):
        hasher.update(block)
    return Digest(hasher.hexdigest())
