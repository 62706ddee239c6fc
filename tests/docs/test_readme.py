"""The README's session is run as it is printed, with example.com served by a site on this machine."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from archiver.app.demo_site.server import serve_demo

README = Path(__file__).parents[2] / "README.md"
_MARK = "\x01"
_ELIDED = "…"


def session() -> list[tuple[str, str]]:
    """Give each command of the ``console`` blocks with what it is said to print."""
    blocks = re.findall(r"^```console\n(.*?)^```", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    parts = [part for block in blocks for part in re.split(r"^\$ ", block, flags=re.MULTILINE) if part]
    return [(command, said) for command, _, said in (part.partition("\n") for part in parts)]


def agrees(said: str, printed: str) -> bool:
    """Say whether what was printed is what is said: blank space counts as one space, ``…`` stands for anything."""
    pieces = [re.escape(" ".join(piece.split())) for piece in said.split(_ELIDED)]
    return re.fullmatch(r"\s*.*?\s*".join(pieces).replace(r"\ ", r"\s+"), " ".join(printed.split())) is not None


def run(commands: list[str], folder: Path) -> list[str]:
    """Run the commands one after another in one shell; give what each printed."""
    script = "set -e\n" + "".join(f"printf '{_MARK}'\n{command}\n" for command in commands)
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-c", script], cwd=folder, env=environment, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.split(_MARK)[1:]


def test_the_session_shows_the_whole_job() -> None:
    commands = [command for command, _ in session()]
    assert len(commands) > 7
    for verb in ("init", "cite", "capture", "status", "verify"):
        assert any(command.startswith(f"archiver {verb}") for command in commands), verb


@pytest.mark.browser
def test_the_session_prints_what_the_readme_says(tmp_path: Path) -> None:
    assert shutil.which("openssl"), "make test installs openssl"
    with serve_demo() as site:
        url = f"{site.base_url}/agency/2026/harbour-crane"
        commands = [
            command.replace("https://example.com/", url).replace("archiver capture", "archiver capture --allow-private")
            for command, _ in session()
        ]
        printed = run(commands, tmp_path)
    assert len(printed) == len(session())
    for (command, said), text in zip(session(), printed, strict=True):
        shown = re.sub(re.escape(site.base_url) + r"[^\s)]*", "https://example.com/", text)
        assert agrees(said, shown), f"$ {command}\nsaid:\n{said}\nprinted:\n{text}"


def test_the_comparison_knows_a_difference() -> None:
    assert agrees("a … c\n", "a b\n b  c")
    assert agrees("", "\n")
    assert not agrees("a … c", "a b d")
    assert not agrees("PASS", "PASS FAIL")


def test_the_two_commands_are_targets_of_the_makefile() -> None:
    makefile = (README.parent / "Makefile").read_text(encoding="utf-8")
    for target in ("demo", "test", "setup", "doctor"):
        assert f"make {target}" in README.read_text(encoding="utf-8")
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)
