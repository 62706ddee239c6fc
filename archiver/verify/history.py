"""Level L2: is each checkpoint that was ever signed a prefix of the newest, and none of them missing.

====================  =====================================================================
ledger-history        is each older checkpoint signed, and a prefix of the newest?
presented-checkpoint  is a checkpoint that somebody kept elsewhere a prefix of the newest?
====================  =====================================================================

A checkpoint of each size is kept, but for the sizes within an append of several entries: which these are, the
names of the files of salts say. LIMIT: whoever joins the files of salts of several appends into one can take
away the checkpoints between them unseen; what a timestamp or a cosignature is about is missed all the same.
"""

import re
from collections.abc import Iterator

from archiver.formats import layout, note, tiles
from archiver.formats.checkpoint import decode as decode_checkpoint
from archiver.model.errors import Damaged, FormatError
from archiver.model.report import Check, Level
from archiver.proof.merkle import Frontier
from archiver.verify.case import Case, failed
from archiver.verify.ledger import Ledger, root_of, signed_check
from archiver.verify.policy import Trust

_SIZE = re.compile(r"[1-9][0-9]{0,15}\Z", re.ASCII)
_MOST_NAMED = 1_000  # of what is missing: a forged size alone must not make a report of millions of lines


def check_history(case: Case, ledger: Ledger, trust: Trust) -> Iterator[Check]:
    """Say whether each older checkpoint is signed and a prefix of the newest, and none is missing."""
    cut = len(layout.CHECKPOINTS) + 1
    names = {path[cut:] for path in case.files if path.startswith(f"{layout.CHECKPOINTS}/") and "/.tmp-" not in path}
    kept = {int(name) for name in names if _SIZE.match(name) and int(name) <= ledger.size}
    within = {size for first, last in case.spans for size in range(first + 1, min(last, ledger.size) + 1)}
    missing = [size for size in range(1, ledger.size + 1) if size not in kept and size not in within]
    for size in missing[:_MOST_NAMED]:
        yield failed(
            "ledger-history", Level.LEDGER, case.full(layout.checkpoint_of(size)), "this checkpoint is missing"
        )
    if len(missing) > _MOST_NAMED:
        reason = f"{len(missing)} checkpoints are missing in all; the first {_MOST_NAMED} are named"
        yield failed("ledger-history", Level.LEDGER, case.full(layout.CHECKPOINTS), reason)
    for name in sorted(names - {str(size) for size in kept}):
        reason = "a checkpoint beyond the newest one: the ledger was cut back, or an append was cut off"
        yield failed("ledger-history", Level.LEDGER, case.full(f"{layout.CHECKPOINTS}/{name}"), reason)
    for size, found_root in _roots(ledger, kept):
        yield _check_old(case, layout.checkpoint_of(size), found_root=found_root, trust=trust)
    for size in sorted(size for size in kept if size > ledger.read):
        reason = "the entries that it counts cannot be read"
        yield failed("ledger-history", Level.LEDGER, case.full(layout.checkpoint_of(size)), reason)


def _roots(ledger: Ledger, kept: set[int]) -> Iterator[tuple[int, bytes]]:
    """Give the root for each kept size, going through the entries once; a tile without such a size in one step."""
    whole = Frontier()
    for start in range(0, ledger.read, tiles.WIDTH):
        end = min(start + tiles.WIDTH, ledger.read)
        sizes = [size for size in range(start + 1, end + 1) if size in kept]
        inner, at = Frontier(), start
        for size in sizes if sizes != [start + tiles.WIDTH] else ():
            while at < size:
                inner, at = inner.append(ledger.rows[0][at]), at + 1
            yield size, Frontier(size=size, hashes=(*whole.hashes, *inner.hashes)).root()
        if end - start == tiles.WIDTH:
            whole = whole.append(ledger.rows[1][start // tiles.WIDTH])
        if sizes == [start + tiles.WIDTH]:
            yield end, whole.root()


def check_presented(case: Case, ledger: Ledger, trust: Trust, raw: bytes, *, subject: str) -> Check:
    """Say whether a checkpoint that somebody kept elsewhere is signed by a trusted log and a prefix of the newest."""
    name = "presented-checkpoint"
    try:
        found = note.decode(raw)
        checkpoint = decode_checkpoint(found.text)
    except FormatError as error:
        return failed(name, Level.LEDGER, subject, error.message)
    if ledger.checkpoint is None or checkpoint.origin != ledger.checkpoint.origin:
        return failed(name, Level.LEDGER, subject, f"it is a checkpoint of {checkpoint.origin}, not of this ledger")
    if checkpoint.size > ledger.read:
        reason = f"it counts {checkpoint.size} entries, the ledger has {ledger.read}: the ledger was cut back"
        return failed(name, Level.LEDGER, subject, reason)
    if checkpoint.root != root_of(ledger, checkpoint.size):
        reason = "it signs other entries than the newest checkpoint: two histories were signed"
        return failed(name, Level.LEDGER, subject, reason)
    return signed_check(found, checkpoint, case=case, trust=trust, name=name, subject=subject)


def _check_old(case: Case, path: str, *, found_root: bytes, trust: Trust) -> Check:
    subject = case.full(path)
    try:
        found = note.decode(case.read(path))
        checkpoint = decode_checkpoint(found.text)
    except (FormatError, Damaged) as error:
        return failed("ledger-history", Level.LEDGER, subject, error.message)
    if path != layout.checkpoint_of(checkpoint.size):
        return failed("ledger-history", Level.LEDGER, subject, f"it is the checkpoint of size {checkpoint.size}")
    if checkpoint.root != found_root:
        return failed(
            "ledger-history",
            Level.LEDGER,
            subject,
            "it signs other entries than the newest checkpoint: history was rewritten",
        )
    return signed_check(found, checkpoint, case=case, trust=trust, name="ledger-history", subject=subject)
