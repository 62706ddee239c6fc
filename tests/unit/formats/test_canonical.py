import pytest

from archiver.formats.canonical import JsonValue, decode, decode_loose, encode
from archiver.model.errors import FormatError

GOOD: list[tuple[JsonValue, bytes]] = [
    ({"b": 1, "a": [True, None, "x"]}, b'{"a":[true,null,"x"],"b":1}'),
    ({"ي": "قال", "a": "\u200c"}, '{"a":"\u200c","ي":"قال"}'.encode()),
    ({"\U0001f600": 1, "\ufb33": 2}, '{"\U0001f600":1,"\ufb33":2}'.encode()),  # RFC 8785: by UTF-16 units
    ("\u0007\n", b'"\\u0007\\n"'),
    ([], b"[]"),
    (-(2**53 - 1), b"-9007199254740991"),
]


@pytest.mark.parametrize(("value", "raw"), GOOD)
def test_a_value_has_one_form_and_the_form_one_value(value: JsonValue, raw: bytes) -> None:
    assert encode(value) == raw
    assert decode(raw, what="x") == value


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":1,"a":1}',
        b'{"a": 1}',
        b'{"b":1,"a":2}',
        b"1.0",
        b"1e3",
        b"NaN",
        b"Infinity",
        b"-Infinity",
        b"9007199254740992",
        b"-9007199254740992",
        b"1" * 400,
        b'"\\ud800"',
        b"\xff",
        b"\xc0\xaf",
        b"",
        b"[1,]",
        b'"a',
        b" 1",
        b"1\n",
        b"-0",
        b"01",
        b"[" * 33 + b"]" * 33,
        b"[" * 40_000,
        b'{"a":' * 5000 + b"1" + b"}" * 5000,
        b'"\\u0041"',
        b'"\\/"',
        b"[[" * 20 + b"]]" * 20,
    ],
)
def test_anything_else_is_refused(raw: bytes) -> None:
    with pytest.raises(FormatError):
        decode(raw, what="x")


def test_many_brackets_that_are_not_deep_are_read() -> None:
    raw = encode([{"a": ['[{\\"[{']} for _ in range(40)])
    assert decode(raw, what="x") == [{"a": ['[{\\"[{']} for _ in range(40)]


def test_the_loose_reader_takes_other_forms_but_nothing_that_is_refused_for_its_content() -> None:
    assert decode_loose(b' { "b" : 1 , "a" : [ ] } ', what="x") == {"b": 1, "a": []}
    for raw in (b'{"a":1,"a":2}', b"1.5", b"[" * 100):
        with pytest.raises(FormatError):
            decode_loose(raw, what="x")


def test_size_is_bounded_before_anything_is_read() -> None:
    with pytest.raises(FormatError, match="at most 4 bytes, found 5"):
        decode(b"12345", what="x", limit_bytes=4)


@pytest.mark.parametrize("value", [1.5, {"a": 2.0}, "\ud800", {"\udfff": 1}, 2**53, {1: 2}, object(), [(1, 2)]])
def test_what_has_no_form_is_not_written(value: JsonValue) -> None:
    with pytest.raises(FormatError):
        encode(value)


def test_depth_is_bounded_on_writing_too() -> None:
    value: JsonValue = 1
    for _ in range(40):
        value = [value]
    with pytest.raises(FormatError, match="deeper"):
        encode(value)
