"""L5: are the quoted words in what came over the network, at a place that can be cut out again; do the files agree."""

import gzip
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from archiver.formats.warc import read_records
from archiver.formats.warc_head import RecordHead
from archiver.formats.wording import Words
from archiver.model.digest import Digest
from archiver.model.evidence import (
    Capture,
    Outcome,
    Reason,
    ResponseFacts,
    Role,
    State,
    Unrecorded,
)
from archiver.model.report import Verdict
from archiver.verify.wire import KEEP_BYTES, Wire
from tests.support.content_kit import SAID, checks, page, reason, record, told
from tests.support.ledger_kit import CaseKit, new_case, sample_capture
from tests.support.wire_kit import Response, make_warc, page_capture

PASS, FAIL, UNCHECKED = Verdict.PASS, Verdict.FAIL, Verdict.NOT_CHECKED
Change = Callable[[Capture], Capture]


@pytest.fixture
def kit(tmp_path: Path) -> CaseKit:
    return new_case(tmp_path)


WRITTEN = {
    "plain": (f"<p>He said: {SAID}.", "text of the page", SAID),
    "split by tags and entities": (
        "<p>the <i>price</i> of bread<br>is&nbsp;five <b>eu</b>ros &#116;oday</p>",
        "text of the page",
        "the <i>price</i> of bread<br>is&nbsp;five <b>eu</b>ros &#116;oday",
    ),
    "with other case, accents and marks": (f"<p>« {SAID.upper()} »", "text of the page", SAID.upper()),
    "in an attribute": (f'<meta content="{SAID}">', "source of the page", SAID),
    "in a script": (
        '<script>x = {"t": "the price of bread\\u0020is five euros\\ntoday"}</script>',
        "strings of JSON or JavaScript",
        "the price of bread\\u0020is five euros\\ntoday",
    ),
    "HTML in a script": (
        '<script>x = {"t": "the <b>price<\\/b> of bread is five euros today"}</script>',
        "HTML within JSON or JavaScript",
        "the <b>price<\\/b> of bread is five euros today",
    ),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_words_are_found_as_each_way_of_writing_has_them_and_can_be_cut_out_by_the_bytes_told(
    kit: CaseKit, name: str
) -> None:
    body, form, source = WRITTEN[name]
    record(kit, page(kit, body, text=SAID))
    assert told(kit) == {"views": PASS, "tls-chain": PASS, "quote-wire": PASS, "quote-text": PASS}
    said = reason(kit, "quote-wire")
    assert form in said
    assert str(Digest.of(body.encode())) in said
    first, last = map(int, re.search(r"bytes (\d+) to (\d+)", said).groups())  # type: ignore[union-attr] # it is there
    assert body.encode()[first:last].decode() == source
    assert re.search(r"<urn:uuid:[0-9a-f-]+>", said)[0] in record_ids(kit)  # type: ignore[index] # it is there


def record_ids(kit: CaseKit) -> list[str]:
    with next((kit.workspace / "archive").rglob("*.warc.gz")).open("rb") as file:
        return [one.record_id for one in read_records(file)]


def test_in_json_the_path_is_told_too(kit: CaseKit) -> None:
    body = json.dumps({"data": [{"tweet": {"full_text": f"He said: “{SAID}” today"}}]})
    answer = Response(body=body.encode(), url="https://example.org/api", media_type="application/json")
    record(kit, page(kit, "<p>", answer, text=SAID))
    assert "($.data[0].tweet.full_text)" in reason(kit, "quote-wire")


def test_arabic_and_persian_match_whatever_the_vowels_and_letters_of_the_keyboard(kit: CaseKit) -> None:
    record(kit, page(kit, "<p>قال: إِنَّ السِّلْمَ أولويّتنا الأولى</p>", text="x", quote="ان السلم اولويتنا الاولي"))
    assert told(kit)["quote-wire"] is PASS
    assert "written" in reason(kit, "quote-wire")


@pytest.mark.parametrize(
    ("quote", "verdict"),
    [
        ("the price … five euros", PASS),
        ("the price [...] five euros", PASS),
        ("«the price of bread,»", PASS),
        ("five euros … the price", FAIL),
        ("the price of bread is six euros today", FAIL),
        ("rice", FAIL),
        ("!", UNCHECKED),
        ("سعر الخبز خمسة يورو", UNCHECKED),
    ],
)
def test_what_counts_as_the_same_words(kit: CaseKit, quote: str, verdict: Verdict) -> None:
    record(kit, page(kit, f"<p>{SAID}", text=SAID, quote=quote))
    assert told(kit)["quote-wire"] is verdict


def test_an_edited_page_is_told_its_text_has_words_that_never_came_over_the_network(kit: CaseKit) -> None:
    record(kit, page(kit, "<p>the price of bread is one euro", text=SAID))
    found = told(kit)
    assert (found["quote-wire"], found["quote-text"]) == (FAIL, PASS)
    assert "no recorded payload does" in reason(kit, "quote-wire")


def test_words_that_came_and_were_not_shown_are_told_as_that(kit: CaseKit) -> None:
    record(kit, page(kit, f"<p hidden>{SAID}", text="another text"))
    found = told(kit)
    assert (found["quote-wire"], found["quote-text"]) == (PASS, UNCHECKED)


def main_type(media_type: str) -> Change:
    facts = ResponseFacts(method="GET", status=200, final_url="https://example.org/", media_type=media_type)
    return lambda one: replace(one, attempt=replace(one.attempt, response=facts))


EXCUSES: dict[str, tuple[Change, str]] = {
    "a failed attempt": (
        lambda one: replace(one, attempt=replace(one.attempt, outcome=Outcome(state=State.FAILED, reason=Reason.GONE))),
        "the attempt failed (gone)",
    ),
    "a PDF": (main_type("application/pdf"), "whose words are not read here"),
    "lost exchanges": (
        lambda one: replace(
            one, attempt=replace(one.attempt, seen_not_recorded=(Unrecorded(url="https://x/", reason="y"),))
        ),
        "lacks 1 exchanges",
    ),
}


@pytest.mark.parametrize("name", EXCUSES)
def test_where_not_finding_them_tells_nothing_it_is_not_checked(kit: CaseKit, name: str) -> None:
    change, why = EXCUSES[name]
    record(kit, change(page(kit, "<p>another page", text="another page")))
    found = told(kit)
    assert (found["quote-wire"], found["quote-text"]) == (UNCHECKED, UNCHECKED)
    assert why in reason(kit, "quote-wire")


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (Response(body=b"x", fields=(("Content-Encoding", "br"),)), "content coding 'br'"),
        (Response(body=b"x", fields=(("Content-Encoding", "gzip"),)), "content coding is damaged"),
        (Response(body=b"\x00" * (KEEP_BYTES + 1)), "larger than"),
        (Response(body=b"x", media_type="image/png"), "no payload of text"),
        (Response(body=b"x", media_type=""), "no payload of text"),
    ],
)
def test_a_payload_that_cannot_be_read_excuses_and_is_named(kit: CaseKit, answer: Response, why: str) -> None:
    capture = page(kit, answer, text=None)
    record(kit, main_type("text/html")(capture))
    assert told(kit)["quote-wire"] is UNCHECKED
    assert why in reason(kit, "quote-wire")
    assert "quote-text" not in told(kit)


