"""A redacted copy says on its face what was taken out, by whom and why; the original and its digest stay."""

import io
from pathlib import Path

import pytest
from PIL import Image

from archiver.app.redact import ToRedact, parse_pairs, redact
from archiver.app.report import Wanted
from archiver.export.redaction import MARK, Told, _drawable, _placed, redact_picture, redact_text
from archiver.formats import layout, manifest
from archiver.formats.manifest import statement_of
from archiver.model.digest import Digest
from archiver.model.errors import ArchiverError, FormatError, UsageError
from archiver.model.events import Annotation, Redaction, Region, Stretch
from archiver.model.evidence import Artifact, Role
from archiver.model.instant import Instant
from archiver.model.report import Level, Verdict
from tests.support.ledger_kit import CASE, fixed_id
from tests.support.report_case import ReportCase, make_report_case, parsed, picture, report_on

AT = Instant.parse("2026-11-24T10:00:00.000Z")
SECRET_PLACE = Region(left_px=20, top_px=120, width_px=500, height_px=60)


@pytest.fixture
def case(tmp_path: Path) -> ReportCase:
    return make_report_case(tmp_path, sources=2, longest_px=1900)


def asked(case: ReportCase, **changes: object) -> ToRedact:
    found: dict[str, object] = {
        "capture": case.captures[1].id,
        "artifact": "full.png",
        "reason": "protects a source",
        "by": "Mina Karimi",
        "regions": (SECRET_PLACE,),
        **changes,
    }
    return ToRedact(**found)  # type: ignore[arg-type] # by name


def test_nothing_of_a_region_is_left_in_the_copy_and_all_else_is() -> None:
    original = picture(1, 1280, 900)
    copy = Image.open(io.BytesIO(redact_picture(original, [SECRET_PLACE], by="M", reason="r", at=AT))).convert("RGB")
    before = Image.open(io.BytesIO(original)).convert("RGB")
    inside = copy.crop((20, 120, 520, 180))
    assert inside.getcolors() == [(500 * 60, (0, 0, 0))]
    assert copy.crop((0, 180, 1280, 900)).tobytes() == before.crop((0, 180, 1280, 900)).tobytes()
    assert copy.crop((520, 0, 1280, 180)).tobytes() == before.crop((520, 0, 1280, 180)).tobytes()


def test_the_copy_of_a_picture_has_a_band_that_is_written_on() -> None:
    made = redact_picture(picture(1, 200, 300), [Region(left_px=0, top_px=0, width_px=9, height_px=9)], by=None,
                          reason="سبب الحجب: مصدر " * 20, at=AT)  # fmt: skip
    copy = Image.open(io.BytesIO(made)).convert("L")
    assert copy.width == 480, "a narrow picture gets a band that can be read"
    band = copy.crop((10, 306, copy.width - 10, copy.height - 6))
    dark = sum(
        count for count, shade in band.getcolors(maxcolors=70_000) or [] if isinstance(shade, int) and shade < 90
    )
    assert dark > 500


def test_nothing_of_a_stretch_is_left_in_the_copy_not_even_its_length() -> None:
    text = "قالت ليلى حسن لمراسلنا: كلمة"
    short = redact_text(text.encode(), [Stretch(start=5, end=13)], by="M", reason="r", at=AT).decode()
    longer = redact_text(text.encode(), [Stretch(start=5, end=22)], by="M", reason="r", at=AT).decode()
    assert "ليلى" not in short
    assert f"قالت {MARK} لمراسلنا: كلمة" in short
    assert longer.count(MARK) == short.count(MARK)
    for line in (
        f"Removed: stretches of text: 1, each now {MARK}",
        f"المحجوب: مقاطع من النص، عددها: 1، وفي مكان كل منها {MARK}",
        f"پوشانده: تکه‌هایی از متن، شمار: 1، به جای هر یک {MARK}",
        "حجبها · پوشاننده · By: M",
        "السبب · دلیل · Reason: r",
        f"في · زمان · At: {AT}",
        "بصمة الأصل · چکیدهٔ اصل · SHA-256 of the original:",
        Digest.of(text.encode()).hex,
    ):
        assert f"[{line}]" in short


