from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from archiver.formats.canonical import JsonValue
from archiver.formats.shape import LONGEST_TEXT, MOST_ITEMS, from_json, to_json
from archiver.model.digest import Digest
from archiver.model.errors import FormatError
from archiver.model.evidence import Capture, Outcome, Unrecorded
from tests.support.ledger_kit import sample_capture


def shape(capture: Capture) -> dict[str, JsonValue]:
    found = to_json(capture)
    assert isinstance(found, dict)
    return found


def test_a_value_comes_back_equal() -> None:
    capture = sample_capture(1)
    full = replace(capture, attempt=replace(capture.attempt, seen_not_recorded=(Unrecorded(url="u", reason="r"),)))
    assert from_json(Capture, shape(full), what="x") == full
    assert from_json(Capture, shape(capture), what="x") == capture


def test_what_is_none_or_empty_is_left_out() -> None:
    found = shape(sample_capture(1))
    assert "artifacts" not in found
    attempt = found["attempt"]
    assert isinstance(attempt, dict)
    assert "page" not in attempt


CHANGES: dict[str, tuple[list[str], JsonValue, str]] = {
    "unknown field": (["attempt", "outcome", "colour"], "red", r"x\.attempt\.outcome: unknown field 'colour'"),
    "null": (["citation_id"], None, r"x\.citation_id: expected str, found null"),
    "empty list": (["artifacts"], [], r"x\.artifacts: expected a list with something in it, found \[\]"),
    "no list": (["artifacts"], "a", r"x\.artifacts: expected a list"),
    "no object": (["attempt"], "a", r"x\.attempt: expected an object, found str"),
    "number for text": (["case"], 1, r"x\.case: expected str, found int"),
    "text for number": (["attempt", "settings", "timeout_ms"], "1", r"timeout_ms: expected int, found str"),
    "true for a number": (["attempt", "settings", "timeout_ms"], True, r"timeout_ms: expected int, found bool"),
    "a word that is none": (["attempt", "method"], "magic", r"x\.attempt\.method: expected one of browser, direct"),
    "a time that is none": (["attempt", "started_at"], "yesterday", r"x\.attempt\.started_at: time: expected"),
    "a day that is none": (["attempt", "started_at"], "2026-02-30T00:00:00.000Z", "not a date of the calendar"),
    "a digest that is none": (["tool", "distribution_digest"], "sha1:00", r"distribution_digest: digest: expected"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_wrong_field_is_named_with_its_place(name: str) -> None:
    path, value, told = CHANGES[name]
    found = shape(sample_capture(1))
    place = found
    for key in path[:-1]:
        inner = place[key]
        assert isinstance(inner, dict)
        place = inner
    place[path[-1]] = value
    with pytest.raises(FormatError, match=told):
        from_json(Capture, found, what="x")


def test_a_missing_field_is_named() -> None:
    found = shape(sample_capture(1))
    del found["tool"]
    with pytest.raises(FormatError, match="x: required field 'tool' is missing"):
        from_json(Capture, found, what="x")


def test_a_path_of_this_machine_never_enters_a_manifest() -> None:
    @dataclass(frozen=True)
    class Holder:
        path: Path

    with pytest.raises(TypeError, match="no manifest carries"):
        to_json(Holder(path=Path("/home")))


@pytest.mark.parametrize(
    "text", ["", "00", "sha256:", "sha256:" + "0" * 63, "sha256:" + "G" * 64, "SHA256:" + "0" * 64]
)
def test_a_digest_is_lowercase_sha256_or_refused(text: str) -> None:
    with pytest.raises(FormatError):
        Digest.parse(text)


def test_texts_and_lists_are_bounded_when_written_and_when_read() -> None:
    long = "x" * (LONGEST_TEXT + 1)
    capture = replace(sample_capture(1), citation_id=long)
    with pytest.raises(FormatError, match="expected at most 262144 characters, found 262145"):
        to_json(capture)
    raw = to_json(replace(capture, citation_id="x"))
    assert isinstance(raw, dict)
    with pytest.raises(FormatError, match="citation_id: expected at most 262144 characters"):
        from_json(Capture, raw | {"citation_id": long}, what="predicate")
    many = ("x",) * (MOST_ITEMS + 1)
    with pytest.raises(FormatError, match="expected at most 20000 items, found 20001"):
        to_json(replace(sample_capture(1).attempt.outcome, missing=many))
    with pytest.raises(FormatError, match=r"outcome\.missing: expected at most 20000 items"):
        from_json(Outcome, {"state": "ok", "missing": list(many)}, what="outcome")
