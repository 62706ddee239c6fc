"""Each record of a capture's WARC has a name of its own: what a replayer is asked for is what it answers."""

from itertools import count
from pathlib import Path

from archiver.capture.exchange import Exchange, Recording
from archiver.capture.write_files import write_files
from archiver.formats.warc import read_records
from archiver.model.evidence import Piece, Role
from archiver.model.instant import Instant

PAGE = "https://news.example/"
AT = Instant.parse("2024-11-20T08:30:00Z")


def written(folder: Path, files: list[Piece]) -> list[tuple[str, str]]:
    """Give kind and name of each record of a capture of the site's front page."""
    numbers = count(1)
    exchange = Exchange(
        url=PAGE,
        method="GET",
        request_headers=(("Accept", "*/*"),),
        status=200,
        status_text="OK",
        headers=(("Content-Type", "text/html"),),
        started_at=AT,
        resource_type="Document",
        body=None,
        body_size_bytes=0,
        body_form="wire",
        how="test",
        is_main_document=True,
    )
    pieces, _ = write_files(
        Recording(exchanges=(exchange,), chains=((PAGE.rstrip("/"), (b"\x30\x00",)),)),
        files,
        scratch=folder,
        page_url=PAGE,
        at=AT,
        recorder="test",
        user_agent=None,
        new_id=lambda: f"<urn:uuid:00000000-0000-4000-8000-{next(numbers):012d}>",
    )
    with pieces[0].path.open("rb") as file:
        return [(one.type, one.target_uri or "") for one in read_records(file)]


def piece(folder: Path, role: Role, name: str) -> Piece:
    path = folder / name
    path.write_bytes(name.encode())
    return Piece(role=role, name=name, media_type="image/png", path=path)


def test_metadata_that_was_answered_in_the_pages_place(tmp_path: Path) -> None:
    records = written(tmp_path, [])
    assert [name for kind, name in records if kind == "metadata"] == [
        f"urn:exchange:{PAGE}",
        f"urn:certificates:{PAGE}",
    ]
    assert {kind for kind, name in records if name == PAGE} == {"response", "request"}


def test_strips_of_which_replayers_answered_one(tmp_path: Path) -> None:
    files = [
        piece(tmp_path, Role.SCREENSHOT_FULL, "full-01.png"),
        piece(tmp_path, Role.SCREENSHOT_FULL, "full-02.png"),
        piece(tmp_path, Role.SCREENSHOT_FULL, "full-10.png"),
        piece(tmp_path, Role.SCREENSHOT_AFTER, "after-01.png"),
        piece(tmp_path, Role.SCREENSHOT_AFTER, "after-02.png"),
        piece(tmp_path, Role.SCREENSHOT_ELEMENT, "element.png"),
        piece(tmp_path, Role.SCREENSHOT_ELEMENT, "element-after.png"),
        piece(tmp_path, Role.TEXT, "text.txt"),
        piece(tmp_path, Role.TEXT, "text-after.txt"),
    ]
    kinds = ("fullPage", "fullPage-02", "fullPage-10", "fullPageFinal", "fullPageFinal-02", "element", "elementFinal")
    names = [name for kind, name in written(tmp_path, files) if kind == "resource"]
    assert names == [f"urn:{kind}:{PAGE}" for kind in (*kinds, "text", "textFinal", "pageinfo")]
