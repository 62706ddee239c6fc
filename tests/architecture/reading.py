"""The source files that the architecture tests read."""

from pathlib import Path

ROOT = Path(__file__).parents[2]


def sources() -> dict[str, str]:
    """Give the text of every source file of the package and of the tests, by its path from the root."""
    paths = [*(ROOT / "archiver").rglob("*.py"), *(ROOT / "tests").rglob("*.py")]
    assert len(paths) > 120, "the search does not see the code"
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in paths}
