"""How fast evidence is verified, against programs that do less: one run, times and ratios; passes or fails nothing.

Usage: ``python -m tests.bench.verify [warc] [workspace] [case] [--mib N] [--captures N]``; all three else.

warc       one gzip WARC and the same one plain, and two of each at once: ``archiver verify`` against ``warcio check``
workspace  many WARCs and screenshots (2,048 MiB): ``archiver verify`` against ``sha256sum`` over the same files
case       many captures of one small file and one small WARC (100,000): time and memory, and what each capture costs

Each program is a process of its own; CPU is its user and system time, memory its largest resident set. The files are
read once before (warm), so that the disk is not measured.
"""

import argparse
import gzip
import hashlib
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import count, islice
from pathlib import Path

from archiver.formats import layout
from archiver.formats.manifest import statement_of
from archiver.formats.warc import Head, WarcWriter
from archiver.model.digest import Digest
from archiver.model.evidence import Artifact, Role, WarcFacts
from archiver.model.provenance import Sealed
from archiver.record.append import append_all
from archiver.seal.manifest import seal
from tests.support.ledger_kit import CASE, INVESTIGATOR, ORIGIN, CaseKit, make_trust, new_case, sample_capture
from tests.support.wire_kit import AT

_TOGETHER = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """What one program needed."""

    wall_s: float
    cpu_s: float
    peak_mib: int
    code: int

    def __str__(self) -> str:
        return f"{self.wall_s:7.2f} s wall {self.cpu_s:7.2f} s CPU {self.peak_mib:5} MiB  exit {self.code}"


