"""A PDF's pictures and text are made apart, within bounds; whatever it holds, the capture goes on."""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from archiver.capture import pdf_child
from archiver.capture.browser import open_browser
from archiver.capture.pdf import MOST_PAGES, Rendered, _told, pages_of
from archiver.capture.settings import CaptureSettings
from archiver.model.errors import FormatError
from archiver.model.evidence import Role
from tests.support.pdfs import make_pdf, make_slow_pdf
from tests.support.source_site import PDF

ARABIC = "قال المتحدث باسم الوزارة"


def rendered(folder: Path, content: bytes, *, timeout_s: float = 60) -> Rendered:
    (folder / "document.pdf").write_bytes(content)
    scratch = folder / "scratch"
    scratch.mkdir()
    return pages_of(folder / "document.pdf", scratch=scratch, timeout_s=timeout_s)


def text(found: Rendered) -> str:
    return next(one for one in found.pieces if one.role is Role.TEXT).path.read_text("utf-8")


def test_each_page_becomes_a_picture_and_the_text_of_all_a_file(tmp_path: Path) -> None:
    found = rendered(tmp_path, make_pdf(["First page", "Second page"]))

    assert [(one.role, one.name, one.made_from) for one in found.pieces] == [
        (Role.DOCUMENT_PAGE, "page-01.png", "page 1 of 2, rendered by pdfium"),
        (Role.DOCUMENT_PAGE, "page-02.png", "page 2 of 2, rendered by pdfium"),
        (Role.TEXT, "document-text.txt", "text of 2 pages, read by pdfium"),
    ]
    assert text(found) == "First page\fSecond page"
    assert found.limits == ()
    for one in found.pieces[:2]:
        with Image.open(one.path) as picture:
            assert picture.size == (one.width_px, one.height_px) == (480, 320)
            dark = picture.convert("L").point(lambda level: 255 if level < 128 else 0).getbbox()
        assert dark is not None, "the text is drawn"


def test_of_a_long_document_the_first_pages_are_shown_and_all_of_the_text_is_kept(tmp_path: Path) -> None:
    found = rendered(tmp_path, make_pdf([f"page {n}" for n in range(1, 10)]))

    assert len([one for one in found.pieces if one.role is Role.DOCUMENT_PAGE]) == MOST_PAGES
    assert found.limits == (f"pdf_pages_shown:{MOST_PAGES} of 9",)
    assert text(found).split("\f") == [f"page {n}" for n in range(1, 10)]


@pytest.mark.browser
async def test_arabic_text_is_drawn_and_read(tmp_path: Path) -> None:
    async with open_browser() as browser:
        page = await (await browser.fresh_context(CaptureSettings(), proxy="socks5://127.0.0.1:9")).new_page()
        await page.set_content(f"<html dir=rtl lang=ar><body style='font:40px Noto Naskh Arabic'><p>{ARABIC}</p>")
        printed = await page.pdf(width="400px", height="300px")
    found = rendered(tmp_path, printed)

    assert all(word in text(found) for word in ("المتحدث", "الوزارة"))
    with Image.open(found.pieces[0].path) as picture:
        dark = picture.convert("L").point(lambda level: 255 if level < 128 else 0).getbbox()
    assert dark is not None


