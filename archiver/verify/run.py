"""Run every check, in a fixed order, and stop at none.

The evidence may be written by an adversary: every read is bounded, every problem is a check that
failed. No socket is opened, nothing is written. Whom to believe comes in `Trust`, from the auditor.
"""

from collections.abc import Callable, Iterator, Sequence

from archiver.formats import layout
from archiver.model.errors import Damaged, FormatError
from archiver.model.provenance import Opening
from archiver.model.report import Check, Level, Report, Verdict
from archiver.store.source import EvidenceSource
from archiver.verify import (
    as_of,
    bundle_imported,
    content,
    files,
    handovers,
    history,
    keys,
    ledger,
    openings,
    public_keys,
    records,
    stamps,
    time,
    witnesses,
)
from archiver.verify.beside import Beside
from archiver.verify.case import Case, View, failed, passed, unchecked
from archiver.verify.ledger import Ledger
from archiver.verify.policy import Trust
from archiver.verify.stamps import Stamps

Tell = Callable[[str, int, int], None]
"""Told again and again: of what (files, or a case) how many were checked, and of how many."""

_ALWAYS = (
    "That the site sent these bytes to anybody but the capturing machine: TLS leaves no proof for third parties.",
    "That whoever held the investigator's key did not make up the page before sealing it.",
    "That the ledger holds every source: what was never captured is not in it.",
)
_SPLIT_VIEW = "That no second version of this ledger was shown to others: SPLIT VIEW NOT EXCLUDED."
_NO_TIME = "When this was captured, by any clock but the capturing machine's own: no timestamp was verified."
_ONE_CLOCK = "That the time does not rest on one authority alone: only one stands behind the timestamps that verified."
_QUOTED = (
    "That whoever is quoted said the words, or that anybody was shown them: they stand in recorded bytes, no more."
)
_CITATIONS = "That citations.yaml is as it was: it is edited by people and is no evidence."


def verify(
    source: EvidenceSource,
    *,
    cases: Sequence[str],
    trust: Trust,
    required: Level,
    tell: Tell = lambda _, __, ___: None,
) -> Report:
    """Give the report over these cases and over the archive that they share.

    Every archived file is checked, and counts as listed if any case of the workspace names it.
    """
    with Beside() as beside:
        archive = files.Archive(source, beside)
        wanted = [Case(source, name) for name in cases if files.is_case_name(name)]
        everything = {case.name: case for case in wanted}
        for name in _all_cases(source):
            everything.setdefault(name, Case(source, name))
        checks: list[Check] = list(whole(files.check_strays(source, cases), layout.MANIFESTS))
        if not wanted:
            checks.append(failed("nothing-to-verify", Level.FILES, layout.MANIFESTS, "there is no case here"))
        of_cases = [check for case in wanted for check in _case(source, case, trust, tell)]
        named = files.named_files(tuple(everything.values()))
        archived = whole(archive.check(named), layout.ARCHIVE)
        checks.extend(_told(archived, "archive-name", lambda done: tell("files", done, len(named))))
    return Report(checks=(*checks, *of_cases), required=required, not_proven=not_proven([*checks, *of_cases]))


def _case(source: EvidenceSource, case: Case, trust: Trust, tell: Tell) -> Iterator[Check]:
    try:
        total = len(case.manifests)
    except (Damaged, FormatError):  # told by the checks of the case
        total = 0
    return _told(check_case(source, case, trust), "views", lambda done: tell(case.name, done, total))


def _told(checks: Iterator[Check], name: str, tell: Callable[[int], None]) -> Iterator[Check]:
    done = 0
    for one in checks:
        if one.id == name:
            done += 1
            tell(done)
        yield one


