"""A person at the command line: an own home, a passphrase, a workspace, and the ``archiver`` command."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def events(self) -> list[dict[str, Any]]:
        """Give the JSON objects that were printed one a line."""
        return [json.loads(line) for line in self.out.splitlines() if line.startswith("{")]

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever the command printed
        """Give the one JSON document that was printed."""
        return json.loads(self.out)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Runs the real command in the workspace, in processes of their own."""

    folder: Path

    @property
    def workspace(self) -> Path:
        """Give the workspace's folder."""
        return self.folder / "workspace"

    @property
    def environment(self) -> dict[str, str]:
        """Give the environment of every command."""
        return {
            **os.environ,
            "ARCHIVER_HOME": str(self.folder / "home"),
            "ARCHIVER_PASSPHRASE_FILE": str(self.folder / "passphrase"),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        }

    def run(self, *arguments: str, timeout_s: float = 240) -> Told:
        """Run ``archiver`` with these arguments and wait for it."""
        done = subprocess.run(
            [sys.executable, "-m", "archiver", *arguments],
            cwd=self.workspace if self.workspace.is_dir() else self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        return Told(code=done.returncode, out=done.stdout, err=done.stderr)

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start ``archiver`` in a process group of its own, to be killed."""
        return subprocess.Popen(
            [sys.executable, "-m", "archiver", *arguments],
            cwd=self.workspace,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )


def new_person(folder: Path, *, case: str = "kut") -> Person:
    """Give a person with a workspace and one case."""
    (folder / "passphrase").write_text("correct horse battery\n")
    person = Person(folder=folder)
    made = person.run("init", str(person.workspace), "--case", case)
    assert made.code == 0, made.err
    return person
