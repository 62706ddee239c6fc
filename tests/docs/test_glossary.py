"""One word for each thing: each name that the glossary gives in code form exists, and each value has its word."""

import ast
import re

from tests.docs.pages import ROOT, code_texts, page

# Parts of the values that the glossary names, and ports.
_PARTS = """
KeyAction KeyRole Presence Group
Clock Digest EngineFacts EntryType EnvelopeSignature Instant Method Note NoteSignature Outlet PageFacts Quote Reason
Recorded Redirect Relation ResponseFacts Role SettingsFacts Signer Span Speaker State StatedDate Subject Taken Timing
ExaminedKind TlsFacts ToolFacts Unrecorded Verdict VerifierKey WarcFacts CitationList
"""


def rows() -> list[tuple[str, str, str]]:
    """Give the table: word, meaning, where."""
    found = re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", page("docs/GLOSSARY.md").text, re.MULTILINE)
    return [(word.strip(), meaning.strip(), where.strip()) for word, meaning, where in found if word != "word"]


def classes() -> dict[str, ast.ClassDef]:
    """Give every class of the package by its name."""
    return {
        node.name: node
        for path, text in code_texts().items()
        if "/templates/" not in path  # what travels in bundles has words of its own
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ClassDef)
    }


def members(kind: ast.ClassDef) -> frozenset[str]:
    """Give the names of a class's fields and functions."""
    functions = {item.name for item in kind.body if isinstance(item, ast.FunctionDef)}
    fields = (item.target for item in kind.body if isinstance(item, ast.AnnAssign))
    return frozenset(functions | {one.id for one in fields if isinstance(one, ast.Name)})


def test_each_word_is_explained_once() -> None:
    words = [word for word, _, _ in rows()]
    assert len(words) > 35
    assert len(words) == len(set(words))


def test_each_name_in_code_form_exists() -> None:
    known = classes()
    for word, _, where in rows():
        for name in re.findall(r"`([A-Z][A-Za-z]+(?:\.[a-z_]+)?)`", where):
            kind, _, field = name.partition(".")
            assert kind in known, f"{word}: {name}"
            assert not field or field in members(known[kind]), f"{word}: {name}"


def test_each_value_of_the_model_has_a_word() -> None:
    model = {
        node.name
        for path in (ROOT / "archiver" / "model").glob("*.py")
        if path.name != "errors.py"
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef)
    }
    explained = {name.partition(".")[0] for _, _, where in rows() for name in re.findall(r"`([A-Za-z.]+)`", where)}
    parts = set(_PARTS.split())
    assert model - explained - parts == set()
    assert parts - model == set(), "a stale exception"
