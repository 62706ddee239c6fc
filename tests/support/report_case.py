"""A case to report on, without a browser: sources of every standing, long pages, Arabic, Persian, and hostile texts."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from lxml import html
from PIL import Image, ImageDraw, ImageFont

from archiver.app.keyring import new_identity
from archiver.app.prepared import describe, prepare, scratch
from archiver.app.recording import OpenCase, finish
from archiver.app.report import Made, Wanted, make_report
from archiver.capture.browser import can_be_sandboxed, find_browser
from archiver.formats import citations as citation_form
from archiver.formats.manifest import statement_of
from archiver.model.citation import Citation, CitationList, Decision, Kind, Outlet, Quote, Speaker, StatedDate
from archiver.model.digest import Digest
from archiver.model.events import Annotation, Custody, CustodyAction, Observation, Presence, Session
from archiver.model.evidence import (
    Attempt,
    Capture,
    Collector,
    EngineFacts,
    Intervention,
    ItemFacts,
    Method,
    Outcome,
    PageFacts,
    Piece,
    Reason,
    Redirect,
    ResponseFacts,
    Role,
    SettingsFacts,
    State,
    Target,
    TlsFacts,
    ToolFacts,
    Unrecorded,
    WarcFacts,
)
from archiver.model.instant import Instant
from archiver.model.provenance import Predicate, Recorded
from tests.support.ledger_kit import BEGIN, CASE, fixed_id
from tests.support.own_case import SECRET, OwnCase, new_own_case
from tests.support.wire_kit import Response, make_warc

FONT = Path(__file__).parents[2] / "archiver" / "export" / "fonts"
TITLES = {
    "en": "Harbour authority publishes the tide tables",
    "ar": "وزارة الخارجية: عبد الله يعلن إلغاء المحادثات في 2026-11-20",
    "fa": "سخنگوی وزارت خارجه: مذاکرات ادامه می‌یابد",
}
WORDS = {
    "en": "The port stays open, “we will not close it”, said the spokesman on X.",
    "ar": "قال المتحدث عبر منصة X: «لن نغلق الميناء» في 20 نوفمبر/تشرين الثاني 2026.",
    "fa": "سخنگو در شبکهٔ X نوشت: «بندر را نمی‌بندیم» در ۲۹ آبان ۱۴۰۵.",
}
SPEAKERS = {
    "en": ("Jane Moore", "spokesman"),
    "ar": ("ليلى حسن", "المتحدثة باسم الوزارة"),
    "fa": ("مهدی رضایی", "سخنگو"),
}
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style><svg onload=alert(1)>",
    "{{ 7*7 }}{% raw %}",
    "\u202egnp.exe\u202c \u2067abc\u2069",
    "zero\u200bwidth\u200djoin\ufeff",
    "👩‍👩‍👧‍👦 🇮🇷 e\u0301",
    "null\x00byte \x1b[31mred",
    "javascript:alert(1)",
    "x" * 10_000,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportCase:
    """The case and what was recorded in it, in the ledger's order."""

    own: OwnCase
    predicates: tuple[Predicate, ...]

    @property
    def captures(self) -> tuple[Capture, ...]:
        return tuple(one for one in self.predicates if isinstance(one, Capture))


@cache
def _warc(number: int) -> tuple[bytes, WarcFacts]:
    return make_warc(number, (Response(body=f"<p>مرحبا {number}".encode()),), views={})


def picture(number: int, width: int, height: int, text: str = "") -> bytes:
    """Give a PNG that shows its rows: lines every hundred pixels, numbered, so that a page of it can be read."""
    drawn = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(drawn)
    font = ImageFont.truetype(str(FONT / "noto-sans-latin-400-normal.woff2"), 24)
    pen.rectangle(((0, 0), (width - 1, 70)), fill=(20 + number * 37 % 150, 60, 110))
    pen.text((20, 16), f"Source {number} {text}"[:80], font=font, fill="white")
    for top in range(100, height, 100):
        pen.line(((0, top), (width, top)), fill=(210, 210, 210))
        pen.text(
            (20, top + 30), f"row {top} of {height}, source {number}: the quick brown fox", font=font, fill="black"
        )
    out = io.BytesIO()
    drawn.save(out, "PNG")
    return out.getvalue()


def make_report_case(
    folder: Path, *, sources: int = 4, language: str = "en", longest_px: int = 5000, hostile: bool = False
) -> ReportCase:
    """Record so many sources: every fourth failed, every seventh partial, one never tried, one tried twice."""
    own = new_own_case(folder)
    case = own.open()
    made: list[Predicate] = []
    session = Session(id=fixed_id(900_000), case=CASE, at=BEGIN, nonce="ab" * 32, tool=_tool())
    made.append(_record(case, session, ()))
    for number in range(1, sources + 1):
        capture = _capture(number, language, hostile=hostile)
        files = () if number % 8 == 0 else _files(number, language, longest_px)
        made.append(_record(case, capture, files))
    made.append(_record(case, _again(1, language), _files(1, language, longest_px)))
    made.extend(_record(case, one, ()) for one in _later(made))
    (own.root / "citations.yaml").write_bytes(citation_form.encode(_citations(sources, language, hostile=hostile)))
    return ReportCase(own=own, predicates=tuple(made))


