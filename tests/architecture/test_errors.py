"""One error tree: each class is drawn, has an exit code, and the reference tells people what it means."""

import ast

from archiver.cli.main import app
from archiver.model import errors
from tests.architecture.reading import ROOT, TRAVELLING
from tests.docs.cli_reference import error_classes


def test_each_error_is_in_the_drawing_of_the_tree() -> None:
    assert len(error_classes()) > 8
    assert [one.__name__ for one in error_classes() if one.__name__ not in (errors.__doc__ or "")] == []


def test_each_error_says_what_it_means() -> None:
    assert [one.__name__ for one in error_classes() if not one.__doc__] == []


def test_each_exit_code_is_in_the_reference_and_in_the_help() -> None:
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    epilog = app.info.epilog or ""
    for one in error_classes():
        if one is not errors.ArchiverError:
            row = next(line for line in page.splitlines() if f"`{one.__name__}`" in line)
            assert row.startswith(f"| {one.exit_code} |")
            assert f"{one.exit_code} " in epilog


def test_families_have_exit_codes_of_their_own() -> None:
    families = [one for one in error_classes() if one.__base__ is errors.ArchiverError]
    assert sorted(one.exit_code for one in families) == [2, 3, 4, 5, 6]


def test_no_other_module_makes_an_error_of_its_own() -> None:
    """An exception that is caught inside its own stage is a signal and no error: it is named here."""
    signals = {"SessionGoneError", "_RefusedError", "_WrongError"}
    found = {
        node.name
        for path in (ROOT / "archiver").rglob("*.py")
        if path.parent.name != TRAVELLING
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
        and any(isinstance(one, ast.Name) and one.id.endswith(("Error", "Exception")) for one in node.bases)
    }
    assert found - {one.__name__ for one in error_classes()} == signals
