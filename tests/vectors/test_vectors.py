"""Exact bytes give exactly this, or are refused. A golden file that changes is a format that changed: on purpose?"""

import json
from pathlib import Path
from typing import Any

import pytest

from archiver.formats import canonical, envelope
from archiver.model.errors import FormatError
from archiver.proof.merkle import EMPTY_ROOT, Frontier, leaf_hash, root
from tests.vectors.regenerate import FOLDER, golden

HERE = Path(__file__).parent
MERKLE: dict[str, Any] = json.loads((HERE / "merkle.json").read_text())
CANONICAL: list[dict[str, Any]] = json.loads((HERE / "canonical.json").read_text(encoding="utf-8"))["cases"]


def test_the_loaders_found_their_cases() -> None:
    assert len(MERKLE["roots"]) == len(MERKLE["leaves"]) == 8
    assert len(CANONICAL) >= 14
    assert {case["accepted"] for case in CANONICAL} == {True, False}
    assert len(list(FOLDER.iterdir())) == len(golden()) >= 6


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_that_every_implementation_gives(size: int) -> None:
    leaves = [leaf_hash(bytes.fromhex(one)) for one in MERKLE["leaves"][:size]]
    edge = Frontier()
    for leaf in leaves:
        edge = edge.append(leaf)
    assert root(leaves).hex() == edge.root().hex() == MERKLE["roots"][size - 1]
    assert EMPTY_ROOT.hex() == MERKLE["empty"]


@pytest.mark.parametrize("case", CANONICAL, ids=[case["name"] for case in CANONICAL])
def test_canonical_json_is_accepted_and_all_else_refused(case: dict[str, Any]) -> None:
    raw = case["raw"].encode("utf-8", "surrogatepass")
    if case["accepted"]:
        assert canonical.encode(canonical.decode(raw, what="x")) == raw
    else:
        with pytest.raises(FormatError):
            canonical.decode(raw, what="x")


@pytest.mark.parametrize("name", list(golden()))
def test_golden_files_regenerate_byte_for_byte(name: str) -> None:
    assert golden()[name] == (FOLDER / name).read_bytes(), (
        "python -m tests.vectors.regenerate, if the format changed on purpose"
    )


def test_the_example_of_the_dsse_specification() -> None:
    assert (
        envelope.pae("http://example.com/HelloWorld", b"hello world")
        == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )
