"""How long each source of the demonstration site takes, step by step: ``python -m tests.bench.per_source [ROUNDS]``.

Not a test: it judges nothing. The target of the design is that everything but the page's own loading and
pictures stays under 150 ms a source, and `archiver --version` under 0.25 s.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from archiver.app.capture import Captured, capture_all, plan
from archiver.app.cite import read_citations
from archiver.app.config import CaptureConfig
from archiver.app.demo_site.server import serve_demo
from archiver.app.home import Home
from archiver.app.init import initialise
from archiver.app.recording import open_case
from archiver.app.workspace import open_workspace

_PAGES_OWN = ("load", "settle", "screenshots")
_RUNS = 10


def main(rounds: int) -> None:
    """Print a table of medians, and the time of ``--version``."""
    done: list[Captured] = []
    with tempfile.TemporaryDirectory() as name, serve_demo() as site:
        folder = Path(name)
        home = Home(root=folder / "home")
        initialise(folder / "w", case="bench", home=home, passphrase=b"passphrase of a bench")
        opened = open_case(
            open_workspace(folder / "w"), "bench", home=home, passphrase=lambda: b"passphrase of a bench", waiting=print
        )
        found = read_citations(site.write_draft(folder))
        start = time.monotonic()
        for _ in range(rounds):
            work = plan(found, (), again=True, retry=True)
            config = CaptureConfig(allow_private=True)
            done += capture_all(opened, work.targets, config=config, starting=lambda *_: None, finished=lambda _: None)
        whole_s = time.monotonic() - start
    _table(done)
    print(f"\n{len(done)} sources in {whole_s:.1f} s, the browser's {rounds} starts included")
    _version()


def _table(done: list[Captured]) -> None:
    steps: dict[str, list[int]] = defaultdict(list)
    ours: list[int] = []
    for one in done:
        sums: dict[str, int] = defaultdict(int)
        for timing in one.timings:
            sums[timing.step] += timing.duration_ms
        for step, duration in sums.items():
            steps[step].append(duration)
        ours.append(sum(duration for step, duration in sums.items() if step not in _PAGES_OWN))
    print(f"{'step':<20} {'median ms':>10} {'max ms':>8} {'sources':>8}")
    for step, durations in steps.items():
        mark = " (the page's own)" if step in _PAGES_OWN else ""
        print(f"{step:<20} {statistics.median(durations):>10.0f} {max(durations):>8} {len(durations):>8}{mark}")
    print(f"{'all but the page':<20} {statistics.median(ours):>10.0f} {max(ours):>8} {len(ours):>8}")


def _version() -> None:
    took = []
    for _ in range(_RUNS):
        start = time.monotonic()
        subprocess.run([sys.executable, "-m", "archiver", "--version"], check=True, capture_output=True)
        took.append(time.monotonic() - start)
    print(
        f"archiver --version: median {statistics.median(took) * 1000:.0f} ms, max {max(took) * 1000:.0f} ms of {_RUNS}"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
