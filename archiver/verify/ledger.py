"""Level L2: is the ledger one unbroken chain, by a trusted log.

====================  =====================================================================
ledger-checkpoint     is the newest checkpoint signed by a trusted log key?
ledger-tiles          are exactly the tiles of its size there, with hashes of the entries?
ledger-chain          are the entries in order, each naming the one before?
ledger-root           do the entries give the root that was signed?
====================  =====================================================================

The entries are read once, tile by tile, and only their hashes, commitments and types are kept: a ledger of a
million of them is checked in seconds and in little memory.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from archiver.formats import entry, layout, note, tiles
from archiver.formats.checkpoint import decode as decode_checkpoint
from archiver.formats.tiles import Tile
from archiver.model.errors import Damaged, FormatError
from archiver.model.provenance import Checkpoint, EntryType, Note, VerifierKey
from archiver.model.report import Check, Level
from archiver.proof.merkle import leaf_hash, root
from archiver.proof.signature import key_id, verify_note
from archiver.verify import log_keys
from archiver.verify.case import Case, failed, passed, unchecked
from archiver.verify.policy import Trust

_MOST_ENTRIES = 10_000_000
_HASH_BYTES = 32


@dataclass(slots=True, kw_only=True)
class Ledger:
    """What could be read of a ledger. ``rows`` are the hashes of each level of tiles, the leaves' first.

    ``types`` and ``commits`` (32 bytes each) are those of the leaves, None and zeros where one is malformed.
    """

    head: Note | None = None
    checkpoint: Checkpoint | None = None
    rows: list[list[bytes]] = field(default_factory=lambda: [[]])
    types: list[EntryType | None] = field(default_factory=list)
    commits: bytearray = field(default_factory=bytearray)
    problem: str = ""
    chain_problem: str = ""

    @property
    def size(self) -> int:
        """Give the number of entries that the newest checkpoint counts."""
        return self.checkpoint.size if self.checkpoint else 0

    @property
    def read(self) -> int:
        """Give the number of entries that could be read."""
        return len(self.types)

    def commit(self, seq: int) -> bytes:
        """Give the commitment of an entry."""
        return bytes(self.commits[seq * _HASH_BYTES : (seq + 1) * _HASH_BYTES])


def read_ledger(case: Case) -> Ledger:
    """Give what is readable of the ledger; problems are kept, never raised."""
    found = Ledger()
    try:
        head = note.decode(case.read(layout.CHECKPOINT))
        checkpoint = decode_checkpoint(head.text)
        _check_bound(checkpoint)
    except (FormatError, Damaged) as error:
        found.problem = error.message
        return found
    found.head, found.checkpoint = head, checkpoint
    prev = entry.FIRST_PREV.hex.encode()
    for tile in tiles.tiles_for(checkpoint.size):
        if tile.level is not None:
            break
        try:
            leaves = tiles.decode_entries(case.read(tile.path), width=tile.width)
        except (FormatError, Damaged) as error:
            found.problem = error.message
            break
        prev = _take(found, leaves, prev)
    _fold(found)
    return found


def _check_bound(checkpoint: Checkpoint) -> None:
    if checkpoint.size > _MOST_ENTRIES:
        raise FormatError(f"checkpoint: {checkpoint.size} entries are more than are read here ({_MOST_ENTRIES})")


def _take(found: Ledger, leaves: tuple[bytes, ...], prev: bytes) -> bytes:
    """Take the entries of one tile; give the digest of the last one, for the next tile's first to name."""
    row, types, commits = found.rows[0], found.types, found.commits
    for leaf in leaves:
        fields = entry.fields(leaf)
        if fields is None:
            found.chain_problem = found.chain_problem or f"entry {len(types)}: {_malformed(leaf)}"
            commits += bytes(_HASH_BYTES)
            types.append(None)
        else:
            commit, names, seq, kind = fields
            if (seq != len(types) or names != prev) and not found.chain_problem:
                found.chain_problem = _out_of_order(len(types), seq)
            commits += bytes.fromhex(commit.decode())
            types.append(kind)
        row.append(leaf_hash(leaf))
        prev = hashlib.sha256(leaf).hexdigest().encode()
    return prev


def _malformed(leaf: bytes) -> str:
    problem = ""
    try:
        entry.decode(leaf)
    except FormatError as error:
        problem = error.message
    return problem


def _out_of_order(number: int, seq: int) -> str:
    said = f"says that it is entry {seq}" if seq != number else "does not name the entry before it"
    return f"entry {number} {said}: entries were dropped, added or swapped"


def _fold(found: Ledger) -> None:
    """Make the rows of the upper levels: each hash is the root over one whole tile of the level below."""
    while len(row := found.rows[-1]) >= tiles.WIDTH:
        whole = range(0, len(row) - tiles.WIDTH + 1, tiles.WIDTH)
        found.rows.append([root(row[at : at + tiles.WIDTH]) for at in whole])


