"""Whom the auditor trusts. It comes from the auditor, never from what is verified."""

from dataclasses import dataclass, replace

from archiver.formats import note
from archiver.formats.policy import decode
from archiver.model.errors import FormatError
from archiver.model.instant import Instant
from archiver.model.provenance import Policy, VerifierKey
from archiver.proof.signature import public_from_pem
from archiver.proof.timestamp import check_root
from archiver.store.source import EvidenceSource

_LIMIT_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Keys of investigators (raw Ed25519), of ledgers, roots of time-stamping authorities (PEM), and policies.

    A policy says which witnesses count for a ledger, and how many of them must have cosigned. ``at`` is the time as of
    which the auditor judges; None means that nothing is left out.

    An empty one trusts nobody: signatures are then never more than NOT CHECKED.
    """

    investigator_keys: tuple[bytes, ...] = ()
    logs: tuple[VerifierKey, ...] = ()
    tsa_roots: tuple[bytes, ...] = ()
    policies: tuple[Policy, ...] = ()
    origin: str = "nobody"
    at: Instant | None = None

    def with_policy(self, raw: bytes) -> "Trust":
        """Give this trust with a policy that counts before every other; raise FormatError if it is none."""
        policy = decode(raw)
        logs = tuple(dict.fromkeys((*policy.logs, *self.logs)))
        return replace(self, logs=logs, policies=(policy, *self.policies))


def read_trust(source: EvidenceSource, *, origin: str) -> Trust:
    """Give the trust in a folder: ``keys/*.pem``, ``logs/*.vkey``, ``tsa/*.pem``, ``policies/*.policy``.

    Raises FormatError for a file that is not what its place says: trust is never guessed.
    """
    policies = tuple(decode(one) for one in _files(source, "policies", ".policy"))
    logs = (note.decode_vkey(_text(one)) for one in _files(source, "logs", ".vkey"))
    return Trust(
        investigator_keys=tuple(public_from_pem(one) for one in _files(source, "keys", ".pem")),
        logs=tuple(dict.fromkeys((*logs, *(log for one in policies for log in one.logs)))),
        policies=policies,
        tsa_roots=tuple(check_root(one) for one in _files(source, "tsa", ".pem")),
        origin=origin,
    )


def _files(source: EvidenceSource, folder: str, suffix: str) -> list[bytes]:
    return [source.read(path, limit_bytes=_LIMIT_BYTES) for path in source.list(folder) if path.endswith(suffix)]


def _text(content: bytes) -> str:
    try:
        return content.decode("ascii")
    except UnicodeDecodeError as error:
        raise FormatError(f"vkey: not ASCII at byte {error.start}") from error
