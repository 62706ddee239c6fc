"""What a page points at is there: files, headings, modules, make targets, tests, pages named in the code."""

import re

import pytest

from tests.docs.pages import ROOT, Page, code_texts, page, pages

ALL = [one.name for one in pages()]


@pytest.mark.parametrize("name", ALL)
def test_each_link_leads_somewhere(name: str) -> None:
    here = page(name)
    for link in here.links():
        path, _, anchor = link.partition("#")
        target = (here.path.parent / path).resolve() if path else here.path
        assert target.exists(), f"{name}: {link}"
        if anchor:
            assert anchor in Page(path=target, text=target.read_text(encoding="utf-8")).anchors(), f"{name}: {link}"


@pytest.mark.parametrize("name", ALL)
def test_each_module_or_test_that_is_named_exists(name: str) -> None:
    for word in re.findall(r"`((?:archiver/|tests/)?[a-z_]+(?:/[a-z_]+)*\.py)(?:::?[^`]*)?`", page(name).prose):
        places = [ROOT / word, ROOT / "archiver" / word, *(ROOT / "tests").rglob(word.rsplit("/", 1)[-1])]
        assert any(one.exists() for one in places), f"{name}: {word}"


@pytest.mark.parametrize("name", ALL)
def test_each_folder_of_tests_that_is_named_exists(name: str) -> None:
    for word in re.findall(r"`(tests/[a-z_]+)/?`", page(name).prose):
        assert (ROOT / word).is_dir(), f"{name}: {word}"


@pytest.mark.parametrize("name", ALL)
def test_each_make_target_that_is_named_exists(name: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"`make ([a-z]+)", page(name).prose):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"{name}: make {target}"


def test_each_page_that_the_code_names_exists() -> None:
    named = {word for text in code_texts().values() for word in re.findall(r"docs/[A-Za-z_/-]+\.md", text)}
    named |= {
        f"docs/decisions/{word}" for text in code_texts().values() for word in re.findall(r"decisions/(\d{4})", text)
    }
    assert len(named) > 4
    for word in named:
        exact = ROOT / word
        assert exact.exists() or list(exact.parent.glob(f"{exact.name}-*.md")), word


def test_decisions_are_numbered_without_gap_and_say_what_they_cost() -> None:
    found = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [int(one.name[:4]) for one in found] == list(range(1, len(found) + 1))
    for one in found:
        text = one.read_text(encoding="utf-8")
        assert text.startswith(f"# {one.name[:4]}: ")
        for part in ("**Context.**", "**Options.**", "**Outcome.**", "**Cost.**"):
            assert part in text, f"{one.name}: {part}"


def test_the_search_finds_a_planted_link() -> None:
    planted = Page(path=ROOT / "planted.md", text="# A b\n\n[x](none.md#c)\n\n```\n[y](hidden.md)\n```\n")
    assert list(planted.links()) == ["none.md#c"]
    assert planted.anchors() == {"a-b"}
