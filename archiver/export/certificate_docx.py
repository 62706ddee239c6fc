"""A draft as DOCX: every page has the draft's header and its number, Arabic and Persian run right to left.

python-docx writes the parts; what it has no call for (``w:bidi``, ``w:rtl``, page fields) is put in as elements.
"""

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from archiver.export.certificate import Draft, Piece
from archiver.model.text import visible

if TYPE_CHECKING:
    from docx.document import Document as DocumentType
    from docx.table import Table
    from docx.text.paragraph import Paragraph
    from docx.text.run import Run

_SMALL_PT, _TITLE_PT, _TEXT_PT = 7, 15, 11
_FONT = "Noto Naskh Arabic"
_SHARES = (9, 8, 31, 17, 13, 22)  # of the table's columns, in percent
_ARABIC = re.compile("[\u0600-\u06ff]")
_ALL = re.compile(r"(?s).+")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[0-9TZ:.]*")
_LEFT_TO_RIGHT = "\u200e"
_MARKED = re.compile(f"({_LEFT_TO_RIGHT}[^{_LEFT_TO_RIGHT}]+{_LEFT_TO_RIGHT})")
_TOGETHER = "SHA-\u2060256"  # of a right-to-left line the "256" would begin the next one
_AFTER_BOLD = ("w:i", "w:iCs", "w:color", "w:sz", "w:szCs", "w:rtl", "w:lang")


def as_docx(draft: Draft) -> bytes:
    """Give the draft as a DOCX file."""
    from docx import Document  # noqa: PLC0415 - 100 ms, only where drafts are written

    document = Document()
    document.core_properties.title = draft.title
    document.core_properties.author = ""
    document.core_properties.comments = draft.header
    _header(document, draft)
    _paragraph(document, draft, [Piece(text=draft.title)], size=_TITLE_PT, bold=True)
    for number, paragraph in enumerate(draft.paragraphs, 1):
        _paragraph(document, draft, [Piece(text=f"{number}. "), *paragraph])
    _paragraph(document, draft, [Piece(text=draft.limits_heading)], bold=True)
    for limit in draft.limits:
        _paragraph(document, draft, [Piece(text=f"• {limit}")])
    _paragraph(document, draft, [Piece(text=draft.blank_note)])
    for line in draft.signature:
        _paragraph(document, draft, [Piece(text=line)])
    document.add_page_break()  # type: ignore[no-untyped-call] # of python-docx
    _paragraph(document, draft, [Piece(text=draft.exhibits_heading)], bold=True)
    _table(document, draft)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _header(document: "DocumentType", draft: Draft) -> None:
    from docx.shared import Pt  # noqa: PLC0415 - see above

    section = document.sections[0]
    paragraph = section.header.paragraphs[0]
    _set(paragraph, draft, [Piece(text=draft.header)], bold=True)
    foot = section.footer.paragraphs[0]
    _set(foot, draft, [Piece(text=f"{draft.header} ")], size=_SMALL_PT + 1)
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        run = foot.add_run()
        run.font.size = Pt(_SMALL_PT + 1)
        if draft.direction == "rtl":
            _make_rtl(run, _SMALL_PT + 1, prose=False, bold=False)
        run._r.append(_field(kind, text))  # noqa: SLF001 - the library's own way to raw elements


def _field(kind: str, text: str) -> object:
    from docx.oxml import OxmlElement  # noqa: PLC0415 - see above
    from docx.oxml.ns import qn  # noqa: PLC0415 - see above

    if kind:
        mark = OxmlElement("w:fldChar")
        mark.set(qn("w:fldCharType"), kind)
        return mark
    instruction = OxmlElement("w:instrText")
    instruction.text = text
    return instruction


def _paragraph(
    document: "DocumentType", draft: Draft, pieces: Sequence[Piece], *, size: int = _TEXT_PT, bold: bool = False
) -> None:
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.keep_with_next = bold  # a heading stays with what it heads
    told = [one for piece in pieces for one in _parted(_marked(piece, draft))]
    _set(paragraph, draft, told, size=size, bold=bold)


