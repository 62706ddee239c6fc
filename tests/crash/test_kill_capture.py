"""kill -9 of the browser, of Playwright's driver, of a whole run: what was recorded verifies, the rest is repeated."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.fault_site import FaultSite, serve_faults
from tests.support.person import Person, new_person

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(sys.platform != "linux", reason="processes are found by /proc"),
]

CAPTURE = ("capture", "--allow-private", "--jobs", "3", "--per-host", "3", "--retries", "2", "--json")
SOURCES = 6
NOTHING_FAILED = 0
ENDED_WITHIN_S = 10.0
"""How long a run's processes may outlive it. Measured: 0.1 to 0.6 s; the driver itself gives a browser 30 s."""


@pytest.fixture(scope="module")
def faults() -> Iterator[FaultSite]:
    with serve_faults() as serving:
        yield serving


@pytest.fixture
def temporary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give a temporary folder of the test's own, short enough for a socket: what is in it afterwards was left."""
    folder = Path(f"/tmp/k{os.getpid()}-{time.monotonic_ns() % 10**6}")
    folder.mkdir()
    yield folder
    folder.rmdir()  # fails where anything is left


@pytest.fixture
def person(tmp_path: Path, temporary: Path, faults: FaultSite, monkeypatch: pytest.MonkeyPatch) -> Person:
    """Give a person whose case cites sources that each take a while."""
    monkeypatch.setenv("TMPDIR", str(temporary))
    person = new_person(tmp_path)
    paths = [f"/with?img&/slow/{n}" if n % 2 else f"/fine?{n}" for n in range(SOURCES)]
    lines = [f"[source {n}]({faults.url(path)}) says so.\n" for n, path in enumerate(paths)]
    (person.workspace / "draft.md").write_text("# draft\n\n" + "\n".join(lines), encoding="utf-8")
    cited = person.run("cite", "draft.md")
    assert cited.code == 0, cited.err
    return person


def started(person: Person) -> "subprocess.Popen[str]":
    """Start a run of three at once, and wait until it has recorded something and is in the middle of the rest."""
    process = person.start(*CAPTURE)
    assert process.stdout is not None
    for line in process.stdout:
        if '"event": "done"' in line or '"event":"done"' in line:
            return process
    raise AssertionError(f"the run ended before it recorded anything: {process.wait()}")


def processes_of(temporary: Path) -> dict[int, str]:
    """Give the processes that keep their temporary files there, and their descendants, by their command lines."""
    parents, found = {}, {}
    for place in Path("/proc").glob("[0-9]*"):
        try:
            state, parent = (place / "stat").read_text().rpartition(")")[2].split()[:2]
            command = (place / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            environ = (place / "environ").read_bytes()
        except OSError:
            continue
        if state == "Z":
            continue
        parents[int(place.name)] = (int(parent), command)
        if f"TMPDIR={temporary}/".encode() in environ:
            found[int(place.name)] = command
    edge = set(found)
    while edge:
        edge = {child for child, (parent, _) in parents.items() if parent in edge} - set(found)
        found.update({child: parents[child][1] for child in edge})
    return found


def is_driver(command: str) -> bool:
    return "run-driver" in command


def is_browser(command: str) -> bool:
    return "--remote-debugging-pipe" in command and "--type=" not in command


def kill(temporary: Path, wanted: Callable[[str], bool]) -> None:
    """Kill our run's processes of this kind; there has to be one."""
    victims = [process for process, command in processes_of(temporary).items() if wanted(command)]
    assert victims
    for victim in victims:
        os.kill(victim, signal.SIGKILL)


def until_none(temporary: Path) -> float:
    """Wait until no process of the run is left; give how long that took."""
    began = time.monotonic()
    while processes_of(temporary):
        assert time.monotonic() - began < ENDED_WITHIN_S, processes_of(temporary)
        time.sleep(0.05)
    return time.monotonic() - began


def assert_all_recorded_and_verified(person: Person) -> None:
    standings = person.run("status", "--json").json["standings"]
    assert [one["state"] for one in standings] == ["captured"] * SOURCES
    verified = person.run("verify")
    assert verified.code == NOTHING_FAILED, verified.out


def assert_nothing_failed(person: Person) -> None:
    """What a kill leaves before the next start is whole, or a write that was cut off and is told as that."""
    checks = person.run("verify", "--json").json["checks"]
    left = [one for one in checks if one["verdict"] != "PASS" and one["level"] in ("L0", "L1", "L2")]
    assert "FAIL" not in {one["verdict"] for one in checks}
    assert len(checks) > len(left)
    assert all(one["reason"].startswith("left by a write that was cut off") for one in left), left


@pytest.mark.parametrize("wanted", [is_browser, is_driver])
def test_a_run_whose_browser_or_driver_is_killed_takes_all_sources_in_the_same_run(
    person: Person, temporary: Path, wanted: Callable[[str], bool]
) -> None:
    process = started(person)
    kill(temporary, wanted)
    out, _ = process.communicate(timeout=120)

    assert process.returncode == 0, out
    assert until_none(temporary) < ENDED_WITHIN_S
    assert list(temporary.iterdir()) == []
    assert_all_recorded_and_verified(person)


@pytest.mark.parametrize("with_driver", [False, True])
def test_a_run_that_is_killed_loses_nothing_that_it_recorded_and_the_next_one_repeats_the_rest(
    person: Person, temporary: Path, *, with_driver: bool
) -> None:
    process = started(person)
    if with_driver:
        os.killpg(process.pid, signal.SIGKILL)  # the run and its driver; the browser is in a session of its own
    else:
        process.kill()
    process.communicate(timeout=30)
    took_s = until_none(temporary)
    attempts = {one["id"]: one["attempts"] for one in person.run("status", "--json").json["standings"]}
    recorded = sum(attempts.values())

    assert took_s < ENDED_WITHIN_S
    assert 1 <= recorded < SOURCES
    assert_nothing_failed(person)
    again = person.run(*CAPTURE)
    assert again.code == 0, again.out + again.err
    assert list(temporary.iterdir()) == [], "the next start sweeps what a killed run left"
    assert not list((person.folder / "home" / "scratch").glob("*/*/*")), "nothing stays in scratch space either"
    assert_all_recorded_and_verified(person)
    after = {one["id"]: one["attempts"] for one in person.run("status", "--json").json["standings"]}
    assert all(after[one] == attempts[one] for one in attempts if attempts[one]), "what was recorded is not repeated"


def test_a_browser_that_hangs_and_outlives_a_killed_run_is_ended_by_the_next_start(
    person: Person, temporary: Path
) -> None:
    process = started(person)
    for browser, command in processes_of(temporary).items():
        if is_browser(command):
            os.kill(browser, signal.SIGSTOP)  # it neither hears that its driver is gone, nor ends
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=30)
    time.sleep(1)

    assert any(is_browser(command) for command in processes_of(temporary).values())
    again = person.run(*CAPTURE)
    assert again.code == 0, again.out + again.err
    assert processes_of(temporary) == {}
    assert list(temporary.iterdir()) == []
    assert_all_recorded_and_verified(person)
