"""``archiver index``."""

import os
from pathlib import Path

import typer

from archiver.cli.output import say


def index(
    case: str | None = typer.Argument(None, help="Case; the workspace's default else."),
    out: Path = typer.Option(..., "-o", "--out", help="The page to write, such as index.html."),
    lang: str = typer.Option("en", "--lang", help="en, ar or fa."),
    heading: str = typer.Option("", "--heading", help="The article's title; the case's name is not shown."),
    bundle: str | None = typer.Option(None, "--bundle", help="Where readers find the bundle: an address to link to."),
) -> int:
    """Write the page of sources to put beside an article: static, without scripts, with nothing private in it.

    Shown of each citation: speaker, outlet, quotes, date, address, a small picture, when it was archived, digests.
    """
    from archiver.app.home import find_home
    from archiver.app.index_page import write_index
    from archiver.app.workspace import open_workspace

    workspace = open_workspace(Path.cwd())
    shown = write_index(
        workspace,
        workspace.choose_case(case),
        out,
        home=find_home(os.environ),
        language=lang,
        heading=heading,
        bundle=bundle,
    )
    say(f"{out}: {shown} sources. It is meant to be published: look at it first.")
    return 0
