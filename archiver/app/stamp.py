"""Ask the configured authorities to time-stamp the ledger's head; the unanswered stays pending."""

from collections.abc import Sequence
from dataclasses import dataclass

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from archiver.app.clock import SystemClock
from archiver.app.config import TsaConfig
from archiver.app.home import Home
from archiver.app.ids import new_id, new_nonce
from archiver.app.prepared import describe, prepare, scratch
from archiver.app.reading import stamps
from archiver.app.recording import OpenCase, finish
from archiver.formats import entry
from archiver.formats.manifest import subjects_of
from archiver.model.digest import Digest
from archiver.model.errors import FormatError, SealError
from archiver.model.evidence import Piece, Role
from archiver.model.instant import Clock
from archiver.model.provenance import EntryType, Stamp, Statement
from archiver.proof import timestamp
from archiver.seal import tsa as authority
from archiver.store.ledger import LedgerFolder

_TRIES = 3
_TIMEOUT_S = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamped:
    """What one authority answered for one checkpoint; ``problem`` says why it is still pending."""

    tsa: str
    checkpoint_size: int
    stamp: Stamp | None
    problem: str = ""


def unstamped_from(ledger: LedgerFolder, done: Sequence[Stamp]) -> int | None:
    """Give the first entry that no timestamp covers, or None. Timestamps themselves need none."""
    covered = max((one.checkpoint_size for one in done), default=0)
    for leaf in ledger.leaves()[covered:]:
        found = entry.decode(leaf)
        if found.type is not EntryType.TIMESTAMP:
            return found.seq
    return None


def stamp_case(case: OpenCase, authorities: Sequence[TsaConfig], *, home: Home) -> tuple[Stamped, ...]:
    """Ask each authority that has not stamped the newest evidence, over one checkpoint file's bytes.

    An answer is verified against the pinned roots before it is accepted, then stored, sealed and
    recorded. An authority that gives none leaves its stamp pending: never an exception, never a success.
    """
    done = stamps(case.book.manifests)
    head = case.book.ledger.head()
    if head is None:
        return ()
    size = case.book.ledger.size()
    todo = [
        one
        for one in authorities
        if unstamped_from(case.book.ledger, [stamp for stamp in done if stamp.tsa_name == one.name]) is not None
    ]
    return tuple(_ask(case, one, size=size, home=home) for one in todo)


def _ask(case: OpenCase, tsa: TsaConfig, *, size: int, home: Home) -> Stamped:
    clock = SystemClock()
    digest = Digest.of(case.book.ledger.checkpoint_bytes(size))
    try:
        stamp = _stamped(case, tsa, size=size, digest=digest, home=home, clock=clock)
    except (SealError, FormatError) as error:
        return Stamped(tsa=tsa.name, checkpoint_size=size, stamp=None, problem=error.message)
    return Stamped(tsa=tsa.name, checkpoint_size=size, stamp=stamp)


def _stamped(case: OpenCase, tsa: TsaConfig, *, size: int, digest: Digest, home: Home, clock: Clock) -> Stamp:
    roots = _roots(tsa, home)
    nonce = new_nonce()
    answer = Retrying(
        stop=stop_after_attempt(_TRIES),
        wait=wait_exponential(multiplier=0.5, max=4),
        retry=retry_if_exception_type(SealError),
        reraise=True,
    )(authority.ask, tsa.url, digest, nonce=nonce, timeout_s=_TIMEOUT_S)
    received = clock.now()
    # Verified before it is accepted: chain to the pinned roots, imprint, nonce.
    token = timestamp.verify(answer.response, digest=digest, roots=roots, nonce=nonce)
    identity = new_id(clock)
    with scratch(case.scratch, identity) as folder:
        pieces = []
        for role, name, media_type, content in (
            (Role.TIMESTAMP_REQUEST, "request.tsq", "application/timestamp-query", answer.request),
            (Role.TIMESTAMP_RESPONSE, "response.tsr", "application/timestamp-reply", answer.response),
        ):
            (folder / name).write_bytes(content)
            pieces.append(Piece(role=role, name=name, media_type=media_type, path=folder / name))
        stamp = Stamp(
            id=identity,
            case=case.name,
            checkpoint_size=size,
            checkpoint_digest=digest,
            tsa_name=tsa.name,
            tsa_url=tsa.url,
            gen_time=token.gen_time,
            serial=token.serial,
            received_at=received,
            clock_difference_ms=(token.gen_time.epoch_us - received.epoch_us) // 1000,
            artifacts=tuple(describe(piece) for piece in pieces),
        )
        finish(case, prepare(folder, Statement(subjects=subjects_of(stamp), predicate=stamp)))
    return stamp


def _roots(tsa: TsaConfig, home: Home) -> tuple[bytes, ...]:
    path = home.tsa_roots(tsa.name)
    try:
        return (path.read_bytes(),)
    except OSError as error:
        raise SealError(
            f"no pinned roots for {tsa.name!r}: {path}: {error.strerror}",
            hint=f"archiver tsa add {tsa.name} {tsa.url} --roots FILE",
        ) from error
