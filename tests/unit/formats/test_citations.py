from dataclasses import replace
from pathlib import Path

import pytest

from archiver.formats.citations import decode, encode
from archiver.model.citation import (
    Candidate,
    Citation,
    CitationList,
    Confidence,
    Decision,
    Kind,
    Outlet,
    Quote,
    Relation,
    SearchHints,
    Span,
    Speaker,
    StatedDate,
)
from archiver.model.digest import Digest
from archiver.model.errors import FormatError

FULL = CitationList(
    citations=(
        Citation(
            id="c01",
            kind=Kind.TWEET,
            url="https://x.com/a/status/1#frag",
            words="قال \u200cإن: «كذا»\u00a0— \u200fثم",
            spans=(Span(start=1, end=5), Span(start=9, end=12)),
            quotes=(Quote(text="می\u200cگوید # not a comment: 'x'", span=Span(start=2, end=4), marks="«»"),),
            speaker=Speaker(name="فلان", role="متحدث", span=Span(start=0, end=3)),
            outlet=Outlet(name="Reuters", type="agency", span=Span(start=0, end=1)),
            date_stated=StatedDate(
                iso="2021-04-03", precision="day", how="stated", text="3 نيسان", span=Span(start=0, end=2)
            ),
            date_found=StatedDate(iso="2021-04", precision="month"),
            candidates=(Candidate(url="http://a.b/", relation=Relation.ORIGINAL, note="n"),),
            term_quotes=(Quote(text="رويترز", span=Span(start=3, end=4), marks="“”"),),
            search_hints=SearchHints(speaker="Someone", date_from="2021-04-01", phrase="كذا وكذا"),
            confidence=Confidence(kind=90, speaker=0, date=100),
            language="ar",
            note="multi\nline",
            decision=Decision.FIXED,
            as_proposed="0123456789ab",
        ),
        Citation(id="c02", kind=Kind.STATEMENT, date_stated=StatedDate(iso="2021-12-20/2021-12-25", precision="day")),
    ),
    draft_name="draft.html",
    draft_digest=Digest("0" * 64),
    draft_characters=7,
)


@pytest.mark.parametrize("value", [FULL, CitationList(citations=()), replace(FULL, draft_digest=None)])
def test_a_list_comes_back_equal_code_point_for_code_point(value: CitationList) -> None:
    assert decode(encode(value)) == value
    assert encode(decode(encode(value))) == encode(value)


def test_arabic_is_written_as_it_is_read() -> None:
    assert "قال" in encode(FULL).decode()


WRONG = {
    "kind: twet": "line 4, column 5: citation 1: kind: expected one of tweet, social_post",
    "kind: [a]": "citation 1: kind: expected text, found",
    "url: example.org/x": r"citation 1: url: expected an http or https URL .* 'example.org/x' \(write https",
    "url: 'ftp://x'": "citation 1: url: expected an http or https URL",
    "url: 'https://a b'": "citation 1: url: expected",
    "colour: red": "line 5, column 5: citation 1: unknown field 'colour'",
    "date_stated: {iso: 2021-13-01}": "citation 1: date_stated: iso: expected a date like",
    "date_stated: {iso: 2021-05-02/2021-05-01}": "date_stated: iso: expected a date like",
    "date_stated: {iso: 2021-05-02/2021-05-33}": "date_stated: iso: expected a date like",
    "confidence: {kind: 101}": "confidence: kind: expected a whole number from 0 to 100, found 101",
    "confidence: {colour: 1}": "confidence: unknown field 'colour'",
    "decision: perhaps": "decision: expected one of accepted, fixed, dropped",
    "as_proposed: xyz": "as_proposed: expected 12 lowercase hex digits",
    "search_hints: {date_from: soon}": "search_hints: date_from: expected a date like",
    "date_stated: {iso: yesterday}": "date_stated: iso: expected a date like",
    "date_stated: {iso: '2021', precision: day}": "precision: expected year for 2021, found 'day'",
    "date_stated: 2021-04-03": "date_stated: expected a mapping",
    "spans: [[3, 1]]": r"spans: expected pairs \[start, end\]",
    "spans: [[0, true]]": r"spans: expected pairs",
    "spans: 3": r"spans: expected a list of \[start, end\]",
    "quotes: hello": "quotes: expected a list",
    "quotes: [{text: a, span: 3}]": r"quotes 1: span: expected \[start, end\]",
    "quotes: [a]": "quotes 1: expected a mapping, found",
    "quotes: [{}]": "quotes 1: text: expected a text, found nothing",
    "speaker: {role: x}": "speaker: name: expected a text, found nothing",
    "candidates: [{relation: original}]": "candidates 1: url: expected a URL, found nothing",
    "candidates: [{url: 'http://a.b', relation: copy}]": "candidates 1: relation: expected one of original",
    'words: "a\\u0007b"': "words: expected text without control characters",
    "note: 7": r"note: expected text, found 7 \(put it in quotation marks\)",
    "outlet: {name: x, typ: y}": "outlet: unknown field 'typ'",
}


