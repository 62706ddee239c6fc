"""Gzip members wherever a read of the file ends."""

import gzip
from io import BytesIO

import pytest

from archiver.formats.warc_walk import walk
from tests.support.warcs import digest, fields, packed, record, whole


@pytest.mark.parametrize("before_end", [1, 5, 40, 100, 150])
def test_a_head_that_lies_across_two_reads_of_a_gzip_file_is_whole(before_end: int) -> None:
    def first(size: int) -> bytes:
        """Give a member of a record that holds so much; it is stored, so that its length grows with the block's."""
        content = bytes(size)
        given = fields("resource", 1, WARC_Block_Digest=digest(content), Content_Type="x/y")
        return gzip.compress(record(given, content), 0, mtime=0)

    wanted = (1 << 20) - before_end
    size = wanted - 1_000
    while len(first(size)) < wanted:
        size += wanted - len(first(size))
    while len(first(size)) > wanted:
        size -= 1
    assert len(first(size)) == wanted
    found = list(walk(BytesIO(first(size) + packed(whole(1)[1:]))))
    assert [(one.type, one.problems, one.lost) for one in found] == [("resource", (), False), ("response", (), False)]
    assert found[1].offset == wanted
