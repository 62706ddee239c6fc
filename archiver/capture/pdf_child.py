"""Render a PDF: run as a process of its own by `pdf`, told paths and a number, answering in JSON.

It limits itself before it reads the first byte: memory, processor time, no new files larger than a bound.
"""

import json
import resource
import sys
from pathlib import Path
from typing import Final

_MOST_MEMORY: Final = 2 << 30
_MOST_SECONDS: Final = 30
_MOST_FILE: Final = 256 << 20
_MOST_PX: Final = 2_400
_SCALE: Final = 1.6
_MOST_CHARACTERS: Final = 5_000_000
_MOST_TEXT_PAGES: Final = 2_000


def main(pdf: Path, folder: Path, most_pages: int) -> dict[str, object]:
    """Write the pictures and the text into the folder; give what was written."""
    import pypdfium2  # noqa: PLC0415 - after the limits are set

    document = pypdfium2.PdfDocument(pdf)
    pages = len(document)
    shown: list[tuple[str, int, int]] = []
    parts: list[str] = []
    characters = 0
    for number in range(min(pages, _MOST_TEXT_PAGES)):
        page = document[number]
        if number < most_pages:
            scale = min(_SCALE, _MOST_PX / max(page.get_width(), page.get_height(), 1))
            picture = page.render(scale=scale).to_pil()
            name = f"page-{number + 1:02d}.png"
            picture.save(folder / name)
            shown.append((name, picture.width, picture.height))
        text = page.get_textpage().get_text_bounded()
        characters += len(text)
        if characters > _MOST_CHARACTERS:
            break
        parts.append(text)
        page.close()
    content = "\f".join(parts).encode("utf-8", "replace") if any(parts) else b""
    (folder / "document-text.txt").write_bytes(content)
    return {"pages": pages, "shown": shown, "cut": len(parts) < pages}


def limit() -> None:
    """Bound this process."""
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_MOST_SECONDS, _MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_MOST_FILE, _MOST_FILE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    limit()
    sys.stdout.write(json.dumps(main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))))
