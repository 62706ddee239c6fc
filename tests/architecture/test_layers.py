"""The layers of pyproject.toml hold, and the linter that says so catches each kind of violation."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def lint(folder: Path) -> tuple[int, str]:
    """Run import-linter in a folder and give its exit code and what it said."""
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([program, "--no-cache"], cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "archiver", tmp_path / "archiver", ignore=shutil.ignore_patterns("__pycache__", "pages"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_layers_hold(copy: Path) -> None:
    code, said = lint(copy)
    assert code == 0, said
    assert "3 kept, 0 broken" in said


@pytest.mark.parametrize(
    ("module", "line", "broken"),
    [
        ("formats/note.py", "import archiver.store.durable", "Data flows one way"),
        ("verify/files.py", "import archiver.record.append", "Data flows one way"),
        ("capture/take.py", "import archiver.app.clock", "Data flows one way"),
        ("verify/run.py", "import archiver.store.durable", "Verification shares no writer"),
        ("proof/merkle.py", "import socket", "Proof code cannot reach the network"),
        ("verify/time.py", "import requests", "Proof code cannot reach the network"),
    ],
)
def test_a_planted_import_is_caught(copy: Path, module: str, line: str, broken: str) -> None:
    path = copy / "archiver" / module
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")
    code, said = lint(copy)
    assert code == 1
    assert f"{broken} BROKEN" in said


def test_a_folder_that_no_layer_names_is_caught(copy: Path) -> None:
    (copy / "archiver" / "extra").mkdir()
    (copy / "archiver" / "extra" / "__init__.py").write_text('"""Planted."""\n')
    code, said = lint(copy)
    assert code == 1
    assert "archiver.extra" in said
