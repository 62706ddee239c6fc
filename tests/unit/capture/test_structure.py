"""The structure of a page is read whatever stands in it: bounded, and never raising."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.capture.structure import (
    Answer,
    Structure,
    dig,
    listed,
    objects,
    parsed,
    read_structure,
    word_of,
)

URL = "https://news.example/story"
DEEP = "[" * 100_000


def read(dom: str = "", **seen: object) -> Structure:
    return read_structure(requested_url=URL, final_url=URL, dom=dom, **seen)  # type: ignore[arg-type]


def test_heads_are_found_in_any_case_of_letters() -> None:
    seen = read(headers=(("Retry-After", " 120 "), ("retry-after", "9")))
    assert seen.header("retry-after") == "120"
    assert seen.header("server") is None


def test_fields_and_links_of_the_page_are_found() -> None:
    seen = read(
        '<html><head><meta property="og:type" content=" article "><meta name="robots" content="noindex">'
        '<link rel="canonical" href="https://news.example/a"></head><body>خبر</body></html>'
    )
    assert (seen.meta("og:type"), seen.meta("robots"), seen.meta("title")) == ("article", "noindex", None)
    assert (seen.link("canonical"), seen.link("next")) == ("https://news.example/a", None)
    assert seen.select("string(//body)") == []
    assert seen.select("//body[contains(., $word)]/text()", word="خبر") == ["خبر"]


@pytest.mark.parametrize("dom", ["", "  \n", "<!-- nothing -->", "\x00", "<!DOCTYPE html>"])
def test_a_page_of_nothing_has_nothing(dom: str) -> None:
    seen = read(dom)
    assert seen.select("//p") == []
    assert (seen.meta("a"), seen.link("a"), seen.state("a"), seen.assigned("a")) == (None, None, None, None)
    assert [*seen.embedded(), *seen.linked_data(), *seen.inline_scripts()] == []


def test_a_value_that_xml_cannot_hold_finds_nothing() -> None:
    assert read("<p>.</p>").select("//p[. = $value]", value="\x00") == []


@pytest.mark.parametrize(
    "dom", ["<p>a\x00b\x0cc\ud800<i id='q'>.</i>", "<?xml version='1.0' encoding='utf-16'?><i id='q'>"]
)
def test_characters_that_xml_cannot_hold_do_not_end_the_page(dom: str) -> None:
    assert read(dom).select("//i/@id") == ["q"]


def test_a_page_that_is_nested_too_deep_is_seen_as_far_as_it_can_be() -> None:
    seen = read("<i id='first'>.</i>" + "<div>" * 200_000 + "<i id='deep'>")
    assert seen.select("//i/@id") == ["first"]


def test_a_page_is_read_up_to_a_bound() -> None:
    seen = read("<i id='first'></i>" + "<b>.</b>" * 1_300_000 + "<i id='late'></i>")
    assert seen.select("//i/@id") == ["first"]


def test_state_is_read_from_the_script_of_its_id() -> None:
    seen = read('<script id="a" type="application/json">{"خ": [1]}</script><script id="b">{broken</script>')
    assert seen.state("a") == {"خ": [1]}
    assert seen.state("b") is None
    assert list(seen.embedded()) == [{"خ": [1]}]


@pytest.mark.parametrize(
    "code",
    [
        'var NAME = {"a": "}{;"};x={}',
        'window["NAME"] = {"a": "}{;"};',
        'window[\'NAME\']={"a": "}{;"}',
        'if (NAME == null) {} NAME = {broken}; NAME = {"a": "}{;"}',
    ],
)
def test_state_is_read_from_what_a_script_assigns(code: str) -> None:
    assert read(f"<script>{code}</script>").assigned("NAME") == {"a": "}{;"}


@pytest.mark.parametrize(
    "code",
    [
        "NAME = null; other = {}",
        "NAME = {unquoted: 1}",
        'OTHERNAME_ = {"a": 1}',
        'NAME = {"a": ' + DEEP,
        "NAME={" * 50 + '"a":1}',
        'NAME == {"a": 1}',
    ],
)
def test_what_is_not_assigned_as_json_is_not_read(code: str) -> None:
    assert read(f"<script>{code}</script><script src='x.js'>NAME = {{}}</script>").assigned("NAME") is None


@pytest.mark.parametrize("text", ["", "{", DEEP, "1" * 5_000, '"' + "a" * 4_000_001 + '"', "nul"])
def test_what_is_no_json_or_too_much_is_none(text: str) -> None:
    assert parsed(text) is None


def test_objects_are_given_outer_ones_first_and_up_to_a_bound() -> None:
    assert list(objects({"a": [{"b": 1}, {"c": {"d": 2}}]})) == [
        {"a": [{"b": 1}, {"c": {"d": 2}}]},
        {"b": 1},
        {"c": {"d": 2}},
        {"d": 2},
    ]
    assert sum(1 for _ in objects([{} for _ in range(300_000)])) < 200_001
    deep: object = {}
    for _ in range(50_000):
        deep = {"a": deep}
    assert sum(1 for _ in objects(deep)) == 50_001


def test_digging_finds_what_is_there_and_nothing_else() -> None:
    value = {"a": [{"b": 1}], "0": 2}
    assert dig(value, "a", 0, "b") == 1
    assert [dig(value, *path) for path in (("a", 1), ("a", -1), ("a", "b"), ("0", 0), (0,), ("x",))] == [None] * 6
    assert (listed(value, "a"), listed(value, "0"), listed(None)) == ([{"b": 1}], [], [])


@pytest.mark.parametrize(
    ("value", "word"), [("Suspended", "Suspended"), ("a b", "?"), ("\ud800", "?"), (7, "?"), ("", "?")]
)
def test_only_a_plain_word_stands_in_a_judgement(value: object, word: str) -> None:
    assert word_of(value) == word


@given(st.text(max_size=300))
def test_no_markup_raises(dom: str) -> None:
    seen = read(dom, answers=(Answer(url="", status=0, body=dom),))
    seen.meta("a")
    seen.assigned("a")
    assert isinstance([*seen.linked_data(), *seen.embedded()], list)


@given(
    st.recursive(
        st.none() | st.text(max_size=3) | st.integers(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=3), inner),
    )
)
def test_json_that_was_written_is_read(value: object) -> None:
    assert parsed(json.dumps(value)) == value
    assert all(isinstance(one, dict) for one in objects(value))
