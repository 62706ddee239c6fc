"""The threat model names tests that exist, and every known weakness of the code."""

import ast
import io
import re
import tokenize

from tests.docs.pages import ROOT, code_texts, page

PAGE = "docs/THREAT_MODEL.md"


def limits() -> dict[str, int]:
    """Give how many known weaknesses (``LIMIT:``) each module writes down, by its path from the root."""
    counted = {name: len(re.findall(r"\bLIMIT:", _remarks(text))) for name, text in code_texts().items()}
    found = {name: number for name, number in counted.items() if number}
    assert len(found) > 8, "the search does not see the weaknesses"
    return found


def _remarks(source: str) -> str:
    """Give the comments and docstrings of a module."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    comments = [one.string for one in tokens if one.type == tokenize.COMMENT]
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = [ast.get_docstring(node) or "" for node in ast.walk(ast.parse(source)) if isinstance(node, kinds)]
    return "\n".join((*comments, *docstrings))


def listed() -> dict[str, int]:
    """Give how many weaknesses the page lists for each module: rows ``| `archiver/….py` | weakness |``."""
    rows = re.findall(r"^\| `(archiver/[a-z_/]+\.py)` \| .+ \|$", page(PAGE).text, re.MULTILINE)
    return {name: rows.count(name) for name in rows}


def test_each_known_weakness_of_the_code_is_listed() -> None:
    assert listed() == limits()


def test_each_test_that_is_named_exists() -> None:
    named = set(re.findall(r"`(tests/[a-z_/]+\.py)::(test_\w+)`", page(PAGE).text))
    assert len(named) > 10
    for path, test in named:
        source = (ROOT / path).read_text(encoding="utf-8")
        assert f"def {test}(" in source, f"{path}::{test}"


def test_it_says_what_each_adversary_can_still_do() -> None:
    headings = page(PAGE).anchors()
    for part in ("assumptions", "guarantees", "what-each-adversary-can-still-do", "known-limits"):
        assert any(one.startswith(part) for one in headings), part
