"""The source files that the architecture tests read."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
TRAVELLING = "templates"


def sources() -> dict[str, str]:
    """Give the text of every source file of the package and of the tests, by its path from the root.

    What travels in a bundle is no module of the package: `test_travelling.py` asks about that.
    """
    paths = [*(ROOT / "archiver").rglob("*.py"), *(ROOT / "tests").rglob("*.py")]
    paths = [path for path in paths if path.parent.name != TRAVELLING]
    assert len(paths) > 120, "the search does not see the code"
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in paths}
