from dataclasses import replace

from archiver.formats.citations import decode
from archiver.formats.citations_edit import revise
from archiver.model.citation import Citation, Kind, Speaker
from archiver.model.digest import Digest

RAW = b"""\
# The case of the harbour.
version: 1
citations:
  # found by a colleague
  - id: b
    note: first  # ask again
    kind: letter
  - kind: tweet
    id: a
    speaker: {name: Jane Smith}
"""


def test_comments_the_order_of_citations_and_of_fields_stay() -> None:
    known = decode(RAW)
    letter, tweet = known.citations
    new = Citation(id="c01", kind=Kind.REPORT, note="new")
    changed = replace(known, citations=(replace(letter, kind=Kind.REPORT), new, replace(tweet, language="en")))
    raw = revise(RAW, changed)
    assert decode(raw) == changed
    text = raw.decode()
    for kept in ("# The case of the harbour.", "# found by a colleague", "# ask again"):
        assert kept in text
    assert text.index("note: first") < text.index("kind: report")
    assert text.index("kind: tweet") < text.index("id: a")


def test_a_file_that_says_the_same_is_left_byte_for_byte() -> None:
    assert revise(RAW, decode(RAW)) == RAW


def test_fields_and_citations_that_are_gone_are_taken_out_and_the_draft_is_put_in() -> None:
    known = decode(RAW)
    changed = replace(
        known,
        citations=(replace(known.citations[1], speaker=Speaker(name="J. Smith", role="minister")),),
        draft_name="d.txt",
        draft_digest=Digest("0" * 64),
        draft_characters=7,
    )
    raw = revise(RAW, changed)
    assert decode(raw) == changed
    assert b"letter" not in raw


def test_a_comment_behind_a_citation_written_on_one_line_goes_with_it() -> None:
    raw = b"version: 1\ncitations:\n- {id: a, kind: letter} # mine\n- {id: b, kind: tweet}\n"
    known = decode(raw)
    new = Citation(id="c", kind=Kind.REPORT)
    revised = revise(raw, replace(known, citations=(new, *known.citations)))
    assert decode(revised).citations[0] == new
    line = next(line for line in revised.decode().splitlines() if "# mine" in line)
    assert "id: a" in line


def test_a_file_without_citations_yet_takes_them() -> None:
    raw = b"version: 1\ncitations:\n"
    found = replace(decode(raw), citations=(Citation(id="c01", kind=Kind.LETTER),))
    assert decode(revise(raw, found)) == found
