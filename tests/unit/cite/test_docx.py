import io
import zipfile

import pytest

from archiver.cite.find import find
from archiver.cite.read import DOCX, read_draft
from archiver.model.errors import FormatError

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
ARABIC = "قال\u00a0المتحدث سمير الحداد إنّ «می\u200cگوید كذا وكذا» هنا."


def docx(body: str, *, links: str = "", notes: str | None = None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", f"<w:document {W} {R}><w:body>{body}</w:body></w:document>")
        archive.writestr(
            "word/_rels/document.xml.rels",
            f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{links}</Relationships>',
        )
        if notes is not None:
            archive.writestr("word/footnotes.xml", f"<w:footnotes {W}>{notes}</w:footnotes>")
    return out.getvalue()


def paragraph(*runs: str) -> str:
    return "<w:p>" + "".join(f"<w:r><w:t xml:space='preserve'>{run}</w:t></w:r>" for run in runs) + "</w:p>"


def test_a_docx_is_read_paragraph_by_paragraph_with_its_links_and_every_code_point() -> None:
    link = "<w:hyperlink r:id='r1'><w:r><w:t>في </w:t></w:r><w:r><w:t>بيان</w:t></w:r></w:hyperlink>"
    deleted = "<w:del><w:r><w:delText>محذوف</w:delText></w:r></w:del>"
    body = (
        paragraph(ARABIC)
        + f"<w:p>{deleted}<w:r><w:t>قال</w:t><w:tab/></w:r>{link}<w:ins><w:r><w:t> جديد</w:t></w:r></w:ins></w:p>"
    )
    raw = docx(body, links='<Relationship Id="r1" Target="https://a.org/x"/>', notes=paragraph("حاشية https://b.org/y"))
    read = read_draft("d.docx", raw)
    assert read.draft.media_type == DOCX
    assert read.draft.text == f"{ARABIC}\nقال في بيان جديد\nحاشية https://b.org/y\n"
    (first,) = read.links
    assert (first.url, read.draft.text[first.span.start : first.span.end]) == ("https://a.org/x", "في بيان")
    speaker = find(read).citations[0].speaker
    assert speaker is not None
    assert speaker.name == "سمير الحداد"


@pytest.mark.parametrize(
    "raw",
    [
        docx("<w:p>") + b"x",
        b"PK\x03\x04word/document.xml",
        docx("<!-- --><w:p><w:r><w:t>&missing;</w:t></w:r></w:p>"),
        docx(paragraph("a"))[:-30],
    ],
    ids=["not XML", "no ZIP", "an entity", "cut off"],
)
def test_a_docx_that_is_broken_is_refused(raw: bytes) -> None:
    with pytest.raises(FormatError, match=r"d\.docx"):
        read_draft("d.docx", raw)


def test_a_docx_that_unpacks_to_too_much_is_refused() -> None:
    with pytest.raises(FormatError, match="expected at most 64 MiB"):
        read_draft("d.docx", docx(paragraph("a" * (65 << 20))))
