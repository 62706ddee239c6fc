"""A source that is no page: its bytes as they came, its own file, and of a PDF pictures and text."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.capture.direct import DirectClient
from archiver.capture.exchange import Recording
from archiver.capture.guard import Guard
from archiver.capture.settle import Deadline
from archiver.capture.take_document import Document, take_document
from archiver.model.evidence import Method, Reason, Role, State, Unrecorded
from tests.support.pages import Pages, serve_pages
from tests.support.pdfs import make_pdf
from tests.support.source_site import PNG, SourceSite, serve_sources
from tests.unit.capture.conftest import Take, TickingClock

STATEMENT = make_pdf([f"Statement {n}" for n in range(1, 8)])
FEED = "<?xml version='1.0'?><rss version='2.0'><channel><title>خبر</title></channel></rss>".encode()


@pytest.fixture(scope="module")
def own() -> Iterator[SourceSite]:
    with serve_sources() as serving:
        yield serving


@pytest.fixture(scope="module")
def pages() -> Iterator[Pages]:
    with serve_pages(
        {
            "/statement.pdf": ("application/pdf", STATEMENT),
            "/cut.pdf": ("application/pdf", STATEMENT[:700]),
            "/photo.png": PNG,
            "/feed": ("application/rss+xml", FEED),
            "/table.csv": ("text/csv; charset=utf-8", "اسم,عدد\nأحمد,1\n".encode()),
            "/clip.mp4": ("video/mp4", bytes(range(256)) * 100),
            "/odd": ("x" * 3000 + "/y", b"?"),
        }
    ) as serving:
        yield serving


async def taken(
    url: str, folder: Path, *, seconds: float = 20, max_bytes: int = 1 << 20, seen: Recording | None = None
) -> Document:
    client = DirectClient(
        guard=Guard(allow_private=True),
        clock=TickingClock(),
        scratch=folder,
        max_bytes=max_bytes,
        user_agent="Agent/1",
        locale="en-US",
    )
    deadline = Deadline(seconds)
    return await take_document(url, seen=seen or Recording(), client=client, deadline=deadline, scratch=folder)


@pytest.mark.parametrize(
    ("path", "name", "content"),
    [
        ("/photo.png", "document.png", PNG),
        ("/feed", "document.bin", FEED),
        ("/table.csv", "document.csv", "اسم,عدد\nأحمد,1\n".encode()),
        ("/clip.mp4", "document.mp4", bytes(range(256)) * 100),
    ],
)
async def test_a_document_is_a_file_of_its_own_byte_for_byte(
    tmp_path: Path, pages: Pages, path: str, name: str, content: bytes
) -> None:
    one = await taken(pages.url(path), tmp_path)
    (piece,) = one.found.pieces

    assert (piece.role, piece.name, piece.path.read_bytes()) == (Role.DOCUMENT, name, content)
    assert one.found.outcome.state is State.OK
    assert (one.found.method, one.found.engine.name, one.found.engine.user_agent) == (
        Method.DIRECT,
        "requests",
        "Agent/1",
    )
    assert one.found.limits == ("browser_asked_first",)
    assert one.page_url == pages.url(path)


async def test_of_a_pdf_the_first_pages_and_the_text_are_kept_too(tmp_path: Path, pages: Pages) -> None:
    found = (await taken(pages.url("/statement.pdf"), tmp_path)).found

    assert [one.name for one in found.pieces] == [
        "document.pdf", *(f"page-0{n}.png" for n in range(1, 6)), "document-text.txt"
    ]  # fmt: skip
    assert found.pieces[0].path.read_bytes() == STATEMENT
    assert found.pieces[-1].path.read_text() == "\f".join(f"Statement {n}" for n in range(1, 8))
    assert found.limits == ("browser_asked_first", "pdf_pages_shown:5 of 7")


async def test_a_pdf_that_cannot_be_drawn_is_kept_all_the_same(tmp_path: Path, pages: Pages) -> None:
    found = (await taken(pages.url("/cut.pdf"), tmp_path)).found

    assert found.outcome.state is State.OK
    assert [one.name for one in found.pieces] == ["document.pdf"]
    assert found.pieces[0].path.read_bytes() == STATEMENT[:700]
    assert "pdf_not_rendered" in found.limits


@pytest.mark.parametrize(
    ("path", "settings", "state", "reason"),
    [
        ("/gone", {}, State.FAILED, Reason.GONE),
        ("/silent", {}, State.FAILED, Reason.CONNECTION),
        ("/dripping", {"seconds": 1.0}, State.PARTIAL, Reason.TIMEOUT),
        ("/story", {"max_bytes": 500}, State.PARTIAL, Reason.TOO_LARGE),
        ("/cut", {}, State.PARTIAL, Reason.INCOMPLETE),
        ("/hanging", {"seconds": 1.0}, State.FAILED, Reason.TIMEOUT),
        ("/loop", {}, State.FAILED, Reason.REDIRECT_LOOP),
    ],
)
async def test_what_goes_wrong_has_its_own_name(
    tmp_path: Path, own: SourceSite, path: str, settings: dict[str, float], state: State, reason: Reason
) -> None:
    found = (await taken(own.url(path), tmp_path, **settings)).found  # type: ignore[arg-type] # as given

    assert (found.outcome.state, found.outcome.reason) == (state, reason)


async def test_what_the_browser_saw_and_did_not_record_stays_told(tmp_path: Path, pages: Pages) -> None:
    lost = Unrecorded(url="https://a.example/", reason="failed: no")
    found = (await taken(pages.url("/photo.png"), tmp_path, seen=Recording(unrecorded=(lost,)))).found

    assert found.recording.unrecorded == (lost,)


async def test_a_media_type_of_absurd_length_is_cut(tmp_path: Path, pages: Pages) -> None:
    (piece,) = (await taken(pages.url("/odd"), tmp_path)).found.pieces

    assert len(piece.media_type) <= 200
    assert piece.name == "document.bin"


@pytest.mark.browser
async def test_a_whole_capture_of_a_pdf_has_its_bytes_in_the_warc_and_its_pictures_beside(
    taking: Take, pages: Pages
) -> None:
    done = await taking(pages.url("/statement.pdf"))
    attempt = done.attempt

    assert (attempt.outcome.state, attempt.method) == (State.OK, Method.DIRECT)
    assert attempt.response is not None
    assert attempt.response.media_type == "application/pdf"
    assert {one.role for one in done.pieces} == {Role.WARC, Role.DOCUMENT, Role.DOCUMENT_PAGE, Role.TEXT}
    warc = next(one.path for one in done.pieces if one.role is Role.WARC)
    assert STATEMENT in gzip.decompress(warc.read_bytes())
    assert "browser_asked_first" in attempt.limits
