"""Trees of any size to 3,000: each proof of any leaf verifies, and with any one bit flipped it does not."""

import hashlib

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archiver.proof.merkle import consistency, inclusion, leaf_hash, root, verify_consistency, verify_inclusion

LARGEST = 3_000
LEAVES = [leaf_hash(b"%d" % number) for number in range(LARGEST)]
SOME = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def flipped(raw: bytes, bit: int) -> bytes:
    changed = bytearray(raw)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def flipped_in(path: tuple[bytes, ...], bit: int) -> tuple[bytes, ...]:
    at = bit // 256 % len(path)
    return (*path[:at], flipped(path[at], bit % 256), *path[at + 1 :])


@SOME
@given(size=st.integers(1, LARGEST), data=st.data())
def test_inclusion_is_proven_and_no_flipped_bit_is(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    bit = data.draw(st.integers(0, (1 << 16) - 1))
    path, head = inclusion(LEAVES[:size], index), root(LEAVES[:size])
    leaf = LEAVES[index]
    assert verify_inclusion(leaf, index, size, path, head)
    assert not verify_inclusion(flipped(leaf, bit % 256), index, size, path, head)
    assert not verify_inclusion(leaf, index, size, path, flipped(head, bit % 256))
    assert not path or not verify_inclusion(leaf, index, size, flipped_in(path, bit), head)
    assert not verify_inclusion(leaf, index, size, (*path, leaf), head)
    assert not path or not verify_inclusion(leaf, index, size, path[:-1], head)


@SOME
@given(size=st.integers(1, LARGEST), data=st.data())
def test_consistency_is_proven_and_no_flipped_bit_is(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size))
    bit = data.draw(st.integers(0, (1 << 16) - 1))
    path = consistency(LEAVES[:size], old)
    before, after = root(LEAVES[:old]), root(LEAVES[:size])
    assert verify_consistency(old, before, size, after, path)
    assert not verify_consistency(old, flipped(before, bit % 256), size, after, path)
    assert not verify_consistency(old, before, size, flipped(after, bit % 256), path)
    assert not path or not verify_consistency(old, before, size, after, flipped_in(path, bit))
    assert not verify_consistency(old, before, size, after, (*path, hashlib.sha256(b"").digest()))


def test_every_leaf_of_every_small_tree_is_proven() -> None:
    for size in range(1, 66):
        head = root(LEAVES[:size])
        for index in range(size):
            assert verify_inclusion(LEAVES[index], index, size, inclusion(LEAVES[:size], index), head)
        for old in range(1, size + 1):
            assert verify_consistency(old, root(LEAVES[:old]), size, head, consistency(LEAVES[:size], old))
