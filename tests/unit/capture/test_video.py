"""The media of a page by yt-dlp: through the relay, bounded, and a limit of the capture wherever it is not got."""

import importlib.util
import json
import struct
import sys
import time
from pathlib import Path

import pytest

from archiver.capture.guard import Guard
from archiver.capture.outward import Outward
from archiver.capture.relay import Relay
from archiver.capture.video import Videos, _command, videos_of
from archiver.model.evidence import Role
from tests.support.pages import serve_pages

HAVE = importlib.util.find_spec("yt_dlp") is not None
needs_it = pytest.mark.skipif(not HAVE, reason="yt-dlp is not installed: pip install archiver[video]")
NOWHERE = "socks5://127.0.0.1:9"


def movie() -> bytes:
    """Give the smallest MP4 that a downloader takes: a file type box, an empty movie box, some data."""
    boxes = ((b"ftyp", b"isom\0\0\2\0isomiso2mp41"), (b"moov", bytes(100)), (b"mdat", b"frames " * 5_000))
    return b"".join(struct.pack(">I", 8 + len(content)) + kind + content for kind, content in boxes)


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give where to write the program that is run in yt-dlp's place: it gets yt-dlp's own arguments."""
    package = tmp_path / "instead/yt_dlp"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    monkeypatch.setenv("PYTHONPATH", str(package.parent))
    return package / "__main__.py"


def got(scratch: Path, *, url: str = "http://127.0.0.1/clip", timeout_s: float = 60) -> Videos:
    return videos_of(url, scratch=scratch, proxy=NOWHERE, timeout_s=timeout_s, max_bytes=10 << 20)


WRITE = """import sys, pathlib
place = pathlib.Path(sys.argv[sys.argv.index("--output") + 1].replace("%%", "%")).parent
"""


@pytest.mark.skipif(HAVE, reason="yt-dlp is installed here")
def test_without_yt_dlp_the_capture_says_that_it_is_missing(scratch: Path) -> None:
    assert got(scratch) == Videos(limits=("video_not_got:yt-dlp_missing",))


def test_a_broken_installation_that_lacks_a_module_is_told_as_missing(scratch: Path, stand_in: Path) -> None:
    stand_in.write_text("import no_such_module_of_yt_dlp\n")

    assert got(scratch) == Videos(limits=("video_not_got:yt-dlp_missing",))


def test_a_page_without_media_is_a_limit_and_its_description_is_kept(scratch: Path, stand_in: Path) -> None:
    stand_in.write_text(WRITE + "(place / 'video.info.json').write_text('{}')\nsys.exit('no video')\n")
    found = got(scratch)

    assert found.limits == ("video_not_got",)
    assert [one.name for one in found.pieces] == ["video.info.json"]


def test_what_takes_too_long_is_left(scratch: Path, stand_in: Path) -> None:
    stand_in.write_text("import time; time.sleep(60)\n")
    began = time.monotonic()

    assert got(scratch, timeout_s=1) == Videos(limits=("video_not_got:timeout",))
    assert time.monotonic() - began < 20


def test_only_files_of_known_kinds_become_pieces_and_no_link_is_followed(scratch: Path, stand_in: Path) -> None:
    (scratch / "secret.mp4").write_bytes(b"not the page's")
    stand_in.write_text(
        WRITE + "for name in ('video.mp4', 'video.ar.vtt', 'video.info.json', 'video.exe', 'other.webm'):\n"
        "    (place / name).write_bytes(name.encode())\n"
        "(place / 'linked.mp4').symlink_to(place.parent / 'secret.mp4')\n"
        "(place / 'folder.mp4').mkdir()\n"
    )
    found = got(scratch)

    assert {(one.name, one.media_type) for one in found.pieces} == {
        ("video.mp4", "video/mp4"),
        ("video.ar.vtt", "text/vtt"),
        ("video.info.json", "application/json"),
        ("video-other.webm", "video/webm"),
    }
    assert all(one.role is Role.VIDEO and one.path.parent == scratch and one.path.is_file() for one in found.pieces)
    assert found.limits == ("video_not_in_warc",)


def test_of_very_many_files_a_bounded_number_is_kept(scratch: Path, stand_in: Path) -> None:
    stand_in.write_text(WRITE + "for n in range(200): (place / f'video.{n:03d}.vtt').write_text('WEBVTT')\n")

    assert len(got(scratch).pieces) == 12


def test_a_url_that_looks_like_an_option_is_none(scratch: Path, stand_in: Path) -> None:
    stand_in.write_text(WRITE + "(place / 'video.info.json').write_text(__import__('json').dumps(sys.argv))\n")
    (piece,) = got(scratch, url="--exec=touch /tmp/x").pieces
    arguments = json.loads(piece.path.read_text())

    assert arguments[-2:] == ["--", "--exec=touch /tmp/x"]


def test_a_folder_with_a_percent_sign_in_its_name_is_one(tmp_path: Path) -> None:
    folder = tmp_path / "100%(id)s"
    command = _command(NOWHERE, 1, folder)

    assert command[command.index("--output") + 1] == str(tmp_path) + "/100%%(id)s/video.%(ext)s"
    assert command[command.index("--proxy") + 1] == "socks5h://127.0.0.1:9", "names go to the relay"
    assert "--ignore-config" in command


def test_nothing_is_imported_from_the_folder_that_a_capture_is_started_in(
    tmp_path: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = tmp_path / "workspace"
    (started / "yt_dlp").mkdir(parents=True)
    (started / "yt_dlp/__main__.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w').close()\n")
    monkeypatch.chdir(started)
    got(scratch, timeout_s=30)

    assert not (tmp_path / "ran").exists()


def test_scratch_space_that_refuses_is_a_limit(scratch: Path) -> None:
    (scratch / "video").write_text("in the way")

    assert got(scratch).limits == ("video_not_got:timeout",)


@needs_it
async def test_a_media_file_is_got_through_the_relay_as_it_is(scratch: Path) -> None:
    import asyncio  # noqa: PLC0415 - of this test alone

    def resolver(host: str) -> tuple[str, ...]:
        assert host == "media.example"
        return ("127.0.0.1",)

    content = movie()
    with serve_pages({"/clip.mp4": ("video/mp4", content)}) as pages:
        guard = Guard(allow_private=True, resolver=resolver)
        async with Relay(guard=guard, outward=Outward(), max_bytes=100 << 20) as relay:
            relay.expect_all()
            found = await asyncio.to_thread(
                videos_of,
                f"http://media.example:{pages.port}/clip.mp4",
                scratch=scratch,
                proxy=relay.url,
                timeout_s=60,
                max_bytes=10 << 20,
            )

    assert sys.modules.get("yt_dlp") is None, "it runs apart"
    media = next(one for one in found.pieces if one.media_type == "video/mp4")
    assert media.path.read_bytes() == content
    assert any(one.name.endswith(".info.json") for one in found.pieces)
    assert found.limits == ("video_not_in_warc",)
