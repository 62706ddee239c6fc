"""What the code does not say: unfinished work, names that mean nothing, errors that swallow everything."""

import ast
import re
from pathlib import Path

import pytest

import archiver
from tests.architecture.reading import ROOT, sources

# Written in halves, so that this file is searched like every other.
UNFINISHED = ("TO" + "DO", "FIX" + "ME", "XX" + "X", "NotImplemented" + "Error", "place" + "holder", "lorem " + "ipsum")
NAMELESS = frozenset(("utils", "util", "helpers", "helper", "common", "base", "misc", "manager", "stuff"))
BROAD = re.compile(r"except\s*(?::|\(?\s*(?:Base)?Exception\b)")


def texts() -> dict[str, str]:
    pages = [*(ROOT / "docs").rglob("*.md"), ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "Makefile"]
    assert len(pages) > 10, "the search does not see the pages"
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in pages}


@pytest.mark.parametrize("word", UNFINISHED)
def test_nothing_says_that_it_is_unfinished(word: str) -> None:
    pattern = re.compile(rf"\b{re.escape(word)}\b", 0 if word.isupper() else re.IGNORECASE)
    assert [name for name, text in {**sources(), **texts()}.items() if pattern.search(text)] == []


def test_no_module_has_a_name_that_means_nothing() -> None:
    assert [name for name in sources() if set(Path(name).with_suffix("").parts) & NAMELESS] == []


def test_no_class_is_a_manager() -> None:
    found = [
        f"{name}: {node.name}"
        for name, text in sources().items()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ClassDef) and node.name.endswith(("Manager", "Helper", "Util", "Utils", "Base"))
    ]
    assert found == []


def test_everything_is_caught_in_one_place_only() -> None:
    found = [name for name, text in sources().items() if name.startswith("archiver/") and BROAD.search(text)]
    assert found == ["archiver/cli/main.py"]


@pytest.mark.parametrize(
    "planted", ["except:", "except Exception:", "except (Exception, OSError):", "except BaseException as error:"]
)
def test_the_search_finds_each_way_of_catching_everything(planted: str) -> None:
    assert BROAD.search(planted)


def test_library_code_never_exits() -> None:
    ending = re.compile(r"\bsys\.exit\(|\braise SystemExit|\bos\._exit\(|\bquit\(\)")
    assert [name for name, text in sources().items() if name.startswith("archiver/") and ending.search(text)] == [
        "archiver/__main__.py"
    ]


def test_the_drawing_in_the_package_names_the_folders_on_disk() -> None:
    drawn = re.findall(r"(?:^|\s)([a-z]+)/\s", archiver.__doc__ or "")
    on_disk = {path.parent.name for path in (ROOT / "archiver").glob("*/__init__.py")}
    assert len(drawn) == len(set(drawn))
    assert set(drawn) == on_disk


def test_every_module_says_what_it_is_for() -> None:
    assert [
        name
        for name, text in sources().items()
        if name.startswith("archiver/") and not ast.get_docstring(ast.parse(text))
    ] == []
