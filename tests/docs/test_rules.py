"""Format pages show an example first, then rules; each rule has an id of its own, and code and tests may name it."""

import re

import pytest

from tests.docs.pages import ROOT, page

PAGES = [one.relative_to(ROOT).as_posix() for one in sorted((ROOT / "docs" / "formats").glob("*.md"))]
_RULE = re.compile(r"^(?:- |\| )?\**`?([A-Z]{1,2}\d{1,3})`?\**[ .:|]", re.MULTILINE)


def rules(name: str) -> list[str]:
    """Give the ids of a page's rules in their order."""
    return [str(one) for one in _RULE.findall(page(name).prose)]


def test_the_formats_have_pages() -> None:
    assert {one.rsplit("/", 1)[-1] for one in PAGES} >= {"citations.md", "ledger.md", "manifest.md", "workspace.md"}


@pytest.mark.parametrize("name", PAGES)
def test_a_format_page_shows_an_example_before_its_rules(name: str) -> None:
    text = page(name).text
    first = _RULE.search(text)
    assert first is not None, f"{name} has no rule"
    assert 0 < text.index("```") < first.start()


def test_no_two_rules_have_the_same_id() -> None:
    found = [rule for name in PAGES for rule in rules(name)]
    assert len(found) > 30
    assert sorted(found) == sorted(set(found))


@pytest.mark.parametrize("name", PAGES)
def test_whatever_must_be_has_an_id(name: str) -> None:
    blocks = re.split(r"\n(?=\s*\n|- |\| )", page(name).prose)
    loose = [one.strip() for one in blocks if re.search(r"\bMUST\b", one) and not _RULE.search(one.strip())]
    assert loose == []
