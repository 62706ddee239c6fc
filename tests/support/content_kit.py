"""A case with one page whose words are quoted, and what level L5 says of it."""

from typing import Any

from archiver.formats.manifest import subjects_of
from archiver.model.evidence import Capture
from archiver.model.provenance import Statement
from archiver.model.report import Check, Level, Verdict
from archiver.record.append import append
from archiver.seal.manifest import seal
from archiver.store.source import FolderSource
from archiver.verify.policy import read_trust
from archiver.verify.run import verify
from tests.support.ledger_kit import CASE, INVESTIGATOR, CaseKit, fixed_salt, make_trust
from tests.support.wire_kit import Response, page_capture

SAID = "the price of bread is five euros today"


def record(kit: CaseKit, capture: Capture, number: int = 1) -> None:
    sealed = seal(Statement(subjects=subjects_of(capture), predicate=capture), INVESTIGATOR)
    append(kit.book, sealed, salt=fixed_salt(number))


def everything(kit: CaseKit) -> tuple[Check, ...]:
    folder = kit.workspace.parent / "trust"
    trust = read_trust(FolderSource(folder if folder.is_dir() else make_trust(folder)), origin="test")
    report = verify(FolderSource(kit.workspace), cases=(CASE,), trust=trust, required=Level.CONTENT)
    return report.checks


def checks(kit: CaseKit) -> list[Check]:
    found = everything(kit)
    assert [one for one in found if one.level < Level.TIME and one.verdict is Verdict.FAIL] == []
    return [one for one in found if one.level is Level.CONTENT]


def told(kit: CaseKit) -> dict[str, Verdict]:
    return {one.id: one.verdict for one in checks(kit)}


def page(kit: CaseKit, *bodies: str | Response, text: str | None = "", quote: str = SAID, **more: Any) -> Capture:  # noqa: ANN401 - handed on
    responses = tuple(one if isinstance(one, Response) else Response(body=one.encode()) for one in bodies)
    return page_capture(kit, 1, responses, text=text, quotes=(quote,) if quote else (), **more)


def reason(kit: CaseKit, name: str) -> str:
    return next(one.reason for one in checks(kit) if one.id == name)