def test_a_gzip_coded_payload_is_decoded_first(kit: CaseKit) -> None:
    body = f"<p>{SAID}".encode()
    answer = Response(body=gzip.compress(body), fields=(("Content-Encoding", "gzip"),))
    record(kit, page(kit, answer, text=SAID))
    assert str(Digest.of(body)) in reason(kit, "quote-wire")


def test_where_a_codec_gives_characters_no_bytes_of_their_own_the_characters_are_told(kit: CaseKit) -> None:
    answer = Response(body=f"<p>{SAID}".encode("utf-16-le"), media_type="text/html; charset=utf-16")
    record(kit, page(kit, answer, text=SAID))
    assert "characters 3 to 41 in utf-16" in reason(kit, "quote-wire")


def test_of_two_stated_media_types_the_last_one_counts_and_a_picture_is_no_text(kit: CaseKit) -> None:
    answer = Response(body=SAID.encode(), fields=(("Content-Type", "image/png"),))
    record(kit, page(kit, answer, text="x"))
    assert "no payload of text" in reason(kit, "quote-wire")


def test_a_response_without_a_media_type_is_not_looked_at() -> None:
    wire = Wire(capture=sample_capture(1), wanted={SAID: Words(SAID)})
    head = RecordHead(version="1.1", fields={"warc-type": "response"})
    assert not wire.keep(head, b"HTTP/1.1 200 OK\r\nServer: x\r\n\r\n")


