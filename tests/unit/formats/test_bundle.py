"""``bundle.json`` and the lists of a bag have one form, and every other is refused."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from archiver.formats import bag, bundle, canonical
from archiver.model.bundle import Contents, Counts, Exhibit, OpenedEvent
from archiver.model.errors import FormatError
from archiver.model.evidence import State
from archiver.model.provenance import EntryType

WHOLE = Contents(
    origin="archiver.invalid/00112233445566778899aabbccddeeff",
    size=9,
    export_seq=7,
    exhibits=(
        Exhibit(number=1, seq=2, id="a", citation_id="c03", state=State.OK, files=("salt", "text.txt")),
        Exhibit(number=2, seq=3, id="b", citation_id=None, state=State.FAILED, files=()),
    ),
    events=(
        OpenedEvent(number=1, seq=4, id="c", type=EntryType.TIMESTAMP, files=("salt",)),
        OpenedEvent(number=2, seq=7, id="d", type=EntryType.EXPORT, files=("salt",)),
    ),
    counts=Counts(
        entries=9,
        by_type={EntryType.CAPTURE: 6, EntryType.TIMESTAMP: 2, EntryType.EXPORT: 1},
        disclosed=4,
        withheld=5,
        erased=0,
        failed_disclosed=1,
        failed_withheld=1,
    ),
)
Change = Callable[[dict[str, Any]], object]


def test_what_is_written_is_read_back_to_the_byte() -> None:
    raw = bundle.encode(WHOLE)
    assert bundle.decode(raw) == WHOLE
    assert bundle.encode(bundle.decode(raw)) == raw
    assert list(json.loads(raw)) == ["counts", "events", "exhibits", "export_seq", "origin", "size", "v"]


REFUSED: list[tuple[str, Change]] = [
    ("a field more", lambda one: one.update(x=1)),
    ("another version", lambda one: one.update(v=2)),
    ("a version that is true", lambda one: one.update(v=True)),
    ("a negative size", lambda one: one.update(size=-1)),
    ("a size that is true", lambda one: one.update(size=True)),
    ("no exhibit", lambda one: one.update(exhibits=[])),
    ("an exhibit of another form", lambda one: one["exhibits"].append(1)),
    ("an exhibit with a field more", lambda one: one["exhibits"][0].update(x=1)),
    ("an unknown state", lambda one: one["exhibits"][0].update(state="fine")),
    ("an unknown type", lambda one: one["events"][0].update(type="fine")),
    ("an event with a field more", lambda one: one["events"][0].update(x=1)),
    ("a capture among the events", lambda one: one["events"][0].update(type="capture")),
    ("numbers with a gap", lambda one: one["exhibits"][1].update(number=3)),
    ("entries out of order", lambda one: one["exhibits"][0].update(seq=6)),
    ("an entry that is opened twice", lambda one: one["events"][0].update(seq=3)),
    ("an entry beyond the size", lambda one: one.update(size=7)),
    ("no export", lambda one: one.update(export_seq=4)),
    ("files out of order", lambda one: one["exhibits"][0].update(files=["text.txt", "salt"])),
    ("a file that is a number", lambda one: one["exhibits"][0].update(files=[1])),
    ("a file with a path", lambda one: one["exhibits"][0].update(files=["../x"])),
    ("counts of another form", lambda one: one.update(counts=[])),
    ("a count more", lambda one: one["counts"].update(x=1)),
    ("a count that is true", lambda one: one["counts"].update(erased=True)),
    ("an unknown type that is counted", lambda one: one["counts"]["by_type"].update(fine=1)),
    ("a count that is text", lambda one: one["counts"]["by_type"].update(capture="1")),
]


@pytest.mark.parametrize("change", [one[1] for one in REFUSED], ids=[one[0] for one in REFUSED])
def test_every_other_form_is_refused(change: Change) -> None:
    found = json.loads(bundle.encode(WHOLE))
    change(found)
    with pytest.raises(FormatError):
        bundle.decode(canonical.encode(found))


def test_json_in_another_form_is_refused() -> None:
    with pytest.raises(FormatError, match="canonical form"):
        bundle.decode(bundle.encode(WHOLE) + b"\n")


@pytest.mark.parametrize("path", ["a", "data/exhibits/0001/capture.warc.gz", "A-b_c.1/x"])
def test_a_plain_path_passes(path: str) -> None:
    assert bundle.check_path(path) == path


@pytest.mark.parametrize("path", ["", "/a", "a//b", "../a", "a/.b", "a b", "a\\b", "é", "a" * 201, "a/"])
def test_a_path_that_could_mean_something_else_is_refused(path: str) -> None:
    with pytest.raises(FormatError, match="path in a bundle"):
        bundle.check_path(path)


def test_folders_are_numbered_with_at_least_four_digits() -> None:
    assert bundle.exhibit_folder(7) == "data/exhibits/0007"
    assert bundle.event_folder(12_345) == "data/events/12345"


LISTED = {"data/b": "a" * 64, "data/a": "b" * 64}


def test_a_list_is_sorted_and_read_back() -> None:
    raw = bag.encode_list(LISTED)
    assert raw.startswith(b"b" * 64 + b"  data/a\n")
    assert bag.decode_list(raw, what="list", digits=64) == LISTED


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"x\n",
        b"a" * 64 + b"  data/b\n" + b"b" * 64 + b"  data/a\n",
        b"a" * 64 + b"  data/a\n" + b"b" * 64 + b"  data/A\n",
        b"a" * 64 + b"  data/a",
        b"a" * 64 + b" *data/a\n",
        b"a" * 64 + b"  ../a\n",
        b"a" * 64 + b"  data/%0A\n",
        b"a" * 128 + b"  data/a\n",
        b"A" * 64 + b"  data/a\n",
        b"a" * 64 + "  data/é\n".encode(),
    ],
)
def test_a_list_of_another_form_is_refused(raw: bytes) -> None:
    with pytest.raises(FormatError):
        bag.decode_list(raw, what="list", digits=64)


def test_the_information_about_a_bag_is_read_back() -> None:
    info = bag.BagInfo(software="archiver 1", day="2026-11-26", identifier="x", payload_bytes=5, payload_files=2)
    assert bag.decode_info(bag.encode_info(info)) == info
    with pytest.raises(FormatError, match=r"bag-info\.txt"):
        bag.decode_info(bag.encode_info(info) + b"More: 1\n")
