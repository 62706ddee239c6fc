"""What comes back equal and what proves nothing; any bytes at all are asked of every parser in test_fuzzed.py."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archiver.formats import canonical, citations
from archiver.model.instant import Instant
from archiver.proof.merkle import (
    consistency,
    inclusion,
    leaf_hash,
    root,
    verify_consistency,
    verify_inclusion,
)

MODERATE = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)


@MODERATE
@given(value=JSON)
def test_any_json_of_ours_comes_back_equal(value: canonical.JsonValue) -> None:
    assert canonical.decode(canonical.encode(value), what="x") == value


@MODERATE
@given(micros=st.integers(0, 4_000_000_000_000_000))
def test_a_time_in_milliseconds_comes_back_equal(micros: int) -> None:
    whole = Instant(micros - micros % 1000)
    assert Instant.parse(str(whole)) == whole
    assert Instant.parse(Instant(micros).warc()) == Instant(micros)


@MODERATE
@given(size=st.integers(1, 60), data=st.data())
def test_a_proof_with_one_bit_flipped_proves_nothing(size: int, data: st.DataObject) -> None:
    leaves = [leaf_hash(b"%d" % number) for number in range(size)]
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    path = inclusion(leaves, index)
    assert verify_inclusion(leaves[index], index, size, path, root(leaves))
    flipped = _flip(data, path)
    assert not path or not verify_inclusion(leaves[index], index, size, flipped, root(leaves))
    kept = consistency(leaves, old)
    assert verify_consistency(old, root(leaves[:old]), size, root(leaves), kept)
    assert not kept or not verify_consistency(old, root(leaves[:old]), size, root(leaves), _flip(data, kept))


def _flip(data: st.DataObject, path: tuple[bytes, ...]) -> tuple[bytes, ...]:
    if not path:
        return path
    at = data.draw(st.integers(0, len(path) - 1))
    bit = data.draw(st.integers(0, 255))
    changed = bytearray(path[at])
    changed[bit // 8] ^= 1 << (bit % 8)
    return (*path[:at], bytes(changed), *path[at + 1 :])


@MODERATE
@given(text=st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40))
def test_a_citation_comes_back_code_point_for_code_point(text: str) -> None:
    from archiver.model.citation import Citation, CitationList, Kind, Quote  # noqa: PLC0415 - only here

    made = CitationList(citations=(Citation(id="a", kind=Kind.TWEET, words=text, quotes=(Quote(text=text),)),))
    assert citations.decode(citations.encode(made)) == made
