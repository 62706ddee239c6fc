"""Level L2: is the ledger one unbroken chain, by a trusted log, and about these manifests.

====================  =====================================================================
ledger-checkpoint     is the newest checkpoint signed by a trusted log key?
ledger-tiles          are exactly the tiles of its size there, with hashes of the entries?
ledger-chain          are the entries in order, each naming the one before?
ledger-root           do the entries give the root that was signed?
ledger-history        is each older checkpoint signed, and a prefix of the newest?
entry-opening         does each entry's commitment open to the manifest's exact bytes?
manifest-recorded     is each manifest in the ledger, once?
public-keys           are the keys that lie beside the ledger the trusted ones?
====================  =====================================================================
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from archiver.formats import entry, layout, note, tiles
from archiver.formats.checkpoint import decode as decode_checkpoint
from archiver.formats.manifest import entry_type
from archiver.formats.tiles import Tile
from archiver.model.digest import Digest
from archiver.model.errors import Damaged, FormatError
from archiver.model.provenance import Checkpoint, Entry, Note, Opening, VerifierKey
from archiver.model.report import Check, Level
from archiver.proof.merkle import Frontier, leaf_hash, root
from archiver.proof.signature import key_id, public_from_pem, verify_note
from archiver.verify.case import Case, ReadManifest, failed, passed, unchecked
from archiver.verify.policy import Trust

_MOST_ENTRIES = 10_000_000
_MOST_NAMED = 1_000  # of what is missing: a forged size alone must not make a report of millions of lines
_SIZE = re.compile(r"[1-9][0-9]{0,15}\Z", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """What could be read of a ledger: its head, its leaves as far as they were readable, its openings."""

    head: Note | None
    checkpoint: Checkpoint | None
    leaves: tuple[bytes, ...]
    openings: tuple[Opening | None, ...]
    problem: str = ""

    @property
    def size(self) -> int:
        """Give the number of entries that the newest checkpoint counts."""
        return self.checkpoint.size if self.checkpoint else 0


def read_ledger(case: Case) -> Ledger:
    """Give what is readable of the ledger; problems are kept, never raised."""
    try:
        head = note.decode(case.read(layout.CHECKPOINT))
        checkpoint = decode_checkpoint(head.text)
        _check_bound(checkpoint)
    except (FormatError, Damaged) as error:
        return Ledger(head=None, checkpoint=None, leaves=(), openings=(), problem=error.message)
    leaves: list[bytes] = []
    problem = ""
    for tile in tiles.tiles_for(checkpoint.size):
        if tile.level is not None:
            break
        try:
            leaves.extend(tiles.decode_entries(case.read(tile.path), width=tile.width))
        except (FormatError, Damaged) as error:
            problem = error.message
            break
    return Ledger(
        head=head,
        checkpoint=checkpoint,
        leaves=tuple(leaves),
        openings=tuple(_opening(case, seq) for seq in range(len(leaves))),
        problem=problem,
    )


def _check_bound(checkpoint: Checkpoint) -> None:
    if checkpoint.size > _MOST_ENTRIES:
        raise FormatError(f"checkpoint: {checkpoint.size} entries are more than are read here ({_MOST_ENTRIES})")


def _opening(case: Case, seq: int) -> Opening | None:
    try:
        return entry.decode_opening(case.read(layout.opening(seq)))
    except (FormatError, Damaged):
        return None


def check_checkpoint(case: Case, ledger: Ledger, trust: Trust) -> Iterator[Check]:
    """Say whether a trusted log signed the newest checkpoint."""
    subject = case.full(layout.CHECKPOINT)
    if ledger.head is None or ledger.checkpoint is None:
        yield failed("ledger-checkpoint", Level.LEDGER, subject, f"no checkpoint can be read: {ledger.problem}")
        return
    yield _signed(ledger.head, ledger.checkpoint, case=case, trust=trust, name="ledger-checkpoint", subject=subject)


def _signed(found: Note, checkpoint: Checkpoint, *, case: Case, trust: Trust, name: str, subject: str) -> Check:
    trusted = [key for key in trust.logs if key.name == checkpoint.origin and verify_note(found, key)]
    if trusted:
        reason = f"{checkpoint.size} entries, signed by {key_id(trusted[0].public_key)}, which you trust"
        return passed(name, Level.LEDGER, subject, reason)
    if trust.logs:
        reason = f"not signed by a key that you trust for the ledger {checkpoint.origin}"
        return failed(name, Level.LEDGER, subject, reason)
    inside = _vkey_inside(case)
    if inside is not None and inside.name == checkpoint.origin and verify_note(found, inside):
        reason = (
            f"valid under {key_id(inside.public_key)}, a key that came with the evidence: --trust says if you trust it"
        )
        return unchecked(name, Level.LEDGER, subject, reason)
    return failed(name, Level.LEDGER, subject, "no signature of it is valid")


def _vkey_inside(case: Case) -> VerifierKey | None:
    try:
        return note.decode_vkey(case.read(layout.LOG_VKEY).decode("utf-8", "replace"))
    except (FormatError, Damaged):
        return None


def check_tiles(case: Case, ledger: Ledger) -> Iterator[Check]:
    """Say whether exactly the tiles of this size are there, and hold the hashes of the entries."""
    wanted = {tile.path: tile for tile in tiles.tiles_for(ledger.size)}
    present = {path for path in case.files if path.startswith(f"{layout.TILES}/") and "/.tmp-" not in path}
    extra = sorted(present - wanted.keys())
    for path in extra:
        yield failed("ledger-tiles", Level.LEDGER, case.full(path), "not a tile of the newest checkpoint's size")
    row: list[bytes] = [leaf_hash(leaf) for leaf in ledger.leaves]
    wrong = 0
    for level, group in _by_level(ledger.size):
        if level:
            row = [root(row[at : at + tiles.WIDTH]) for at in range(0, len(row) - tiles.WIDTH + 1, tiles.WIDTH)]
        for tile in group:
            problem = _tile_problem(case, tile, row[tile.index * tiles.WIDTH :][: tile.width])
            if problem:
                wrong += 1
                yield failed("ledger-tiles", Level.LEDGER, case.full(tile.path), problem)
    if ledger.problem and ledger.size:
        yield failed("ledger-tiles", Level.LEDGER, case.full(layout.TILES), f"entries cannot be read: {ledger.problem}")
    elif not extra and not wrong and ledger.size:
        yield passed("ledger-tiles", Level.LEDGER, case.full(layout.TILES), f"{len(wanted)} tiles")


def _by_level(size: int) -> Iterator[tuple[int, list[Tile]]]:
    found = [tile for tile in tiles.tiles_for(size) if tile.level is not None]
    for level in sorted({tile.level for tile in found if tile.level is not None}):
        yield level, [tile for tile in found if tile.level == level]


def _tile_problem(case: Case, tile: Tile, expected: list[bytes]) -> str:
    try:
        found = tiles.decode_hashes(case.read(tile.path), width=tile.width)
    except (FormatError, Damaged) as error:
        return error.message
    return "" if list(found) == expected else "its hashes are not those of the entries"


def check_chain(case: Case, ledger: Ledger) -> Iterator[Check]:
    """Say whether the entries follow one another, and give the root that was signed."""
    subject = case.full(layout.TILES)
    if ledger.checkpoint is None:
        return
    problem = _chain_problem(ledger.leaves)
    if problem:
        yield failed("ledger-chain", Level.LEDGER, subject, problem)
    elif ledger.leaves:
        yield passed("ledger-chain", Level.LEDGER, subject, f"{len(ledger.leaves)} entries, each naming the one before")
    if (
        len(ledger.leaves) == ledger.size
        and root([leaf_hash(leaf) for leaf in ledger.leaves]) == ledger.checkpoint.root
    ):
        yield passed("ledger-root", Level.LEDGER, case.full(layout.CHECKPOINT))
    else:
        reason = "the entries do not give the root that was signed"
        yield failed("ledger-root", Level.LEDGER, case.full(layout.CHECKPOINT), reason)


def _chain_problem(leaves: tuple[bytes, ...]) -> str:
    prev = entry.FIRST_PREV
    for number, leaf in enumerate(leaves):
        try:
            found = entry.decode(leaf)
        except FormatError as error:
            return f"entry {number}: {error.message}"
        if found.seq != number:
            return f"entry {number} says that it is entry {found.seq}: entries were dropped, added or swapped"
        if found.prev != prev:
            return f"entry {number} does not name the entry before it: entries were dropped, added or swapped"
        prev = Digest.of(leaf)
    return ""


def check_history(case: Case, ledger: Ledger, trust: Trust) -> Iterator[Check]:
    """Say whether each older checkpoint is signed and a prefix of the newest, and none is missing."""
    cut = len(layout.CHECKPOINTS) + 1
    names = {path[cut:] for path in case.files if path.startswith(f"{layout.CHECKPOINTS}/") and "/.tmp-" not in path}
    kept = {int(name) for name in names if _SIZE.match(name) and int(name) <= ledger.size}
    missing = (size for size in range(1, ledger.size + 1) if size not in kept)
    for size in islice(missing, _MOST_NAMED):
        yield failed(
            "ledger-history", Level.LEDGER, case.full(layout.checkpoint_of(size)), "this checkpoint is missing"
        )
    if ledger.size - len(kept) > _MOST_NAMED:
        reason = f"{ledger.size - len(kept)} checkpoints are missing in all; the first {_MOST_NAMED} are named"
        yield failed("ledger-history", Level.LEDGER, case.full(layout.CHECKPOINTS), reason)
    for name in sorted(names - {str(size) for size in kept}):
        reason = "a checkpoint beyond the newest one: the ledger was cut back, or an append was cut off"
        yield failed("ledger-history", Level.LEDGER, case.full(f"{layout.CHECKPOINTS}/{name}"), reason)
    yield from _check_kept(case, ledger, kept, trust=trust)


def _check_kept(case: Case, ledger: Ledger, kept: set[int], *, trust: Trust) -> Iterator[Check]:
    """Go through the entries once: the tree of each size comes from the one before."""
    tree = Frontier()
    for leaf in ledger.leaves:
        tree = tree.append(leaf_hash(leaf))
        if tree.size in kept:
            yield _check_old(case, layout.checkpoint_of(tree.size), found_root=tree.root(), trust=trust)
    for size in sorted(size for size in kept if size > tree.size):
        reason = "the entries that it counts cannot be read"
        yield failed("ledger-history", Level.LEDGER, case.full(layout.checkpoint_of(size)), reason)


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
    return _signed(found, checkpoint, case=case, trust=trust, name="ledger-history", subject=subject)


def check_openings(case: Case, ledger: Ledger) -> Iterator[Check]:
    """Say of each entry whether it opens to its manifest's exact bytes, and of each manifest if it is recorded."""
    by_path = {one.path: one for one in case.manifests}
    opened: dict[str, int] = {}
    for number, (leaf, opening) in enumerate(zip(ledger.leaves, ledger.openings, strict=True)):
        yield _check_opening(case, number, leaf, opening, by_path)
        if opening is not None and opening.path in opened:
            reason = f"recorded twice: as entry {opened[opening.path]} and as entry {number}"
            yield failed("manifest-recorded", Level.LEDGER, case.full(opening.path), reason)
        elif opening is not None:
            opened[opening.path] = number
    for path in by_path:
        if path in opened:
            yield passed("manifest-recorded", Level.LEDGER, case.full(path), f"entry {opened[path]}")
        else:
            reason = "no entry of the ledger is about this manifest (after a crash, archiver capture records it)"
            yield failed("manifest-recorded", Level.LEDGER, case.full(path), reason)
    wanted = {layout.opening(seq) for seq in range(len(ledger.leaves))}
    for path in case.files:
        if path.startswith(f"{layout.SALTS}/") and path not in wanted:
            yield failed(
                "entry-opening", Level.LEDGER, case.full(path), "it opens an entry that the ledger does not have"
            )


