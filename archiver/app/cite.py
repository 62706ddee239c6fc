"""Read a draft or a list of sources, and write what it cites into the case: proposals, beside what a person decided."""

import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path

from archiver.app.recite import Revision, marked, revised
from archiver.app.workspace import Workspace
from archiver.cite.find import find
from archiver.cite.lists import is_url_list, read_csv, read_urls
from archiver.cite.outlets import Lexicon, read_outlets
from archiver.cite.read import DraftText, read_draft
from archiver.formats import citations as form
from archiver.formats.citations_edit import revise
from archiver.model.citation import Citation, CitationList, Confidence, Decision, Span, StatedDate
from archiver.model.errors import FormatError, UsageError
from archiver.store.manifests import ManifestFolder

OUTLETS = "outlets.yaml"
_LISTS = {".csv": read_csv, ".urls": read_urls}
_LARGEST = 20 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a draft is to be read: the day it was published, its language, the outlets that are known."""

    published: dt.date | None = None
    language: str | None = None
    outlets: Lexicon | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """What a case cites now, where that was written, and what changed in it."""

    found: CitationList
    path: Path
    revision: Revision


def read_citations(path: Path, how: Reading | None = None) -> CitationList:
    """Give what a file cites: a draft (HTML, Markdown, DOCX, text), citations.yaml, CSV, URL list.

    Raises UsageError if it cannot be read, FormatError with line and column if it is malformed.
    """
    content = _content(path)
    suffix = path.suffix.lower()
    if suffix in (".yaml", ".yml"):
        return form.decode(content)
    if suffix in _LISTS:
        return _LISTS[suffix](content)
    if suffix in (".txt", "") and is_url_list(content):
        return read_urls(content)
    chosen = how or Reading()
    return find(
        read_draft(path.name, content), published=chosen.published, language=chosen.language, outlets=chosen.outlets
    )


def draft_text(path: Path) -> DraftText:
    """Give the draft in a file as it is read; raise UsageError or FormatError as `read_citations` does."""
    return read_draft(path.name, _content(path))


def published_on(text: str | None) -> dt.date | None:
    """Give the day in an option like 2021-04-03; raise UsageError for anything else."""
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"--published: expected a date like 2021-04-03, found {text[:40]!r}") from error


def outlets_of(workspace: Workspace) -> Lexicon | None:
    """Give the lexicon with the outlets that the workspace adds, None where it adds none."""
    path = workspace.root / OUTLETS
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}") from error
    try:
        return read_outlets(content, at=OUTLETS)
    except FormatError as error:
        raise FormatError(error.message.replace("citations: ", f"{OUTLETS}: ", 1), hint=error.hint) from error


def write_citations(manifests: ManifestFolder, found: CitationList, *, replaced: bool) -> Cited:
    """Write ``citations.yaml``. What is there stays where a person decided it; the rest is brought up to date.

    ``replaced`` writes over the file whatever it holds (the old one is kept beside it). Raises UsageError if the file
    belongs to another draft.
    """
    path = manifests.citations_path
    present = manifests.read_citations()
    if present is None or replaced:
        whole = marked(found)
        manifests.write_citations(form.encode(whole))
        ids = tuple(one.id for one in whole.citations)
        return Cited(found=whole, path=path, revision=Revision(found=whole, added=ids))
    known = form.decode(present)
    if known.citations and not _same_draft(known, found):
        raise UsageError(
            f"{path} already holds {len(known.citations)} citations of another draft and may have been edited by hand; "
            "nothing was changed",
            hint="--replace writes over it (the old file is kept as citations.yaml.old)",
        )
    revision = revised(known, found)
    manifests.write_citations(revise(present, revision.found))
    return Cited(found=revision.found, path=path, revision=revision)


def decide(manifests: ManifestFolder, decided: Citation) -> CitationList:
    """Put one decided citation in its place in the file; give the citations as they are now."""
    present = manifests.read_citations()
    if present is None:
        raise UsageError(f"{manifests.citations_path}: not there", hint="archiver cite DRAFT proposes citations")
    known = form.decode(present)
    whole = replace(known, citations=tuple(decided if one.id == decided.id else one for one in known.citations))
    manifests.write_citations(revise(present, whole))
    return whole


def citations_of(manifests: ManifestFolder) -> CitationList:
    """Give the case's citations but those that a person dropped; an empty list if none were written yet."""
    content = manifests.read_citations()
    found = form.decode(content) if content is not None else CitationList(citations=())
    return replace(found, citations=tuple(one for one in found.citations if one.decision is not Decision.DROPPED))


def as_json(found: CitationList) -> dict[str, object]:
    """Give what ``archiver cite --json`` prints; spans are [start, end] in code points."""
    return {
        "draft": {
            "name": found.draft_name,
            "sha256": found.draft_digest.hex if found.draft_digest else None,
            "characters": found.draft_characters,
        },
        "citations": [_citation_json(one) for one in found.citations],
    }


def _same_draft(known: CitationList, found: CitationList) -> bool:
    if known.draft_digest is not None and known.draft_digest == found.draft_digest:
        return True
    return known.draft_name == found.draft_name


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    if len(content) > _LARGEST:
        raise UsageError(f"{path}: expected at most {_LARGEST >> 20} MiB")
    return content


def _citation_json(one: Citation) -> dict[str, object]:
    hints = one.search_hints
    return {
        "id": one.id,
        "kind": one.kind,
        "speaker": {"text": one.speaker.name, "span": _span(one.speaker.span), "role": one.speaker.role}
        if one.speaker
        else None,
        "outlet": {"name": one.outlet.name, "type": one.outlet.type, "span": _span(one.outlet.span)}
        if one.outlet
        else None,
        "date_stated": _date(one.date_stated),
        "quotes": [{"text": quote.text, "span": _span(quote.span), "marks": quote.marks} for quote in one.quotes],
        "spans": [[span.start, span.end] for span in one.spans],
        "url": one.url,
        "confidence": _confidence(one.confidence),
        "term_quotes": [{"text": each.text, "span": _span(each.span), "marks": each.marks} for each in one.term_quotes],
        "search_hints": {
            "speaker": hints.speaker,
            "outlet": hints.outlet,
            "dates": [hints.date_from, hints.date_to],
            "phrase": hints.phrase,
        }
        if hints
        else None,
        "date_found": _date(one.date_found),
        "words": one.words,
        "candidates": [{"url": each.url, "relation": each.relation} for each in one.candidates],
        "note": one.note,
        "decision": one.decision,
    }


def _confidence(found: Confidence | None) -> dict[str, float | None]:
    """Give how sure each field is, from 0 to 1."""
    names = ("kind", "speaker", "outlet", "date", "quotes")
    values = {name: getattr(found, name) if found is not None else None for name in names}
    return {name: value / 100 if value is not None else None for name, value in values.items()}


def _span(span: Span | None) -> list[int] | None:
    return [span.start, span.end] if span else None


def _date(date: StatedDate | None) -> dict[str, object] | None:
    if date is None:
        return None
    return {
        "iso": date.iso,
        "precision": date.precision,
        "how": date.how,
        "text": date.text,
        "span": _span(date.span),
    }
