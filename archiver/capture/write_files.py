"""Write what a capture leaves: the WARC and the certificates beside the pictures and texts that are there already."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from archiver.capture.exchange import Recording
from archiver.capture.facts import main_chain
from archiver.capture.write_warc import View, pem_chain, write
from archiver.model.errors import StoreError
from archiver.model.evidence import Piece, Role, WarcFacts
from archiver.model.instant import Instant

_VIEWS: Final = {
    Role.SCREENSHOT_VIEWPORT: "view",
    Role.SCREENSHOT_FULL: "fullPage",
    Role.SCREENSHOT_AFTER: "fullPageFinal",
    Role.SCREENSHOT_ELEMENT: "element",
    Role.TEXT: "text",
}
_AFTER: Final = "-after"
_STRIP: Final = re.compile(r"-(?!01\.)[0-9]{2,}(?=\.png\Z)")


def write_files(
    recording: Recording,
    files: Sequence[Piece],
    *,
    scratch: Path,
    page_url: str,
    at: Instant,
    recorder: str,
    user_agent: str | None,
    new_id: Callable[[], str],
) -> tuple[tuple[Piece, ...], WarcFacts]:
    """Give the files with the WARC and the certificates of the main document's origin.

    Raises StoreError if the disk refuses.
    """
    path = scratch / "capture.warc.gz"
    try:
        facts = write(
            recording,
            path=path,
            page_url=page_url,
            at=at,
            recorder=recorder,
            views=[_view(piece) for piece in files if piece.role in _VIEWS],
            user_agent=user_agent,
            new_id=new_id,
        )
        pieces = [Piece(role=Role.WARC, name=path.name, media_type="application/warc", path=path), *files]
        chain = main_chain(recording)
        if chain:
            pem = scratch / "tls-chain.pem"
            pem.write_bytes(pem_chain(chain))
            pieces.append(
                Piece(role=Role.TLS_CHAIN, name=pem.name, media_type="application/pem-certificate-chain", path=pem)
            )
    except OSError as error:
        raise StoreError(f"{path.name}: could not be written to scratch space: {error}") from error
    return tuple(pieces), facts


def _view(piece: Piece) -> View:
    """Give the name of a file in the WARC. Each has its own: of two under one name replayers would answer one."""
    kind = _VIEWS[piece.role]
    if _AFTER in piece.name and not kind.endswith("Final"):
        kind += "Final"
    strip = _STRIP.search(piece.name)
    return View(kind=kind + (strip[0] if strip else ""), media_type=piece.media_type, path=piece.path)
