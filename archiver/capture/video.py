"""The media of a page by yt-dlp, the extra ``[video]``: run apart, through the capture's own relay.

LIMIT: yt-dlp makes requests of its own, which are not in the WARC; the file that it made is evidence, its way is not.
"""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from archiver.model.evidence import Piece, Role

_MEDIA: Final = {
    ".mp4": "video/mp4",
    ".webm": "video/webm",
    ".mkv": "video/x-matroska",
    ".mov": "video/quicktime",
    ".m4a": "audio/mp4",
    ".mp3": "audio/mpeg",
    ".opus": "audio/ogg",
    ".vtt": "text/vtt",
    ".json": "application/json",
}
_MOST_FILES: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Videos:
    """The files that were got, and what was not."""

    pieces: tuple[Piece, ...] = ()
    limits: tuple[str, ...] = ()


def videos_of(url: str, *, scratch: Path, proxy: str, timeout_s: float, max_bytes: int) -> Videos:
    """Give the media of a page with its description. What fails is a limit of the capture, never an error.

    The best single file is taken as the site has it: nothing is joined or converted. Nothing is imported from the
    folder where this was started (``-P``), which may be somebody else's workspace.
    """
    folder = scratch / "video"
    try:
        folder.mkdir()
        done = subprocess.run(  # noqa: S603 - a module of ours' own extra, told a URL that was captured already
            [*_command(proxy, max_bytes, folder), "--", url],
            capture_output=True,
            timeout=timeout_s,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError):
        return Videos(limits=("video_not_got:timeout",))
    pieces = tuple(_pieces(folder, scratch))
    if not any(piece.media_type.startswith(("video/", "audio/")) for piece in pieces):
        missing = b"No module named" in done.stderr
        return Videos(pieces=pieces, limits=("video_not_got:yt-dlp_missing" if missing else "video_not_got",))
    return Videos(pieces=pieces, limits=("video_not_in_warc",))


def _command(proxy: str, max_bytes: int, folder: Path) -> list[str]:
    return [
        *(sys.executable, "-P", "-m", "yt_dlp", "--ignore-config", "--no-playlist", "--no-progress", "--no-cache-dir"),
        *("--no-part", "--no-mtime", "--no-update", "--quiet", "--no-warnings", "--restrict-filenames"),
        *("--proxy", proxy.replace("socks5://", "socks5h://"), "--max-filesize", str(max_bytes)),
        *("--format", "best/bestvideo", "--write-info-json", "--write-subs", "--retries", "2"),
        *("--output", str(folder).replace("%", "%%") + "/video.%(ext)s"),
    ]


def _pieces(folder: Path, scratch: Path) -> list[Piece]:
    """Give the files, moved beside the others under names of their own."""
    found = []
    for path in sorted(folder.iterdir())[:_MOST_FILES]:
        media_type = _MEDIA.get(path.suffix.lower())
        if media_type is None or not path.is_file() or path.is_symlink():
            continue
        name = path.name if path.name.startswith("video") else f"video-{path.name}"
        there = path.rename(scratch / name)
        found.append(
            Piece(role=Role.VIDEO, name=name, media_type=media_type, path=there, made_from="yt-dlp, of the page's URL")
        )
    return found
