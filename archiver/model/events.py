"""What happens to evidence besides capturing it: each of these values is the predicate of a manifest.

Whoever did something is named only as the person asks to be named: never the user or the host of this machine.
"""

from dataclasses import dataclass
from enum import StrEnum

from archiver.model.digest import Digest
from archiver.model.evidence import Artifact, ToolFacts
from archiver.model.instant import Instant

_RAW_KEY_DIGITS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """An authority's signed word over a session's nonce: the session's record is younger than ``gen_time``."""

    tsa_name: str
    tsa_url: str
    gen_time: Instant
    serial: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One run that captures: begun at ``at``, by this machine's clock. ``nonce`` is 32 random bytes in hex.

    ``bounds`` are timestamps over the nonce, their requests and responses the artifacts. They show that the
    session's record was not made before them; they say nothing of when a page was made.
    """

    id: str
    case: str
    at: Instant
    nonce: str
    tool: ToolFacts
    bounds: tuple[Bound, ...] = ()
    artifacts: tuple[Artifact, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """A younger timestamp over an older one, made before the older one's certificate ends.

    It is over the artifact ``renewed``: a list of SHA-512 digests of the checkpoint and of every file of the
    older timestamp, whose manifest has the id ``of``.
    """

    id: str
    case: str
    of: str
    list_digest: Digest
    tsa_name: str
    tsa_url: str
    gen_time: Instant
    serial: str
    received_at: Instant
    clock_difference_ms: int
    certificate_ends_at: Instant | None = None
    artifacts: tuple[Artifact, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosigned:
    """A witness's cosignature over a checkpoint: the artifact is the note with the witness's line."""

    id: str
    case: str
    at: Instant
    checkpoint_size: int
    checkpoint_digest: Digest
    witness: str
    cosigned_at: Instant
    artifacts: tuple[Artifact, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """An OpenTimestamps proof over a checkpoint file, the one artifact: whom it was promised by, which blocks it names.

    ``blocks`` are heights of the Bitcoin chain, none while there are promises only; ``of`` is the anchor that this one
    upgrades. Both are what the proof says: nobody has looked at the chain.
    """

    id: str
    case: str
    at: Instant
    checkpoint_size: int
    checkpoint_digest: Digest
    calendars: tuple[str, ...] = ()
    blocks: tuple[int, ...] = ()
    of: str | None = None
    artifacts: tuple[Artifact, ...] = ()


class KeyAction(StrEnum):
    """What happened to a key. ``revoke`` means that somebody else may have it."""

    ADD = "add"
    ROTATE = "rotate"
    RETIRE = "retire"
    REVOKE = "revoke"


class KeyRole(StrEnum):
    """What a key signs: manifests, checkpoints, or cosignatures."""

    INVESTIGATOR = "investigator"
    LOG = "log"
    WITNESS = "witness"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyEvent:
    """A key's beginning or end. ``public_key`` is raw, in hex; ``effective_at`` is when it took or lost effect.

    Of a security key it is the whole public key as OpenSSH carries it, in hex.

    A rotation names the key before in ``predecessor``: the manifest is then signed by both.
    """

    id: str
    case: str
    at: Instant
    action: KeyAction
    role: KeyRole
    public_key: str
    effective_at: Instant
    predecessor: str | None = None
    reason: str | None = None
    artifacts: tuple[Artifact, ...] = ()

    @property
    def short_key(self) -> str:
        """Give the sixteen digits by which lists show the key: how it begins, or how a security key's digest does.

        All security keys begin alike.
        """
        plain = len(self.public_key) == _RAW_KEY_DIGITS
        return (self.public_key if plain else Digest.of(bytes.fromhex(self.public_key)).hex)[:16]


class CustodyAction(StrEnum):
    """What was done with evidence."""

    TRANSFER = "transfer"
    ACCESS = "access"
    FIXITY = "fixity"
    ERASURE = "erasure"
    RECEIPT = "receipt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Custody:
    """Evidence changed hands, was looked at, was checked, or was erased. Empty ``entries`` mean the whole case.

    A receipt is of somebody else's bundle, its one artifact: it is about no entry of this ledger.
    An erasure names entries and the manifests that they opened to; manifest and salt are destroyed after it
    is recorded, and so are the archived files that no other manifest names.
    """

    id: str
    case: str
    at: Instant
    action: CustodyAction
    entries: tuple[int, ...] = ()
    manifests: tuple[str, ...] = ()
    by: str | None = None
    to: str | None = None
    reason: str | None = None
    artifacts: tuple[Artifact, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A rectangle of a picture in its own pixels, from its upper left corner."""

    left_px: int
    top_px: int
    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A stretch of a text in code points, end exclusive."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Redaction:
    """What was taken out of a copy of an artifact: regions of a picture, or stretches of a text, never both.

    ``of`` is the capture's id, ``artifact`` the original's name in it, ``original`` its digest. The original stays
    as it is; the copy is the artifact of the annotation.
    """

    of: str
    artifact: str
    original: Digest
    regions: tuple[Region, ...] = ()
    stretches: tuple[Stretch, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """A person's remark on entries; with ``redaction``, why a copy leaves something out. It changes none of them."""

    id: str
    case: str
    at: Instant
    entries: tuple[int, ...]
    text: str
    by: str | None = None
    redaction: Redaction | None = None
    artifacts: tuple[Artifact, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """A copy of an archived file from which something was taken out: in a bundle it lies in the original's place."""

    seq: int
    name: str
    original: Digest
    digest: Digest
    size_bytes: int
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A bundle that is handed out: which entries it opens, and how many it keeps back.

    ``checkpoint_size`` is the ledger before this entry: ``disclosed``, ``withheld`` and ``erased`` are of its entries.
    ``failed_withheld`` are the failed attempts among the withheld; a reader has only this word for it. ``wacz_key`` is
    the SHA-256 of the key (SubjectPublicKeyInfo) that signs the bundle's WACZ files.
    """

    id: str
    case: str
    at: Instant
    bundle_name: str
    checkpoint_size: int
    withheld: int
    erased: int
    failed_withheld: int
    disclosed: tuple[int, ...] = ()
    derived: tuple[Derived, ...] = ()
    wacz_key: Digest | None = None
    recipient: str | None = None
    artifacts: tuple[Artifact, ...] = ()


class Presence(StrEnum):
    """How a source was found at a later look."""

    PRESENT = "present"
    CHANGED = "changed"
    GONE = "gone"
    BLOCKED = "blocked"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """A later look at a captured source: what was found, compared with the capture ``of``."""

    id: str
    case: str
    at: Instant
    of: str
    url: str
    presence: Presence
    rests_on: str | None = None
    artifacts: tuple[Artifact, ...] = ()


Event = Session | Renewal | Cosigned | Anchor | KeyEvent | Custody | Annotation | Export | Observation
