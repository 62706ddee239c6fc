"""Read a draft or a list of sources, and write what it cites into the case."""

from dataclasses import dataclass
from pathlib import Path

from archiver.cite.find import find
from archiver.cite.lists import is_url_list, read_csv, read_urls
from archiver.cite.read import read_draft
from archiver.formats import citations as form
from archiver.model.citation import Citation, CitationList, Span, StatedDate
from archiver.model.errors import UsageError
from archiver.store.manifests import ManifestFolder

_LISTS = {".csv": read_csv, ".urls": read_urls}
_LARGEST = 20 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """What was found, where it was written, and which ids are new there."""

    found: CitationList
    path: Path
    added: tuple[str, ...]


def read_citations(path: Path) -> CitationList:
    """Give what a file cites: a draft (HTML, Markdown, text), citations.yaml, CSV, URL list.

    Raises UsageError if it cannot be read, FormatError with line and column if it is malformed.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    if len(content) > _LARGEST:
        raise UsageError(f"{path}: expected at most {_LARGEST >> 20} MiB")
    suffix = path.suffix.lower()
    if suffix in (".yaml", ".yml"):
        return form.decode(content)
    if suffix in _LISTS:
        return _LISTS[suffix](content)
    if suffix in (".txt", "") and is_url_list(content):
        return read_urls(content)
    return find(read_draft(path.name, content))


def write_citations(manifests: ManifestFolder, found: CitationList, *, replace: bool) -> Cited:
    """Write ``citations.yaml``; raise UsageError if another is there and ``replace`` is not set."""
    path = manifests.citations_path
    present = manifests.read_citations()
    content = form.encode(found)
    if present is not None and present != content and not replace:
        known = {one.id for one in form.decode(present).citations}
        raise UsageError(
            f"{path} already holds {len(known)} citations and may have been edited by hand; nothing was changed",
            hint="--replace writes over it (the old file is kept as citations.yaml.old)",
        )
    manifests.write_citations(content)
    return Cited(found=found, path=path, added=tuple(one.id for one in found.citations))


def citations_of(manifests: ManifestFolder) -> CitationList:
    """Give the case's citations; an empty list if none were written yet."""
    content = manifests.read_citations()
    return form.decode(content) if content is not None else CitationList(citations=())


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


def _citation_json(one: Citation) -> dict[str, object]:
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
        "date_found": _date(one.date_found),
        "quotes": [{"text": quote.text, "span": _span(quote.span), "marks": quote.marks} for quote in one.quotes],
        "spans": [[span.start, span.end] for span in one.spans],
        "words": one.words,
        "url": one.url,
        "candidates": [{"url": each.url, "relation": each.relation} for each in one.candidates],
    }


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
