"""Whether memory stays flat: ``python -m tests.bench.memory_flat [SOURCES] [JOBS]`` prints it as captures go on.

Own memory, Playwright's driver and the browser apart, in MiB (proportional set size: shared pages count once).
"""

import os
import sys
import tempfile
from itertools import cycle, islice
from pathlib import Path

from archiver.app.capture import Captured
from tests.bench.against_bare import archive
from tests.bench.sites import site_pages

_EVERY = 50


def main(sources: int = 500, jobs: int = 4) -> None:
    """Print a line for every fifty captures."""
    done = 0

    def finished(_: Captured) -> None:
        nonlocal done
        done += 1
        if done % _EVERY == 0:
            own, node, browser = _memory_mib()
            print(f"after {done:4}: own {own:5} MiB, driver {node:5} MiB, browser {browser:5} MiB", flush=True)

    with tempfile.TemporaryDirectory() as folder, site_pages("demo") as pages:
        took = archive(list(islice(cycle(pages), sources)), jobs, Path(folder), finished=finished)
    print(f"{sources} captures, {jobs} at once: {took:.0f} s, {sources / took * 60:.0f} a minute")


def _memory_mib() -> tuple[int, int, int]:
    mine, parents = os.getpid(), _parents()
    sums = {"own": _pss_kib(mine), "node": 0, "chrom": 0}
    for pid in parents:
        above, name = pid, _name(pid)
        while above in parents and above != mine:
            above = parents[above]
        kind = next((kind for kind in ("node", "chrom") if kind in name), None)
        if above == mine and kind is not None:
            sums[kind] += _pss_kib(pid)
    return sums["own"] >> 10, sums["node"] >> 10, sums["chrom"] >> 10


def _parents() -> dict[int, int]:
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            found[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue  # ended meanwhile
    return found


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def _pss_kib(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
