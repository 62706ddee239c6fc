"""Pages that open windows, offer files, never come to rest, or have a service worker or very many resources."""

import pytest

from archiver.model.evidence import State
from tests.support.site.windows import MANY
from tests.unit.capture.wire.conftest import Capture, needs
from tests.unit.capture.wire.joined import is_partial, same_payload, unexplained

pytestmark = pytest.mark.browser


def test_windows_that_a_page_opens_are_recorded_with_all_that_they_load(capture: Capture) -> None:
    captured = capture("/popups")
    assert captured.taken.attempt.page is not None
    assert captured.taken.attempt.page.title == "done"
    assert unexplained(captured) == []
    for name in ("by-script", "by-link"):
        for path in (f"/window/{name}", f"/window/{name}.svg", f"/window/asked-{name}"):
            served, kept = captured.pair(path)
            assert same_payload(served, kept), path


def test_a_page_that_never_rests_is_recorded_as_far_as_it_came(capture: Capture) -> None:
    captured = capture("/restless", settle_s=2)
    assert captured.taken.attempt.outcome.state is State.OK
    assert "network_not_quiet" in captured.taken.attempt.limits
    assert unexplained(captured) == []
    for name in ("silent", "silent-picture"):
        assert captured.declared[captured.site.url(f"/stream/{name}")]
    for path in ("/stream/endless", "/stream/half"):
        served, kept = captured.pair(path)
        assert is_partial(served)
        assert (kept.payload, kept.truncated) == (served.sent, "time")


def test_a_page_of_five_hundred_resources_is_recorded_whole(capture: Capture) -> None:
    captured = capture("/many")
    pictures = [pair for pair in captured.pairs() if pair[0].path.startswith("/many/")]
    assert len(pictures) == MANY
    assert all(same_payload(served, kept) for served, kept in pictures)


def test_without_service_workers_their_page_says_that_it_has_none(capture: Capture) -> None:
    captured = capture("/sw/")
    assert captured.taken.attempt.page is not None
    assert str(captured.taken.attempt.page.title).startswith(("failed", "waits"))
    assert unexplained(captured) == []


def test_a_service_worker_and_all_that_goes_through_it_are_recorded(capture: Capture) -> None:
    needs("service_workers")
    captured = capture("/sw/", service_workers="allow")
    assert captured.taken.attempt.page is not None
    assert captured.taken.attempt.page.title == "done"
    assert unexplained(captured) == []
    through = ("worker.js", "through", "instead", "posted", "controlled", "cached", "cached.svg", "through.svg")
    for name in through:
        served, kept = captured.pair(f"/sw/{name}")
        assert same_payload(served, kept), name
        assert kept.request_body == served.request_body


def test_what_a_service_worker_makes_up_is_no_exchange(capture: Capture) -> None:
    needs("service_workers")
    captured = capture("/sw/", service_workers="allow")
    served = {one.id for one in captured.site.log.served}
    assert [one.url for one in captured.warc.exchanges if one.id not in served] == []
    assert "/sw/made-up" not in {one.path for one in captured.site.log.served}
