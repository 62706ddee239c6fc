"""What the command line answers to words that it does not know."""

import json

import pytest

from archiver.cli.main import DEFECT, INTERRUPTED, main
from archiver.model.errors import Locked


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nosuch"], "No such command 'nosuch'"),
        (["verify", "--bogus"], "No such option: --bogus"),
        (["cite"], "Missing argument 'draft'"),
        (["capture", "--timeout", "1"], "greater than or equal to 5"),
        (["tsa"], "Missing command"),
    ],
)
def test_a_wrong_command_is_a_usage_error_and_no_defect(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    told = capsys.readouterr()
    assert said in told.err
    assert "--help" in told.err
    assert told.out == ""


def test_a_program_reads_the_usage_error_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cite", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["exit_code"] == 2


@pytest.mark.parametrize("arguments", [[], ["--help"], ["capture", "--help"], ["tsa", "add", "--help"]])
def test_help_is_printed_and_is_no_failure(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 0
    assert "Usage: archiver" in capsys.readouterr().out


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("archiver ")


@pytest.mark.parametrize(
    ("raised", "code", "said"),
    [
        (Locked("busy", hint="wait"), 5, "busy"),
        (KeyboardInterrupt(), INTERRUPTED, "interrupted"),
        (RuntimeError("bang"), DEFECT, "a defect of archiver: RuntimeError: bang"),
        (BrokenPipeError(), 0, ""),
    ],
)
def test_whatever_a_command_raises_becomes_its_exit_code(
    raised: BaseException, code: int, said: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise raised

    monkeypatch.setattr("os.dup2", lambda *_: None)  # a closed pipe would take the test's own output with it
    assert main(["status"], commands=fail) == code
    assert said in capfd.readouterr().err
