"""The bar of a verification: on a terminal only, on standard error, gone at the end."""

import io
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from archiver.cli.checking import checking


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_it_counts_what_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with checking() as tell:
        for done in range(1, 121):
            tell("fi\x1bles", done, 120)
        tell("case", 1, 2)
    assert "120/120" in terminal.getvalue()
    assert "\x1bles" not in terminal.getvalue()


def test_anywhere_else_it_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with checking() as tell:
        tell("files", 1, 1)
    assert capsys.readouterr() == ("", "")


def test_the_report_on_standard_output_is_the_same_with_a_terminal_beside_it(tmp_path: Path) -> None:
    (tmp_path / "bad.warc").write_bytes(b"x")
    main, other = pty.openpty()
    command = [sys.executable, "-m", "archiver", "verify", "bad.warc", "--json"]
    with_bar = subprocess.run(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=other, check=False, timeout=60)
    without = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False, timeout=60)
    os.close(other)
    os.close(main)
    assert with_bar.stdout == without.stdout
    assert with_bar.returncode == without.returncode == 1
