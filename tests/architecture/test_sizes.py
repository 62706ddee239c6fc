"""Nothing is too long to be read at once: functions of at most 50 lines without their docstring, files of 400."""

import ast
from collections.abc import Iterator

from tests.architecture.reading import sources

LONGEST_FUNCTION = 50
LONGEST_FILE = 400


def functions(source: str) -> Iterator[tuple[str, int]]:
    """Give each function's name with its length in lines, docstring and decorators left out."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            docstring = node.body[0] if ast.get_docstring(node) is not None else None
            said = (docstring.end_lineno or 0) - docstring.lineno + 1 if docstring else 0
            yield node.name, (node.end_lineno or 0) - node.lineno + 1 - said


def test_no_function_is_too_long() -> None:
    lengths = {f"{path}: {name}": lines for path, text in sources().items() for name, lines in functions(text)}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FUNCTION} == {}


def test_no_file_is_too_long() -> None:
    lengths = {path: len(text.splitlines()) for path, text in sources().items()}
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_most_functions_are_short() -> None:
    lengths = sorted(
        lines for path, text in sources().items() if path.startswith("archiver/") for _, lines in functions(text)
    )
    assert lengths[len(lengths) // 2] <= 8
    assert lengths[len(lengths) * 9 // 10] <= 25


def test_the_measure_leaves_out_the_docstring_and_counts_the_rest() -> None:
    planted = 'async def planted():\n    """Say.\n\n    More.\n    """\n' + "    step()\n" * 60
    assert list(functions(planted)) == [("planted", 61)]
