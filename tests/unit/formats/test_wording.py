"""What counts as the same words, where they stand, and how far a payload is read for them."""

import gzip
import time
import zlib

import pytest

from archiver.formats.json_path import path_at
from archiver.formats.layers import Layer, entities, unescaped, without_tags
from archiver.formats.payload import LIMIT_BYTES, read_payload
from archiver.formats.wording import Folded, Found, Words, script
from archiver.model.errors import FormatError


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (r"a\u0041\x42\n\"\/\\\u{1F600}", 'aAB\n"/\\\U0001f600'),
        (r"\ud83d\ude00", "\U0001f600"),
        (r"\ud83d\u0041 \udc00 \u{FFFFFF} \ud83dx", "\ufffdA \ufffd \ufffd \ufffdx"),
        (r"\d800\udd00 \u00e9\ude00", "d800\ufffd \u00e9\ufffd"),
        ("\\uzz \\", "\\uzz \\"),
        ("plain", "plain"),
    ],
)
def test_escapes_of_json_and_javascript_are_undone_and_what_is_none_stays(written: str, text: str) -> None:
    assert Layer(unescaped(written)).text == text


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("<p>a &amp; b</p>", "\na & b\n"),
        ("a<!-- <p>x --> b", "a\n b"),
        ("a<!-- never closed", "a\n"),
        ("a<script>if (1<2) x</script>b", "a\nb"),
        ("a<SCRIPT>never closed", "a\n"),
        ("<template><p>x</p></template>b", "\nb"),
        ("<template><", "\n"),
        ("<a title=\"x > y\" b='>'>z</a>", "z"),
        ('<a title="never closed>z', "z"),
        ("<a never closed", ""),
        ("1 < 2 <3", "1 < 2 <3"),
        ("<!DOCTYPE html><?xml x?>a", "\n\na"),
        ("<!never closed", "\n"),
        ("<![CDATA[a]]>", "\na]]>"),
        ("&lt;b&gt; &#1605; &#x645; &nosuch; &", "<b> م م &nosuch; &"),
    ],
)
def test_markup_goes_and_the_text_stays(written: str, text: str) -> None:
    layer = Layer(without_tags(written))
    assert layer.text == text


def test_scripts_stay_where_that_is_asked() -> None:
    assert Layer(without_tags("<script>x<b>y</b></script>", scripts=True)).text == "\nxy\n"


def test_every_place_leads_back_to_where_it_was_written() -> None:
    written = "ab&amp;c<i>d</i>\\u0041"
    top = Layer(without_tags(written))
    assert [written[slice(*top.below(at, at + 1))] for at in range(6)] == ["a", "b", "&amp;", "c", "d", "\\"]
    assert written[slice(*top.below(1, 4))] == "b&amp;c"


@pytest.mark.parametrize(
    "hostile", ["<" * 200_000, "<!--" * 100_000, '<a "' * 100_000, "&" * 300_000, "\\u" * 200_000, "<script>" * 60_000]
)
def test_hostile_markup_is_read_in_time_that_grows_with_its_length(hostile: str) -> None:
    begin = time.process_time()
    for read in (without_tags, unescaped, entities):
        Layer(read(hostile))
    assert time.process_time() - begin < 10


def found(quote: str, text: str) -> Found | None:
    return Words(quote).find(Folded(text))


def test_words_are_found_across_white_space_and_marks_and_their_own_place_is_told() -> None:
    text = "x" * 9000 + " He SAID:\n«the  price»"
    hit = found("he said: “the price”", text)
    assert hit is not None
    assert text[hit.start : hit.end] == "He SAID:\n«the  price"
    assert not hit.exact
    exact = found("SAID:", text)
    assert exact is not None
    assert exact.exact


def test_of_many_beginnings_only_a_bounded_number_is_tried() -> None:
    assert found("aaa … zzz", "aaa " * 5000) is None
    assert found("aaa … zzz", "aaa " * 5000 + "zzz") is None, "more than a thousand beginnings before it"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("hello", "Latin"),
        ("سلام", "Arabic"),
        ("", ""),
        ("123", ""),
        ("привет", "Cyrillic"),
        ("日本", "CJK"),
        ("a سلام", "Arabic"),
    ],
)
def test_the_script_is_that_of_most_letters(text: str, name: str) -> None:
    assert script(text) == name


