"""Verify a bundle, levels L0 to L5: the bag, its records, the ledger, time, witnesses. Page: docs/formats/bundle.md.

Every question that a workspace is asked too is asked by the same code, through `BundleView`. Nothing under ``trust/``
is believed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from archiver.formats import bag, bundle
from archiver.formats.ssh import NAMESPACE, decode_signature, signed_message
from archiver.model.bundle import Contents, Exhibit
from archiver.model.errors import Damaged, FormatError
from archiver.model.evidence import Capture
from archiver.model.provenance import EntryType
from archiver.model.report import Check, Level, Report, Verdict
from archiver.proof.signature import device_signature, key_id, verifies
from archiver.store.source import EvidenceSource
from archiver.verify import (
    as_of,
    bundle_ledger,
    content,
    handovers,
    keys,
    ledger,
    public_keys,
    records,
    stamps,
    time,
    touch,
    witnesses,
)
from archiver.verify.bundle_bag import Found, check_bag, check_folders, check_zip, derived_in, read_contents
from archiver.verify.bundle_view import BundleView
from archiver.verify.bundle_wacz import check_waczs
from archiver.verify.case import Case, failed, passed, unchecked
from archiver.verify.keys import KeyTimes
from archiver.verify.ledger import Ledger
from archiver.verify.policy import Trust

_SEAL_BYTES = 64 << 10
_ALWAYS = (
    "That the site sent these bytes to anybody but the capturing machine: TLS leaves no proof for third parties.",
    "That whoever held the investigator's key did not make up the page before sealing it.",
    "That the ledger holds every source: what was never captured is not in it.",
    "What the withheld entries hold, how many of them are failed attempts, and how many are erased: the maker's word.",
)
_SPLIT_VIEW = "That no second version of this ledger was shown to others: SPLIT VIEW NOT EXCLUDED."
_NO_TIME = "When this was captured, by any clock but the capturing machine's own: no timestamp was verified."
_ONE_CLOCK = "That the time does not rest on one authority alone: only one stands behind the timestamps that verified."


@dataclass(frozen=True, slots=True, kw_only=True)
class Presented:
    """What comes with a bundle besides itself: what is wrong with its ZIP (None for a folder), kept checkpoints.

    ``empty`` are folders that hold nothing, which its files do not show.
    """

    name: str = "bundle"
    zip_problems: Sequence[str] | None = None
    kept: Mapping[str, bytes] = field(default_factory=dict)
    empty: Sequence[str] = ()


def is_bundle(source: EvidenceSource) -> bool:
    """Say whether this looks like a bundle: a bag with a ``bundle.json``, or what is left of one."""
    return source.is_file(bundle.CONTENTS) or (source.is_file(bag.DECLARATION_FILE) and source.is_file(bag.TAG_LIST))


def verify_bundle(source: EvidenceSource, *, trust: Trust, required: Level, presented: Presented) -> Report:
    """Give the report. Every check is made, whatever the others say; a part that cannot be read fails."""
    found = Found()
    checks = [*check_zip(presented.zip_problems, presented.name), *_whole(check_bag(source, found))]
    checks.extend(failed("bag-complete", Level.FILES, one, "a folder that holds nothing") for one in presented.empty)
    contents = read_contents(source)
    if isinstance(contents, str):
        checks.append(failed("bundle-form", Level.FILES, bundle.CONTENTS, contents))
    else:
        checks.append(passed("bundle-form", Level.FILES, bundle.CONTENTS))
        checks.extend(_opened(source, contents, found, trust, presented))
    return Report(checks=tuple(checks), required=required, not_proven=_not_proven(checks))


def check_files(source: EvidenceSource, *, zip_problems: Sequence[str] | None, name: str) -> Iterator[Check]:
    """Give the checks of level L0 alone."""
    found = Found()
    yield from check_zip(zip_problems, name)
    yield from _whole(check_bag(source, found))
    contents = read_contents(source)
    if isinstance(contents, str):
        yield failed("bundle-form", Level.FILES, bundle.CONTENTS, contents)
    else:
        yield passed("bundle-form", Level.FILES, bundle.CONTENTS)
        yield from _whole(check_folders(source, BundleView(source, contents), found))


def unreadable_zip(problem: str, *, name: str, required: Level) -> Report:
    """Give the report over a ZIP whose directory cannot be read: it fails."""
    checks = (failed("bundle-zip", Level.FILES, name, problem),)
    return Report(checks=checks, required=required, not_proven=_not_proven(checks))


def _opened(
    source: EvidenceSource, contents: Contents, found: Found, trust: Trust, presented: Presented
) -> Iterator[Check]:
    """Give the checks of what the bundle opens."""
    view = BundleView(source, contents)
    case = Case(view, view.case)
    entries = ledger.read_ledger(case)
    then = as_of.as_of(case, trust.at)
    clocks = stamps.read_stamps(view, then, trust)
    ever = keys.read_key_times(case, entries, trust, clocks.existed)
    times = ever if then is case else keys.read_key_times(then, entries, trust, clocks.existed)
    trust, handed_over = handovers.follow(case, entries, trust, times)
    exhibits = _only_exhibits(entries, contents)
    seen = content.Content(view, case)
    signatures = [view.told(one) for one in records.check_signatures(case, trust, times)]
    signed = _of_export(view, signatures)
    for part in (
        check_folders(source, view, found),
        _check_seal(source, view, case, trust, times),
        _content(view, case),
        iter(signatures),
        as_of.check_later(case, trust.at),
        _warcs(view, case, seen),
        check_waczs(source, view, found, signed=signed),
        ledger.check_checkpoint(case, entries, trust),
        iter(handed_over),
        bundle_ledger.check_head(view, entries),
        ledger.check_chain(case, entries),
        bundle_ledger.check_history(source, case, entries, trust),
        bundle_ledger.check_consistency(source, entries),
        bundle_ledger.check_openings(source, view, case, entries),
        bundle_ledger.check_counts(view, entries),
        bundle_ledger.check_kept(case, entries, trust, presented.kept),
        public_keys.check_public_keys(case, entries, trust, ever),
        bundle_ledger.check_signers(source, view, case),
        time.check_time(then, exhibits, clocks),
        as_of.check_certificates(then, trust.at, clocks.checks),
        witnesses.check_witnesses(view, then, exhibits, trust),
        seen.checks(),
    ):
        yield from (view.told(one) for one in _whole(part))


def _only_exhibits(entries: Ledger, contents: Contents) -> Ledger:
    """Give the ledger with every entry but the exhibits taken for one that carries its own clock.

    Cover and quorum are asked of exhibits: the export itself always comes after what it hands out.
    """
    wanted = {one.seq for one in contents.exhibits}
    types = [kind if seq in wanted else EntryType.TIMESTAMP for seq, kind in enumerate(entries.types)]
    return replace(entries, types=types)


def _of_export(view: BundleView, signatures: Sequence[Check]) -> Verdict:
    """Give what came of the signature of the export's own record."""
    path = f"{view.folders[view.contents.export_seq]}/{bundle.RECORD}"
    return next((one.verdict for one in signatures if one.subject == path), Verdict.NOT_CHECKED)


