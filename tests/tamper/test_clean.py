"""Two hundred clean workspaces of random shapes, written by the program's own writers: not one false alarm."""

import html
import json
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archiver.formats.manifest import statement_of
from archiver.formats.wording import Words
from archiver.model.events import Annotation, Custody, CustodyAction, Export, Observation, Presence, Session
from archiver.model.evidence import Capture, Outcome, Reason, State
from archiver.model.provenance import Predicate
from archiver.model.report import Level, Verdict
from archiver.record.append import append, append_all
from archiver.seal.manifest import seal
from archiver.store.source import FolderSource
from archiver.verify.policy import Trust, read_trust
from archiver.verify.run import verify
from tests.support.ledger_kit import (
    BEGIN,
    CASE,
    INVESTIGATOR,
    CaseKit,
    fixed_id,
    fixed_salt,
    make_trust,
    new_case,
    sample_capture,
)
from tests.support.wire_kit import Response, page_capture

_FAST = "/dev/shm" if Path("/dev/shm").is_dir() else None
_WORDS = st.sampled_from(
    ("price", "bread", "“quoted”", "5 €", "it's", "A&B", "<3", "C:\\new", "سعر", "الخبزِ", "می‌خواهم", "گفت:", "٪۵",
     "é", "ﬁne", "😀", "ــ", "naïve", "x\u00a0y", "—", "…", "No.", "0")
)  # fmt: skip
_TEXTS = st.lists(_WORDS, min_size=4, max_size=30).map(" ".join)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How one page was written and what is quoted of it."""

    text: str
    first: int
    last: int
    writing: str
    has_text: bool
    failed: bool
    has_chain: bool

    @property
    def quote(self) -> str:
        words = self.text.split(" ")
        return " ".join(words[self.first % len(words) :][: self.last])

    def response(self) -> Response:
        """Give the page in one of the ways in which pages write words."""
        plain = html.escape(self.text)
        if self.writing == "json":
            return Response(body=json.dumps({"a": [{"text": self.text}]}).encode(), media_type="application/json")
        if self.writing == "script":
            return Response(body=f"<script>x={json.dumps(self.text)}</script>".encode())
        if self.writing == "numbers":
            plain = "".join(f"&#{ord(one)};" if not one.isascii() else html.escape(one) for one in self.text)
        if self.writing == "tags":
            plain = plain.replace(" ", "</b> <i class='x'>")
        return Response(body=f"<html><body><p>{plain}</p></body></html>".encode())


SHAPES = st.builds(
    Shape,
    text=_TEXTS,
    first=st.integers(0, 20),
    last=st.integers(1, 8),
    writing=st.sampled_from(("plain", "json", "script", "numbers", "tags")),
    has_text=st.booleans(),
    failed=st.booleans(),
    has_chain=st.booleans(),
)
EVENTS = st.lists(st.sampled_from(("annotation", "custody", "export", "observation", "session")), max_size=4)


def capture_of(kit: CaseKit, number: int, shape: Shape) -> Capture:
    """Give a capture of this shape, its files stored."""
    made = page_capture(
        kit,
        number,
        (shape.response(), Response(body=b"\x89PNG", url="https://example.org/a.png", media_type="image/png")),
        text=shape.text if shape.has_text else None,
        quotes=(shape.quote,),
        chain=None if shape.has_chain else b"",
    )
    if shape.failed:
        outcome = Outcome(state=State.FAILED, reason=Reason.GONE, rests_on="x")
        made = replace(made, attempt=replace(made.attempt, outcome=outcome))
    return made


def event_of(kind: str, number: int) -> Predicate:
    """Give an event of this kind."""
    identity = fixed_id(number)
    if kind == "annotation":
        return Annotation(id=identity, case=CASE, at=BEGIN, entries=(0,), text="ملاحظة")
    if kind == "custody":
        return Custody(id=identity, case=CASE, at=BEGIN, action=CustodyAction.ACCESS)
    if kind == "export":
        return Export(
            id=identity,
            case=CASE,
            at=BEGIN,
            bundle_name="b",
            checkpoint_size=1,
            withheld=0,
            erased=0,
            failed_withheld=0,
            disclosed=(0,),
        )
    if kind == "observation":
        return Observation(id=identity, case=CASE, at=BEGIN, of=fixed_id(1), url="https://e/", presence=Presence.GONE)
    return Session(id=identity, case=CASE, at=BEGIN, nonce="ab" * 32, tool=sample_capture(1).tool)


def fill(kit: CaseKit, shapes: list[Shape], events: list[str], *, together: bool) -> None:
    """Record captures and events, one append for each or one for all captures."""
    captures = [seal(statement_of(capture_of(kit, at, one)), INVESTIGATOR) for at, one in enumerate(shapes, 1)]
    if together:
        salts = iter([fixed_salt(number) for number in range(len(captures))])
        append_all(kit.book, captures, new_salt=lambda: next(salts))
    else:
        for number, one in enumerate(captures):
            append(kit.book, one, salt=fixed_salt(number))
    for number, kind in enumerate(events, 500):
        append(kit.book, seal(statement_of(event_of(kind, number)), INVESTIGATOR), salt=fixed_salt(number))


def trust_in(folder: Path) -> Trust:
    return read_trust(FolderSource(make_trust(folder / "trust")), origin="test")


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(shapes=st.lists(SHAPES, min_size=1, max_size=4), events=EVENTS, together=st.booleans())
def test_two_hundred_clean_workspaces_of_random_shapes_raise_no_alarm(
    shapes: list[Shape],
    events: list[str],
    together: bool,  # noqa: FBT001 - drawn by hypothesis
) -> None:
    with tempfile.TemporaryDirectory(dir=_FAST) as name:
        folder = Path(name)
        kit = new_case(folder)
        fill(kit, shapes, events, together=together)
        trust = trust_in(folder)
        report = verify(FolderSource(kit.workspace), cases=(CASE,), trust=trust, required=Level.LEDGER)
        assert [one for one in report.checks if one.verdict is Verdict.FAIL] == []
        assert report.verdict is Verdict.PASS
        wire = [one for one in report.checks if one.id == "quote-wire"]
        assert len(wire) == len(shapes), "every quotation was looked for"
        found = [one.verdict is Verdict.PASS for one in wire]
        assert found == [Words(one.quote).telling for one in shapes], "and found, wherever there are words in it"
