"""What the pages show as an example is read by the program, and the repository is the workspace that it says it is."""

import re
import tomllib
from pathlib import Path

from archiver.app.config import TEMPLATE, CaptureConfig, read_config
from archiver.app.workspace import open_workspace
from archiver.formats import citations
from tests.docs.pages import ROOT, page


def blocks(name: str, language: str) -> list[str]:
    """Give the code blocks of a page in one language."""
    found = re.findall(rf"^```{language}\n(.*?)^```", page(name).text, re.MULTILINE | re.DOTALL)
    assert found, f"{name} shows no {language}"
    return [str(one) for one in found]


def test_the_settings_that_the_page_shows_are_read(tmp_path: Path) -> None:
    path = tmp_path / "archiver.toml"
    path.write_text(blocks("docs/formats/workspace.md", "toml")[0], encoding="utf-8")
    found = read_config(path)
    assert (found.case, list(found.cases), [one.name for one in found.tsa]) == ("demo", ["demo"], ["example"])


def test_the_page_shows_every_setting_with_its_default() -> None:
    shown = tomllib.loads(blocks("docs/formats/workspace.md", "toml")[0])["capture"]
    assert shown == CaptureConfig().model_dump()


def test_a_new_workspace_begins_with_every_default() -> None:
    assert tomllib.loads(TEMPLATE.format(case="c"))["capture"] == CaptureConfig().model_dump()


def test_the_citations_that_the_page_shows_are_read() -> None:
    found = citations.decode(blocks("docs/formats/citations.md", "yaml")[0].encode())
    assert found.citations


def test_the_repository_is_a_workspace_with_a_worked_example() -> None:
    workspace = open_workspace(ROOT / "docs")
    assert workspace.root == ROOT
    case = workspace.choose_case(None)
    found = citations.decode((workspace.case_root(case) / "citations.yaml").read_bytes())
    assert (case, len(found.citations)) == ("iraq-attacks-2021", 14)
    assert all(one.candidates or one.note or one.url for one in found.citations)
