"""The pages that people read, and what they point at."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_LINK = re.compile(r"\[[^\]]*\]\(([^()\s]+)\)")
_FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page: its path from the root, and its text."""

    path: Path
    text: str

    @property
    def name(self) -> str:
        """Give the path as people write it."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def prose(self) -> str:
        """Give the text without its code blocks."""
        return _FENCE.sub("", self.text)

    def links(self) -> Iterator[str]:
        """Give the targets of the links that lead to no other host."""
        yield from (one for one in _LINK.findall(self.prose) if "://" not in one and not one.startswith("mailto:"))

    def anchors(self) -> frozenset[str]:
        """Give the anchors of the headings, as GitHub makes them."""
        headings = re.findall(r"^#+ (.+)$", self.prose, re.MULTILINE)
        return frozenset(re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings)


def pages() -> tuple[Page, ...]:
    """Give every page of the repository."""
    paths = [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *ROOT.glob("archive/*.md"),
        *ROOT.glob("tests/**/*.md"),
    ]
    found = tuple(Page(path=path, text=path.read_text(encoding="utf-8")) for path in sorted(paths))
    assert len(found) > 15, "the search does not see the pages"
    return found


def page(name: str) -> Page:
    """Give one page by its path."""
    return Page(path=ROOT / name, text=(ROOT / name).read_text(encoding="utf-8"))


def code_texts() -> dict[str, str]:
    """Give the text of every source file of the package, by its path from the root."""
    found = {one.relative_to(ROOT).as_posix(): one.read_text("utf-8") for one in (ROOT / "archiver").rglob("*.py")}
    assert len(found) > 80, "the search does not see the package"
    return found
