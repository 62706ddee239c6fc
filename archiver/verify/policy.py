"""Whom the auditor trusts. It comes from the auditor, never from what is verified."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from archiver.formats import note, ssh
from archiver.formats.policy import decode
from archiver.model.errors import FormatError
from archiver.model.instant import Instant
from archiver.model.provenance import Policy, VerifierKey
from archiver.proof.ots import read_header
from archiver.proof.signature import public_from_pem
from archiver.proof.timestamp import check_root
from archiver.store.source import EvidenceSource

_LIMIT_BYTES = 1 << 20
_HEIGHT = re.compile(r"bitcoin/(0|[1-9][0-9]{0,8})\.header", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """Entry ``seq`` put a ledger's key ``new`` in the place of ``old``; both had signed it (raw Ed25519)."""

    seq: int
    old: bytes
    new: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Keys of investigators and of ledgers, roots of time-stamping authorities (PEM), and policies.

    An investigator's key is raw Ed25519, or a security key's whole public key.

    ``headers`` are headers of Bitcoin blocks by height, for OpenTimestamps proofs.
    A policy says which witnesses count for a ledger, and how many of them must have cosigned. ``at`` is the time as of
    which the auditor judges; None means that nothing is left out.

    An empty one trusts nobody: signatures are then never more than NOT CHECKED. ``handovers`` are what the ledger
    at hand says of its keys (`verify.log_keys`): they count only from or to a key that is trusted.
    """

    investigator_keys: tuple[bytes, ...] = ()
    logs: tuple[VerifierKey, ...] = ()
    tsa_roots: tuple[bytes, ...] = ()
    policies: tuple[Policy, ...] = ()
    headers: Mapping[int, bytes] = field(default_factory=dict)
    handovers: tuple[Handover, ...] = ()
    origin: str = "nobody"
    at: Instant | None = None

    def with_policy(self, raw: bytes) -> "Trust":
        """Give this trust with a policy that counts before every other; raise FormatError if it is none."""
        policy = decode(raw)
        logs = tuple(dict.fromkeys((*policy.logs, *self.logs)))
        return replace(self, logs=logs, policies=(policy, *self.policies))


def read_trust(source: EvidenceSource, *, origin: str) -> Trust:
    """Give the trust in a folder, of which each file says by its place what it is.

    ``keys/*.pem``, ``keys/*.pub`` (one line as OpenSSH has it: so a security key lies here), ``logs/*.vkey``,
    ``tsa/*.pem``, ``policies/*.policy``, ``bitcoin/<height>.header``.
    Raises FormatError for a file that is not what its place says: trust is never guessed.
    """
    policies = tuple(decode(one) for one in _files(source, "policies", ".policy"))
    logs = (note.decode_vkey(_text(one)) for one in _files(source, "logs", ".vkey"))
    investigators = [public_from_pem(one) for one in _files(source, "keys", ".pem")]
    investigators += [ssh.read_public_line(one) for one in _files(source, "keys", ".pub")]
    return Trust(
        investigator_keys=tuple(dict.fromkeys(investigators)),
        logs=tuple(dict.fromkeys((*logs, *(log for one in policies for log in one.logs)))),
        policies=policies,
        headers=dict(_header(source, path) for path in source.list("bitcoin") if path.endswith(".header")),
        tsa_roots=tuple(check_root(one) for one in _files(source, "tsa", ".pem")),
        origin=origin,
    )


def _files(source: EvidenceSource, folder: str, suffix: str) -> list[bytes]:
    return [source.read(path, limit_bytes=_LIMIT_BYTES) for path in source.list(folder) if path.endswith(suffix)]


def _header(source: EvidenceSource, path: str) -> tuple[int, bytes]:
    match = _HEIGHT.fullmatch(path)
    if not match:
        raise FormatError(f"{path}: expected bitcoin/<height>.header")
    raw = source.read(path, limit_bytes=_LIMIT_BYTES)
    read_header(raw)
    return int(match[1]), raw


def _text(content: bytes) -> str:
    try:
        return content.decode("ascii")
    except UnicodeDecodeError as error:
        raise FormatError(f"vkey: not ASCII at byte {error.start}") from error
