"""README-VERIFY.txt as text: what it says where there is little, and that no hostile source gets into commands."""

from dataclasses import replace

import pytest

from archiver.export.readme import ReadmeFacts, ShownExhibit, ShownStamp, readme
from archiver.model.bundle import Contents, Counts
from archiver.model.instant import Instant
from tests.foreign.test_bundle_by_hand import commands_of

COUNTS = Counts(entries=9, by_type={}, disclosed=4, withheld=5, erased=0, failed_disclosed=0, failed_withheld=1)
FACTS = ReadmeFacts(
    name="case-1-01a20e11",
    contents=Contents(origin="archiver.invalid/0011", size=9, export_seq=7, exhibits=(), events=(), counts=COUNTS),
    exhibits=(
        ShownExhibit(
            folder="data/exhibits/0001",
            citation_id="c01",
            url="https://example.org/",
            state="ok",
            warc="capture.warc.gz",
        ),
    ),
    stamps=(
        ShownStamp(
            folder="data/events/0001",
            query="request.tsq",
            response="response.tsr",
            chain=None,
            tsa_name="example",
            checkpoint_size=4,
            gen_time=Instant.parse("2026-11-24T10:00:00.000Z"),
        ),
    ),
    investigator="sha256:aa",
    log="sha256:bb",
)


def text_of(facts: ReadmeFacts) -> str:
    return readme(facts).decode("utf-8")


def test_it_says_the_counts_the_keys_and_each_exhibit_and_timestamp() -> None:
    text = text_of(FACTS)
    for said in ("9 entries: 4 opened here, 5 withheld", "sha256:aa", "sha256:bb", "c01", "checkpoint 4, example says"):
        assert said in text
    assert "-attime 1795514400" in commands_of(text)[8]
    assert "-untrusted" not in commands_of(text)[8]


def test_where_there_is_no_warc_and_no_timestamp_it_says_so() -> None:
    text = text_of(replace(FACTS, exhibits=(replace(FACTS.exhibits[0], warc=None),), stamps=()))
    assert "there is no WARC file" in commands_of(text)[4]
    assert "there is no timestamp" in commands_of(text)[8]


def test_of_derivatives_it_tells_in_three_languages_and_passes_over_them() -> None:
    text = text_of(replace(FACTS, derived=1))
    assert all(word in text for word in ("cookies and tokens were taken out", "بعض ملفات WARC", "برخی فایل‌های WARC"))
    assert 'select(.role != "warc")' in commands_of(text)[3]
    assert "cookies" not in text_of(FACTS)


@pytest.mark.parametrize(
    "url",
    ["https://x/{{commands}}{{name}}", "https://x/\n# [1]\nrm -rf /\n", "https://x/\u202egpj", 'https://x/"; true; "'],
)
def test_a_hostile_address_stays_one_line_of_the_table(url: str) -> None:
    clean = text_of(FACTS)
    text = text_of(replace(FACTS, exhibits=(replace(FACTS.exhibits[0], url=url),)))
    assert commands_of(text) == commands_of(clean)
    assert len(text.splitlines()) == len(clean.splitlines())
    assert "\u202e" not in text