def _check_seal(source: EvidenceSource, view: BundleView, case: Case, trust: Trust, times: KeyTimes) -> Iterator[Check]:
    name = "bundle-seal"
    try:
        listed = source.read(bag.TAG_LIST, limit_bytes=bag.LIMIT_BYTES)
        key, signature, namespace = decode_signature(source.read(bag.SEAL, limit_bytes=_SEAL_BYTES))
        device = device_signature(key, signature, signed_message(listed))
        if namespace != NAMESPACE or not (device or verifies(key, signature, signed_message(listed))):
            raise FormatError(f"it is no signature over {bag.TAG_LIST} in the namespace {NAMESPACE}")  # noqa: TRY301
    except (FormatError, Damaged) as error:
        yield failed(name, Level.RECORDS, bag.SEAL, error.message)
        return
    if device is not None and not device.is_touched:
        yield failed(name, Level.RECORDS, bag.SEAL, touch.nobody(key))
    elif key in trust.investigator_keys:
        verdict, why = times.judge(key, _path_of_export(view))
        by = f"by {key_id(key)}, which you trust{touch.shown([device] if device else [])}"
        reason = by + (f": {why}" if why else "")
        yield Check(id=name, level=Level.RECORDS, subject=bag.SEAL, verdict=verdict, reason=reason)
    elif key in times.introduced:
        reason = f"by {key_id(key)}, which entry {times.introduced[key]} puts in the place of a key that you trust"
        yield unchecked(name, Level.RECORDS, bag.SEAL, reason)
    elif trust.investigator_keys:
        yield failed(name, Level.RECORDS, bag.SEAL, f"by {key_id(key)}, which you do not trust")
    elif records.key_inside(case) == key:
        reason = f"valid under {key_id(key)}, a key that came with the bundle: say whether you trust it (--trust)"
        yield unchecked(name, Level.RECORDS, bag.SEAL, reason)
    else:
        yield failed(name, Level.RECORDS, bag.SEAL, f"by {key_id(key)}, which is not even the bundle's own key")


