"""Render a PDF: run as a process of its own by `pdf`, told paths and a number, answering in JSON.

It limits itself before it reads the first byte: memory, processor time, no new files larger than a bound.
"""

import json
import resource
import sys
from pathlib import Path
from typing import Any, Final

_MOST_MEMORY: Final = 2 << 30
_MOST_SECONDS: Final = 30
_MOST_FILE: Final = 256 << 20
_MOST_PX: Final = 2_400
_SCALE: Final = 1.6
_MOST_CHARACTERS: Final = 5_000_000
_MOST_TEXT_PAGES: Final = 2_000


def main(pdf: Path, folder: Path, most_pages: int) -> dict[str, object]:
    """Write the pictures and the text into the folder; give what was written, and how many pages could not be read."""
    import pypdfium2  # noqa: PLC0415 - after the limits are set

    document = pypdfium2.PdfDocument(pdf)
    pages = len(document)
    shown: list[tuple[str, int, int, int]] = []
    parts: list[str] = []
    unread = characters = 0
    for number in range(min(pages, _MOST_TEXT_PAGES)):
        try:
            page = document[number]
            if number < most_pages:
                shown.append((*_pictured(page, folder / f"page-{number + 1:02d}.png"), number + 1))
            text = page.get_textpage().get_text_bounded()
        except pypdfium2.PdfiumError:
            unread, text = unread + 1, ""
        characters += len(text)
        if characters > _MOST_CHARACTERS:
            break
        parts.append(text)
    content = "\f".join(parts).encode("utf-8", "replace") if any(parts) else b""
    (folder / "document-text.txt").write_bytes(content)
    return {"pages": pages, "shown": shown, "unread": unread, "cut": len(parts) < pages}


def _pictured(page: Any, to: Path) -> tuple[str, int, int]:  # noqa: ANN401 - of a library that is imported late
    """Write a page's picture; give its name, width and height."""
    scale = min(_SCALE, _MOST_PX / max(page.get_width(), page.get_height(), 1))
    picture = page.render(scale=scale).to_pil()
    picture.save(to)
    return to.name, picture.width, picture.height


def limit() -> None:
    """Bound this process."""
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_MOST_SECONDS, _MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_MOST_FILE, _MOST_FILE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    limit()
    sys.stdout.write(json.dumps(main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))))