@pytest.mark.parametrize(
    ("stretches", "told"),
    [
        ([], "at least one stretch"),
        ([Stretch(start=3, end=99)], "the text has 10 characters"),
        ([Stretch(start=5, end=5)], "the text has 10"),
        ([Stretch(start=0, end=4), Stretch(start=3, end=6)], "overlap"),
    ],
)
def test_a_stretch_that_is_not_in_the_text_is_refused(stretches: list[Stretch], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        redact_text(b"0123456789", stretches, by=None, reason="r", at=AT)


@pytest.mark.parametrize("box", [(-1, 0, 5, 5), (0, 0, 0, 5), (1270, 0, 11, 5), (0, 890, 5, 11)])
def test_a_region_that_is_not_in_the_picture_is_refused(box: tuple[int, int, int, int]) -> None:
    region = Region(left_px=box[0], top_px=box[1], width_px=box[2], height_px=box[3])
    with pytest.raises(UsageError, match="the picture is 1280 x 900"):
        redact_picture(picture(1, 1280, 900), [region], by=None, reason="r", at=AT)
    with pytest.raises(UsageError, match="at least one region"):
        redact_picture(picture(1, 1280, 900), [], by=None, reason="r", at=AT)


def test_a_redaction_is_an_entry_and_everything_still_verifies(case: ReportCase) -> None:
    before = next(one for one in case.captures[1].artifacts if one.name == "full.png")
    recorded, copy = redact(case.own.workspace, case.own.open, asked(case))
    assert recorded.seq == 7
    assert (copy.role, copy.made_from) == (Role.REDACTED, "full.png")
    root = case.own.workspace.root
    assert Digest.of((root / layout.archive_path(before.digest, before.extension)).read_bytes()) == before.digest
    report = case.own.verify()
    assert report.verdict_of(Level.LEDGER) is Verdict.PASS
    assert case.own.problems() == []


def test_the_report_shows_originals_and_says_that_copies_exist(case: ReportCase, tmp_path: Path) -> None:
    redact(case.own.workspace, case.own.open, asked(case))
    made = report_on(case, tmp_path / "out", Wanted(sources=("c02",), check=False))
    text = parsed((made.folder / "report.html").read_bytes()).text_content()
    assert "Files of this capture with redacted copies: 1. This report shows the originals." in text
    assert "Redacted copy of full.png" not in text


def test_the_redacted_report_shows_copies_only_where_a_file_was_redacted(case: ReportCase, tmp_path: Path) -> None:
    redact(case.own.workspace, case.own.open, asked(case))
    words = asked(case, artifact="text.txt", regions=(), stretches=(Stretch(start=0, end=7),))
    redact(case.own.workspace, case.own.open, words)
    made = report_on(case, tmp_path / "out", Wanted(redacted=True, check=False))
    page = parsed((made.folder / "report.html").read_bytes())
    sheet = page.xpath("//section[@id='exhibit-2']")[0]
    text = sheet.text_content()
    assert "full.png: withheld; a redacted copy is shown in its place." in text
    captions = [one.text_content() for one in sheet.xpath(".//figcaption")]
    assert captions
    assert all("Redacted copy of" in one and "Removed by: Mina Karimi" in one for one in captions)
    assert MARK in text
    assert page.xpath("//section[@id='exhibit-1']//img"), "a capture of which nothing was redacted is shown as it is"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"reason": " "}, "says why"),
        ({"regions": ()}, "one of the two"),
        ({"stretches": (Stretch(start=0, end=1),)}, "one of the two"),
        ({"capture": fixed_id(77)}, "no capture"),
        ({"artifact": "nothing.png"}, "it has: capture.warc.gz, viewport.png, full.png, text.txt"),
        ({"artifact": "text.txt"}, "it is text/plain"),
        ({"regions": (), "stretches": (Stretch(start=0, end=1),)}, "it is image/png"),
    ],
)
def test_what_cannot_be_redacted_is_told_and_nothing_is_recorded(
    case: ReportCase, changes: dict[str, object], told: str
) -> None:
    with pytest.raises(UsageError, match=told):
        redact(case.own.workspace, case.own.open, asked(case, **changes))
    assert case.own.open().book.ledger.size() == 7


