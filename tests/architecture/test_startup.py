"""Commands start without what they do not use. How long that takes is measured by `make bench`, not here."""

import subprocess
import sys

import pytest

HEAVY = frozenset(
    ("playwright", "lxml", "pydantic", "rich", "requests", "keyring", "warcio", "rfc3161_client", "PIL", "cryptography")
)


def loaded_by(code: str) -> frozenset[str]:
    """Give which of the heavy libraries a fresh Python has loaded after this code."""
    report = f"{code}\nimport sys\nprint('loaded:', *({set(HEAVY)!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", report], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return frozenset(done.stdout.splitlines()[-1].split()[1:])


_VERSION = """
import sys
sys.argv = ["archiver", "--version"]
from archiver.__main__ import run
try:
    run()
except SystemExit:
    assert "typer" not in sys.modules
"""


def test_the_version_is_told_without_loading_anything() -> None:
    assert loaded_by(_VERSION) == frozenset()


def test_the_command_line_loads_no_stage() -> None:
    assert loaded_by("import archiver.cli.main") == frozenset()


def test_verifying_loads_neither_browser_nor_client_nor_writer() -> None:
    code = "import archiver.app.verify, sys\nassert 'archiver.store.durable' not in sys.modules"
    assert loaded_by(code) & {"playwright", "requests", "keyring", "lxml", "rich"} == frozenset()


@pytest.mark.parametrize("module", ["archiver.app.status", "archiver.app.cite"])
def test_reading_loads_no_browser(module: str) -> None:
    assert loaded_by(f"import {module}") & {"playwright", "keyring"} == frozenset()


def test_the_search_sees_what_is_loaded() -> None:
    assert "lxml" in loaded_by("import lxml")


def test_the_command_tells_its_version() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "archiver", "--version"], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (0, "archiver 0.1.0\n")
