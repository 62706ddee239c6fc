"""Which drafts of certifications go with a report, and how their files are called."""

from collections.abc import Iterator, Sequence

from archiver.export.certificate import KINDS, as_text, draft_of
from archiver.export.certificate_docx import as_docx
from archiver.export.report_facts import CaseReport
from archiver.export.report_words import Words


def certifications(report: CaseReport, languages: Sequence[Words]) -> Iterator[tuple[str, bytes]]:
    """Give each draft's file name and bytes, as DOCX and as text, in each language."""
    for words in languages:
        for kind in KINDS:
            draft = draft_of(report, words, kind)
            name = f"certification-{kind}-{words.language}"
            yield f"{name}.docx", as_docx(draft)
            yield f"{name}.txt", as_text(draft).encode()