def _check_opening(
    case: Case, number: int, leaf: bytes, opening: Opening | None, by_path: dict[str, ReadManifest]
) -> Check:
    subject = f"{case.full(layout.opening(number))}"
    if opening is None:
        if case.is_file(layout.opening(number)):
            return failed("entry-opening", Level.LEDGER, subject, "the file that opens this entry is damaged")
        reason = "entry without an opening: its content was erased or is withheld; its place in the ledger is proven"
        return failed("entry-opening", Level.LEDGER, subject, reason)
    try:
        found = entry.decode(leaf)
    except FormatError as error:
        return failed("entry-opening", Level.LEDGER, subject, error.message)
    manifest = by_path.get(opening.path)
    if opening.seq != number or manifest is None:
        reason = f"it opens entry {opening.seq} to {opening.path}, which is not there"
        return failed("entry-opening", Level.LEDGER, subject, reason)
    if entry.commitment(opening.salt, manifest.raw) != found.commit:
        reason = f"{opening.path} is not what was recorded as entry {number}: manifest or salt was changed"
        return failed("entry-opening", Level.LEDGER, subject, reason)
    return _check_type(found, manifest, number=number, subject=subject)


def _check_type(found: Entry, manifest: ReadManifest, *, number: int, subject: str) -> Check:
    if manifest.statement is not None and entry_type(manifest.statement) is not found.type:
        return failed(
            "entry-opening", Level.LEDGER, subject, f"entry {number} says {found.type}, its manifest is another type"
        )
    return passed("entry-opening", Level.LEDGER, subject, manifest.path)


