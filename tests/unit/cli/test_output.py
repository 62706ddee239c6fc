import pytest

from archiver.cli.output import say_error, say_table
from archiver.model.text import visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("تغريدة", "تغريدة"),
        ("می\u200cگوید", "می\u200cگوید"),
        ("a\u202egpj.exe", "a\\u202egpj.exe"),
        ("\x1b[2Jx", "\\u001b[2Jx"),
        ("a\nb", "a\\u000ab"),
        ("a\u2028b", "a\\u2028b"),
        ("\u2066x\u2069", "\\u2066x\\u2069"),
    ],
)
def test_nothing_that_a_page_wrote_moves_the_cursor_or_reorders_the_line(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_a_table_shows_cells_as_they_are_and_not_as_markup(capsys: pytest.CaptureFixture[str]) -> None:
    say_table(("id", "URL"), [("c01", "[red]https://example.org/[/red]")])
    assert "[red]https://example.org/[/red]" in capsys.readouterr().out


def test_an_error_is_told_to_people_and_to_programs(capsys: pytest.CaptureFixture[str]) -> None:
    say_error("no\x1bsuch case", hint="archiver init", exit_code=2, as_json=True)
    told = capsys.readouterr()
    assert '"exit_code": 2' in told.out
    assert told.err == "archiver: no\\u001bsuch case\n  hint: archiver init\n"


def test_several_mistakes_are_told_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    say_error("line 1: a\nline 2: b\x1b", hint="", exit_code=4, as_json=False)
    assert capsys.readouterr().err == "archiver: line 1: a\n  line 2: b\\u001b\n"
