"""``archiver cite``."""

from pathlib import Path

import typer

from archiver.cli.output import say, say_json, say_table


def cite(
    draft: Path = typer.Argument(..., help="Draft (HTML, Markdown, text), citations.yaml, CSV, or a list of URLs."),
    case: str | None = typer.Option(None, "--case", help="Case to write into; the workspace's default else."),
    replace: bool = typer.Option(
        False, "--replace", help="Write over a citations.yaml that differs (the old is kept)."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print the citations as JSON and write nothing."),
) -> int:
    """Find the linked sources and embedded posts of a draft and write them to citations.yaml."""
    from archiver.app.cite import as_json as in_json
    from archiver.app.cite import read_citations, write_citations
    from archiver.app.workspace import open_workspace
    from archiver.store.manifests import ManifestFolder

    found = read_citations(draft)
    if as_json:
        say_json(in_json(found))
        return 0
    workspace = open_workspace(Path.cwd())
    chosen = workspace.choose_case(case)
    cited = write_citations(ManifestFolder(workspace.case_root(chosen)), found, replace=replace)
    rows = [(one.id, one.kind, one.url or "-", str(len(one.quotes)), (one.words or "")[:60]) for one in found.citations]
    say_table(("id", "kind", "URL", "quotes", "words"), rows)
    linked = sum(1 for one in found.citations if one.url)
    say("")
    say(f"{len(found.citations)} citations ({linked} with a URL) written to {cited.path}")
    if not found.citations:
        say("No link and no embedded post was found. Citations in prose are not found yet: write them into that file.")
        return 0
    say("These are proposals: read the file, correct it by hand where it is wrong.")
    say("Next: archiver capture")
    return 0
