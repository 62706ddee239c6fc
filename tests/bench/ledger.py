"""A ledger of a million entries: how fast it is appended to, how fast and in how much memory it is verified.

Usage: ``python -m tests.bench.ledger [ENTRIES] [FOLDER]``; a million and a temporary folder else. Prints; passes or
fails nothing. Appending is group commit: a thousand entries under one checkpoint, all of it flushed (journal,
salts, tiles, key state, checkpoint, head) before the next thousand. The manifests themselves are one file each and
are not part of it: `with_manifests` measures a thousand of them, sealed, stored, flushed and appended.
"""

import hashlib
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pymerkle

from archiver.formats import note
from archiver.model.provenance import EntryType, Sealed, VerifierKey
from archiver.record import append
from archiver.record.append import append_all
from archiver.store.source import FolderSource
from archiver.verify import history, ledger
from archiver.verify.case import Case
from archiver.verify.policy import Trust
from tests.support.ledger_kit import CASE, LOG, ORIGIN, fixed_id, new_case, sealed_capture

TOGETHER = append._TOGETHER


class _NoManifests:
    """Takes manifests and keeps none: the bench is about the ledger."""

    def put_all(self, envelopes: list[tuple[str, bytes]]) -> None:
        """Keep nothing."""


def sealed(start: int, count: int) -> list[Sealed]:
    """Give manifests of a usual size, unsigned: the ledger commits to bytes."""
    body = b"e" * 500
    return [
        Sealed(
            id=fixed_id(number),
            type=EntryType.CAPTURE,
            path=f"captures/{fixed_id(number)}.dsse.json",
            envelope=b"%d" % number + body,
        )
        for number in range(start, start + count)
    ]


def salts() -> Iterator[bytes]:
    """Give salts, one after another."""
    number = 0
    while True:
        yield hashlib.sha256(b"salt %d" % number).digest()
        number += 1


def measure(what: str, entries: int, work: Callable[[], object]) -> float:
    """Run it, print its rate, give its seconds."""
    begin = time.perf_counter()
    work()
    took = time.perf_counter() - begin
    print(f"{what:<48} {took:9.2f} s {entries / took:12,.0f} entries/s", flush=True)
    return took


def appended(folder: Path, entries: int) -> None:
    """Append them all."""
    kit, salt = new_case(folder), salts()
    book = append.Book(
        ledger=kit.book.ledger,
        manifests=_NoManifests(),  # type: ignore[arg-type] # only put_all is called
        signer=LOG,
        origin=ORIGIN,
        state=kit.book.state,
        investigator=kit.book.investigator,
    )
    for start in range(0, entries, TOGETHER):
        append_all(book, sealed(start, min(TOGETHER, entries - start)), new_salt=lambda: next(salt))


def verified(folder: Path) -> None:
    """Check the whole ledger in this process: leaf hashes, prev, root, tiles, every checkpoint."""
    case = Case(FolderSource(folder / "workspace"), CASE)
    trust = Trust(logs=(VerifierKey(name=ORIGIN, public_key=LOG.public_key),))
    found = ledger.read_ledger(case)
    checks = [
        *ledger.check_checkpoint(case, found, trust),
        *ledger.check_tiles(case, found),
        *ledger.check_chain(case, found),
        *history.check_history(case, found, trust),
    ]
    wrong = [one for one in checks if one.verdict != "PASS"]
    assert not wrong, wrong[:3]
    print(f"  {found.size:,} entries, {len(checks):,} checks passed", flush=True)


def with_manifests(folder: Path, entries: int) -> None:
    """Append real, signed manifests, each a file of its own, flushed."""
    kit = new_case(folder)
    made = [sealed_capture(number) for number in range(entries)]
    salt = salts()
    measure(
        "append, manifests stored and flushed too",
        entries,
        lambda: append_all(kit.book, made, new_salt=lambda: next(salt)),
    )


def main(entries: int, folder: Path) -> None:
    """Measure it all."""
    print(f"{entries:,} entries in {folder}, {TOGETHER} under one checkpoint", flush=True)
    measure("append with fsync", entries, lambda: appended(folder / "big", entries))
    begin = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.ledger", "verify", str(folder / "big")],
        check=True,
        capture_output=True,
        text=True,
    )
    print(done.stdout.rstrip())
    print(f"{'verify, start of the process included':<48} {time.perf_counter() - begin:9.2f} s", flush=True)
    leaves = [b"%064d" % number * 3 for number in range(entries)]
    hashing = measure("hashlib alone: two SHA-256 a leaf", entries, lambda: [_two(leaf) for leaf in leaves])
    some = min(entries, 100_000)
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    theirs = measure(
        "pymerkle, in memory, append only", some, lambda: [tree.append_entry(leaf) for leaf in leaves[:some]]
    )
    print(f"pymerkle for all of them: {theirs * entries / some:.1f} s; hashing alone: {hashing:.1f} s")
    with_manifests(folder / "small", 1024)


def _two(leaf: bytes) -> bytes:
    return hashlib.sha256(hashlib.sha256(leaf).digest()).digest()


def verify_alone(folder: Path) -> None:
    """Verify in a process of its own, and say what it took."""
    measure("verify: leaf hashes, prev, root, tiles, history", _size(folder), lambda: verified(folder))
    print(f"  largest resident memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


def _size(folder: Path) -> int:
    head = note.decode((folder / "workspace/manifests" / CASE / "ledger/checkpoint").read_bytes())
    return int(head.text.split("\n")[1])


if __name__ == "__main__":
    if sys.argv[1:2] == ["verify"]:
        verify_alone(Path(sys.argv[2]))
    else:
        count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
        with tempfile.TemporaryDirectory(prefix="archiver-bench-") as name:
            main(count, Path(sys.argv[2]) if len(sys.argv) > 2 else Path(name))