def check_case(source: EvidenceSource, case: Case, trust: Trust, *, only: View | None = None) -> Iterator[Check]:
    """Give every check of a case; with ``only``, those that bear on the manifests of this view of it."""
    view = case if only is None else only
    found = ledger.read_ledger(case)
    seen = content.Content(source, case)
    then = as_of.as_of(case, trust.at)
    try:
        found_stamps = stamps.read_stamps(source, then, trust)
        ever = keys.read_key_times(case, found, trust, found_stamps.existed)
        times = ever if then is case else keys.read_key_times(then, found, trust, found_stamps.existed)
        trust, handed_over = handovers.follow(case, found, trust, times)
    except (Damaged, FormatError):  # a folder that cannot be listed: the parts below tell
        found_stamps, times, handed_over = stamps.Stamps(), keys.KeyTimes(), ()
        ever = times
    for part in (
        # (1) L0, files.
        *(() if only else (files.check_something(case), files.check_case_files(case))),
        files.check_artifacts(source, view),
        *(() if only else (bundle_imported.check_imported(source, case),)),
        # (2) L1, records.
        records.check_content(view),
        records.check_signatures(view, trust, times),
        records.check_warcs(source, view, seen),
        as_of.check_later(case, trust.at),
        # (3) L2, the ledger.
        ledger.check_checkpoint(case, found, trust),
        iter(handed_over),
        public_keys.check_public_keys(case, found, trust, ever),
        ledger.check_tiles(case, found),
        ledger.check_chain(case, found),
        history.check_history(case, found, trust),
        openings.check_openings(case, found) if only is None else _opened(only, found),
        # (4) L3, time.
        _time(then, found, found_stamps, view),
        as_of.check_certificates(then, trust.at, found_stamps.checks),
        # (5) L4, independence.
        witnesses.check_witnesses(source, then, found, trust),
        # (6) L5, content: quotations; the rest of it came with the WARCs.
        seen.checks(),
    ):
        yield from whole(part, case.full(""))


def _opened(only: View, found: Ledger) -> Iterator[Check]:
    for one in only.manifests:
        yield from openings.check_opening_of(only, found, one.path)


def _time(then: Case, found: Ledger, found_stamps: Stamps, view: Case) -> Iterator[Check]:
    """Give the checks of time; of one manifest only whether a timestamp covers its own entry."""
    if not isinstance(view, View):
        yield from time.check_time(then, found, found_stamps)
        return
    paths = {one.path for one in view.manifests}
    seqs = {one.path: one.seq for one in view.openings.values() if isinstance(one, Opening) and one.path in paths}
    checks = time.check_time(View(then, lambda one: one.path in paths), found, found_stamps)
    yield from (one for one in checks if one.id != "timestamp-cover")
    for path, seq in seqs.items():
        times = [at for size, at in found_stamps.existed if size > seq]
        if times:
            yield passed("timestamp-cover", Level.TIME, view.full(path), f"entry {seq} existed before {min(times)}")
        else:
            reason = f"entry {seq} has no verified timestamp: its time rests on our own clock"
            yield unchecked("timestamp-cover", Level.TIME, view.full(path), reason)


def whole(checks: Iterator[Check], subject: str) -> Iterator[Check]:
    """Give the checks; a part that cannot be listed or read fails, and the parts after it are checked."""
    try:
        yield from checks
    except (Damaged, FormatError) as error:
        yield failed("unreadable", Level.FILES, subject, f"this part could not be checked: {error.message}")


def _all_cases(source: EvidenceSource) -> tuple[str, ...]:
    try:
        listed = source.list(layout.MANIFESTS)
    except (Damaged, FormatError):  # told by `files.check_strays`
        return ()
    names = {path.split("/")[1] for path in listed if path.count("/") > 1}
    return tuple(sorted(name for name in names if files.is_case_name(name)))


def not_proven(checks: Sequence[Check]) -> tuple[str, ...]:
    """Give what these checks of a case leave open whatever they say."""
    said = {check.reason.rsplit(", says ", 1)[-1] for check in checks if _is_timestamp(check)}
    time_told = {0: (_NO_TIME,), 1: (_ONE_CLOCK,)}.get(len(said), ())
    gone = sum(1 for check in checks if check.id == "entry-erased")
    erased = (f"What {gone} erased entries held: their places are proven, their content is destroyed.",) if gone else ()
    quorum = [check.verdict for check in checks if check.id == "witness-quorum"]
    split = () if quorum and set(quorum) == {Verdict.PASS} else (_SPLIT_VIEW,)
    quoted = (_QUOTED,) if any(check.id == "quote-wire" for check in checks) else ()
    return (*_ALWAYS, *split, *time_told, *erased, *quoted, _CITATIONS)


def _is_timestamp(check: Check) -> bool:
    return check.id in ("timestamp", "anchor") and check.verdict is Verdict.PASS