BROKEN = {
    "nothing": b"",
    "no PDF": b"<html>not found</html>",
    "no page": PDF,
    "a head and noise": b"%PDF-1.7\n" + bytes(range(256)) * 50,
    "cut in the middle": make_pdf(["x"] * 50)[:900],
    "a page that is its own parent": b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Count 1/Kids[2 0 R]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF",
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_pdf_is_a_limit_and_never_an_error(tmp_path: Path, name: str) -> None:
    found = rendered(tmp_path, BROKEN[name])

    assert found.pieces == ()
    assert found.limits


def test_one_page_that_cannot_be_read_takes_no_other_along(tmp_path: Path) -> None:
    found = rendered(tmp_path, make_pdf(["first", "second", "third"], without=[2]))

    assert [(one.name, one.made_from) for one in found.pieces[:-1]] == [
        ("page-01.png", "page 1 of 3, rendered by pdfium"),
        ("page-03.png", "page 3 of 3, rendered by pdfium"),
    ]
    assert text(found) == "first\f\fthird"
    assert found.limits == ("pdf_pages_shown:2 of 3", "pdf_pages_unreadable:1")


def test_a_pdf_without_text_leaves_no_empty_text(tmp_path: Path) -> None:
    found = rendered(tmp_path, make_pdf([""]))

    assert [one.role for one in found.pieces] == [Role.DOCUMENT_PAGE]
    assert found.limits == ()


def test_a_huge_page_is_drawn_within_bounds(tmp_path: Path) -> None:
    found = rendered(tmp_path, make_pdf(["poster"], size_pt=(14_400, 7_200)))

    assert (found.pieces[0].width_px, found.pieces[0].height_px) == (2_400, 1_200)


def test_a_pdf_that_takes_for_ever_is_left_at_the_deadline(tmp_path: Path) -> None:
    began = time.monotonic()
    found = rendered(tmp_path, make_slow_pdf(3_000_000), timeout_s=2)

    assert found == Rendered(limits=("pdf_not_rendered",))
    assert time.monotonic() - began < 20


@pytest.mark.skipif(sys.platform != "linux", reason="macOS does not bound a process's address space")
def test_the_renderer_bounds_its_own_memory_time_and_files() -> None:
    script = (
        "import json, resource; from archiver.capture import pdf_child; pdf_child.limit();"
        "kinds = (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE, resource.RLIMIT_CORE);"
        "print(json.dumps([resource.getrlimit(one) for one in kinds])); bytearray(3 << 30)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    assert json.loads(done.stdout) == [[2 << 30] * 2, [30, 30], [256 << 20] * 2, [0, 0]]
    assert "MemoryError" in done.stderr
    assert resource.getrlimit(resource.RLIMIT_AS)[0] != 2 << 30, "this process is not bound"


def test_nothing_is_imported_from_the_folder_that_a_capture_is_started_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A workspace may come from somebody else: a ``json.py`` in it must not run as us when a PDF is drawn."""
    started = tmp_path / "workspace"
    started.mkdir()
    for name in ("json", "resource", "pypdfium2", "archiver"):
        (started / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w').close()\nraise SystemExit(1)\n")
    monkeypatch.chdir(started)
    found = rendered(tmp_path, make_pdf(["text"]))

    assert not (tmp_path / "ran").exists()
    assert text(found) == "text"


@pytest.mark.parametrize(
    "output",
    [
        b"",
        b"[]",
        b"null",
        b"{}",
        b'{"pages": "x", "shown": [], "unread": 0, "cut": false}',
        b'{"pages": 1, "shown": [["a", 1]], "unread": 0, "cut": false}',
        b'{"pages": 1, "shown": 5, "unread": 0, "cut": false}',
        b"\xff",
    ],
)
def test_a_renderers_answer_of_another_form_is_refused(output: bytes) -> None:
    with pytest.raises(FormatError, match="expected the renderer's answer"):
        _told(output)


def test_a_text_longer_than_is_kept_is_cut_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_child, "_MOST_CHARACTERS", 12)
    (tmp_path / "a.pdf").write_bytes(make_pdf(["one two", "three", "four"]))
    told = pdf_child.main(tmp_path / "a.pdf", tmp_path, 1)

    assert told == {"pages": 3, "shown": [("page-01.png", 480, 320, 1)], "unread": 0, "cut": True}
    assert (tmp_path / "document-text.txt").read_text() == "one two\fthree"


def test_of_very_many_pages_a_bounded_number_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_child, "_MOST_TEXT_PAGES", 2)
    (tmp_path / "a.pdf").write_bytes(make_pdf(["one", "two", "three"], without=[1]))
    told = pdf_child.main(tmp_path / "a.pdf", tmp_path, 0)

    assert told == {"pages": 3, "shown": [], "unread": 1, "cut": True}
    assert (tmp_path / "document-text.txt").read_text() == "\ftwo"
