"""Drafts of certifications: facts from the records, blanks for persons, limits, and the word draft on every page."""

import io
import re
import zipfile
from pathlib import Path

import pytest
from docx import Document
from lxml import etree

from archiver.app.report import Wanted, read_case
from archiver.export.certificate import KINDS, as_text, draft_of
from archiver.export.certificate_docx import as_docx
from archiver.export.report_facts import CaseReport, report_of
from archiver.export.report_words import LANGUAGES, words_in
from tests.support.report_case import make_report_case, report_on

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> CaseReport:
    case = make_report_case(tmp_path_factory.mktemp("certify"), sources=5, longest_px=1900, hostile=True)
    return report_of(read_case(case.own.workspace, "case-1", home=case.own.home, check=True))


@pytest.mark.parametrize("kind", KINDS)
def test_the_facts_are_those_of_the_records(report: CaseReport, kind: str) -> None:
    told = as_text(draft_of(report, words_in("en"), kind))
    head = report.record.head
    assert report.record.case in told
    assert f"{head.size} entries when this draft was made" in told
    for exhibit in report.exhibits:
        for one in exhibit.attempts:
            assert one.filed.digest.hex in told
            assert str(one.capture.attempt.finished_at) in told


def test_the_process_is_told_with_its_programs_counts_and_clocks(report: CaseReport) -> None:
    told = as_text(draft_of(report, words_in("en"), "902-13"))
    assert "Of 6 recorded attempts, 5 gave the source in whole or in part and 1 failed." in told
    assert "archiver 0.1.0" in told
    assert "Chromium 150.0.7871.100" in told
    assert "Timestamps by others than the one who captured: none recorded." in told
    assert "L0 PASS, L1 PASS, L2 PASS, L3 NOT CHECKED" in told
    assert "Collected by, as the records name it: Mina Karimi." in as_text(
        draft_of(report, words_in("en"), "custodian")
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_personal_knowledge_is_left_blank_and_limits_are_listed(report: CaseReport, kind: str, language: str) -> None:
    draft = draft_of(report, words_in(language), kind)
    told = as_text(draft)
    assert len(re.findall(r"_{20,}", told)) >= 6
    assert len(draft.limits) == 6, "four of every capture, and the two that these records state"
    assert told.count(draft.header) == 2
    assert "{" not in told.replace("{{ 7*7 }}", "")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_page_of_the_docx_says_draft_for_a_lawyer(report: CaseReport, kind: str, language: str) -> None:
    draft = draft_of(report, words_in(language), kind)
    document = Document(io.BytesIO(as_docx(draft)))
    (section,) = document.sections
    assert section.header.paragraphs[0].text == draft.header
    assert draft.header in section.footer.paragraphs[0].text
    assert not section.different_first_page_header_footer
    text = "\n".join(one.text for one in document.paragraphs)
    assert draft.title in text
    assert all(line in text for line in draft.signature)
    (table,) = document.tables
    assert len(table.rows) == len(draft.rows) + 1


@pytest.mark.parametrize("language", ["ar", "fa"])
def test_paragraphs_run_right_to_left_and_recorded_values_do_not(report: CaseReport, language: str) -> None:
    raw = as_docx(draft_of(report, words_in(language), "902-13"))
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        tree = etree.fromstring(archive.read("word/document.xml"))
    paragraphs = [one for one in tree.iter(f"{W}p") if one.findtext(f".//{W}t")]
    assert all(one.find(f"{W}pPr/{W}bidi") is not None for one in paragraphs)
    assert tree.find(f".//{W}tblPr/{W}bidiVisual") is not None
    root = report.record.head.root
    runs = {one.findtext(f"{W}t"): one.find(f"{W}rPr/{W}rtl") is not None for one in tree.iter(f"{W}r")}
    assert runs[f"\u200e{root}\u200e"] is False
    assert sum(runs.values()) > 10


@pytest.mark.parametrize("language", ["ar", "fa"])
def test_dates_after_arabic_words_keep_the_order_of_their_parts(report: CaseReport, language: str) -> None:
    for kind in KINDS:
        document = Document(io.BytesIO(as_docx(draft_of(report, words_in(language), kind))))
        text = "\n".join(one.text for one in document.paragraphs)
        dates = re.findall(r"(.)(\d{4}-\d\d-\d\dT[\d:.]+Z)(.)", text)
        assert dates
        assert {(before, after) for before, _, after in dates if before != " "} == {("\u200e", "\u200e")}
        assert "SHA-256" not in text
        runs = [run.text for one in document.paragraphs for run in one.runs]
        assert "\u200e28 U.S.C. 1746\u200e" in runs, "the law's name is a run of its own, from left to right"


def test_the_docxs_table_has_room_for_addresses_and_its_head_on_each_page(report: CaseReport) -> None:
    (table,) = Document(io.BytesIO(as_docx(draft_of(report, words_in("en"), "902-13")))).tables
    widths = [one.width or 0 for one in table.rows[1].cells]
    assert [one.width for one in table.columns] == widths, "one program reads the grid, another the cells"
    assert widths[2] > 3 * widths[0]
    assert widths[5] > 2 * widths[1]
    rows = [one._tr.get_or_add_trPr() for one in table.rows]
    assert rows[0].find(f"{W}tblHeader") is not None
    assert all(one.find(f"{W}cantSplit") is not None for one in rows)


def test_in_a_text_of_arabic_recorded_values_are_isolated(report: CaseReport) -> None:
    told = as_text(draft_of(report, words_in("ar"), "902-13"))
    assert f"\u2068{report.record.head.root}\u2069" in told


def test_hostile_texts_reach_a_draft_escaped(report: CaseReport) -> None:
    for kind in KINDS:
        raw = as_docx(draft_of(report, words_in("fa"), kind))
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            content = archive.read("word/document.xml").decode()
        assert not set("\u202e\u2067\x00\x1b") & set(content)


def test_drafts_are_written_beside_the_report_where_asked_for(tmp_path: Path) -> None:
    case = make_report_case(tmp_path, sources=1, longest_px=1900)
    made = report_on(case, tmp_path / "out", Wanted(languages=("en", "ar"), certify=True, check=False))
    names = {one.name for one in made.files if one.name.startswith("certification")}
    assert names == {
        f"certification-{kind}-{lang}.{form}" for kind in KINDS for lang in ("en", "ar") for form in ("docx", "txt")
    }


def test_a_case_without_attempts_gives_a_draft_that_says_none(tmp_path: Path) -> None:
    from dataclasses import replace  # noqa: PLC0415 - one test's own

    case = make_report_case(tmp_path, sources=1, longest_px=1900)
    found = report_of(read_case(case.own.workspace, "case-1", home=case.own.home, check=False))
    empty = replace(found, exhibits=(), events=())
    for kind in KINDS:
        told = as_text(draft_of(empty, words_in("en"), kind))
        assert "none recorded" in told
    assert "The records state none." in as_text(draft_of(empty, words_in("en"), "902-13"))
