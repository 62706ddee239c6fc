"""The folders of disclosed entries: record, salt, leaf, proof, and the files that the manifest names (rule B6)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from archiver.export.member import Member, Stored, small
from archiver.export.select import Held
from archiver.formats import bundle, entry, note, proof
from archiver.formats.checkpoint import decode as decode_checkpoint
from archiver.model.bundle import Exhibit, OpenedEvent
from archiver.model.errors import FormatError
from archiver.model.evidence import Artifact, Capture
from archiver.model.provenance import Checkpoint
from archiver.proof.merkle import consistency, inclusions, leaf_hash

Find = Callable[[Held, Artifact], Stored]
"""Gives the stored bytes of an artifact: the original, or a derivative in its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerCopy:
    """The ledger as it goes into the bundle: the head's bytes, every leaf, and the kept checkpoints that are needed."""

    head: bytes
    leaves: tuple[bytes, ...]
    checkpoints: dict[int, bytes]

    @property
    def checkpoint(self) -> Checkpoint:
        """Give what the head says."""
        return decode_checkpoint(note.decode(self.head).text)


def ledger_members(ledger: LedgerCopy) -> Iterator[Member]:
    """Give the files of ``data/log``."""
    size = len(ledger.leaves)
    hashes = [leaf_hash(leaf) for leaf in ledger.leaves]
    yield small(bundle.CHECKPOINT, ledger.head)
    yield small(bundle.LEAVES, b"".join(leaf + b"\n" for leaf in ledger.leaves))
    for old, raw in sorted(ledger.checkpoints.items()):
        yield small(bundle.checkpoint_of(old), raw)
        if old < size:
            path = consistency(hashes, old)
            yield small(bundle.consistency(old, size), proof.encode_hashes(path))


def exhibit_members(
    held: Sequence[Held], ledger: LedgerCopy, find: Find, extra: Callable[[int], Sequence[Member]]
) -> Iterator[tuple[Exhibit, list[Member]]]:
    """Give each exhibit with its files. ``extra`` gives what else goes into the folder of this number."""
    for number, (one, path) in enumerate(zip(held, _paths(held, ledger), strict=True), 1):
        assert isinstance(one.predicate, Capture), "an exhibit is a capture"
        folder = bundle.exhibit_folder(number)
        members = [*_members(folder, one, ledger, path, find), *extra(number)]
        yield (
            Exhibit(
                number=number,
                seq=one.seq,
                id=one.predicate.id,
                citation_id=one.predicate.citation_id,
                state=one.predicate.attempt.outcome.state,
                files=_names(members),
            ),
            members,
        )


def event_members(held: Sequence[Held], ledger: LedgerCopy, find: Find) -> Iterator[tuple[OpenedEvent, list[Member]]]:
    """Give each event with its files."""
    for number, (one, path) in enumerate(zip(held, _paths(held, ledger), strict=True), 1):
        members = _members(bundle.event_folder(number), one, ledger, path, find)
        kind = entry.decode(ledger.leaves[one.seq]).type
        opened = OpenedEvent(number=number, seq=one.seq, id=one.predicate.id, type=kind, files=_names(members))
        yield opened, members


def _paths(held: Sequence[Held], ledger: LedgerCopy) -> Iterator[tuple[bytes, ...]]:
    return inclusions([leaf_hash(leaf) for leaf in ledger.leaves], [one.seq for one in held])


def _members(folder: str, one: Held, ledger: LedgerCopy, path: tuple[bytes, ...], find: Find) -> list[Member]:
    made = proof.TlogProof(index=one.seq, hashes=path, checkpoint=note.decode(ledger.head))
    members = [
        small(f"{folder}/{bundle.RECORD}", one.raw),
        small(f"{folder}/{bundle.SALT}", entry.encode_opening(one.opening)),
        small(f"{folder}/{bundle.LEAF}", ledger.leaves[one.seq]),
        small(f"{folder}/{bundle.PROOF}", proof.encode(made)),
    ]
    taken = {name.casefold() for name in bundle.RESERVED}
    for artifact in one.predicate.artifacts:
        if artifact.name.casefold() in taken or "/" in artifact.name:
            raise FormatError(f"entry {one.seq}: a file named {artifact.name[:80]!r} has no place in a bundle")
        taken.add(artifact.name.casefold())
        members.append(Member(path=f"{folder}/{artifact.name}", parts=(find(one, artifact),)))
    return members


def _names(members: Sequence[Member]) -> tuple[str, ...]:
    return tuple(sorted(one.path.rsplit("/", 1)[-1] for one in members))