def test_a_file_that_has_changed_is_not_redacted(case: ReportCase) -> None:
    one = next(one for one in case.captures[1].artifacts if one.name == "full.png")
    path = case.own.workspace.root / layout.archive_path(one.digest, one.extension)
    path.chmod(0o644)
    path.write_bytes(b"other")
    with pytest.raises(ArchiverError, match="not the bytes that were recorded"):
        redact(case.own.workspace, case.own.open, asked(case))


def test_a_copys_own_digest_is_not_called_that_of_the_original(case: ReportCase, tmp_path: Path) -> None:
    _, copy = redact(case.own.workspace, case.own.open, asked(case))
    made = report_on(case, tmp_path / "out", Wanted(sources=("c02",), redacted=True, check=False))
    captions = [one.text_content() for one in parsed((made.folder / "report.html").read_bytes()).xpath("//figcaption")]
    assert captions
    assert all(f"SHA-256 of this copy: {copy.digest.hex}" in one and "of the original" not in one for one in captions)


def test_a_file_without_a_copy_is_not_said_to_have_one(case: ReportCase, tmp_path: Path) -> None:
    redact(case.own.workspace, case.own.open, asked(case))
    made = report_on(case, tmp_path / "out", Wanted(sources=("c02",), redacted=True, check=False))
    text = parsed((made.folder / "report.html").read_bytes()).text_content()
    assert "viewport.png: withheld as well: it may show what was taken out of another file" in text
    assert "viewport.png: withheld; a redacted copy" not in text


def test_a_redacted_report_says_so_on_its_cover_and_on_the_sheet(case: ReportCase, tmp_path: Path) -> None:
    redact(case.own.workspace, case.own.open, asked(case))
    for name, redacted in (("plain", False), ("redacted", True)):
        made = report_on(case, tmp_path / name, Wanted(redacted=redacted, check=False))
        page = parsed((made.folder / "report.html").read_bytes())
        cover = page.xpath("//section[@class='cover']")[0].text_content()
        assert ("This is the redacted report: of sources with a redacted file (here: 1)" in cover) is redacted
        told = [one.get("id") for one in page.xpath("//section[contains(., 'Files of this source were redacted')]")]
        assert told == (["exhibit-2"] if redacted else [])


def test_a_date_on_the_face_of_a_copy_stands_in_one_piece() -> None:
    told = Told(by="مینا", reason="اسم", at=AT, original=Digest.of(b"x"), removed=("Removed",))
    (line,) = [one for one in told.lines if str(AT) in one]
    assert any(str(AT) in piece for piece, _ in _placed(line))
    assert told.original.hex in told.lines


def test_a_redacted_report_shows_no_picture_of_a_source_of_which_another_attempt_was_redacted(
    case: ReportCase, tmp_path: Path
) -> None:
    """The second attempt at the first source has the very bytes that are redacted in its first one."""
    first, again = [one for one in case.captures if one.citation_id == "c01"]
    assert {one.name: one.digest for one in first.artifacts} == {one.name: one.digest for one in again.artifacts}
    redact(case.own.workspace, case.own.open, asked(case, capture=first.id))
    made = report_on(case, tmp_path / "out", Wanted(sources=("c01",), redacted=True, check=False))
    page = parsed((made.folder / "report.html").read_bytes())
    assert page.xpath("//figure") == []
    told = page.text_content()
    for name in ("viewport.png", "full.png"):
        assert f"{name}: withheld as well: it may show what was taken out of another file of this source" in told
    assert "of sources with a redacted file (here: 1)" in told


