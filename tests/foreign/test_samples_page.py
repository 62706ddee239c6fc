"""The page about the samples of other programs says what is said of them now."""

from pathlib import Path

from tests.foreign.samples import PAGE, page, sample_files


def test_the_page_says_of_every_sample_what_is_said_now(shared_testdata: Path) -> None:
    assert len(sample_files(shared_testdata)) > 170
    assert page(shared_testdata) == PAGE.read_text(encoding="utf-8"), "python -m tests.foreign.samples TESTDATA"