def _record(case: OpenCase, predicate: Predicate, files: Sequence[tuple[Role, str, str, bytes]]) -> Predicate:
    with scratch(case.scratch, predicate.id) as folder:
        artifacts = []
        for role, name, media_type, content in files:
            path = folder / name
            path.write_bytes(content)
            size = Image.open(io.BytesIO(content)).size if media_type == "image/png" else (None, None)
            piece = Piece(role=role, name=name, media_type=media_type, path=path, width_px=size[0], height_px=size[1])
            artifacts.append(describe(piece))
        if isinstance(predicate, Capture):
            predicate = replace(predicate, artifacts=tuple(artifacts))
        recorded: Recorded = finish(case, prepare(folder, statement_of(predicate)))
    assert recorded.id == predicate.id
    return predicate


def _files(number: int, language: str, longest_px: int) -> tuple[tuple[Role, str, str, bytes], ...]:
    height = longest_px if number % 5 == 0 else 1800
    look = number % 50  # of many sources some look alike, so that they are soon made
    return (
        (Role.WARC, "capture.warc.gz", "application/warc", _warc(number)[0]),
        (Role.SCREENSHOT_VIEWPORT, "viewport.png", "image/png", picture(look, 1280, 900)),
        (Role.SCREENSHOT_FULL, "full.png", "image/png", picture(look, 1280, height, "whole")),
        (Role.TEXT, "text.txt", "text/plain", f"{TITLES[language]}\n{WORDS[language]} {number}".encode()),
    )


def _tool() -> ToolFacts:
    return ToolFacts(
        name="archiver",
        version="0.1.0",
        python="3.11.2",
        platform="Linux 6.1 x86_64",
        distribution_digest=Digest.of(b"sources"),
    )


def _capture(number: int, language: str, *, hostile: bool) -> Capture:
    url = f"https://news.example/{language}/story-{number}?id={number}"
    began = Instant(BEGIN.epoch_us + number * 60_000_000)
    evil = HOSTILE[number % len(HOSTILE)] if hostile else ""
    title = evil or f"{TITLES[language]} {number}"
    outcome = _outcome(number)
    attempt = Attempt(
        target=Target(url=url, citation_id=f"c{number:02d}", quotes=(WORDS[language],)),
        method=Method.BROWSER,
        started_at=began,
        finished_at=Instant(began.epoch_us + 4_321_000),
        outcome=replace(outcome, rests_on=evil or outcome.rests_on),
        settings=SettingsFacts(
            viewport_width_px=1280, viewport_height_px=900, device_scale_percent=100, locale="ar-SY",
            timezone="Asia/Damascus", timeout_ms=60_000, max_bytes=536_870_912, behave=True, extras=True,
        ),
        engine=EngineFacts(
            name="Chromium", version="150.0.7871.100", user_agent="Mozilla/5.0 (X11; Linux x86_64) Chrome/150",
            headless=True, sandboxed=True, flags=("--disable-quic", "--no-pings"),
        ),
        response=_response(number, url),
        tls=_tls() if number % 3 else None,
        page=PageFacts(
            title=title, language=language, direction="rtl" if language != "en" else "ltr", site_name=evil or "News",
            published_claimed="2026-11-20T09:30:00+03:00", text_characters=1234, text_digest=Digest.of(b"t"),
        ),
        item=ItemFacts(
            platform="x", item_id=f"21233329518642462{number:02d}", author=evil or "fajr_desk",
            claimed_at=Instant.parse("2026-11-20T06:30:00.123Z"), claimed_by="snowflake",
        ) if number % 2 else None,
        warc=_warc(number)[1] if number % 8 else None,
        interventions=(
            Intervention(
                at=Instant(began.epoch_us + 3_000_000), action="click", selector="#reject", label=evil or "رفض"
            ),
        ),
        seen_not_recorded=(Unrecorded(url=f"https://ads.example/{number}.js", reason="aborted by the page"),),
        limits=("single_vantage", "clock_unverified"),
    )  # fmt: skip
    return Capture(
        id=fixed_id(number), case=CASE, citation_id=f"c{number:02d}", tool=_tool(), attempt=attempt,
        session=fixed_id(900_000), collector=Collector(name="Mina Karimi", role="researcher"),
    )  # fmt: skip


