"""A good source is taken whole: its traffic, two pictures, its DOM, its text code point by code point."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from archiver.capture.browser import OpenBrowser
from archiver.formats.warc import ReadRecord, read_records
from archiver.model.digest import Digest
from archiver.model.evidence import Method, Piece, Reason, Role, State, Taken, WarcFacts
from tests.support.source_site import ARABIC_LINE, PDF, SourceSite
from tests.unit.capture.conftest import Take

pytestmark = pytest.mark.browser


def piece(taken: Taken, role: Role) -> Piece:
    return next(one for one in taken.pieces if one.role is role)


def content(taken: Taken, role: Role) -> bytes:
    return piece(taken, role).path.read_bytes()


def warc(taken: Taken) -> tuple[list[ReadRecord], WarcFacts]:
    assert taken.attempt.warc is not None
    return list(read_records(BytesIO(content(taken, Role.WARC)))), taken.attempt.warc


async def test_an_arabic_page_is_taken_whole(taking: Take, site: SourceSite, browser: OpenBrowser) -> None:
    taken = await taking(site.url("/story"))
    attempt = taken.attempt

    assert attempt.outcome.state is State.OK
    assert (attempt.method, attempt.engine) == (Method.BROWSER, browser.facts)
    assert [one.name for one in taken.pieces] == [
        "capture.warc.gz", "viewport.png", "dom.html", "text.txt", "full.png"
    ]  # fmt: skip
    assert attempt.response is not None
    assert (attempt.response.status, attempt.response.media_type) == (200, "text/html")
    assert (attempt.response.remote_ip, attempt.response.redirects) == ("127.0.0.1", ())
    assert attempt.tls is None
    assert attempt.seen_not_recorded == ()
    assert attempt.interventions == ()
    assert {"single_vantage", "payload_content_decoded", "no_transport_security"} <= set(attempt.limits)
    assert attempt.settings.private_addresses_allowed


async def test_the_text_keeps_every_code_point(taking: Take, site: SourceSite) -> None:
    taken = await taking(site.url("/story"))
    text = content(taken, Role.TEXT)
    page = taken.attempt.page

    assert ARABIC_LINE in text.decode("utf-8")
    assert ARABIC_LINE.replace("\u00a0", "&nbsp;") in content(taken, Role.DOM).decode("utf-8")
    assert page is not None
    assert (page.title, page.language, page.direction) == ("بيان عن الهجوم", "ar", "rtl")
    assert (page.canonical_url, page.site_name) == ("/story", "وكالة المثال")
    assert page.published_claimed == "2021-09-11T10:00:00+03:00"
    assert page.text_characters == len(text.decode("utf-8"))
    assert page.text_digest == Digest.of(text)


async def test_arabic_is_drawn_from_the_right(taking: Take, site: SourceSite) -> None:
    taken = await taking(site.url("/story"))
    picture = piece(taken, Role.SCREENSHOT_VIEWPORT)
    with Image.open(picture.path) as image:
        headline = image.convert("L").crop((0, 30, image.width, 110))
        ink = headline.point(lambda level: 255 if level < 128 else 0).getbbox()

    assert (picture.width_px, picture.height_px) == (1280, 900)
    assert ink is not None
    left, _, right, _ = ink
    assert right > 1200
    assert left > 640


async def test_the_warc_holds_every_exchange_the_pictures_and_the_text(taking: Take, site: SourceSite) -> None:
    taken = await taking(site.url("/story"))
    records, facts = warc(taken)
    responses = {one.target_uri for one in records if one.type == "response"}
    views = {str(one.target_uri).partition("http")[0] for one in records if one.type == "resource"}

    assert [one.digest_problem for one in records] == [""] * facts.records
    assert {site.url(path) for path in ("/story", "/style.css", "/dot.png", "/data.json")} <= responses
    assert facts.main_record_id in {one.record_id for one in records if one.target_uri == site.url("/story")}
    assert {"urn:view:", "urn:fullPage:", "urn:text:", "urn:pageinfo:"} <= views


async def test_redirects_are_followed_and_kept(taking: Take, site: SourceSite) -> None:
    taken = await taking(site.url("/old"))
    response = taken.attempt.response

    assert taken.attempt.outcome.state is State.OK
    assert response is not None
    assert response.final_url == site.url("/story")
    assert [(one.url, one.status, one.location) for one in response.redirects] == [
        (site.url("/old"), 302, "/older"),
        (site.url("/older"), 302, "/story"),
    ]


async def test_a_page_that_moves_by_script_is_taken_where_it_ends(taking: Take, site: SourceSite) -> None:
    taken = await taking(site.url("/moving"))

    assert taken.attempt.outcome.state is State.OK
    assert taken.attempt.response is not None
    assert taken.attempt.response.final_url == site.url("/story")
    assert ARABIC_LINE in content(taken, Role.TEXT).decode()


async def test_a_page_cannot_put_words_into_our_reading(taking: Take, site: SourceSite) -> None:
    taken = await taking(site.url("/clobbered"))

    assert content(taken, Role.TEXT) == b"true text"
    assert taken.attempt.page is not None
    assert taken.attempt.page.title == "true title"


async def test_dialogs_are_dismissed_and_told(taking: Take, site: SourceSite) -> None:
    taken = await taking(site.url("/dialogs"))

    assert taken.attempt.outcome.state is State.OK
    assert [one.action for one in taken.attempt.interventions] == [
        "dialog_dismissed:alert",
        "dialog_dismissed:confirm",
    ]


async def test_a_tall_page_is_kept_in_strips_that_join_exactly(taking: Take, site: SourceSite) -> None:
    taken = await taking(site.url("/tall"))
    strips = [one for one in taken.pieces if one.role is Role.SCREENSHOT_FULL]

    assert [(one.name, one.height_px) for one in strips] == [("full-01.png", 15_000), ("full-02.png", 5_000)]
    assert taken.attempt.outcome.state is State.OK
    assert taken.attempt.page is not None
    assert taken.attempt.page.height_px == 20_000
    with Image.open(strips[0].path) as upper, Image.open(strips[1].path) as lower:
        column = [upper.convert("RGB").getpixel((900, y)) for y in range(0, 15_000, 500)]
        column += [lower.convert("RGB").getpixel((900, y)) for y in range(0, 5_000, 500)]
        stuck = [image.convert("RGB").getpixel((10, 10)) for image in (upper, lower)]
    reds = [one[0] for one in column if isinstance(one, tuple)]
    assert reds == sorted(reds, reverse=True), "a gradient over both strips has no jump back"
    assert reds[29] - reds[30] <= 8
    assert stuck[0] == (0, 255, 0)
    assert stuck[1] != (0, 255, 0), "what sticks to the top is not repeated"


async def test_a_page_higher_than_is_kept_is_cut_and_says_so(taking: Take, site: SourceSite) -> None:
    taken = await taking(site.url("/towering"))
    strips = [one for one in taken.pieces if one.role is Role.SCREENSHOT_FULL]

    assert sum(one.height_px or 0 for one in strips) == 60_000
    assert taken.attempt.outcome.state is State.PARTIAL
    assert taken.attempt.outcome.missing == ("full_page_beyond_px:60000",)
    assert "page_cut_at_px:60000" in taken.attempt.limits


async def test_a_page_that_never_rests_is_taken_and_says_so(taking: Take, site: SourceSite) -> None:
    taken = await taking(site.url("/polling"), settle_s=1)

    assert taken.attempt.outcome.state is State.OK
    assert "network_not_quiet" in taken.attempt.limits


async def test_a_pdf_is_fetched_directly_byte_for_byte(taking: Take, site: SourceSite) -> None:
    taken = await taking(site.url("/statement.pdf"))
    attempt = taken.attempt
    records, facts = warc(taken)

    assert (attempt.outcome.state, attempt.method) == (State.OK, Method.DIRECT)
    assert [one.name for one in taken.pieces] == ["capture.warc.gz", "document.pdf"]
    assert content(taken, Role.DOCUMENT) == PDF
    assert attempt.engine is not None
    assert attempt.engine.name == "requests"
    assert (attempt.page, attempt.tls) == (None, None)
    assert (facts.recorder, facts.payload_form) == ("direct", "wire")
    assert [one.digest_problem for one in records] == [""] * facts.records
    assert "browser_asked_first" in attempt.limits


async def test_an_encoded_document_is_decoded_beside_the_warc(taking: Take, site: SourceSite) -> None:
    taken = await taking(site.url("/packed.json"))

    assert json.loads(content(taken, Role.DOCUMENT)) == {"a": 1}
    assert piece(taken, Role.DOCUMENT).made_from == "response body, gzip undone"


async def test_what_a_page_may_not_reach_is_refused_and_listed(taking: Take, site: SourceSite) -> None:
    taken = await taking(site.url("/reaching-inside"))
    listed = {one.url: one.reason for one in taken.attempt.seen_not_recorded}

    assert taken.attempt.outcome.state is State.OK
    assert listed["http://169.254.169.254/latest"] == "refused: 169.254.169.254 is a metadata service"
    assert listed["http://hidden.localhost.invalid/"].startswith("refused: name not resolved")


async def test_nothing_but_the_pieces_is_left_in_scratch(taking: Take, site: SourceSite, tmp_path: Path) -> None:
    taken = await taking(site.url("/story"))

    assert {one.path for one in taken.pieces} == set((tmp_path / "scratch").iterdir())
    assert {one.step for one in taken.timings} >= {
        "browser_context",
        "load",
        "screenshots",
        "settle",
        "read",
        "writing",
    }


async def test_takes_share_nothing(taking: Take, site: SourceSite) -> None:
    first, second = await taking(site.url("/story")), await taking(site.url("/story"))
    for taken in (first, second):
        assert taken.attempt.warc is not None
        assert taken.attempt.warc.exchanges >= 4


async def test_a_source_gone_from_the_net_is_taken_with_its_evidence(taking: Take, site: SourceSite) -> None:
    wanted: dict[str, tuple[Reason, int, Any]] = {
        "/absent": (Reason.HTTP_CLIENT_ERROR, 404, b"There is nothing here."),
        "/gone": (Reason.GONE, 410, b"This was removed."),
        "/broken": (Reason.HTTP_SERVER_ERROR, 500, b"Our fault."),
    }
    for path, (reason, status, text) in wanted.items():
        taken = await taking(site.url(path))
        assert (taken.attempt.outcome.state, taken.attempt.outcome.reason) == (State.FAILED, reason)
        assert taken.attempt.outcome.rests_on == f"HTTP status {status}"
        assert content(taken, Role.TEXT) == text
        assert {one.role for one in taken.pieces} >= {Role.WARC, Role.SCREENSHOT_VIEWPORT, Role.SCREENSHOT_FULL}
