"""``archiver cite``."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from archiver.cli.output import say, say_json, say_table

if TYPE_CHECKING:
    from archiver.app.cite import Cited
    from archiver.app.recite import Revision
    from archiver.cite.outlets import Lexicon
    from archiver.store.manifests import ManifestFolder


def cite(
    draft: Path | None = typer.Argument(
        None, help="Draft (HTML, Markdown, DOCX, text), citations.yaml, CSV, or a list of URLs."
    ),
    case: str | None = typer.Option(None, "--case", help="Case to write into; the workspace's default else."),
    replace: bool = typer.Option(
        False, "--replace", help="Write over the whole citations.yaml, decisions too (the old is kept)."
    ),
    published: str | None = typer.Option(
        None, "--published", help="Day on which the draft was published (2021-04-03): relative dates count from it."
    ),
    lang: str | None = typer.Option(None, "--lang", help="Language of the draft (ar, en, fa); told by its words else."),
    review: bool = typer.Option(False, "--review", help="Walk the proposals: accept, fix, drop, add a URL."),
    as_json: bool = typer.Option(False, "--json", help="Print the citations as JSON and write nothing."),
) -> int:
    """Find every source that a draft cites, in its prose, links and embedded posts; propose them in citations.yaml.

    Run it again on an edited draft: what you decided stays, and what changed is shown.
    """
    from archiver.app.cite import Reading, published_on, read_citations, write_citations
    from archiver.app.cite import as_json as in_json
    from archiver.app.workspace import open_workspace
    from archiver.model.errors import UsageError
    from archiver.store.manifests import ManifestFolder

    if draft is None and not review:
        raise UsageError(
            "Missing argument 'draft'",
            hint="archiver cite DRAFT, or archiver cite --review; archiver cite --help tells more",
        )
    if as_json and draft is not None:
        how = Reading(published=published_on(published), language=lang, outlets=_outlets())
        say_json(in_json(read_citations(draft, how)))
        return 0
    workspace = open_workspace(Path.cwd())
    manifests = ManifestFolder(workspace.case_root(workspace.choose_case(case)))
    if draft is not None:
        how = Reading(published=published_on(published), language=lang, outlets=_outlets())
        _tell(write_citations(manifests, read_citations(draft, how), replaced=replace))
    if review:
        return _review(manifests, draft)
    if draft is not None:
        say("Next: archiver cite --review, then archiver capture")
    return 0


def _outlets() -> "Lexicon | None":
    from archiver.app.cite import outlets_of
    from archiver.app.workspace import open_workspace
    from archiver.model.errors import UsageError

    try:
        workspace = open_workspace(Path.cwd())
    except UsageError:
        return None
    return outlets_of(workspace)


def _tell(cited: "Cited") -> None:
    citations = cited.found.citations
    rows = [
        (
            one.id,
            one.kind,
            one.speaker.name if one.speaker else "-",
            one.outlet.name if one.outlet else "-",
            one.date_stated.iso if one.date_stated else "-",
            str(len(one.quotes)),
            one.url or "-",
        )
        for one in citations
    ]
    say_table(("id", "kind", "speaker", "outlet", "date", "quotes", "URL"), rows)
    linked = sum(1 for one in citations if one.url)
    say("")
    _tell_changes(cited.revision, all_new=len(cited.revision.added) == len(citations))
    say(f"{len(citations)} citations ({linked} with a URL) written to {cited.path}")
    if not citations:
        say("No cited source was found. Write what the draft cites into that file by hand.")
        return
    say("These are proposals: read the file, correct it by hand where it is wrong.")


def _tell_changes(revision: "Revision", *, all_new: bool) -> None:
    from archiver.model.text import visible

    for name, ids in (("new", () if all_new else revision.added), ("updated", revision.updated)):
        if ids:
            say(f"{name}: {', '.join(ids)}")
    if revision.removed:
        say(f"gone from the draft, removed: {', '.join(revision.removed)}")
    if revision.missing:
        say(f"not found in the draft any more, kept: {', '.join(revision.missing)}")
    for one in revision.differences:
        say(f"{one.id}: you have {one.field} {visible(one.kept)!r}; the draft reads as {visible(one.proposed)!r}")


def _review(manifests: "ManifestFolder", draft: Path | None) -> int:
    from archiver.app.cite import citations_of, decide, draft_text
    from archiver.cli.review import review

    found = citations_of(manifests)
    text = draft_text(draft).draft.text if draft is not None and found.draft_name == draft.name else None
    done, left = review(found, text, lambda one: decide(manifests, one))
    say("")
    say(f"{done} decided, {left} left undecided, in {manifests.citations_path}")
    say("Next: archiver capture")
    return 0