def test_words_in_a_websocket_s_messages_count(kit: CaseKit) -> None:
    line = json.dumps({"data": SAID}).encode()
    warc, facts = make_warc(1, (Response(body=b"<p>"),), views={"urn:websocket:wss://example.org/": ("x/y", line)})
    capture = page(kit, "<p>", text=None, chain=b"")
    stored = kit.artifact("c.warc.gz", warc, role=Role.WARC, media_type="application/warc", extension="warc.gz")
    for one in capture.artifacts[:2]:
        next((kit.workspace / "archive").rglob(f"{one.digest.hex}.*")).unlink()
    record(kit, replace(capture, artifacts=(stored,), attempt=replace(capture.attempt, warc=facts)))
    found = told(kit)
    assert (found["quote-wire"], found["tls-chain"]) == (PASS, UNCHECKED)


def test_what_one_capture_lacks_another_of_the_same_citation_may_hold(kit: CaseKit) -> None:
    record(kit, page(kit, "<p>gone", text="gone"))
    other = page_capture(kit, 2, (Response(body=f"<p>{SAID}".encode()),), text=SAID, quotes=(SAID,))
    record(kit, replace(other, citation_id="c01"), 2)
    assert [one.verdict for one in checks(kit) if one.id == "quote-wire"] == [UNCHECKED, PASS]


def test_without_any_quotation_the_level_says_so(kit: CaseKit) -> None:
    record(kit, page(kit, "<p>x", text="x", quote=""))
    assert told(kit) == {"views": PASS, "tls-chain": PASS, "quotes": UNCHECKED}


CITED = """\
version: 1
citations:
- id: c01
  kind: web_page
  words: He said so.
  quotes:
  - text: {quote}
"""


@pytest.mark.parametrize(("quote", "verdict"), [(SAID, PASS), ("words that nobody said in here", UNCHECKED)])
def test_quotations_of_citations_yaml_are_looked_for_and_never_fail_because_it_is_no_evidence(
    kit: CaseKit, quote: str, verdict: Verdict
) -> None:
    record(kit, page(kit, f"<p>{SAID}", text=SAID, quote=""))
    (kit.case_root / "citations.yaml").write_text(CITED.format(quote=quote))
    found = told(kit)
    assert (found["quote-wire"], found["quote-text"]) == (verdict, verdict)
    (kit.case_root / "citations.yaml").write_text("no list")
    assert told(kit)["quotes"] is UNCHECKED


# --- pictures and text -------------------------------------------------------------------------------


def with_picture(kit: CaseKit, capture: Capture, content: bytes) -> Capture:
    """Give the capture with another picture than its WARC holds."""
    other = kit.artifact(
        "viewport.png", content, role=Role.SCREENSHOT_VIEWPORT, media_type="image/png", extension="png"
    )
    old = capture.artifacts[1]
    next((kit.workspace / "archive").rglob(f"{old.digest.hex}.png")).unlink()
    return replace(capture, artifacts=(capture.artifacts[0], other, *capture.artifacts[2:]))


def test_a_picture_that_the_warc_of_its_session_does_not_hold_fails(kit: CaseKit) -> None:
    record(kit, with_picture(kit, page(kit, f"<p>{SAID}", text=SAID), b"another picture"))
    assert told(kit)["views"] is FAIL


def test_a_text_that_is_not_in_the_warc_is_tied_to_the_traffic_by_the_manifest_alone(kit: CaseKit) -> None:
    capture = page(kit, f"<p>{SAID}", text=None)
    text = kit.artifact("text.txt", SAID.encode(), role=Role.TEXT, media_type="text/plain", extension="txt")
    record(kit, replace(capture, artifacts=(*capture.artifacts, text)))
    assert told(kit)["views"] is UNCHECKED
