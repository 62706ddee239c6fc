"""The doctor names what is missing and the command that mends it. Programs that it asks are stand-ins on PATH."""

import json
import os
import sys
from pathlib import Path

import pytest

from archiver.app.doctor import MISSING, OK, WARN, Finding, examine
from archiver.app.home import Home
from archiver.app.init import initialise
from archiver.app.workspace import Workspace, open_workspace
from archiver.cli.main import main

SECRET = b"correct horse"


def program(folder: Path, name: str, says: str) -> None:
    """Put a program of this name into a folder: it prints one text and ends well."""
    path = folder / name
    path.write_text(f"#!/bin/sh\nprintf '%s\\n' '{says}'\n")
    path.chmod(0o755)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder that is all of PATH, and a home without any downloaded browser."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "sh").symlink_to("/bin/sh")
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("PLAYWRIGHT_BROWSERS_PATH", raising=False)
    return folder


def workspace(folder: Path, home: Home, *, browser: str = "") -> Workspace:
    """Give a workspace with one case."""
    initialise(folder, case="kut", home=home, passphrase=SECRET)
    settings = folder / "archiver.toml"
    settings.write_text(settings.read_text().replace('browser = ""', f'browser = "{browser}"'))
    return open_workspace(folder)


def by_id(findings: tuple[Finding, ...]) -> dict[str, Finding]:
    return {one.id: one for one in findings}


def test_a_machine_with_everything_lacks_nothing(programs: Path, tmp_path: Path) -> None:
    program(programs, "chromium", "Chromium 156.0")
    program(programs, "fc-list", "Noto Naskh Arabic,Noto")
    home = Home(root=tmp_path / "h")
    found = by_id(examine(workspace(tmp_path / "w", home), home=home))
    assert {name for name, one in found.items() if one.state == MISSING} == set()
    assert (found["python"].state, found["file-system"].state, found["key"].state) == (OK, OK, OK)
    assert found["browser"].state == (WARN if os.geteuid() == 0 else OK)
    assert "Chromium 156.0" in found["browser"].found
    assert "NOT CHECKED" in found["clock"].found


def test_a_bare_machine_is_told_what_to_install(programs: Path, tmp_path: Path) -> None:
    program(programs, "fc-list", "")
    home = Home(root=tmp_path / "h")
    found = by_id(examine(workspace(tmp_path / "w", home, browser=str(tmp_path / "none")), home=home))
    assert found["browser"].state == MISSING
    assert found["browser"].mend == f"{sys.executable} -m playwright install chromium"
    if sys.platform != "darwin":
        assert (found["arabic-fonts"].state, found["arabic-fonts"].mend) == (
            MISSING,
            "apt-get install fonts-noto-core",
        )


def test_on_debian_the_command_is_the_package_managers(programs: Path, tmp_path: Path) -> None:
    program(programs, "apt-get", "")
    home = Home(root=tmp_path / "h")
    found = by_id(examine(workspace(tmp_path / "w", home, browser=str(tmp_path / "none")), home=home))
    assert found["browser"].mend in ("apt-get install chromium", "sudo apt-get install chromium")


def test_a_browser_that_does_not_start_is_missing(programs: Path, tmp_path: Path) -> None:
    broken = programs / "chromium"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    home = Home(root=tmp_path / "h")
    found = by_id(examine(workspace(tmp_path / "w", home, browser=str(broken)), home=home))
    assert (found["browser"].state, found["browser"].found) == (MISSING, f"{broken} does not start")


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS has such fonts")
def test_a_font_that_draws_arabic_badly_is_a_warning_and_no_fontconfig_is_not_checked(
    programs: Path, tmp_path: Path
) -> None:
    found = by_id(examine(None, home=Home(root=tmp_path / "h")))
    assert found["arabic-fonts"].found.startswith("NOT CHECKED")
    program(programs, "fc-list", "DejaVu Sans")
    found = by_id(examine(None, home=Home(root=tmp_path / "h")))
    assert (found["arabic-fonts"].state, found["arabic-fonts"].found) == (WARN, "only DejaVu Sans")


def test_lost_keys_and_unpinned_roots_are_missing(programs: Path, tmp_path: Path) -> None:
    home = Home(root=tmp_path / "h")
    made = workspace(tmp_path / "w", home)
    settings = made.root / "archiver.toml"
    settings.write_text(settings.read_text() + '\n[[tsa]]\nname = "a"\nurl = "https://tsa.example/"\n')
    for path in (home.root / "keys").iterdir():
        path.unlink()
    findings = examine(open_workspace(made.root), home=home)
    assert [one.state for one in findings if one.id == "key"] == [MISSING, MISSING]
    stamps = by_id(findings)["timestamps"]
    assert (stamps.state, stamps.mend) == (MISSING, "archiver tsa add a https://tsa.example/ --roots FILE")
    home.tsa_roots("a").parent.mkdir(parents=True, exist_ok=True)
    home.tsa_roots("a").write_text("pinned")
    assert by_id(examine(open_workspace(made.root), home=home))["timestamps"].state == OK


def test_a_workspace_without_a_ledger_needs_no_key_yet(programs: Path, tmp_path: Path) -> None:
    (tmp_path / "archiver.toml").write_text('case = "a"\n')
    found = by_id(examine(open_workspace(tmp_path), home=Home(root=tmp_path / "h")))
    assert found["key"].state == WARN


def test_a_file_system_that_refuses_is_told(programs: Path, tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write anywhere")
    home = Home(root=tmp_path / "h")
    made = workspace(tmp_path / "w", home)
    made.root.chmod(0o500)
    assert by_id(examine(made, home=home))["file-system"].state == MISSING


def test_the_command_prints_each_finding_and_fails_if_something_is_missing(
    programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = Home(root=tmp_path / "h")
    made = workspace(tmp_path / "w", home, browser=str(tmp_path / "none"))
    monkeypatch.setenv("ARCHIVER_HOME", str(home.root))
    monkeypatch.chdir(made.root)
    assert main(["doctor"]) == 5
    said = capsys.readouterr().out
    assert "missing  browser" in said
    assert "mend: " in said
    assert main(["doctor", "--json"]) == 5
    assert {"id": "browser", "state": MISSING}.items() <= json.loads(capsys.readouterr().out)[1].items()


def test_outside_of_a_workspace_it_answers_too(
    programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    program(programs, "chromium", "Chromium 156.0")
    program(programs, "fc-list", "Noto Naskh Arabic")
    monkeypatch.chdir(tmp_path)
    assert main(["doctor"]) == 0
    assert "archiver init DIR" in capsys.readouterr().out
