"""A report of a thousand exhibits: how long it takes, and how much memory it and its browser need together.

Usage: ``python -m tests.bench.report [EXHIBITS] [FOLDER]``; a thousand and a temporary folder else. Prints; passes or
fails nothing. The case is made by a process of its own first and is not measured: every fifth source is a page of
9,000 pixels, every fourth failed. Memory is the sum over this process and all below it, each shared page counted once
(PSS), looked at five times a second.
"""

import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from archiver.app.report import Wanted
from tests.support.own_case import OwnCase
from tests.support.report_case import ReportCase, make_report_case, report_on

_LOOK_EVERY_S = 0.2


def tree(root: int) -> list[int]:
    """Give the ids of a process and of all below it."""
    parents: dict[int, list[int]] = {}
    for path in Path("/proc").iterdir():
        if path.name.isdecimal():
            try:
                parent = int(path.joinpath("stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            parents.setdefault(parent, []).append(int(path.name))
    found, todo = [], [root]
    while todo:
        one = todo.pop()
        found.append(one)
        todo.extend(parents.get(one, []))
    return found


def memory_mib(root: int) -> int:
    """Give the memory of a process and of all below it."""
    total = 0
    for one in tree(root):
        try:
            lines = Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total >> 10


class Watch:
    """Looks at the memory of this process and of all below it, from a thread of its own."""

    def __init__(self) -> None:
        self.peak_mib = 0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        import os  # noqa: PLC0415 - one call

        while not self._end.wait(_LOOK_EVERY_S):
            self.peak_mib = max(self.peak_mib, memory_mib(os.getpid()))

    def end(self) -> int:
        self._end.set()
        self._thread.join()
        return self.peak_mib


def main(arguments: list[str]) -> int:
    """Make the case apart, then report on it."""
    if arguments[:1] == ["--make"]:
        make_report_case(Path(arguments[2]), sources=int(arguments[1]), language="ar", longest_px=9000)
        return 0
    count = int(arguments[0]) if arguments else 1000
    with tempfile.TemporaryDirectory(prefix="bench-report-") as name:
        folder = Path(arguments[1]) if len(arguments) > 1 else Path(name)
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "tests.bench.report", "--make", str(count), str(folder)], check=True)
        print(f"made {count} sources in {time.perf_counter() - began:.0f} s", flush=True)
        case = ReportCase(own=OwnCase(folder=folder), predicates=())
        watch = Watch()
        began = time.perf_counter()
        made = report_on(case, folder / "out", Wanted(languages=("ar",), pdf=True, certify=True))
        took = time.perf_counter() - began
        size = sum(path.stat().st_size for path in made.files) >> 20
        print(f"{made.exhibits} exhibits, {len(made.signed)} volumes, {len(made.files)} files, {size} MiB")
        print(f"{took:.0f} s, {watch.end()} MiB at most, browser included")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