def _parted(piece: Piece) -> Iterator[Piece]:
    """Give prose in parts: what stands between marks of direction in it (a law's name) is a run of its own."""
    for number, part in enumerate(_MARKED.split(piece.text) if not piece.recorded else [piece.text]):
        if part:
            yield replace(piece, text=part, recorded=True, safe=True) if number % 2 else replace(piece, text=part)


def _marked(piece: Piece, draft: Draft) -> Piece:
    """Give a recorded value that keeps its order after Arabic words: a date's parts would change places (UAX #9)."""
    if draft.direction == "ltr":
        return piece
    if not piece.recorded:
        return replace(piece, text=piece.text.replace("SHA-256", _TOGETHER))
    found = _DATE if _ARABIC.search(piece.text) else _ALL
    told = found.sub(rf"{_LEFT_TO_RIGHT}\g<0>{_LEFT_TO_RIGHT}", visible(piece.text, longest=4000))
    return replace(piece, text=told, safe=True)


def _set(
    paragraph: "Paragraph", draft: Draft, pieces: Sequence[Piece], *, size: int = _TEXT_PT, bold: bool = False
) -> None:
    """Write pieces as runs: prose in the draft's direction, recorded values from left to right."""
    from docx.shared import Pt  # noqa: PLC0415 - see above

    rtl = draft.direction == "rtl"
    if rtl:
        properties = paragraph._p.get_or_add_pPr()  # noqa: SLF001 - the library's own way to raw elements
        properties.insert_element_before(_element("w:bidi"), "w:spacing", "w:ind", "w:jc", "w:rPr")
    for one in pieces:
        run = paragraph.add_run(visible(one.text, longest=4000) if one.recorded and not one.safe else one.text)
        run.bold = bold
        run.font.size = Pt(size)
        if rtl:
            _make_rtl(run, size, prose=not one.recorded, bold=bold)


def _make_rtl(run: "Run", size: int, *, prose: bool, bold: bool) -> None:
    """Set what Word reads for complex script, in the schema's order; prose runs right to left."""
    from docx.oxml import OxmlElement  # noqa: PLC0415 - see above
    from docx.oxml.ns import qn  # noqa: PLC0415 - see above

    properties = run._r.get_or_add_rPr()  # noqa: SLF001 - the library's own way to raw elements
    properties.get_or_add_rFonts().set(qn("w:cs"), _FONT)
    if bold:
        properties.insert_element_before(_element("w:bCs"), *_AFTER_BOLD)
    wide = OxmlElement("w:szCs")
    wide.set(qn("w:val"), str(size * 2))
    properties.append(wide)
    if prose:
        properties.append(OxmlElement("w:rtl"))


def _element(name: str) -> Any:  # noqa: ANN401 - python-docx declares one type and wants another
    from docx.oxml import OxmlElement  # noqa: PLC0415 - see above

    return OxmlElement(name)


def _table(document: "DocumentType", draft: Draft) -> None:
    """Write the table: its head on each page, no row over two pages, room for addresses and digests."""
    from docx.shared import Emu  # noqa: PLC0415 - see above

    table = document.add_table(rows=0, cols=len(draft.columns))
    table.style = "Table Grid"
    if draft.direction == "rtl":
        _visually_rtl(table)
    table.autofit = False
    section = document.sections[0]
    width = (section.page_width or 0) - (section.left_margin or 0) - (section.right_margin or 0)
    for column, share in zip(table.columns, _SHARES, strict=True):
        column.width = Emu(width * share // 100)
    for number, row in enumerate((draft.columns, *draft.rows)):
        added = table.add_row()
        properties = added._tr.get_or_add_trPr()  # noqa: SLF001 - the library's own way to raw elements
        properties.append(_element("w:cantSplit"))
        if number == 0:
            properties.append(_element("w:tblHeader"))
        cells = added.cells
        for cell, share in zip(cells, _SHARES, strict=True):
            cell.width = Emu(width * share // 100)
        for cell, text in zip(cells, row, strict=True):
            recorded = number > 0
            _set(cell.paragraphs[0], draft, [Piece(text=text, recorded=recorded)], size=_SMALL_PT, bold=not recorded)


def _visually_rtl(table: "Table") -> None:
    from docx.oxml import OxmlElement  # noqa: PLC0415 - see above

    table._tbl.tblPr.append(OxmlElement("w:bidiVisual"))  # noqa: SLF001 - the library's own way to raw elements
