"""Level L2 of a bundle: do leaves, proofs, older checkpoints and counts agree with one signed head."""

from collections import Counter
from collections.abc import Iterator, Mapping

from archiver.formats import bundle, entry, layout, note, proof
from archiver.formats.checkpoint import decode as decode_checkpoint
from archiver.formats.manifest import entry_type, statement_of
from archiver.formats.ssh import AllowedSigner, allowed_signers
from archiver.model.errors import Damaged, FormatError
from archiver.model.events import Export
from archiver.model.evidence import Capture, State
from archiver.model.provenance import Opening
from archiver.model.report import Check, Level
from archiver.proof.merkle import leaf_hash, verify_consistency, verify_inclusion
from archiver.proof.signature import read_public_file
from archiver.proof.windows import PRINCIPAL
from archiver.store.source import EvidenceSource
from archiver.verify.bundle_view import BundleView
from archiver.verify.case import Case, failed, passed, unchecked
from archiver.verify.history import check_presented
from archiver.verify.ledger import Ledger, root_of, signed_check
from archiver.verify.policy import Trust

_SMALL_BYTES = 1 << 20


def check_head(view: BundleView, ledger: Ledger) -> Iterator[Check]:
    """Say whether ``bundle.json`` is about this head, and the leaves can be read."""
    if view.leaves_problem:
        yield failed("ledger-chain", Level.LEDGER, bundle.LEAVES, view.leaves_problem)
    contents, head = view.contents, ledger.checkpoint
    if head is not None and (head.origin, head.size) != (contents.origin, contents.size):
        reason = f"bundle.json is about {contents.size} entries of {contents.origin}, the checkpoint about other ones"
        yield failed("ledger-checkpoint", Level.LEDGER, bundle.CHECKPOINT, reason)


def check_history(source: EvidenceSource, case: Case, ledger: Ledger, trust: Trust) -> Iterator[Check]:
    """Say of each older checkpoint whether a trusted log signed it and it is a prefix of the newest."""
    for path in source.list(bundle.CHECKPOINTS):
        try:
            found = note.decode(source.read(path, limit_bytes=_SMALL_BYTES))
            old = decode_checkpoint(found.text)
        except (FormatError, Damaged) as error:
            yield failed("ledger-history", Level.LEDGER, path, error.message)
            continue
        problem = ""
        if path != bundle.checkpoint_of(old.size):
            problem = f"it is the checkpoint of size {old.size}"
        elif ledger.checkpoint is None or old.origin != ledger.checkpoint.origin:
            problem = f"it is of another ledger: {old.origin}"
        elif old.size > ledger.read or old.root != root_of(ledger, old.size):
            problem = "it signs other entries than the newest checkpoint: history was rewritten"
        if problem:
            yield failed("ledger-history", Level.LEDGER, path, problem)
        else:
            yield signed_check(found, old, case=case, trust=trust, name="ledger-history", subject=path)


def check_consistency(source: EvidenceSource, ledger: Ledger) -> Iterator[Check]:
    """Say whether exactly the consistency proofs of the older checkpoints are there, and each is right."""
    name, size = "ledger-consistency", ledger.size
    roots = dict(_older(source, size))
    wanted = {bundle.consistency(old, size): old for old in roots}
    present = set(source.list(bundle.CONSISTENCY))
    for path in sorted(present ^ wanted.keys()):
        reason = "missing" if path in wanted else "no older checkpoint is here that it is about"
        yield failed(name, Level.LEDGER, path, reason)
    for path in sorted(present & wanted.keys()):
        try:
            hashes = proof.decode_hashes(source.read(path, limit_bytes=_SMALL_BYTES))
        except (FormatError, Damaged) as error:
            yield failed(name, Level.LEDGER, path, error.message)
            continue
        head = ledger.checkpoint
        if head is None or not verify_consistency(wanted[path], roots[wanted[path]], size, head.root, hashes):
            yield failed(name, Level.LEDGER, path, "it does not lead from the one root to the other")
        else:
            yield passed(name, Level.LEDGER, path)


def _older(source: EvidenceSource, size: int) -> Iterator[tuple[int, bytes]]:
    for path in source.list(bundle.CHECKPOINTS):
        try:
            old = decode_checkpoint(note.decode(source.read(path, limit_bytes=_SMALL_BYTES)).text)
        except (FormatError, Damaged):  # told by `check_history`
            continue
        if old.size < size:
            yield old.size, old.root


def check_openings(source: EvidenceSource, view: BundleView, case: Case, ledger: Ledger) -> Iterator[Check]:
    """Say of each disclosed entry whether salt and record give its commitment, and its proof leads to the head."""
    raws = {one.path: one.raw for one in case.manifests}
    for seq, folder in sorted(view.folders.items()):
        yield _check_opening(view, case, ledger, raws, seq=seq)
        yield _check_proof(source, view, ledger, seq=seq, path=f"{folder}/{bundle.PROOF}")


def _check_opening(view: BundleView, case: Case, ledger: Ledger, raws: Mapping[str, bytes], *, seq: int) -> Check:
    subject = f"{view.folders[seq]}/{bundle.SALT}"
    opening = case.openings.get(seq)
    if not isinstance(opening, Opening):
        return failed("entry-opening", Level.LEDGER, subject, opening or "missing")
    if seq >= ledger.read or ledger.types[seq] is None:
        return failed("entry-opening", Level.LEDGER, subject, "no entry of this number can be read")
    raw = raws.get(opening.path)
    if raw is None or view.real(case.full(opening.path)) != f"{view.folders[seq]}/{bundle.RECORD}":
        return failed("entry-opening", Level.LEDGER, subject, f"it opens {opening.path}, which is not here")
    if bytes.fromhex(entry.commitment(opening.salt, raw).hex) != ledger.commit(seq):
        return failed("entry-opening", Level.LEDGER, subject, f"salt and record are not what entry {seq} commits to")
    predicate = view.predicates.get(seq)
    if predicate is not None and entry_type(statement_of(predicate)) is not ledger.types[seq]:
        return failed("entry-opening", Level.LEDGER, subject, f"entry {seq} is of another type than its record")
    return passed("entry-opening", Level.LEDGER, subject)


