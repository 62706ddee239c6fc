"""A draft's length costs time in proportion: no pattern in it costs more."""

import time

import pytest

from archiver.cite.find import find
from archiver.cite.read import read_draft

PATTERNS = {
    "marks that open": "“",
    "marks that close": "”",
    "straight marks": '" ',
    "cue words": "قال ",
    "marks and cues": "“قال ” ",
    "names": "محمد علي قال إن “لا” ",
    "commas": "وزير، ",
    "English": "He said, “no”, she said. ",
    "signatures": "— A (@b) May 1, 2020\n",
    "dates": "3 May 2020 ",
    "no spaces": "ة",
}


def seconds(text: str) -> float:
    begun = time.process_time()
    find(read_draft("d.txt", text.encode()))
    return time.process_time() - begun


@pytest.mark.parametrize("name", PATTERNS)
def test_four_times_the_length_costs_about_four_times_the_time(name: str) -> None:
    unit = PATTERNS[name]
    find(read_draft("d.txt", unit.encode()))  # the files of words are read once
    short, long = (unit * (size // len(unit.encode())) for size in (30_000, 120_000))
    assert seconds(long) < max(seconds(short), 0.02) * 10
