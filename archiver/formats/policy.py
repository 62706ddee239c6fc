"""C2SP trust policies (c2sp.org/tlog-policy): which logs, which witnesses, and how many of them must cosign."""

import re
from collections.abc import Collection

from archiver.formats import note
from archiver.model.errors import FormatError
from archiver.model.provenance import Group, Policy, VerifierKey, Witness

NONE = "none"
_LIMIT_BYTES = 64 << 10
_MOST_LINES = 512
_UNFIT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_THRESHOLD = re.compile(r"[1-9][0-9]{0,3}\Z", re.ASCII)


def encode(policy: Policy) -> bytes:
    """Give the policy's file; raise FormatError for a policy that could not be read back."""
    lines = [f"log {note.encode_vkey(one)}" for one in policy.logs]
    lines += [
        f"witness {one.name} {note.encode_vkey(one.key)}" + (f" {one.url}" if one.url else "")
        for one in policy.witnesses
    ]
    lines += [f"group {one.name} {one.threshold} {' '.join(one.members)}" for one in policy.groups]
    raw = "".join(f"{line}\n" for line in (*lines, f"quorum {policy.quorum}")).encode()
    if decode(raw) != policy:
        raise FormatError("policy: a name or an address with blank space, or names that are not distinct")
    return raw


def decode(raw: bytes) -> Policy:
    """Give the policy in these bytes; raise FormatError that names the line else."""
    if len(raw) > _LIMIT_BYTES or not raw.endswith(b"\n"):
        raise FormatError(f"policy: expected lines, each ending in a newline, of at most {_LIMIT_BYTES} bytes")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise FormatError(f"policy: not UTF-8 at byte {error.start}") from error
    lines = text.split("\n")[:-1]
    if _UNFIT.search(text) or len(lines) > _MOST_LINES:
        raise FormatError(f"policy: a control character, or more than {_MOST_LINES} lines")
    reader = _Reader()
    for number, line in enumerate(lines, 1):
        try:
            reader.take([word for word in re.split("[ \t]+", line.strip(" \t")) if word])
        except FormatError as error:
            raise FormatError(f"policy line {number}: {error.message}") from error
    return reader.policy()


def satisfied(policy: Policy, cosigners: Collection[str]) -> bool:
    """Say whether the witnesses of these names reach the quorum. A policy that asks for none is always satisfied."""
    reached = set(cosigners)
    for one in policy.groups:
        if sum(member in reached for member in one.members) >= one.threshold:
            reached.add(one.name)
    return policy.quorum == NONE or policy.quorum in reached


class _Reader:
    """Takes a policy line by line: a name may be used only after the line that defines it, as a member only once."""

    def __init__(self) -> None:
        self._logs: list[VerifierKey] = []
        self._witnesses: list[Witness] = []
        self._groups: list[Group] = []
        self._names: set[str] = {NONE}
        self._members: set[str] = set()
        self._quorum: str | None = None

    def take(self, words: list[str]) -> None:
        match words:
            case []:
                return
            case [first, *_] if first.startswith("#"):
                return
            case ["log", vkey] | ["log", vkey, _]:
                self._logs.append(self._fresh(note.decode_vkey(vkey)))
            case ["witness", name, vkey, *url] if len(url) <= 1:
                key = self._fresh(note.decode_vkey(vkey, algorithm=note.COSIGNATURE))
                self._witnesses.append(Witness(name=self._new(name), key=key, url=url[0] if url else None))
            case ["group", name, threshold, *members] if members:
                self._group(name, threshold, members)
            case ["quorum", name] if self._quorum is None and name in self._names:
                self._quorum = name
            case _:
                raise FormatError(f"expected log, witness, group, or one quorum of a known name, found {words[:2]}")

    def policy(self) -> Policy:
        """Give all of it; raise FormatError where no line says which quorum."""
        if self._quorum is None:
            raise FormatError("policy: no quorum line")
        return Policy(
            logs=tuple(self._logs),
            witnesses=tuple(self._witnesses),
            groups=tuple(self._groups),
            quorum=self._quorum,
        )

    def _group(self, name: str, threshold: str, members: list[str]) -> None:
        known = self._names - {NONE} - self._members
        if len(set(members)) != len(members) or not set(members) <= known:
            raise FormatError("expected members that are defined above and of no other group")
        needed = {"all": len(members), "any": 1}.get(threshold)
        if needed is None:
            needed = int(threshold) if _THRESHOLD.match(threshold) else 0
        if not 1 <= needed <= len(members):
            raise FormatError(f"expected all, any, or 1 to {len(members)}, found {threshold[:20]!r}")
        self._members.update(members)
        self._groups.append(Group(name=self._new(name), threshold=needed, members=tuple(members)))

    def _new(self, name: str) -> str:
        if name in self._names:
            raise FormatError(f"the name {name[:80]!r} is taken")
        self._names.add(name)
        return name

    def _fresh(self, key: VerifierKey) -> VerifierKey:
        if any(key.public_key == one.public_key for one in (*self._logs, *(each.key for each in self._witnesses))):
            raise FormatError("this key stands in a line above")
        return key
