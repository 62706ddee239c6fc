"""Write the public page of a case's sources. It is read with the same eyes as a report, and shows less."""

from functools import partial
from pathlib import Path

from archiver.app.home import Home
from archiver.app.report import read_artifact, read_case
from archiver.app.workspace import Workspace
from archiver.export.index_page import public_sources, render_index
from archiver.export.report_facts import report_of
from archiver.export.report_words import words_in
from archiver.model.errors import UsageError
from archiver.store import durable


def write_index(
    workspace: Workspace, case: str, out: Path, *, home: Home, language: str, heading: str, bundle: str | None
) -> int:
    """Write the page in place of an older one; give how many sources it shows.

    Raises UsageError for a language that is not there, a case without entries, or an ``out`` that is a folder.
    """
    words = words_in(language)
    if out.is_dir():
        raise UsageError(f"{out}: expected the name of a file, found a folder")
    report = report_of(read_case(workspace, case, home=home, check=False))
    sources = public_sources(report, read=partial(read_artifact, workspace))
    durable.replace(out, render_index(sources, words, heading=heading, bundle=bundle).encode())
    return len(sources)
