"""What a run leaves is found by its folder: nothing of a dead run stays, nothing of a living one is touched."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.capture.run_folder import run_folder, sweep
from archiver.model.errors import StoreError

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="processes are found by /proc")
HOLD = (
    "import sys; from archiver.capture.run_folder import run_folder\nwith run_folder({'TMPDIR': sys.argv[1]}) as one:\n"
)
HOLD += "    (one / 'profile').mkdir(); print(one, flush=True); sys.stdin.read()"


@pytest.fixture
def parent() -> Iterator[Path]:
    """Give a folder whose name is short: what is too long for a socket is not used."""
    with tempfile.TemporaryDirectory(prefix="c") as folder:
        yield Path(folder)


def held(parent: Path) -> tuple["subprocess.Popen[str]", Path]:
    """Start a process that holds a folder of its own until its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(parent)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def killed(process: "subprocess.Popen[str]") -> None:
    process.kill()
    process.communicate()


def sleeping(**environment: str) -> "subprocess.Popen[bytes]":
    """Start a process that outlives its run: a shell with a child of its own, both asleep."""
    code = "import subprocess, sys; print(subprocess.Popen(['sleep', '60']).pid, flush=True); sys.stdin.read()"
    return subprocess.Popen(
        [sys.executable, "-c", code],
        env={**os.environ, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )


def runs(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_the_folder_is_ours_alone_and_gone_afterwards(parent: Path) -> None:
    with run_folder({"TMPDIR": str(parent)}) as folder:
        (folder / "profile").mkdir()
        (folder / "profile" / "socket").touch()
        assert folder.parent == parent
        assert folder.stat().st_mode & 0o777 == 0o700

    assert list(parent.iterdir()) == []


def test_a_folder_of_a_run_that_was_killed_goes_at_the_next_start(parent: Path) -> None:
    process, left = held(parent)
    killed(process)
    assert (left / "profile").is_dir()

    with run_folder({"TMPDIR": str(parent)}) as folder:
        assert list(parent.iterdir()) == [folder]


def test_a_folder_of_a_run_that_lives_stays(parent: Path) -> None:
    process, living = held(parent)
    try:
        sweep(parent)
        with run_folder({"TMPDIR": str(parent)}):
            assert (living / "profile").is_dir()
        assert (living / "profile").is_dir()
    finally:
        process.communicate("")
    assert list(parent.iterdir()) == []


def test_a_file_or_link_of_that_name_is_left_alone(parent: Path) -> None:
    precious = parent / "precious"
    precious.mkdir()
    (precious / "text").write_text("kept")
    (parent / "archiver-link").symlink_to(precious)
    (parent / "archiver-file").write_text("kept")

    sweep(parent)

    assert sorted(one.name for one in parent.iterdir()) == ["archiver-file", "archiver-link", "precious"]
    assert (precious / "text").read_text() == "kept"


@LINUX
def test_what_outlived_its_killed_run_is_killed_with_its_children_and_nothing_else(parent: Path) -> None:
    process, left = held(parent)
    ours, other = sleeping(TMPDIR=str(left)), sleeping(TMPDIR=f"{left}-other")
    assert ours.stdout is not None
    child = int(ours.stdout.readline())
    os.kill(ours.pid, signal.SIGSTOP)  # it does not even notice that its input ended
    killed(process)
    try:
        sweep(parent)

        assert ours.wait(5) == -signal.SIGKILL
        assert not runs(child)
        assert other.poll() is None
        assert list(parent.iterdir()) == []
    finally:
        for one in (ours, other):
            os.killpg(one.pid, signal.SIGKILL) if one.poll() is None else None
            one.communicate()


@LINUX
def test_what_still_runs_at_the_end_of_a_run_is_killed(parent: Path) -> None:
    with run_folder({"TMPDIR": str(parent)}) as folder:
        ours = sleeping(TMPDIR=str(folder))

    assert ours.wait(5) == -signal.SIGKILL
    ours.communicate()


def test_a_name_that_is_too_long_for_a_socket_is_not_used(parent: Path) -> None:
    deep = parent / ("d" * 90)
    deep.mkdir()

    with run_folder({"TMPDIR": str(deep)}) as folder:
        assert folder.parent == Path("/tmp")
        assert len(str(folder / "org.chromium.Chromium.123456/SingletonSocket")) <= 103
    assert not folder.exists()


def test_a_folder_that_cannot_be_made_is_an_error_of_this_machine(
    parent: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(**_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "mkdtemp", full)

    with pytest.raises(StoreError, match="no temporary folder could be made: No space left"), run_folder({}):
        pass


def test_many_runs_that_start_at_once_all_get_a_folder(parent: Path) -> None:
    began = time.monotonic()
    several = [held(parent) for _ in range(6)]
    try:
        assert len({folder for _, folder in several}) == 6
        assert all((folder / "profile").is_dir() for _, folder in several)
    finally:
        for process, _ in several:
            process.communicate("")
    assert list(parent.iterdir()) == []
    assert time.monotonic() - began < 60
