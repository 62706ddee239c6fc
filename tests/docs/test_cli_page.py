"""Every command says what it does and what its words mean, and the reference says the same."""

from pathlib import Path

import pytest

from tests.docs.cli_reference import commands, reference, run
from tests.docs.pages import page

NAMES = [name for name, _ in commands()]


def test_the_reference_is_what_the_commands_say() -> None:
    assert page("docs/cli.md").text == reference(), "make fmt writes it"


def test_every_verb_is_there() -> None:
    verbs = {name.split()[1] for name in NAMES if " " in name}
    assert verbs >= {"init", "cite", "capture", "stamp", "verify", "status", "doctor", "demo", "tsa"}


@pytest.mark.parametrize("name", NAMES)
def test_a_command_and_each_of_its_words_has_help(name: str) -> None:
    command = dict(commands())[name]
    assert command.help
    for one in command.params:
        assert getattr(one, "help", None), f"{name} {one.name}"


@pytest.mark.parametrize("name", NAMES)
def test_a_command_is_in_the_reference(name: str) -> None:
    assert f"\n## {name}\n" in page("docs/cli.md").text


def test_a_page_that_differs_is_told_and_written_anew(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "cli.md"
    assert run(["--check", str(path)]) == 1
    assert "make fmt" in capsys.readouterr().err
    assert run([str(path)]) == 0
    assert run(["--check", str(path)]) == 0
    path.write_text(reference() + "more")
    assert run(["--check", str(path)]) == 1