def root_of(ledger: Ledger, size: int) -> bytes:
    """Give the root over the first ``size`` of the entries that could be read; they must be that many."""
    nodes: list[bytes] = []
    *lower, highest = ledger.rows
    for row in lower:
        rest = row[size - size % tiles.WIDTH : size]
        nodes = [root([*rest, *nodes])] if rest or nodes else []
        size //= tiles.WIDTH
    return root([*highest[:size], *nodes])


def check_checkpoint(case: Case, ledger: Ledger, trust: Trust) -> Iterator[Check]:
    """Say whether a trusted log signed the newest checkpoint."""
    subject = case.full(layout.CHECKPOINT)
    if ledger.head is None or ledger.checkpoint is None:
        yield failed("ledger-checkpoint", Level.LEDGER, subject, f"no checkpoint can be read: {ledger.problem}")
        return
    yield signed_check(
        ledger.head, ledger.checkpoint, case=case, trust=trust, name="ledger-checkpoint", subject=subject
    )


def signed_check(found: Note, checkpoint: Checkpoint, *, case: Case, trust: Trust, name: str, subject: str) -> Check:
    """Say whether a trusted log signed this checkpoint."""
    trusted = log_keys.signers(found, checkpoint, trust.logs, trust.handovers)
    if trusted:
        how = (
            "which you trust" if trusted[0] in trust.logs else "by an unbroken handover to or from a key that you trust"
        )
        reason = f"{checkpoint.size} entries, signed by {key_id(trusted[0].public_key)}, {how}"
        return passed(name, Level.LEDGER, subject, reason)
    if trust.logs:
        ended = " at this size any more" if any(verify_note(found, key) for key in trust.logs) else ""
        reason = f"not signed by a key that you trust for the ledger {checkpoint.origin}{ended}"
        return failed(name, Level.LEDGER, subject, reason)
    inside = vkey_inside(case)
    if inside is not None and log_keys.signers(found, checkpoint, (inside,), trust.handovers):
        reason = (
            f"valid under {key_id(inside.public_key)}, a key that came with the evidence: --trust says if you trust it"
        )
        return unchecked(name, Level.LEDGER, subject, reason)
    return failed(name, Level.LEDGER, subject, "no signature of it is valid")


def vkey_inside(case: Case) -> VerifierKey | None:
    """Give the ledger's key that came with the evidence, which proves nothing, or None."""
    try:
        return note.decode_vkey(case.read(layout.LOG_VKEY).decode("utf-8", "replace"))
    except (FormatError, Damaged):
        return None


def check_tiles(case: Case, ledger: Ledger) -> Iterator[Check]:
    """Say whether exactly the tiles of this size are there, and hold the hashes of the entries."""
    wanted = {tile.path for tile in tiles.tiles_for(ledger.size)}
    present = {path for path in case.files if path.startswith(f"{layout.TILES}/") and "/.tmp-" not in path}
    extra = sorted(present - wanted)
    for path in extra:
        yield failed("ledger-tiles", Level.LEDGER, case.full(path), "not a tile of the newest checkpoint's size")
    wrong = 0
    for tile in tiles.tiles_for(ledger.size):
        problem = _tile_problem(case, ledger, tile)
        if problem:
            wrong += 1
            yield failed("ledger-tiles", Level.LEDGER, case.full(tile.path), problem)
    if ledger.problem and ledger.size:
        yield failed("ledger-tiles", Level.LEDGER, case.full(layout.TILES), f"entries cannot be read: {ledger.problem}")
    elif not extra and not wrong and ledger.size:
        yield passed("ledger-tiles", Level.LEDGER, case.full(layout.TILES), f"{len(wanted)} tiles")


def _tile_problem(case: Case, ledger: Ledger, tile: Tile) -> str:
    if tile.level is None:
        return ""
    row = ledger.rows[tile.level] if tile.level < len(ledger.rows) else []
    start = tile.index * tiles.WIDTH
    expected = row[start : start + tile.width]
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
    if ledger.chain_problem:
        yield failed("ledger-chain", Level.LEDGER, subject, ledger.chain_problem)
    elif ledger.read:
        yield passed("ledger-chain", Level.LEDGER, subject, f"{ledger.read} entries, each naming the one before")
    if ledger.read == ledger.size and root_of(ledger, ledger.size) == ledger.checkpoint.root:
        yield passed("ledger-root", Level.LEDGER, case.full(layout.CHECKPOINT))
    else:
        reason = "the entries do not give the root that was signed"
        yield failed("ledger-root", Level.LEDGER, case.full(layout.CHECKPOINT), reason)