def test_no_box_stands_for_a_space_between_arabic_words_of_a_copys_face() -> None:
    (pieces,) = [list(_placed("Reason: اسم «شاهد» (صفحة 12) محميّ"))]
    assert pieces[0] == ("Reason: ", False)
    assert [one for one, arabic in pieces if arabic and " " in one] == []
    assert [one for one, _ in pieces[1:]] == [
        "محميّ",
        " ",
        "(",
        "12",
        " ",
        "صفحة",
        ")",
        " ",
        "«",
        "شاهد",
        "»",
        " ",
        "اسم",
    ]
    assert [one for one, _ in _placed("اسم «شاهد»")] == ["«", "شاهد", "»", " ", "اسم"], "drawn from the left: mirrored"
    assert "".join(map(_drawable, "Иван é «")) == "\\u0418\\u0432\\u0430\\u043d é «"


def test_each_line_of_a_redacted_text_runs_in_its_own_direction(case: ReportCase, tmp_path: Path) -> None:
    words = asked(case, artifact="text.txt", regions=(), stretches=(Stretch(start=0, end=7),))
    redact(case.own.workspace, case.own.open, words)
    made = report_on(case, tmp_path / "out", Wanted(sources=("c02",), redacted=True, check=False))
    html = (made.folder / "report.html").read_text()
    assert parsed(html.encode()).xpath("//pre[@class='text']")
    assert "unicode-bidi: plaintext" in html
    assert "Exhibit 2, redacted-text.txt ·" in parsed(html.encode()).text_content(), "nothing of it is left out"


def copy_of(name: str = "redacted-full.png", role: Role = Role.REDACTED) -> Artifact:
    return Artifact(
        role=role, name=name, media_type="image/png", extension="png", size_bytes=1, digest=Digest.of(b"copy")
    )


def annotation(redaction: Redaction, artifacts: tuple[Artifact, ...], entries: tuple[int, ...] = (1,)) -> bytes:
    note = Annotation(
        id=fixed_id(5), case=CASE, at=AT, entries=entries, text="why", redaction=redaction, artifacts=artifacts
    )
    return manifest.encode(statement_of(note))


def redaction(original: bytes = b"original", **what: object) -> Redaction:
    found = what or {"regions": (SECRET_PLACE,)}
    return Redaction(of=fixed_id(1), artifact="full.png", original=Digest.of(original), **found)  # type: ignore[arg-type] # by name


def test_a_redaction_reads_back_as_it_was_written() -> None:
    raw = annotation(redaction(stretches=(Stretch(start=0, end=4),)), (copy_of(),))
    found = manifest.decode(raw).predicate
    assert isinstance(found, Annotation)
    assert found.redaction == redaction(stretches=(Stretch(start=0, end=4),))


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (annotation(redaction(regions=()), (copy_of(),)), "one of the two"),
        (annotation(redaction(regions=(SECRET_PLACE,), stretches=(Stretch(start=0, end=1),)), (copy_of(),)), "the two"),
        (annotation(redaction(), ()), "its only artifact"),
        (annotation(redaction(), (copy_of(role=Role.EXTRA),)), "its only artifact"),
        (annotation(redaction(), (copy_of(),), entries=(1, 2)), "its only artifact"),
        (annotation(redaction(b"copy"), (copy_of(),)), "the original itself"),
    ],
)
def test_a_redaction_of_another_form_is_refused(raw: bytes, told: str) -> None:
    with pytest.raises(FormatError, match=told):
        manifest.decode(raw)


def test_numbers_on_the_command_line_are_read_or_refused() -> None:
    assert parse_pairs(["1,2,3,4"], count=4, flag="--region", marks=",") == ((1, 2, 3, 4),)
    for wrong in ("1,2,3", "a,2,3,4", "-1,2,3,4", "1,2,3,99999999999", "١,2,3,4"):
        with pytest.raises(UsageError, match="--region: expected 4 whole numbers"):
            parse_pairs([wrong], count=4, flag="--region", marks=",")