def _outcome(number: int) -> Outcome:
    if number % 4 == 0:
        return Outcome(state=State.FAILED, reason=Reason.DELETED, rests_on="the platform's page says that it is gone")
    if number % 7 == 0:
        return Outcome(state=State.PARTIAL, missing=("full page", "tls chain"))
    return Outcome(state=State.OK)


def _response(number: int, url: str) -> ResponseFacts:
    return ResponseFacts(
        method="GET",
        status=404 if number % 4 == 0 else 200,
        final_url=f"{url}&seen=1",
        redirects=(Redirect(url=url, status=302, location=f"{url}&seen=1"),),
        media_type="text/html",
        protocol="h2",
        remote_ip="192.0.2.10",
        remote_port=443,
        server_date_claimed="Tue, 24 Nov 2026 10:01:00 GMT",
        last_modified_claimed="Fri, 20 Nov 2026 06:31:00 GMT",
    )


def _tls() -> TlsFacts:
    return TlsFacts(
        version="TLS 1.3", cipher="AES_128_GCM", group="X25519", subject="news.example", issuer="Example CA",
        valid_from=Instant.parse("2026-10-01T00:00:00.000Z"), valid_to=Instant.parse("2027-01-01T00:00:00.000Z"),
        scts=2, chain=(Digest.of(b"leaf"), Digest.of(b"intermediate")),
    )  # fmt: skip


def _again(number: int, language: str) -> Capture:
    first = _capture(number, language, hostile=False)
    later = Instant(BEGIN.epoch_us + 7_200_000_000)
    attempt = replace(first.attempt, started_at=later, finished_at=Instant(later.epoch_us + 3_000_000))
    return replace(first, id=fixed_id(800_000 + number), attempt=attempt)


def _later(made: Sequence[Predicate]) -> Iterator[Predicate]:
    captures = [one for one in made if isinstance(one, Capture)]
    at = Instant(BEGIN.epoch_us + 90_000_000_000)
    yield Observation(
        id=fixed_id(910_001), case=CASE, at=at, of=captures[1].id, url=captures[1].attempt.target.url,
        presence=Presence.GONE, rests_on="HTTP status 410",
    )  # fmt: skip
    yield Custody(
        id=fixed_id(910_002), case=CASE, at=at, action=CustodyAction.TRANSFER, by="Mina Karimi", to="Court registry",
        reason="hand-over",
    )  # fmt: skip
    yield Annotation(id=fixed_id(910_003), case=CASE, at=at, entries=(2,), text="Compared with the print edition.")


def _citations(sources: int, language: str, *, hostile: bool) -> CitationList:
    found = [_citation(number, language, hostile=hostile) for number in range(1, sources + 1)]
    never = Citation(id="never", kind=Kind.STATEMENT, words=WORDS[language], note="private remark of the editor")
    dropped = Citation(id="dropped", kind=Kind.WEB_PAGE, url="https://dropped.example/", decision=Decision.DROPPED)
    return CitationList(citations=(*found, never, dropped))


def _citation(number: int, language: str, *, hostile: bool) -> Citation:
    name, role = SPEAKERS[language]
    evil = HOSTILE[(number + 1) % len(HOSTILE)] if hostile else ""
    clean = "".join(one for one in evil if ord(one) >= ord(" "))  # a citations file holds no control characters
    return Citation(
        id=f"c{number:02d}",
        kind=Kind.TWEET if number % 2 else Kind.PRESS_STORY,
        url=f"https://news.example/{language}/story-{number}?id={number}",
        words=clean or WORDS[language],
        quotes=(Quote(text=clean or WORDS[language][10:40]),),
        speaker=Speaker(name=clean or name, role=role),
        outlet=Outlet(name=clean or "News"),
        date_stated=StatedDate(iso="2026-11-19", precision="day", text="19 نوفمبر 2026" if language == "ar" else None),
        date_found=StatedDate(iso="2026-11-20", precision="day") if number % 2 else None,
    )


def report_on(made: ReportCase, out: Path, wanted: Wanted, *, identity: str = "Mina Karimi") -> Made:
    """Write a report on the case as the command would, signed by an identity certificate made for it."""
    if wanted.pdf and identity and not made.own.home.identity_key.exists():
        new_identity(made.own.home, SECRET, name=identity)
    found = find_browser() if wanted.pdf else None
    return make_report(
        made.own.workspace,
        CASE,
        out,
        wanted,
        home=made.own.home,
        passphrase=lambda: SECRET,
        browser=(found.path, can_be_sandboxed()) if found else None,
        tell=lambda _: None,
    )


def parsed(raw: bytes) -> Any:  # noqa: ANN401 - lxml's own types name every kind of answer that XPath can give
    """Give a page as lxml reads it."""
    return html.fromstring(raw)