@pytest.mark.parametrize("line", WRONG)
def test_a_wrong_field_is_told_with_line_column_and_what_was_expected(line: str) -> None:
    kind = "" if line.startswith("kind") else "    kind: tweet\n"
    raw = f"version: 1\ncitations:\n  - id: a\n{kind}    {line}\n".encode()
    with pytest.raises(FormatError, match=WRONG[line]) as caught:
        decode(raw)
    assert "line " in caught.value.message


WRONG_FILES = {
    b"": "expected 'version: 1' and 'citations:', found no mapping",
    b"- a": "found no mapping",
    b"version: 1": "citations: expected a list, found nothing",
    b"version: 2\ncitations: []": "version: expected 1, found 2",
    b"version: true\ncitations: []": "version: expected a whole number",
    b"version: 1\ncitations: []\nmore: 1": "unknown field 'more'",
    b"version: 1\ncitations: []\ndraft: {sha256: xyz}": "sha256: expected 64 lowercase hex digits",
    b"version: 1\ncitations: []\ndraft: {characters: -1}": "characters: expected a whole number from 0 up",
    b"version: 1\nversion: 1\n": "not YAML: found duplicate key",
    b"version: 1\ncitations: [": "line 2, column 13: not YAML",
    b"a: &x [1]\nb: *x\n": "aliases",
    b"version: 1\ncitations: !!python/object:os.system x": "expected a list",
    b"\xff": "not UTF-8 at byte 0",
    b"a: \x00": "not YAML",
    b"version: 1\ncitations:\n- {id: a, kind: tweet}\n- {id: a, kind: tweet}": "line 4, .*: id 'a' is used twice",
    b"version: 1\ncitations:\n- {id: 'a b', kind: tweet}": "id: expected 1 to 64 of",
    b"version: 1\ncitations:\n- {kind: tweet}": "id: expected a text, found nothing",
    b"x" * (9 << 20): "at most",
}


@pytest.mark.parametrize("raw", WRONG_FILES, ids=range(len(WRONG_FILES)))
def test_a_file_that_is_no_list_is_refused(raw: bytes) -> None:
    with pytest.raises(FormatError, match=WRONG_FILES[raw]):
        decode(raw)


def test_all_mistakes_are_told_at_once_and_a_flood_is_cut() -> None:
    rows = "".join(f"  - {{id: c{n}, kind: no}}\n" for n in range(30))
    with pytest.raises(FormatError) as caught:
        decode(f"version: 1\ncitations:\n{rows}".encode())
    assert caught.value.message.count("expected one of tweet") == 20
    assert "and 10 more" in caught.value.message


def test_the_worked_example_of_this_repository_is_read() -> None:
    path = Path(__file__).parents[3] / "manifests" / "iraq-attacks-2021" / "citations.yaml"
    found = decode(path.read_bytes())
    assert len(found.citations) == 14
    off = [
        one.id
        for one in found.citations
        if one.date_stated and one.date_found and one.date_stated.iso != one.date_found.iso
    ]
    assert {"S05", "S06", "S08", "S14"} <= set(off)
    assert sum(len(one.candidates) for one in found.citations) >= 20
