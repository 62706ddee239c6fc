"""The text of a DOCX draft: its paragraphs and tables, one a line, its links, footnotes after the text.

A DOCX is a ZIP of XML: zipfile and lxml read it, without entities, bounded in size. Deleted words of tracked changes
are left out, inserted ones are read.
"""

import io
import zipfile
from collections.abc import Iterator

from lxml import etree

from archiver.cite.read import Link, PageText
from archiver.model.citation import Span
from archiver.model.errors import FormatError

_LARGEST_XML = 64 << 20
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_PARTS = ("document", "footnotes", "endnotes")
_SILENT = frozenset((f"{_W}del", f"{_W}instrText", f"{_W}delText", f"{_W}moveFrom"))


def read_docx(content: bytes, *, name: str) -> PageText:
    """Give the text and links of a DOCX; raise FormatError for what is none."""
    pieces: list[str] = []
    links: list[Link] = []
    length = 0
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for part in _PARTS:
                if f"word/{part}.xml" not in archive.namelist():
                    continue
                root = _xml(archive, f"word/{part}.xml", name)
                targets = _targets(archive, part, name)
                for paragraph in root.iter(f"{_W}p"):
                    line, found = _line(paragraph, targets, length)
                    pieces.append(line + "\n")
                    links.extend(found)
                    length += len(line) + 1
    except (zipfile.BadZipFile, OSError, RuntimeError, EOFError) as error:
        raise FormatError(f"{name}: not a DOCX that can be read: {str(error)[:200]}") from error
    return PageText(text="".join(pieces), links=tuple(links))


def _xml(archive: zipfile.ZipFile, part: str, name: str) -> etree._Element:
    size = archive.getinfo(part).file_size
    if size > _LARGEST_XML:
        raise FormatError(f"{name}: {part}: expected at most {_LARGEST_XML >> 20} MiB, found {size} bytes")
    with archive.open(part) as file:
        raw = file.read(_LARGEST_XML + 1)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        return etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as error:
        raise FormatError(f"{name}: {part}: not XML: {str(error)[:200]}") from error


def _targets(archive: zipfile.ZipFile, part: str, name: str) -> dict[str, str]:
    path = f"word/_rels/{part}.xml.rels"
    if path not in archive.namelist():
        return {}
    found = {one.get("Id", ""): one.get("Target", "") for one in _xml(archive, path, name).iter(_RELATION)}
    return {key: url for key, url in found.items() if url.startswith(("http://", "https://"))}


def _line(paragraph: etree._Element, targets: dict[str, str], start: int) -> tuple[str, list[Link]]:
    """Give one paragraph's text and its links, whose places count from ``start``."""
    words: list[str] = []
    links: list[Link] = []
    length = 0
    for text, target in _runs(paragraph, targets, None):
        words.append(text)
        if target and text.strip():
            span = Span(start=start + length, end=start + length + len(text))
            before = links[-1] if links else None
            if before is not None and before.url == target and before.span.end == span.start:
                links[-1] = Link(url=target, span=Span(start=before.span.start, end=span.end))
            else:
                links.append(Link(url=target, span=span))
        length += len(text)
    return "".join(words), links


def _runs(element: etree._Element, targets: dict[str, str], target: str | None) -> Iterator[tuple[str, str | None]]:
    for child in element:
        if child.tag in _SILENT or child.tag == f"{_W}p":
            continue
        if child.tag == f"{_W}t":
            yield (child.text or "").replace("\n", " ").replace("\r", " "), target
        elif child.tag in (f"{_W}tab", f"{_W}br", f"{_W}cr", f"{_W}noBreakHyphen"):
            yield "\u2011" if child.tag.endswith("Hyphen") else " ", target
        else:
            inner = targets.get(child.get(f"{_R}id", "")) if child.tag == f"{_W}hyperlink" else None
            yield from _runs(child, targets, inner or target)
