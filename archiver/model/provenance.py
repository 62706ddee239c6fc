"""Statements, seals, ledger entries, checkpoints: what is signed and how it is chained."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from archiver.model.digest import Digest
from archiver.model.events import Event
from archiver.model.evidence import Artifact, Capture
from archiver.model.instant import Instant


class EntryType(StrEnum):
    """What a ledger entry is about."""

    SESSION = "session"
    CAPTURE = "capture"
    TIMESTAMP = "timestamp"
    RENEWAL = "renewal"
    WITNESS = "witness"
    KEY_EVENT = "key-event"
    CUSTODY = "custody"
    ANNOTATION = "annotation"
    EXPORT = "export"
    OBSERVATION = "observation"


TIMED = frozenset((EntryType.TIMESTAMP, EntryType.RENEWAL, EntryType.WITNESS))
"""Entries that carry somebody else's clock: they need no timestamp of their own."""


class Signer(Protocol):
    """Something that can sign with one Ed25519 key: in a file, in an SSH agent, on a security key behind an agent.

    A PKCS#11 token would be a third class beside `proof.signature.Ed25519Signer` and `seal.agent.AgentSigner`, in
    ``seal``, chosen where `app.keyring.open_investigator` chooses between these two.
    """

    @property
    def public_key(self) -> bytes:
        """Give the raw 32-byte public key, or a security key's whole public key."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Give the 64-byte Ed25519 signature, or 69 bytes of a security key: signature, flags, counter.

        Raises SealError if the key cannot be used.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """An RFC 3161 answer over one checkpoint file. This is the predicate of a timestamp's manifest."""

    id: str
    case: str
    checkpoint_size: int
    checkpoint_digest: Digest
    tsa_name: str
    tsa_url: str
    gen_time: Instant
    serial: str
    received_at: Instant
    clock_difference_ms: int
    certificate_ends_at: Instant | None = None
    artifacts: tuple[Artifact, ...]


Predicate = Capture | Stamp | Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One file that a statement is about, by name and digest."""

    name: str
    digest: Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """An in-toto Statement v1: these subjects, this predicate. The type follows from the predicate."""

    subjects: tuple[Subject, ...]
    predicate: Predicate


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvelopeSignature:
    """One DSSE signature: 64 bytes, or a security key's SSHSIG. ``key_id`` is a hint and decides nothing."""

    key_id: str
    signature: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A DSSE envelope: exact payload bytes and who signed them."""

    payload_type: str
    payload: bytes
    signatures: tuple[EnvelopeSignature, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A signed manifest on its way into the ledger. ``path`` is relative to the case's folder."""

    id: str
    type: EntryType
    path: str
    envelope: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One ledger leaf: its place, type, the previous leaf's digest, and a salted commitment."""

    seq: int
    type: EntryType
    prev: Digest
    commit: Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What opens a commitment: the salt, and where the envelope lies in the case. Private until disclosed."""

    seq: int
    path: str
    salt: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The head of a ledger: its origin, how many entries, and their Merkle root."""

    origin: str
    size: int
    root: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSignature:
    """One signature line of a C2SP signed note. ``key_hash`` are the four bytes before the signature."""

    name: str
    key_hash: bytes
    signature: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A C2SP signed note: ``text`` ends with a newline and is what the signatures cover."""

    text: str
    signatures: tuple[NoteSignature, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifierKey:
    """A C2SP vkey: whose, the raw Ed25519 public key, and what it signs: 1 notes, 4 timestamped cosignatures."""

    name: str
    public_key: bytes
    algorithm: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """Somebody who cosigns checkpoints: a name of this policy's own, a key, and where to ask (optional)."""

    name: str
    key: VerifierKey
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Witnesses and groups of which at least ``threshold`` must have cosigned."""

    name: str
    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Whose checkpoints are valid: any of the logs', cosigned as the quorum asks ("none", a witness or a group)."""

    logs: tuple[VerifierKey, ...] = ()
    witnesses: tuple[Witness, ...] = ()
    groups: tuple[Group, ...] = ()
    quorum: str = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A sealed manifest's place in the ledger."""

    id: str
    seq: int
    checkpoint: Checkpoint
