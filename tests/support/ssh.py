"""An ``ssh-agent`` of its own with one Ed25519 key, and ``ssh-keygen`` as judge."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def need_ssh() -> None:
    """Skip where OpenSSH is not installed."""
    for name in ("ssh-keygen", "ssh-agent", "ssh-add"):
        if shutil.which(name) is None:
            pytest.skip(f"{name} is not on this machine (apt-get install openssh-client)")


def keygen(*arguments: str | Path, message: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run ``ssh-keygen``."""
    return subprocess.run(
        ["ssh-keygen", *map(str, arguments)], input=message, capture_output=True, check=False, timeout=30
    )


def accepts(message: bytes, signature: Path, signers: Path, *, options: tuple[str | Path, ...] = ()) -> bool:
    """Say whether ``ssh-keygen -Y verify`` takes a signature by the investigator over this message."""
    verify = ("-Y", "verify", "-n", "archiver", "-I", "investigator", "-f", signers, "-s", signature)
    return keygen(*verify, *options, message=message).returncode == 0


@contextmanager
def agent(folder: Path, *, kind: str = "ed25519") -> Iterator[Path]:
    """Give the socket of an agent that holds one key, whose comment is ``held``."""
    folder.mkdir(parents=True, exist_ok=True)
    socket = folder / "agent"
    started = subprocess.Popen(["ssh-agent", "-D", "-a", str(socket)], stdout=subprocess.DEVNULL)
    try:
        assert keygen("-q", "-t", kind, "-N", "", "-C", "held", "-f", folder / "key").returncode == 0
        environment = {**os.environ, "SSH_AUTH_SOCK": str(socket)}
        for _ in range(200):
            if socket.exists():
                break
            time.sleep(0.02)
        subprocess.run(["ssh-add", "-q", folder / "key"], env=environment, capture_output=True, check=True)
        yield socket
    finally:
        started.terminate()
        started.wait(timeout=10)
