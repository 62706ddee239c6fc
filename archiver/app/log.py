"""What a case's ledger holds, entry by entry, and proofs to give away: read without a key."""

from dataclasses import dataclass
from pathlib import Path

from archiver.app.cosigned import CosignedHead, best_cosigned
from archiver.app.home import Home
from archiver.app.verify import choose_trust
from archiver.app.workspace import Workspace
from archiver.formats import entry, envelope, layout, manifest, proof
from archiver.model.errors import ArchiverError, FormatError, UsageError
from archiver.model.events import (
    Anchor,
    Annotation,
    Cosigned,
    Custody,
    CustodyAction,
    Export,
    KeyEvent,
    Observation,
    Renewal,
    Session,
)
from archiver.model.evidence import Capture
from archiver.model.provenance import Predicate, Stamp
from archiver.model.report import Check
from archiver.model.text import visible
from archiver.proof.merkle import inclusion, leaf_hash
from archiver.store import durable
from archiver.store.ledger import LedgerFolder
from archiver.store.manifests import ManifestFolder
from archiver.store.source import FolderSource
from archiver.verify.case import Case
from archiver.verify.handovers import follow
from archiver.verify.history import check_presented
from archiver.verify.keys import read_key_times
from archiver.verify.ledger import read_ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One entry as people see it. ``at`` is the time that its manifest says; empty where it does not open."""

    seq: int
    type: str
    at: str
    id: str
    about: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """What goes to somebody who wants to check one entry: its bytes, the proof, and how their files are called."""

    seq: int
    leaf: bytes
    proof: bytes
    size: int
    witnesses: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, str]:
        """Give the names of the entry's file and of its proof's."""
        return f"entry-{self.seq}.leaf", f"entry-{self.seq}.tlog-proof"


def read_log(workspace: Workspace, case: str) -> tuple[LogLine, ...]:
    """Give every entry of the newest checkpoint, unverified."""
    root = workspace.case_root(case)
    ledger, manifests = LedgerFolder(root), ManifestFolder(root)
    places = {seq: path for path, seq in ledger.openings().items()}
    return tuple(_line(seq, leaf, places.get(seq), manifests) for seq, leaf in enumerate(ledger.leaves()))


def prove(workspace: Workspace, case: str, wanted: str, *, newest: bool = False) -> Proven:
    """Give the proof that an entry (its number, or its manifest's id) is in a checkpoint.

    That is the one which most witnesses of the case's policy have cosigned, their lines under it; without any, or
    where ``newest`` asks for it, the newest. Raises UsageError if there is no such entry, FormatError or Damaged if
    the ledger cannot be read.
    """
    ledger = LedgerFolder(workspace.case_root(case))
    head, leaves = ledger.head(), ledger.leaves()
    seq = _number(ledger, wanted, size=len(leaves))
    assert head is not None, "a ledger with entries has a head"
    best = None if newest else best_cosigned(workspace, case, seq)
    best = best or CosignedHead(size=len(leaves), note=head, witnesses=())
    path = inclusion([leaf_hash(leaf) for leaf in leaves[: best.size]], seq)
    made = proof.encode(proof.TlogProof(index=seq, hashes=path, checkpoint=best.note))
    return Proven(seq=seq, leaf=leaves[seq], proof=made, size=best.size, witnesses=best.witnesses)


def write_proof(found: Proven, folder: Path) -> tuple[Path, Path]:
    """Write the entry and its proof into a folder, in place of older ones; give their paths."""
    leaf, made = (folder / name for name in found.names)
    durable.replace(leaf, found.leaf)
    durable.replace(made, found.proof)
    return leaf, made


def check_old(workspace: Workspace, case: str, raw: bytes, *, subject: str, home: Home) -> Check:
    """Say whether a checkpoint that somebody kept is a prefix of the present ledger, signed by a log they trust."""
    found = Case(FolderSource(workspace.root), case)
    ledger, own = read_ledger(found), choose_trust(None, home=home)
    trust, _ = follow(found, ledger, own, read_key_times(found, ledger, own, ()))
    return check_presented(found, ledger, trust, raw, subject=subject)


def _number(ledger: LedgerFolder, wanted: str, *, size: int) -> int:
    if wanted.isascii() and wanted.isdecimal():
        seq = int(wanted[:17])
    else:
        known = ledger.openings()
        paths = (f"{folder}/{wanted}.dsse.json" for folder in (layout.CAPTURES, layout.EVENTS))
        seq = next((known[path] for path in paths if path in known), size)
    if seq >= size:
        raise UsageError(
            f"no entry {wanted[:80]!r}: the ledger has {size} entries, from 0 on", hint="archiver log shows them"
        )
    return seq


def _line(seq: int, leaf: bytes, path: str | None, manifests: ManifestFolder) -> LogLine:
    try:
        kind = entry.decode(leaf).type.value
    except FormatError as error:
        return LogLine(seq=seq, type="malformed", at="", id="", about=error.message)
    if path is None:
        return LogLine(seq=seq, type=kind, at="", id="", about="no salt here: erased, withheld or missing")
    try:
        found = manifest.decode(envelope.decode(manifests.read(path)).payload).predicate
    except ArchiverError as error:
        return LogLine(seq=seq, type=kind, at="", id="", about=error.message)
    at, about = _about(found)
    return LogLine(seq=seq, type=kind, at=at, id=found.id, about=visible(about))


def _about(found: Predicate) -> tuple[str, str]:
    """Give when, and what about, in a few words."""
    match found:
        case Capture():
            outcome = found.attempt.outcome
            return str(found.attempt.finished_at), f"{outcome.reason or outcome.state}: {found.attempt.target.url}"
        case Stamp():
            return str(found.gen_time), f"{found.tsa_name} over {found.checkpoint_size} entries"
        case Renewal():
            return str(found.gen_time), f"{found.tsa_name} over timestamp {found.of}"
        case Anchor():
            how = f"Bitcoin block {', '.join(map(str, found.blocks))}" if found.blocks else "promised"
            return str(found.at), f"OpenTimestamps over {found.checkpoint_size} entries: {how}"
        case Cosigned():
            return str(found.cosigned_at), f"{found.witness} over {found.checkpoint_size} entries"
        case _:
            return str(found.at), _about_event(found)


def _about_event(found: Session | KeyEvent | Custody | Annotation | Export | Observation) -> str:
    match found:
        case Session():
            return f"{found.tool.name} {found.tool.version}, {len(found.bounds)} lower bounds"
        case KeyEvent():
            return f"{found.action} {found.role} key {found.short_key}"
        case Custody():
            whole = "somebody's bundle" if found.action is CustodyAction.RECEIPT else "the whole case"
            listed = ", ".join(map(str, found.entries)) or whole
            return f"{found.action} of {listed}" + (f": {found.reason}" if found.reason else "")
        case Annotation():
            return f"on {', '.join(map(str, found.entries))}: {found.text}"
        case Export():
            return f"{found.bundle_name}: {len(found.disclosed)} entries disclosed, {found.withheld} withheld"
        case Observation():
            return f"{found.presence}: {found.url}"
