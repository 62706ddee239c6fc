"""verify.py travels in every bundle: one short file for anybody's Python, which shares nothing with the package."""

import ast
import io
import sys
import tokenize
from collections.abc import Iterator
from itertools import pairwise

from tests.architecture.effects import Effect, effects_of
from tests.architecture.reading import ROOT, sources

PATH = ROOT / "archiver/export/templates/verify.py"
TEXT = PATH.read_text(encoding="utf-8")
MOST_LINES = 600
LONGEST_FUNCTION = 50
_SILENT = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)


def lines_of_code(source: str) -> int:
    """Count the lines that say something to Python: not those that are empty, a comment or a docstring."""
    documented: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            documented.update(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    said: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in _SILENT:
            said.update(range(token.start[0], token.end[0] + 1))
    return len(said - documented)


def imported(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (one.name.partition(".")[0] for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]


def test_it_can_be_read_in_an_hour() -> None:
    assert lines_of_code(TEXT) < MOST_LINES
    functions = [node for node in ast.walk(ast.parse(TEXT)) if isinstance(node, ast.FunctionDef)]
    assert len(functions) > 40
    assert [one.name for one in functions if (one.end_lineno or 0) - one.lineno >= LONGEST_FUNCTION] == []


def test_the_measure_counts_no_docstring_no_comment_and_no_empty_line() -> None:
    assert lines_of_code('"""Say.\n\nMore.\n"""\n\nx = (\n    1\n)  # one\n# two\n') == 3


def test_it_is_written_for_python_3_8() -> None:
    ast.parse(TEXT, feature_version=(3, 8))
    assert "removeprefix" not in TEXT
    assert "strict=" not in TEXT


def test_it_asks_for_nothing_but_the_standard_library() -> None:
    assert set(imported(TEXT)) <= sys.stdlib_module_names
    assert "archiver" not in set(imported(TEXT))


def test_it_opens_no_connection_and_reads_no_clock_and_no_environment() -> None:
    assert effects_of(TEXT) == {Effect.WRITES, Effect.PROCESSES, Effect.SPEAKS}


def test_it_shares_no_passage_with_the_package() -> None:
    """Two lines in a row that are the same, and are more than a bracket or an import, would be a copied passage."""
    mine = [line.strip() for line in TEXT.splitlines()]
    passages = {pair for pair in pairwise(mine) if min(map(len, pair)) > 25}
    assert len(passages) > 200
    for path, text in sources().items():
        if path.startswith("archiver/"):
            theirs = [line.strip() for line in text.splitlines()]
            assert passages.isdisjoint(pairwise(theirs)), path
