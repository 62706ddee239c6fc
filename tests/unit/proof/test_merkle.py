import pytest

from archiver.proof.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency,
    inclusion,
    inclusions,
    leaf_hash,
    node_hash,
    root,
    verify_consistency,
    verify_inclusion,
)

LEAVES = [leaf_hash(b"leaf %d" % number) for number in range(40)]
SIZES = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 40]


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert root([]) == EMPTY_ROOT == Frontier().root()


def test_leaves_and_nodes_are_hashed_apart() -> None:
    assert leaf_hash(b"") != node_hash(b"", b"")


@pytest.mark.parametrize("size", SIZES)
def test_every_leaf_of_every_tree_is_proven_and_nothing_else(size: int) -> None:
    expected = root(LEAVES[:size])
    for index in range(size):
        path = inclusion(LEAVES[:size], index)
        assert verify_inclusion(LEAVES[index], index, size, path, expected)
        assert not verify_inclusion(LEAVES[index + 1] if index + 1 < 40 else b"x" * 32, index, size, path, expected)
        assert not verify_inclusion(LEAVES[index], index, size, (*path, b"x" * 32), expected)
        assert size == 1 or not verify_inclusion(LEAVES[index], index, size, path[:-1], expected)
        assert size == 1 or not verify_inclusion(LEAVES[index], (index + 1) % size, size, path, expected)
    assert not verify_inclusion(LEAVES[0], size, size, (), expected)
    assert not verify_inclusion(LEAVES[0], -1, size, (), expected)


@pytest.mark.parametrize("size", SIZES)
def test_every_prefix_is_proven_and_no_other_history(size: int) -> None:
    new = root(LEAVES[:size])
    for old_size in range(size + 1):
        old = root(LEAVES[:old_size])
        path = consistency(LEAVES[:size], old_size)
        assert verify_consistency(old_size, old, size, new, path)
        assert not verify_consistency(old_size, b"x" * 32, size, new, path)
        assert not verify_consistency(old_size, old, size, b"x" * 32, path) or old_size == 0
        if path:
            assert not verify_consistency(old_size, old, size, new, path[:-1])
            assert not verify_consistency(old_size, old, size, new, ())
        assert not verify_consistency(old_size, old, size, new, (*path, b"x" * 32)) or size == 0
    assert not verify_consistency(size + 1, new, size, new, ())
    assert not verify_consistency(-1, new, size, new, ())


def test_a_frontier_grows_as_the_tree_does() -> None:
    edge = Frontier()
    for number, leaf in enumerate(LEAVES, 1):
        edge = edge.append(leaf)
        assert edge.size == number
        assert edge.root() == root(LEAVES[:number])


def test_outside_the_tree_there_is_no_proof() -> None:
    for index in (-1, 3):
        with pytest.raises(IndexError):
            inclusion(LEAVES[:3], index)
    with pytest.raises(IndexError):
        consistency(LEAVES[:3], 4)


@pytest.mark.parametrize("size", range(1, 20))
def test_many_paths_at_once_are_those_that_are_found_one_by_one(size: int) -> None:
    leaves = [leaf_hash(b"%d" % number) for number in range(size)]
    many = list(inclusions(leaves, range(size)))
    assert many == [inclusion(leaves, index) for index in range(size)]
    assert all(verify_inclusion(leaves[at], at, size, path, root(leaves)) for at, path in enumerate(many))
    with pytest.raises(IndexError):
        list(inclusions(leaves, [size]))