def check_public_keys(case: Case, ledger: Ledger, trust: Trust) -> Iterator[Check]:
    """Say whether the public files beside the ledger agree with it and with the trust; they prove nothing alone."""
    inside = _vkey_inside(case)
    subject = case.full(layout.LOG_VKEY)
    if inside is None:
        yield failed("public-keys", Level.LEDGER, subject, "no readable key of the ledger")
        return
    if ledger.checkpoint is not None and inside.name != ledger.checkpoint.origin:
        yield failed("public-keys", Level.LEDGER, subject, f"it is the key of {inside.name}, not of this ledger")
    elif trust.logs and inside not in trust.logs:
        yield failed("public-keys", Level.LEDGER, subject, "it is not a key that you trust")
    elif not trust.logs:
        yield unchecked("public-keys", Level.LEDGER, subject, "you named no key to compare it with (--trust)")
    else:
        yield passed("public-keys", Level.LEDGER, subject)
    yield from _check_copies(case, inside, trust)


def _check_copies(case: Case, inside: VerifierKey, trust: Trust) -> Iterator[Check]:
    """Say whether the same keys in other forms are the same: those are what an auditor's own programs read."""
    policy = f"log {note.encode_vkey(inside)}\nquorum none\n".encode()
    for path, right in (
        (layout.LOG_PEM, lambda raw: public_from_pem(raw) == inside.public_key),
        (layout.POLICY, lambda raw: raw == policy),
        (
            layout.INVESTIGATOR_PEM,
            lambda raw: not trust.investigator_keys or public_from_pem(raw) in trust.investigator_keys,
        ),
    ):
        try:
            problem = "" if right(case.read(path)) else "it is not the key that the other files say"
        except (FormatError, Damaged) as error:
            problem = error.message
        if problem:
            yield failed("public-keys", Level.LEDGER, case.full(path), problem)
        elif path == layout.INVESTIGATOR_PEM and not trust.investigator_keys:
            yield unchecked(
                "public-keys", Level.LEDGER, case.full(path), "you named no key to compare it with (--trust)"
            )
        else:
            yield passed("public-keys", Level.LEDGER, case.full(path))