def run(*arguments: str | Path, cwd: Path) -> Took:
    """Run a program and give what it needed; its output goes nowhere."""
    begin = time.perf_counter()
    process = subprocess.Popen(arguments, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begin
    peak = used.ru_maxrss >> (10 if sys.platform != "darwin" else 20)
    return Took(wall_s=wall, cpu_s=used.ru_utime + used.ru_stime, peak_mib=peak, code=os.waitstatus_to_exitcode(status))


def say(line: str) -> None:
    print(line, flush=True)


def compare(name: str, mine: Took, other_name: str, other: Took) -> None:
    """Print both and the ratios of their speeds: above 1, archiver is the faster one."""
    say(f"{name}\n  archiver verify  {mine}\n  {other_name:<16} {other}")
    say(
        f"  archiver's speed against it: {other.wall_s / mine.wall_s:.2f} by the clock, "
        f"{other.cpu_s / mine.cpu_s:.2f} by CPU"
    )


def bodies(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Give payloads as pages have them: two thirds text of three sizes, one third pictures."""
    words = [bytes(rng.choices(b"abcdefghijklmnopqrstuvwxyz", k=rng.randint(2, 9))) for _ in range(3_000)]
    pictures = [rng.randbytes(60_000) for _ in range(5)]
    for number in count():
        if number % 3:
            yield "text/html", b" ".join(rng.choices(words, k=rng.choice((500, 4_000, 30_000)) // 6))
        else:
            yield "image/png", pictures[number % 5]


def write_warc(out: BytesIO, rng: random.Random, exchanges: int) -> WarcFacts:
    """Write exchanges with both digests, as our own writer does."""
    ids = (f"<urn:uuid:{rng.getrandbits(128):032x}>" for _ in count())
    warc = WarcWriter(out, new_id=lambda: next(ids))
    warc.info({"software": "bench"}, at=AT, filename="capture.warc.gz")
    main = ""
    for number, (media_type, body) in zip(range(exchanges), bodies(rng), strict=False):
        head = Head(start_line="HTTP/1.1 200 OK", headers=[("Content-Type", media_type)])
        url = f"https://example.org/{number}"
        identity = warc.response(url, head, at=AT, body=BytesIO(body), size_bytes=len(body))
        request = Head(start_line="GET / HTTP/1.1", headers=[("Host", "example.org")])
        warc.request(url, request, at=AT, body=b"", concurrent_to=identity)
        main = main or identity
    return WarcFacts(
        records=warc.count, exchanges=exchanges, main_record_id=main, recorder="cdp", payload_form="decoded"
    )


def bench_warc(folder: Path) -> None:
    """Compare with ``warcio check``, which checks digests and nothing else."""
    out = BytesIO()
    write_warc(out, random.Random(1), 6_000)
    with gzip.open(BytesIO(out.getvalue())) as file:
        plain = file.read()
    for name, content in (("a.warc.gz", out.getvalue()), ("a.warc", plain)):
        for copy in (name, name.replace("a.", "b.")):
            (folder / copy).write_bytes(content)
        for files in ((name,), (name, name.replace("a.", "b."))):
            mine = run(sys.executable, "-m", "archiver", "verify", *files, cwd=folder)
            other = run(sys.executable, "-m", "warcio.cli", "check", *files, cwd=folder)
            compare(f"{' and '.join(files)}: {len(content) >> 20} MiB each", mine, "warcio check", other)


def store(kit: CaseKit, content: bytes, *, role: Role, name: str, media_type: str, extension: str) -> Artifact:
    """Put bytes where they belong without flushing them: nothing here is evidence."""
    digest = Digest(hashlib.sha256(content).hexdigest())
    path = kit.workspace / layout.archive_path(digest, extension)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return Artifact(
        role=role, name=name, media_type=media_type, extension=extension, size_bytes=len(content), digest=digest
    )


def captures(kit: CaseKit, rng: random.Random, *, number: int, exchanges: int, picture_bytes: int) -> Iterator[Sealed]:
    """Give sealed captures, each of a WARC and either a picture or a small text."""
    for at in range(1, number + 1):
        out = BytesIO()
        facts = write_warc(out, rng, exchanges)
        picture = rng.randbytes(picture_bytes) if picture_bytes else b"text %d" % at
        role = Role.SCREENSHOT_VIEWPORT if picture_bytes else Role.TEXT
        extension = "png" if picture_bytes else "txt"
        artifacts = (
            store(
                kit,
                out.getvalue(),
                role=Role.WARC,
                name="c.warc.gz",
                media_type="application/warc",
                extension="warc.gz",
            ),
            store(kit, picture, role=role, name="shown", media_type="x/y", extension=extension),
        )
        made = sample_capture(at, artifacts=artifacts)
        yield seal(statement_of(replace(made, attempt=replace(made.attempt, warc=facts))), INVESTIGATOR)


def fill(kit: CaseKit, found: Iterator[Sealed]) -> None:
    """Record them, many at once."""
    salts = (hashlib.sha256(b"%d" % one).digest() for one in count())
    while some := list(islice(found, _TOGETHER)):
        append_all(kit.book, some, new_salt=lambda: next(salts))


def new_workspace(folder: Path) -> CaseKit:
    kit = new_case(folder)
    (kit.workspace / "archiver.toml").write_text(f'case = "{CASE}"\n[cases."{CASE}"]\norigin = "{ORIGIN}"\n')
    make_trust(folder / "trust")
    return kit


def archived(kit: CaseKit) -> list[Path]:
    return sorted((kit.workspace / "archive").rglob("*.*"))


def bench_workspace(folder: Path, mib: int) -> None:
    """Compare with ``sha256sum`` over the same files; half of the bytes are screenshots, half are WARCs."""
    kit = new_workspace(folder)
    number = max(1, mib // 8)
    fill(kit, captures(kit, random.Random(2), number=number, exchanges=160, picture_bytes=4 << 20))
    files = archived(kit)
    size = sum(one.stat().st_size for one in files)
    warcs = sum(one.stat().st_size for one in files if one.name.endswith(".gz"))
    say(f"workspace: {number} captures, {size >> 20} MiB in {len(files)} files, {warcs >> 20} MiB of them WARC files")
    names = [str(one.relative_to(kit.workspace)) for one in files]
    run("sha256sum", *names, cwd=kit.workspace)
    other = run("sha256sum", *names, cwd=kit.workspace)
    mine = verify(kit)
    compare(f"{size >> 20} MiB", mine, "sha256sum", other)


def verify(kit: CaseKit) -> Took:
    trust = kit.workspace.parent / "trust"
    return run(sys.executable, "-m", "archiver", "verify", "--trust", trust, cwd=kit.workspace)


def bench_case(folder: Path, number: int) -> None:
    """Verify a case of many small captures."""
    kit = new_workspace(folder)
    begin = time.perf_counter()
    fill(kit, captures(kit, random.Random(3), number=number, exchanges=1, picture_bytes=0))
    say(f"case of {number} captures: written in {time.perf_counter() - begin:.0f} s")
    mine = verify(kit)
    say(f"  archiver verify  {mine}")
    say(f"  {mine.wall_s / number * 1e3:.3f} ms by the clock, {mine.cpu_s / number * 1e3:.3f} ms CPU a capture")


def main(arguments: Sequence[str]) -> int:
    """Make the measurements that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*", choices=["warc", "workspace", "case", []])
    parser.add_argument("--mib", type=int, default=2_048)
    parser.add_argument("--captures", type=int, default=100_000)
    asked = parser.parse_args(arguments)
    what = asked.what or ["warc", "workspace", "case"]
    say(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as name:
        if "warc" in what:
            bench_warc(Path(name))
        if "workspace" in what:
            bench_workspace(Path(name) / "workspace-of-files", asked.mib)
        if "case" in what:
            bench_case(Path(name) / "case-of-captures", asked.captures)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
