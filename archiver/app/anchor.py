"""OpenTimestamps: have the configured calendars anchor the ledger's head, and ask later what became of it.

No calendar is configured unless the person names one. A calendar learns a hash that tells it nothing, and when.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from archiver.app.clock import SystemClock
from archiver.app.home import Home
from archiver.app.ids import new_id, new_salt
from archiver.app.pending import read_pending
from archiver.app.prepared import describe, prepare, scratch
from archiver.app.reading import statements
from archiver.app.recording import OpenCase, finish
from archiver.formats import entry
from archiver.formats.manifest import statement_of
from archiver.model.digest import Digest
from archiver.model.errors import FormatError, SealError
from archiver.model.events import Anchor
from archiver.model.evidence import Piece, Role
from archiver.model.provenance import TIMED
from archiver.proof import ots
from archiver.seal import calendar

_TIMEOUT_S = 20
_NONCE_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchored:
    """What became of one checkpoint: an anchor that was recorded, or why there is none or none better yet."""

    checkpoint_size: int
    anchor: Anchor | None
    problem: str = ""


def anchor_case(case: OpenCase, calendars: Sequence[str], *, home: Home, at_once: bool = False) -> tuple[Anchored, ...]:
    """Upgrade what calendars only promised, then have the newest evidence anchored; record each answer.

    A calendar that does not answer is asked again later, after a wait that grows unless ``at_once``: never an
    exception. Nothing happens where no calendar is named.
    """
    if not calendars:
        return ()
    if not ots.available():
        problem = "the extra archiver[ots] is not installed"
        return (Anchored(checkpoint_size=case.book.ledger.size(), anchor=None, problem=problem),)
    known = anchors(case)
    done = [_upgrade(case, one, calendars, home=home, at_once=at_once) for one in waiting(known)]
    covered = max((one.checkpoint_size for one in known), default=0)
    later = case.book.ledger.leaves()[covered:]
    if any(entry.decode(leaf).type not in TIMED for leaf in later):
        done.append(_anchor(case, calendars, home=home, at_once=at_once))
    return tuple(done)


def anchors(case: OpenCase) -> tuple[Anchor, ...]:
    """Give the recorded anchors of a case, oldest first."""
    return tuple(one.predicate for one in statements(case.book.manifests) if isinstance(one.predicate, Anchor))


def waiting(known: Sequence[Anchor]) -> list[Anchor]:
    """Give the anchors that name no block yet, and that no later one upgrades."""
    upgraded = {one.of for one in known}
    return [one for one in known if not one.blocks and one.id not in upgraded]


def _anchor(case: OpenCase, calendars: Sequence[str], *, home: Home, at_once: bool) -> Anchored:
    size = case.book.ledger.size()
    digest = Digest.of(case.book.ledger.checkpoint_bytes(size))
    nonce = new_salt()[:_NONCE_BYTES]
    answers, problems = [], []
    for url in calendars:
        try:
            answer = _asked(case, url, home=home, at_once=at_once, commitment=ots.commitment(digest, nonce))
            ots.assemble(digest, nonce, [answer])
            answers.append(answer)
        except (SealError, FormatError) as error:
            problems.append(error.message)
    if not answers:
        return Anchored(checkpoint_size=size, anchor=None, problem="; ".join(problems))
    made = _recorded(case, ots.assemble(digest, nonce, answers), size=size, of=None)
    return Anchored(checkpoint_size=size, anchor=made, problem="; ".join(problems))


def _asked(case: OpenCase, url: str, *, home: Home, at_once: bool, commitment: bytes) -> bytes:
    now, pending = SystemClock().now(), read_pending(home.pending(case.origin))
    if not at_once and not pending.due(url, now):
        raise SealError(f"{url}: it is asked again after {pending.waits[url][1]}")
    try:
        answer = calendar.submit(url, commitment, timeout_s=_TIMEOUT_S)
    except SealError:
        pending.failed(url, now)
        raise
    pending.answered(url)
    return answer


def _upgrade(case: OpenCase, old: Anchor, calendars: Sequence[str], *, home: Home, at_once: bool) -> Anchored:
    """Ask the calendars of one anchor, of those only that are configured: a proof's own addresses are others' words."""
    now, pending = SystemClock().now(), read_pending(home.pending(case.origin))
    name = f"anchor {old.id}"
    if not at_once and not pending.due(name, now):
        problem = f"asked again after {pending.waits[name][1]}"
        return Anchored(checkpoint_size=old.checkpoint_size, anchor=None, problem=problem)
    try:
        better = _better(case, old, calendars)
    except (SealError, FormatError) as error:
        better, problem = None, error.message
    else:
        problem = "no calendar has it in a block yet; that takes hours"
    if better is None:
        pending.failed(name, now)
        return Anchored(checkpoint_size=old.checkpoint_size, anchor=None, problem=problem)
    pending.answered(name)
    made = _recorded(case, better, size=old.checkpoint_size, of=old.id)
    return Anchored(checkpoint_size=old.checkpoint_size, anchor=made)


def _better(case: OpenCase, old: Anchor, calendars: Sequence[str]) -> bytes | None:
    """Give the proof with what its calendars know by now, or None as long as it leads to no block."""
    artifact = old.artifacts[0]
    with case.blobs.open(artifact.digest, artifact.extension) as file:
        proof = file.read(ots.LIMIT_BYTES + 1)
    configured = {url.rstrip("/"): url for url in calendars}
    answers: dict[bytes, bytes] = {}
    for one in ots.read(proof).promises:
        url = configured.get(one.calendar.rstrip("/"))
        found = calendar.fetch(url, one.commitment, timeout_s=_TIMEOUT_S) if url else None
        if found is not None:
            answers[one.commitment] = found
    better = ots.join(proof, answers)
    return better if ots.read(better).blocks else None


def _recorded(case: OpenCase, proof: bytes, *, size: int, of: str | None) -> Anchor:
    clock = SystemClock()
    identity, said = new_id(clock), ots.read(proof)
    with scratch(case.scratch, identity) as folder:
        path = folder / f"{size}.ots"
        path.write_bytes(proof)
        piece = Piece(role=Role.OPENTIMESTAMPS, name=path.name, media_type="application/vnd.opentimestamps", path=path)
        made = Anchor(
            id=identity,
            case=case.name,
            at=clock.now(),
            checkpoint_size=size,
            checkpoint_digest=said.digest,
            calendars=tuple(sorted({one.calendar for one in said.promises})),
            blocks=tuple(sorted({one.height for one in said.blocks})),
            of=of,
            artifacts=(describe(piece),),
        )
        finish(case, prepare(folder, statement_of(made)))
    return made
