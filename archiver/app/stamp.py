"""Ask the configured authorities to time-stamp the ledger's head; the unanswered stays pending."""

from collections.abc import Sequence
from dataclasses import dataclass

from archiver.app.asking import ask_over
from archiver.app.clock import SystemClock
from archiver.app.config import TsaConfig
from archiver.app.home import Home
from archiver.app.ids import new_id
from archiver.app.pending import read_pending
from archiver.app.prepared import describe, prepare, scratch
from archiver.app.reading import stamps
from archiver.app.recording import OpenCase, finish
from archiver.formats import entry
from archiver.formats.manifest import statement_of
from archiver.model.digest import Digest
from archiver.model.errors import FormatError, SealError
from archiver.model.provenance import TIMED, Stamp
from archiver.store.ledger import LedgerFolder

_TRIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamped:
    """What one authority answered for one checkpoint; ``problem`` says why it is still pending."""

    tsa: str
    checkpoint_size: int
    stamp: Stamp | None
    problem: str = ""


def unstamped_from(ledger: LedgerFolder, done: Sequence[Stamp]) -> int | None:
    """Give the first entry that no timestamp covers, or None. What carries another's clock needs none."""
    covered = max((one.checkpoint_size for one in done), default=0)
    for leaf in ledger.leaves()[covered:]:
        found = entry.decode(leaf)
        if found.type not in TIMED:
            return found.seq
    return None


def stamp_case(
    case: OpenCase, authorities: Sequence[TsaConfig], *, home: Home, at_once: bool = False
) -> tuple[Stamped, ...]:
    """Ask each authority that has not stamped the newest evidence, over one checkpoint file's bytes.

    An answer is verified against the pinned roots before it is accepted, then stored, sealed and
    recorded. An authority that gives none leaves its stamp pending: never an exception, never a success. It is
    asked again after a wait that grows with each failure; ``at_once`` asks it whatever it did before.
    """
    done = stamps(case.book.manifests)
    if case.book.ledger.head() is None:
        return ()
    size = case.book.ledger.size()
    todo = [
        one
        for one in authorities
        if unstamped_from(case.book.ledger, [stamp for stamp in done if stamp.tsa_name == one.name]) is not None
    ]
    return tuple(_ask(case, one, size=size, home=home, at_once=at_once) for one in todo)


def _ask(case: OpenCase, tsa: TsaConfig, *, size: int, home: Home, at_once: bool) -> Stamped:
    now = SystemClock().now()
    pending = read_pending(home.pending(case.origin))
    if not at_once and not pending.due(tsa.name, now):
        tries, again = pending.waits[tsa.name]
        problem = f"it did not answer {tries} times; it is asked again after {again}"
        return Stamped(tsa=tsa.name, checkpoint_size=size, stamp=None, problem=problem)
    try:
        stamp = _stamped(case, tsa, size=size, home=home)
    except (SealError, FormatError) as error:
        pending.failed(tsa.name, now)
        return Stamped(tsa=tsa.name, checkpoint_size=size, stamp=None, problem=error.message)
    pending.answered(tsa.name)
    return Stamped(tsa=tsa.name, checkpoint_size=size, stamp=stamp)


def _stamped(case: OpenCase, tsa: TsaConfig, *, size: int, home: Home) -> Stamp:
    digest = Digest.of(case.book.ledger.checkpoint_bytes(size))
    identity = new_id(SystemClock())
    with scratch(case.scratch, identity) as folder:
        answered = ask_over(digest, tsa, home=home, folder=folder, tries=_TRIES)
        stamp = Stamp(
            id=identity,
            case=case.name,
            checkpoint_size=size,
            checkpoint_digest=digest,
            tsa_name=tsa.name,
            tsa_url=tsa.url,
            gen_time=answered.token.gen_time,
            serial=answered.token.serial,
            received_at=answered.received_at,
            clock_difference_ms=answered.clock_difference_ms,
            certificate_ends_at=answered.ends_at,
            artifacts=tuple(describe(piece) for piece in answered.pieces),
        )
        finish(case, prepare(folder, statement_of(stamp)))
    return stamp
