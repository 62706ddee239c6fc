"""A PDF's first pages as pictures, and its text: made in a process of its own, bounded in memory and time.

A PDF is written by whoever published it; its parser is C++. So the parser runs apart (`pdf_child`), without
keys, with a limit on its memory and its time, and what it makes is a rendering for readers: evidence is the PDF.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from archiver.model.errors import FormatError
from archiver.model.evidence import Piece, Role

MOST_PAGES: Final = 5
_TEXT = "document-text.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """Pictures and text of a PDF, and what is not shown by them."""

    pieces: tuple[Piece, ...] = ()
    limits: tuple[str, ...] = ()


def pages_of(pdf: Path, *, scratch: Path, timeout_s: float) -> Rendered:
    """Give pictures of the first pages and the text of all. A PDF that cannot be read gives a limit, never an error."""
    try:
        done = subprocess.run(  # noqa: S603 - this program's own module, in this interpreter
            # -P: nothing is imported from the folder where this was started, which may be somebody else's workspace.
            [sys.executable, "-P", "-m", "archiver.capture.pdf_child", str(pdf), str(scratch), str(MOST_PAGES)],
            capture_output=True,
            timeout=timeout_s,
            check=True,
            stdin=subprocess.DEVNULL,
        )
        told = _told(done.stdout)
    except (OSError, subprocess.SubprocessError, FormatError):
        return Rendered(limits=("pdf_not_rendered",))
    pieces = [
        Piece(
            role=Role.DOCUMENT_PAGE,
            name=name,
            media_type="image/png",
            path=scratch / name,
            made_from=f"page {number} of {told.pages}, rendered by pdfium",
            width_px=width,
            height_px=height,
        )
        for name, width, height, number in told.shown
    ]
    text = scratch / _TEXT
    if text.exists() and text.stat().st_size:
        made_from = f"text of {told.pages} pages, read by pdfium"
        pieces.append(Piece(role=Role.TEXT, name=_TEXT, media_type="text/plain", path=text, made_from=made_from))
    limits = (
        (f"pdf_pages_shown:{len(told.shown)} of {told.pages}", len(told.shown) < told.pages),
        (f"pdf_pages_unreadable:{told.unread}", told.unread > 0),
        ("pdf_text_cut", told.cut),
    )
    return Rendered(pieces=tuple(pieces), limits=tuple(word for word, holds in limits if holds))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    pages: int
    shown: tuple[tuple[str, int, int, int], ...]
    unread: int
    cut: bool


def _told(output: bytes) -> _Told:
    try:
        found = json.loads(output)
        shown = tuple(
            (str(name), int(width), int(height), int(number)) for name, width, height, number in found["shown"]
        )
        return _Told(pages=int(found["pages"]), shown=shown, unread=int(found["unread"]), cut=found["cut"] is True)
    except (ValueError, KeyError, TypeError) as error:
        raise FormatError("pdf: expected the renderer's answer") from error
