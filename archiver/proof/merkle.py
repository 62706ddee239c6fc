"""Merkle trees of RFC 6962 section 2.1 (RFC 9162 section 2.1): roots, inclusion and consistency proofs.

Hashes are raw 32-byte strings. Verification follows RFC 9162 sections 2.1.3.2 and 2.1.4.2, and never
raises: a proof that does not fit is False.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce

EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """Give the hash of a leaf: the prefix 0x00 keeps leaves apart from nodes."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Give the hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaf_hashes: Sequence[bytes]) -> bytes:
    """Give the root over leaf hashes, level by level; that of the empty tree is SHA-256 of nothing."""
    if not leaf_hashes:
        return EMPTY_ROOT
    level = list(leaf_hashes)
    while len(level) > 1:
        paired = [node_hash(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)]
        level = paired + level[len(level) & ~1 :]
    return level[0]


def inclusion(leaf_hashes: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """Give the audit path of the leaf at ``index``, from the leaf up; IndexError outside the tree."""
    if not 0 <= index < len(leaf_hashes):
        raise IndexError(f"leaf {index} of a tree of {len(leaf_hashes)}")
    return _path(leaf_hashes, index, 0, len(leaf_hashes))


def _path(leaves: Sequence[bytes], index: int, start: int, end: int) -> tuple[bytes, ...]:
    if end - start == 1:
        return ()
    middle = start + _split(end - start)
    if index < middle:
        return (*_path(leaves, index, start, middle), root(leaves[middle:end]))
    return (*_path(leaves, index, middle, end), root(leaves[start:middle]))


def inclusions(leaf_hashes: Sequence[bytes], indexes: Sequence[int]) -> Iterator[tuple[bytes, ...]]:
    """Give the audit path of each of these leaves, hashing the tree once; IndexError outside the tree."""
    levels = [list(leaf_hashes)]
    while len(levels[-1]) > 1:
        below = levels[-1]
        paired = [node_hash(below[at], below[at + 1]) for at in range(0, len(below) - 1, 2)]
        levels.append(paired + below[len(below) & ~1 :])
    for index in indexes:
        if not 0 <= index < len(leaf_hashes):
            raise IndexError(f"leaf {index} of a tree of {len(leaf_hashes)}")
        places = ((level, (index >> height) ^ 1) for height, level in enumerate(levels[:-1]))
        # A node without a neighbour is carried up as it is: nothing stands for it in the path.
        yield tuple(level[place] for level, place in places if place < len(level))


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected_root: bytes) -> bool:
    """Say whether this audit path leads from the leaf's hash at ``index`` to the root of a tree of ``size``."""
    if not 0 <= index < size:
        return False
    node, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            found = node_hash(sibling, found)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and found == expected_root


def consistency(leaf_hashes: Sequence[bytes], old_size: int) -> tuple[bytes, ...]:
    """Give the proof that the first ``old_size`` leaves are a prefix; IndexError outside the tree."""
    if not 0 <= old_size <= len(leaf_hashes):
        raise IndexError(f"old size {old_size} of a tree of {len(leaf_hashes)}")
    if old_size in (0, len(leaf_hashes)):
        return ()
    return _subproof(leaf_hashes, old_size, 0, len(leaf_hashes), whole=True)


def _subproof(leaves: Sequence[bytes], old: int, start: int, end: int, *, whole: bool) -> tuple[bytes, ...]:
    if old == end - start:
        return () if whole else (root(leaves[start:end]),)
    split = _split(end - start)
    if old <= split:
        return (*_subproof(leaves, old, start, start + split, whole=whole), root(leaves[start + split : end]))
    rest = _subproof(leaves, old - split, start + split, end, whole=False)
    return (*rest, root(leaves[start : start + split]))


def verify_consistency(old_size: int, old_root: bytes, size: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Say whether the tree of ``old_size`` is a prefix of the tree of ``size`` (RFC 9162 section 2.1.4.2)."""
    if not 0 <= old_size <= size:
        return False
    if old_size == size:
        return not proof and old_root == new_root
    if old_size == 0:
        return not proof and old_root == EMPTY_ROOT
    path = tuple(proof) if old_size & (old_size - 1) else (old_root, *proof)
    return bool(path) and _walk(old_size, size, path) == (old_root, new_root)


def _walk(old_size: int, size: int, path: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """Give the two roots that a consistency path leads to, or None if it is too long or too short."""
    node, last = old_size - 1, size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return None
        if node & 1 or node == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        node, last = node >> 1, last >> 1
    return (old, new) if last == 0 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Frontier:
    """The right edge of a tree: the roots of its perfect subtrees, largest first."""

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def append(self, leaf: bytes) -> "Frontier":
        """Give the frontier with one leaf hash more."""
        hashes, found, size = list(self.hashes), leaf, self.size
        while size & 1:
            found = node_hash(hashes.pop(), found)
            size >>= 1
        return Frontier(size=self.size + 1, hashes=(*hashes, found))

    def root(self) -> bytes:
        """Give the root of the tree."""
        if not self.hashes:
            return EMPTY_ROOT
        return reduce(lambda right, left: node_hash(left, right), reversed(self.hashes))


def _split(size: int) -> int:
    """Give the largest power of two smaller than ``size``."""
    return 1 << (size - 1).bit_length() - 1
