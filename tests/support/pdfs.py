"""Small PDFs written by hand, good and bad: enough of ISO 32000 for a text on each page."""

import zlib
from collections.abc import Sequence


def make_pdf(texts: Sequence[str], *, size_pt: tuple[int, int] = (300, 200), without: Sequence[int] = ()) -> bytes:
    """Give a PDF with one page for each text; of the pages ``without`` (from 1) the object is missing."""
    operators = [f"BT /F1 18 Tf 20 100 Td ({text}) Tj ET" if text else "" for text in texts]
    return _whole([one.encode() for one in operators], size_pt, without)


def make_slow_pdf(operators: int) -> bytes:
    """Give a small file whose one page takes very long to draw."""
    curve = b"0 0 m 10 300 290 10 300 200 c S "
    return _whole([curve * operators], (300, 200), ())


def _whole(streams: Sequence[bytes], size_pt: tuple[int, int], without: Sequence[int]) -> bytes:
    count = len(streams)
    objects = {
        1: b"<</Type/Catalog/Pages 2 0 R>>",
        2: b"<</Type/Pages/Count %d/Kids[%s]>>" % (count, b" ".join(b"%d 0 R" % (4 + n) for n in range(count))),
        3: b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    }
    for number, stream in enumerate(streams):
        packed = zlib.compress(stream)
        objects[4 + number] = (
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %d %d]/Resources<</Font<</F1 3 0 R>>>>/Contents %d 0 R>>"
            % (*size_pt, 4 + count + number)
        )
        objects[4 + count + number] = b"<</Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (len(packed), packed)
    for page in without:
        objects[3 + page] = b"null"
    out = bytearray(b"%PDF-1.7\n")
    places = {}
    for number, content in objects.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % places[number] for number in sorted(objects))
    out += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)
