"""Every kind of file, damaged in every way: the cases, and what the verifier says of each as one comparable text.

``python -m tests.tamper.matrix`` writes the golden transcripts anew; a change of them is a change of what is told.
"""

import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from archiver.formats import envelope, manifest
from archiver.model.report import Level, Report, Verdict
from archiver.store.source import FolderSource
from archiver.verify.policy import Trust, read_trust
from archiver.verify.run import verify
from tests.support.ledger_kit import CASE, fixed_id
from tests.support.memory_source import MemorySource, read_folder
from tests.support.sealed_workspace import STAMP_ID, make_sealed_workspace

GOLDEN = Path(__file__).parent / "golden"
_CASE = f"manifests/{CASE}"
_TIME = re.compile(r"20\d\d-\d\d-\d\dT[0-9:.]+Z")
_OWN_DAY = "2026-11-24T10:0"
_HEX = re.compile(r"[0-9a-f]{64}")
_SERIAL = re.compile(r"(serial )[0-9a-f]+")
Files = dict[str, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A workspace in memory, whole; whom its auditor trusts; and what its archived files are called."""

    files: Mapping[str, bytes]
    trust: Trust
    names: Mapping[str, str]

    def verify(self, files: Mapping[str, bytes]) -> Report:
        """Verify these files as that auditor."""
        return verify(MemorySource(files), cases=(CASE,), trust=self.trust, required=Level.TIME)

    def archived(self, name: str) -> str:
        """Give the path of an archived file by its name in a manifest, the first capture's."""
        (digest,) = (hex_ for hex_, called in self.names.items() if called == name)
        return next(path for path in self.files if digest in path)


def read_whole(folder: Path) -> Whole:
    """Make the workspace in this folder and give it."""
    made = make_sealed_workspace(folder / "whole")
    files = read_folder(made.workspace)
    return Whole(files=files, trust=read_trust(FolderSource(made.trust), origin="test"), names=dict(_names(files)))


def _names(files: Files) -> Iterator[tuple[str, str]]:
    for path in sorted((one for one in files if one.endswith(".dsse.json")), reverse=True):
        predicate = manifest.decode(envelope.decode(files[path]).payload).predicate
        for one in predicate.artifacts:
            yield one.digest.hex, f"{int(predicate.id[:8], 16)} {one.name}"


KINDS: dict[str, str] = {
    "warc": "archive:1 capture.warc.gz",
    "picture": "archive:1 viewport.png",
    "text": "archive:1 text.txt",
    "certificates": "archive:1 tls-chain.pem",
    "timestamp-request": "archive:100 request.tsq",
    "timestamp-response": "archive:100 response.tsr",
    "capture-manifest": f"{_CASE}/captures/{fixed_id(1)}.dsse.json",
    "timestamp-manifest": f"{_CASE}/events/{STAMP_ID}.dsse.json",
    "checkpoint": f"{_CASE}/ledger/checkpoint",
    "old-checkpoint": f"{_CASE}/ledger/checkpoints/2",
    "stamped-checkpoint": f"{_CASE}/ledger/checkpoints/3",
    "hash-tile": f"{_CASE}/ledger/tile/0/000.p/4",
    "entry-tile": f"{_CASE}/ledger/tile/entries/000.p/4",
    "salt": f"{_CASE}/ledger/salts/1",
    "policy": f"{_CASE}/ledger/policy",
    "log-vkey": f"{_CASE}/keys/log.vkey",
    "log-pem": f"{_CASE}/keys/log.pem",
    "investigator-pem": f"{_CASE}/keys/investigator.pem",
}
_OTHERS = {
    "warc": "archive:2 capture.warc.gz",
    "picture": "archive:2 viewport.png",
    "text": "archive:2 text.txt",
    "timestamp-request": "archive:100 response.tsr",
    "capture-manifest": f"{_CASE}/captures/{fixed_id(2)}.dsse.json",
    "timestamp-manifest": f"{_CASE}/captures/{fixed_id(2)}.dsse.json",
    "checkpoint": f"{_CASE}/ledger/checkpoints/3",
    "old-checkpoint": f"{_CASE}/ledger/checkpoints/1",
    "stamped-checkpoint": f"{_CASE}/ledger/checkpoints/1",
    "hash-tile": f"{_CASE}/ledger/tile/entries/000.p/4",
    "salt": f"{_CASE}/ledger/salts/2",
    "log-pem": f"{_CASE}/keys/investigator.pem",
}
_COPIES = {
    "capture-manifest": f"{_CASE}/captures/{fixed_id(9)}.dsse.json",
    "timestamp-manifest": f"{_CASE}/events/{fixed_id(9)}.dsse.json",
    "checkpoint": f"{_CASE}/ledger/checkpoints/9",
    "old-checkpoint": f"{_CASE}/ledger/checkpoints/9",
    "stamped-checkpoint": f"{_CASE}/ledger/checkpoints/9",
    "hash-tile": f"{_CASE}/ledger/tile/1/000.p/4",
    "entry-tile": f"{_CASE}/ledger/tile/entries/001.p/4",
    "salt": f"{_CASE}/ledger/salts/9",
}


def path_of(whole: Whole, place: str) -> str:
    """Give the path of a kind's place."""
    return whole.archived(place.removeprefix("archive:")) if place.startswith("archive:") else place


def _drop(whole: Whole, kind: str) -> Files:
    path = path_of(whole, KINDS[kind])
    return {one: content for one, content in whole.files.items() if one != path}


def _changed(whole: Whole, kind: str, change: Callable[[bytes], bytes]) -> Files:
    path = path_of(whole, KINDS[kind])
    return {**whole.files, path: change(whole.files[path])}


def _copied(whole: Whole, kind: str) -> Files:
    path = path_of(whole, KINDS[kind])
    return {**whole.files, _copy(path, kind): whole.files[path]}


def _copy(path: str, kind: str) -> str:
    if path.startswith("archive/"):
        return path.rsplit(".", 1)[0].removesuffix(".warc") + ".bin"
    return _COPIES.get(kind, f"{path}.copy")


def _renamed(whole: Whole, kind: str) -> Files:
    path = path_of(whole, KINDS[kind])
    return {_copy(path, kind) if one == path else one: content for one, content in whole.files.items()}


def _swapped(whole: Whole, kind: str) -> Files:
    here, there = path_of(whole, KINDS[kind]), path_of(whole, _OTHERS[kind])
    return {**whole.files, here: whole.files[there], there: whole.files[here]}


OPERATIONS: dict[str, Callable[[Whole, str], Files]] = {
    "dropped": _drop,
    "emptied": lambda whole, kind: _changed(whole, kind, lambda _: b""),
    "truncated": lambda whole, kind: _changed(whole, kind, lambda content: content[: len(content) // 2]),
    "one byte short": lambda whole, kind: _changed(whole, kind, lambda content: content[:-1]),
    "one byte long": lambda whole, kind: _changed(whole, kind, lambda content: content + b"\n"),
    "flipped in the middle": lambda whole, kind: _changed(whole, kind, lambda one: flip(one, len(one) // 2, 0)),
    "duplicated": _copied,
    "renamed": _renamed,
    "swapped with another": _swapped,
}


def flip(content: bytes, at: int, bit: int) -> bytes:
    """Give the bytes with one bit of one byte turned."""
    return content[:at] + bytes([content[at] ^ 1 << bit]) + content[at + 1 :]


def cases() -> list[tuple[str, str]]:
    """Give every kind with every operation that it can suffer."""
    return [(kind, one) for kind in KINDS for one in OPERATIONS if one != "swapped with another" or kind in _OTHERS]


def transcript(report: Report, names: Mapping[str, str]) -> str:
    """Give the whole report as text in which ids, digests and times are always the same."""
    passed = Counter(one.id for one in report.checks if one.verdict is Verdict.PASS)
    told = [
        f"{one.verdict}  L{one.level.value}  {one.id}  {one.subject}: {one.reason}"
        for one in report.checks
        if one.verdict is not Verdict.PASS
    ]
    levels = "  ".join(f"L{level.value} {report.verdict_of(level)}" for level in Level)
    lines = [report.verdict.value, levels, *sorted(_normal(one, names) for one in told)]
    return (
        "\n".join([*lines, "passed: " + ", ".join(f"{name} {count}" for name, count in sorted(passed.items()))]) + "\n"
    )


def _normal(line: str, names: Mapping[str, str]) -> str:
    line = _HEX.sub(lambda match: f"<{names.get(match[0], 'digest')}>", line)
    line = re.sub(r"archive/sha256/[0-9a-f]{2}/<", "archive/<", line)
    line = _TIME.sub(lambda match: match[0] if match[0].startswith(_OWN_DAY) else "<time>", line)
    return _SERIAL.sub(r"\1<serial>", line)


def golden(whole: Whole, kind: str) -> str:
    """Give the transcripts of all that was done to this kind of file."""
    parts = []
    for name, operation in OPERATIONS.items():
        if (kind, name) in cases():
            parts.append(f"=== {kind} {name}\n{transcript(whole.verify(operation(whole, kind)), whole.names)}")
    return "\n".join(parts)


def attacks(whole: Whole, named: Mapping[str, Callable[[Files], Files]]) -> str:
    """Give the transcript of each of these attacks."""
    return "\n".join(
        f"=== {name}\n{transcript(whole.verify(attack(dict(whole.files))), whole.names)}"
        for name, attack in named.items()
    )


def main() -> int:
    """Write every golden transcript."""
    from tests.tamper.attacks import ATTACKS, COSIGNATURES, witnessed  # noqa: PLC0415 - it imports this

    GOLDEN.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        whole = read_whole(Path(folder) / "made")
        for kind in KINDS:
            (GOLDEN / f"{kind}.txt").write_text(golden(whole, kind), encoding="utf-8")
        (GOLDEN / "attacks.txt").write_text(attacks(whole, ATTACKS), encoding="utf-8")
        (GOLDEN / "cosignatures.txt").write_text(attacks(witnessed(whole), COSIGNATURES), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
