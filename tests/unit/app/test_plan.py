from dataclasses import replace

from archiver.app.capture import plan
from archiver.model.citation import Citation, CitationList, Decision, Kind, Quote
from archiver.model.evidence import Capture, Outcome, Reason, State
from tests.support.ledger_kit import sample_capture

LIST = CitationList(
    citations=(
        Citation(id="c01", kind=Kind.TWEET, url="https://example.org/", quotes=(Quote(text="قال"),)),
        Citation(id="c02", kind=Kind.WEB_PAGE, url="https://example.org/"),
        Citation(id="c03", kind=Kind.STATEMENT),
    )
)


def attempt(number: int, outcome: Outcome, *, url: str = "https://example.org/") -> Capture:
    one = sample_capture(number, url=url)
    return replace(one, attempt=replace(one.attempt, outcome=outcome))


OK = Outcome(state=State.OK)
FAILED = Outcome(state=State.FAILED, reason=Reason.DNS)


def test_everything_with_a_url_is_captured_in_the_order_of_the_draft() -> None:
    work = plan(LIST, (), again=False, retry=False)
    assert [one.citation_id for one in work.targets] == ["c01", "c02"]
    assert work.targets[0].quotes == ("قال",)
    assert work.unlinked == ("c03",)


def test_what_is_recorded_is_not_captured_again_and_neither_is_a_recorded_failure() -> None:
    work = plan(LIST, (attempt(1, OK), attempt(2, FAILED)), again=False, retry=False)
    assert work.targets == ()
    assert (work.recorded, work.failed_before) == (("c01",), ("c02",))


def test_retry_takes_up_the_failed_and_again_takes_up_all() -> None:
    recorded = (attempt(1, OK), attempt(2, FAILED))
    assert [one.citation_id for one in plan(LIST, recorded, again=False, retry=True).targets] == ["c02"]
    assert [one.citation_id for one in plan(LIST, recorded, again=True, retry=False).targets] == ["c01", "c02"]


def test_a_later_failure_does_not_undo_a_capture() -> None:
    work = plan(LIST, (attempt(1, OK), attempt(1, FAILED)), again=False, retry=True)
    assert "c01" in work.recorded


def test_a_citation_whose_url_was_changed_is_captured_anew() -> None:
    work = plan(LIST, (attempt(1, OK, url="https://example.org/old"),), again=False, retry=False)
    assert "c01" in [one.citation_id for one in work.targets]


def test_what_was_erased_is_left_alone_unless_all_is_asked_for_again() -> None:
    erased = CitationList(citations=(replace(LIST.citations[0], decision=Decision.ERASED), LIST.citations[1]))
    for recorded in ((), (attempt(1, FAILED),)):
        work = plan(erased, recorded, again=False, retry=True)
        assert ([one.citation_id for one in work.targets], work.erased) == (["c02"], ("c01",))
    assert [one.citation_id for one in plan(erased, (), again=True, retry=False).targets] == ["c01", "c02"]