def _path_of_export(view: BundleView) -> str:
    export = view.predicates.get(view.contents.export_seq)
    return f"events/{export.id}.dsse.json" if export else ""


def _content(view: BundleView, case: Case) -> Iterator[Check]:
    """Give what a workspace says of its manifests, and whether ``bundle.json`` says the same of exhibits."""
    yield from records.check_content(case)
    for one in view.contents.exhibits:
        found = view.predicates.get(one.seq)
        if found is not None and not _agrees(one, found):
            path = f"{view.folders[one.seq]}/{bundle.RECORD}"
            reason = "bundle.json says another id, citation or outcome than the record"
            yield failed("manifest-content", Level.RECORDS, path, reason)


def _agrees(exhibit: Exhibit, found: object) -> bool:
    if not isinstance(found, Capture):
        return False
    said = (exhibit.id, exhibit.citation_id, exhibit.state)
    return said == (found.id, found.citation_id, found.attempt.outcome.state)


def _warcs(view: BundleView, case: Case, seen: content.Content) -> Iterator[Check]:
    """Give the checks of WARC files and of what they hold; of a derivative, that the original cannot be looked at."""
    derived = {f"{view.folders[seq]}/{bundle.RECORD}: {name}" for seq, name in derived_in(view) if seq in view.folders}
    records_of = {subject.partition(": ")[0] for subject in derived}
    for one in records.check_warcs(view, case, seen):
        check = view.told(one)
        if check.subject in derived or (check.level is Level.CONTENT and check.subject in records_of):
            reason = "a derivative lies here: the records of the original are not in the bundle"
            yield unchecked(check.id, check.level, check.subject, reason)
        else:
            yield one


def _whole(checks: Iterator[Check]) -> Iterator[Check]:
    """Give the checks; a part that cannot be listed or read fails, and the parts after it are checked."""
    try:
        yield from checks
    except (Damaged, FormatError) as error:
        yield failed("unreadable", Level.FILES, bundle.DATA, f"this part could not be checked: {error.message}")


def _not_proven(checks: Sequence[Check]) -> tuple[str, ...]:
    said = {one.reason.rsplit(", says ", 1)[-1] for one in checks if _passed(one, "timestamp")}
    told = {0: (_NO_TIME,), 1: (_ONE_CLOCK,)}.get(len(said), ())
    split = () if any(_passed(one, "witness-quorum") for one in checks) else (_SPLIT_VIEW,)
    return (*_ALWAYS, *split, *told)


def _passed(check: Check, name: str) -> bool:
    return check.id == name and check.verdict is Verdict.PASS
