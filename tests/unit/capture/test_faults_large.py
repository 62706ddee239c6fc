"""Answers of hundreds of megabytes: the page gets them, they are recorded exactly, and this process stays small."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from tests.support.fault_site import BITMAP_HEAD, BITMAP_ROW, FaultSite, serve_faults

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(sys.platform != "linux", reason="memory is counted in KiB by this system only"),
]

MIB = 1 << 20
LARGE = 200
MOST_GROWTH_MIB = 150


@pytest.fixture(scope="module")
def faults() -> Iterator[FaultSite]:
    with serve_faults() as serving:
        yield serving


def taken_alone(faults: FaultSite, path: str, folder: Path, *, most_mib: int = 512) -> dict[str, Any]:
    """Take a source in a process of its own."""
    faults.server.sent = 0
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.support.take_alone",
            faults.url("/fine"),
            faults.url(path),
            folder,
            str(most_mib),
        ],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def recorded(taken: dict[str, Any], url: str) -> list[tuple[int, str, str | None]]:
    """Give the responses of this URL: size and digest of their payloads, and why they were cut off."""
    found: list[tuple[int, str, str | None]] = []
    with Path(taken["files"]["capture.warc.gz"]).open("rb") as stream:
        for record in ArchiveIterator(stream):
            if record.rec_type != "response" or record.rec_headers.get_header("WARC-Target-URI") != url:
                continue
            digest, size = hashlib.sha256(), 0
            while block := record.raw_stream.read(MIB):
                digest.update(block)
                size += len(block)
            found.append((size, digest.hexdigest(), record.rec_headers.get_header("WARC-Truncated")))
    return found


def zeros(size: int) -> str:
    digest = hashlib.sha256()
    for _ in range(size // MIB):
        digest.update(bytes(MIB))
    return digest.hexdigest()


@pytest.mark.parametrize("path", [f"/stream/file/{LARGE}", "/chunked/file/96", "/bomb/file/96"])
def test_a_large_answer_reaches_the_page_whole_and_the_record_within_bounded_memory(
    faults: FaultSite, path: str, tmp_path: Path
) -> None:
    size = int(path.rpartition("/")[2]) * MIB
    taken = taken_alone(faults, f"/with?fetch&{path}", tmp_path)

    assert (taken["state"], taken["reason"]) == ("ok", None)
    assert f"got {size}" in taken["text"]
    assert recorded(taken, faults.url(path)) == [(size, zeros(size), None)]
    assert taken["grown_mib"] < MOST_GROWTH_MIB


def test_a_large_picture_is_drawn_and_recorded_within_bounded_memory(faults: FaultSite, tmp_path: Path) -> None:
    rows = LARGE * MIB // BITMAP_ROW
    taken = taken_alone(faults, f"/with?img&/picture/{rows}", tmp_path)

    assert taken["state"] == "ok"
    assert f"drawn {rows}" in taken["text"]
    found = recorded(taken, faults.url(f"/picture/{rows}"))
    assert [(size, why) for size, _, why in found] == [(BITMAP_HEAD + rows * BITMAP_ROW, None)]
    assert taken["grown_mib"] < MOST_GROWTH_MIB


def test_a_video_that_the_page_gives_up_is_kept_as_far_as_it_came_and_marked(faults: FaultSite, tmp_path: Path) -> None:
    path = f"/stream/video/{LARGE}"
    taken = taken_alone(faults, f"/with?video&{path}", tmp_path)
    sizes = recorded(taken, faults.url(path))

    assert taken["state"] == "ok"
    assert sizes
    assert all(size == LARGE * MIB or why is not None for size, _, why in sizes)
    assert taken["grown_mib"] < MOST_GROWTH_MIB


def test_a_large_file_is_taken_byte_for_byte_within_bounded_memory(faults: FaultSite, tmp_path: Path) -> None:
    taken = taken_alone(faults, f"/stream/file/{LARGE}", tmp_path)

    assert (taken["state"], taken["reason"]) == ("ok", None)
    assert recorded(taken, faults.url(f"/stream/file/{LARGE}")) == [(LARGE * MIB, zeros(LARGE * MIB), None)]
    assert Path(taken["files"]["document.bin"]).stat().st_size == LARGE * MIB
    assert taken["grown_mib"] < MOST_GROWTH_MIB


@pytest.mark.parametrize("path", ["/with?fetch&/stream/file/1024", "/stream/file/1024", "/chunked/file/1024"])
def test_a_gigabyte_is_cut_at_what_a_source_may_send_and_the_outcome_says_so(
    faults: FaultSite, path: str, tmp_path: Path
) -> None:
    most = 40
    taken = taken_alone(faults, path, tmp_path, most_mib=most)

    assert (taken["state"], taken["reason"]) == ("partial", "too_large")
    assert faults.sent_bytes < 256 * MIB, "the rest was not even received"
    assert taken["grown_mib"] < MOST_GROWTH_MIB
    url = faults.url(path.partition("&")[2] or path)
    kept = recorded(taken, url)
    assert max(size for size, _, _ in kept) <= most * MIB
    assert {why for _, _, why in kept} <= {"length", "disconnect"}


@pytest.mark.parametrize("path", ["/stream/page/1024", "/chunked/page/1024"])
def test_a_page_of_a_gigabyte_is_given_up_and_the_outcome_says_so(faults: FaultSite, path: str, tmp_path: Path) -> None:
    taken = taken_alone(faults, path, tmp_path)

    assert (taken["state"], taken["reason"]) == ("failed", "too_large")
    assert [faults.url(path), "its payload was given up: larger than can be taken whole"] in taken["declared"]
    assert faults.sent_bytes < 256 * MIB
    assert taken["grown_mib"] < MOST_GROWTH_MIB