def _check_proof(source: EvidenceSource, view: BundleView, ledger: Ledger, *, seq: int, path: str) -> Check:
    try:
        found = proof.decode(source.read(path, limit_bytes=_SMALL_BYTES))
    except (FormatError, Damaged) as error:
        return failed("entry-proof", Level.LEDGER, path, error.message)
    head = ledger.checkpoint
    if head is None or ledger.head is None or found.checkpoint.text != ledger.head.text:
        return failed("entry-proof", Level.LEDGER, path, f"it is not against {bundle.CHECKPOINT}")
    leaf = leaf_hash(view.leaves[seq]) if seq < len(view.leaves) else b""
    if found.index != seq or not verify_inclusion(leaf, seq, head.size, found.hashes, head.root):
        return failed("entry-proof", Level.LEDGER, path, "it does not lead from the entry to the signed root")
    return passed("entry-proof", Level.LEDGER, path)


def check_counts(view: BundleView, ledger: Ledger) -> Iterator[Check]:
    """Say whether the counts are those of leaves, records and the export's own word."""
    problems = list(_count_problems(view, ledger))
    for problem in problems:
        yield failed("bundle-counts", Level.LEDGER, bundle.CONTENTS, problem)
    if not problems:
        counts = view.contents.counts
        reason = (
            f"{counts.disclosed} of {counts.entries} opened, {counts.withheld} withheld, {counts.erased} erased; the "
            f"last, and that {counts.failed_withheld} of the withheld are failed attempts, is the maker's word"
        )
        yield passed("bundle-counts", Level.LEDGER, bundle.CONTENTS, reason)


def _count_problems(view: BundleView, ledger: Ledger) -> Iterator[str]:
    contents, counts = view.contents, view.contents.counts
    export = view.predicates.get(contents.export_seq)
    if not isinstance(export, Export):
        yield f"entry {contents.export_seq} is no export that can be read"
        return
    by_type = Counter(kind for kind in ledger.types if kind is not None)
    opened = sorted(view.folders)
    below = [seq for seq in opened if seq < export.checkpoint_size]
    failures = sum(_has_failed(view, one.seq) for one in contents.exhibits)
    claims = {
        "entries": (counts.entries, ledger.read),
        "by_type": (dict(counts.by_type), dict(by_type)),
        "disclosed": (counts.disclosed, len(opened)),
        "withheld": (counts.withheld, ledger.read - len(opened) - counts.erased),
        "failed_disclosed": (counts.failed_disclosed, failures),
        "erased": (counts.erased, export.erased),
        "failed_withheld": (counts.failed_withheld, export.failed_withheld),
        "the export's list of entries": (list(export.disclosed), below),
        "the export's counts": (len(export.disclosed) + export.withheld + export.erased, export.checkpoint_size),
    }
    for what, (stated, there) in claims.items():
        if stated != there:
            yield f"{what}: stated {str(stated)[:200]}, found {str(there)[:200]}"
    if export.checkpoint_size > contents.export_seq:
        yield "the export says that the ledger before it had more entries than there were"


def _has_failed(view: BundleView, seq: int) -> bool:
    found = view.predicates.get(seq)
    return isinstance(found, Capture) and found.attempt.outcome.state is State.FAILED


def check_kept(case: Case, ledger: Ledger, trust: Trust, kept: Mapping[str, bytes]) -> Iterator[Check]:
    """Say of each checkpoint of this ledger that the auditor kept whether it is a prefix; others are passed by."""
    for subject, raw in sorted(kept.items()):
        try:
            old = decode_checkpoint(note.decode(raw).text)
        except FormatError as error:
            yield failed("presented-checkpoint", Level.LEDGER, subject, error.message)
            continue
        if ledger.checkpoint is None or old.origin != ledger.checkpoint.origin:
            continue
        if old.size > ledger.size:
            reason = (
                f"it counts {old.size} entries: it is newer than the bundle, which cannot show that it grew into it"
            )
            yield unchecked("presented-checkpoint", Level.LEDGER, subject, reason)
        else:
            yield check_presented(case, ledger, trust, raw, subject=subject)


def check_signers(source: EvidenceSource, view: BundleView, case: Case) -> Iterator[Check]:
    """Say whether ``allowed_signers`` names the key beside it, where no key event says more."""
    path = f"{bundle.TRUST}/allowed_signers"
    if view.is_file(f"{layout.case_folder(view.case)}/{layout.ALLOWED_SIGNERS}"):
        return  # with key events the check of a workspace tells
    try:
        key = read_public_file(case.read(case.investigator_file))
        right = allowed_signers([AllowedSigner(principal=PRINCIPAL, public_key=key)])
        problem = "" if source.read(path, limit_bytes=_SMALL_BYTES) == right else "it names another key, or more"
    except (FormatError, Damaged) as error:
        problem = error.message
    if problem:
        yield failed("public-keys", Level.LEDGER, path, problem)
    else:
        yield passed("public-keys", Level.LEDGER, path)
