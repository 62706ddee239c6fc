"""Whole values, made from the model's own annotations, are read back as they were written."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archiver.cite.lists import read_csv, read_urls
from archiver.cite.read import read_draft
from archiver.formats import checkpoint, entry, manifest, note, proof, tiles
from archiver.model.errors import ArchiverError
from archiver.model.instant import Instant
from archiver.model.provenance import Checkpoint, Entry, Note, Opening, Statement, VerifierKey
from archiver.proof.merkle import Frontier, leaf_hash, root
from tests.property.strategies import checkpoints, hashes, instants, names, notes, statements, values

MODERATE = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
numbers = st.integers(0, 2**53 - 1)


@MODERATE
@given(statement=statements())
def test_a_manifest_with_any_fields_set_has_one_form(statement: Statement) -> None:
    raw = manifest.encode(statement)
    assert manifest.decode(raw) == statement
    assert manifest.encode(manifest.decode(raw)) == raw


@MODERATE
@given(when=instants)
def test_a_time_of_any_year_comes_back_equal(when: Instant) -> None:
    assert Instant.parse(str(when)) == when
    assert Instant.parse(when.warc()) == when
    assert Instant.at(when.as_datetime) == when


@MODERATE
@given(found=values(Entry))
def test_an_entry_comes_back_equal(found: Entry) -> None:
    whole = Entry(seq=abs(found.seq), type=found.type, prev=found.prev, commit=found.commit)
    assert entry.decode(entry.encode(whole)) == whole


@MODERATE
@given(found=st.builds(Opening, seq=numbers, path=st.text(max_size=80), salt=hashes))
def test_an_opening_comes_back_equal(found: Opening) -> None:
    assert entry.decode_opening(entry.encode_opening(found)) == found


@MODERATE
@given(head=checkpoints(), signed=notes(), key=st.builds(VerifierKey, name=names, public_key=hashes))
def test_heads_notes_and_keys_come_back_equal(head: Checkpoint, signed: Note, key: VerifierKey) -> None:
    assert checkpoint.decode(checkpoint.encode(head)) == head
    assert note.decode(note.encode(signed)) == signed
    assert note.decode_vkey(note.encode_vkey(key)) == key


@MODERATE
@given(index=st.integers(0, 10**15), path=st.lists(hashes, max_size=20), head=notes())
def test_a_proof_of_inclusion_comes_back_equal(index: int, path: list[bytes], head: Note) -> None:
    found = proof.TlogProof(index=index, hashes=tuple(path), checkpoint=head)
    assert proof.decode(proof.encode(found)) == found


@MODERATE
@given(entries=st.lists(st.binary(max_size=300), max_size=20))
def test_a_tile_of_entries_comes_back_equal(entries: list[bytes]) -> None:
    assert tiles.decode_entries(tiles.encode_entries(tuple(entries)), width=len(entries)) == tuple(entries)


@MODERATE
@given(old=st.integers(0, 70_000), more=st.integers(1, 600))
def test_tiles_hold_each_entry_once_and_the_touched_ones_are_those_that_differ(old: int, more: int) -> None:
    before, after = set(tiles.tiles_for(old)), set(tiles.tiles_for(old + more))
    assert sum(one.width for one in after if one.level is None) == old + more
    assert sum(one.width for one in after if one.level == 1) == (old + more) // 256
    assert len({one.path for one in after}) == len(after)
    assert set(tiles.tiles_touched(old, old + more)) == after - before


@MODERATE
@given(size=st.integers(0, 300))
def test_the_right_edge_gives_the_root_of_the_whole_tree(size: int) -> None:
    leaves = [leaf_hash(b"%d" % number) for number in range(size)]
    edge = Frontier()
    for leaf in leaves:
        edge = edge.append(leaf)
    assert (edge.size, edge.root()) == (size, root(leaves))


READERS: dict[str, Callable[[bytes], object]] = {
    "draft.html": lambda raw: read_draft("draft.html", raw),
    "draft.md": lambda raw: read_draft("draft.md", raw),
    "draft.txt": lambda raw: read_draft("draft.txt", raw),
    "list.csv": read_csv,
    "list.urls": read_urls,
}


@pytest.mark.parametrize("name", READERS)
@MODERATE
@given(raw=st.binary(max_size=300) | st.text("<a href='x'>[](«»)\n\x00ا\u200f#&;", max_size=120).map(str.encode))
def test_a_hostile_draft_gives_a_value_or_an_error_for_people(name: str, raw: bytes) -> None:
    try:
        READERS[name](raw)
    except ArchiverError as error:
        said = error.message
        assert said, "an error says what is wrong"