def http(*fields: str, body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\n" + b"".join(f"{one}\r\n".encode() for one in fields) + b"\r\n" + body


CODED = [
    ([], b"abc"),
    (["Content-Encoding: identity"], b"abc"),
    (["Content-Encoding: gzip"], gzip.compress(b"abc")),
    (["Content-Encoding: deflate"], zlib.compress(b"abc")),
    (["Content-Encoding: deflate"], zlib.compress(b"abc")[2:-4]),
    (["Content-Encoding: deflate, gzip"], gzip.compress(zlib.compress(b"abc"))),
    (["Transfer-Encoding: chunked"], b"2\r\nab\r\n1;x=y\r\nc\r\n0\r\n\r\n"),
]


@pytest.mark.parametrize(("fields", "body"), CODED)
def test_a_payload_is_what_its_receiver_saw(fields: list[str], body: bytes) -> None:
    payload = read_payload(http("Content-Type: text/html; charset=utf-8", *fields, body=body))
    assert (payload.content, payload.status, payload.media_type, payload.charset) == (b"abc", 200, "text/html", "utf-8")


@pytest.mark.parametrize(
    ("fields", "body", "why"),
    [
        (["Content-Encoding: zstd"], b"x", "not undone here"),
        (["Content-Encoding: gzip"], b"no gzip", "is damaged"),
        (["Content-Encoding: gzip"], gzip.compress(b"abc")[:-9], "cut off"),
        (["Content-Encoding: gzip"], gzip.compress(bytes(LIMIT_BYTES + 1)), "larger than"),
        (["Transfer-Encoding: chunked"], b"zz\r\n", "chunked coding is damaged"),
        (["Transfer-Encoding: chunked"], b"3\r\nabc\r\n", "chunked coding is damaged"),
    ],
)
def test_what_cannot_be_decoded_is_told(fields: list[str], body: bytes, why: str) -> None:
    with pytest.raises(FormatError, match=why):
        read_payload(http(*fields, body=body))


def test_a_block_without_a_head_s_end_has_no_payload() -> None:
    assert read_payload(b"no head").content == b""
    assert read_payload(b"no head").status == 0


@pytest.mark.parametrize(
    ("content_type", "body", "text", "codec"),
    [
        ("text/html; charset=utf-8", "é".encode(), "é", "utf-8"),
        ("text/html", "é".encode(), "é", "utf-8"),
        ("text/html; charset=windows-1256", "مرحبا".encode("cp1256"), "مرحبا", "windows-1256"),
        (
            "text/html",
            '<meta charset="windows-1256">م'.encode("cp1256"),
            '<meta charset="windows-1256">م',
            "windows-1256",
        ),
        ("text/html; charset=nosuch", b"\xe9", "\xe9", "latin-1"),
        ("text/plain; charset=utf-8", b"\xff\xfea\x00", "\ufeffa", "utf-16-le"),
    ],
)
def test_the_text_is_that_of_the_charset_that_fits(content_type: str, body: bytes, text: str, codec: str) -> None:
    payload = read_payload(http(f"Content-Type: {content_type}", body=body))
    assert payload.is_text
    assert payload.text() == (text, codec)


@pytest.mark.parametrize(
    ("text", "needle", "path"),
    [
        ('{"a":[1,{"b c":"here"}]}', "here", '$.a[1]["b c"]'),
        ('[["x"],["here"]]', "here", "$[1][0]"),
        ('{"a":1,"k":{"z":"here"},"y":2}', "here", "$.k.z"),
        ('{"\\q":"here"}', "here", '$["\\"\\\\q\\""]'),
        ("here, no JSON", "here", ""),
        ("[]]}:,here", "here", "$"),
        ("[" * 600 + "here", "here", "$" + "[0]" * 513),
    ],
)
def test_the_path_of_a_place_in_json(text: str, needle: str, path: str) -> None:
    assert path_at(text, text.index(needle)) == path
