"""Defects that the page of everything has shown, each with a test of its own: all mended."""

import pytest

from archiver.model.evidence import Method, State
from tests.unit.capture.wire.conftest import UNHEARD, Capture, Captured
from tests.unit.capture.wire.joined import begins_like, is_redirect, request_head_problem, same_payload, unexplained

pytestmark = pytest.mark.browser


def only_on(everything: Captured, *protocols: str) -> None:
    if everything.protocol not in protocols:
        pytest.skip(f"nothing of this over {everything.protocol}")


def test_an_encoded_body_that_was_cut_off_says_so(everything: Captured) -> None:
    served, kept = everything.pair("/cut/gzip")
    assert begins_like(served, kept)
    assert kept.truncated


def test_an_empty_chunked_body_is_not_called_lost(everything: Captured) -> None:
    only_on(everything, "http", "tls")
    assert everything.site.url("/size/zero-chunked") not in everything.declared


def test_request_heads_of_a_shared_worker_are_exact_or_called_something_else(everything: Captured) -> None:
    wrong = [
        served.target
        for served, kept in everything.pairs()
        if request_head_problem(served, kept) and kept.facts.get("request_head", "verbatim") == "verbatim"
    ]
    assert wrong == []


def test_the_head_in_the_record_has_the_order_of_the_wire(everything: Captured) -> None:
    only_on(everything, "http", "tls")
    wrong = [
        served.target
        for served, kept in everything.pairs()
        if kept.facts["head"] == "verbatim"
        if [name.lower() for name, _ in kept.wire_headers] != [name.lower() for name, _ in served.headers]
    ]
    assert wrong == []


def test_every_exchange_tells_its_address(everything: Captured) -> None:
    fields = [(served.target, {name for name, _ in kept.fields}) for served, kept in everything.pairs()]
    assert [path for path, told in fields if "WARC-IP-Address" not in told] == []


def test_every_exchange_tells_its_protocol(everything: Captured) -> None:
    only_on(everything, "http")
    fields = [(served.target, {name for name, _ in kept.fields}) for served, kept in everything.pairs()]
    untold = [path for path, told in fields if "WARC-Protocol" not in told]
    # This site answers with HTTP/1.0 too, so of these no other exchange can tell.
    assert [path for path in untold if not path.endswith(UNHEARD)] == []


def test_every_exchange_over_tls_tells_that_it_was(everything: Captured) -> None:
    only_on(everything, "tls", "h2")
    wrong = [served.target for served, kept in everything.pairs() if ("WARC-Protocol", "tls/1.3") not in kept.fields]
    assert wrong == []


def test_a_header_in_utf8_is_the_wires_in_the_record(everything: Captured) -> None:
    only_on(everything, "http", "tls")  # over h2 Chromium itself gives it with its last letter lost
    served, kept = everything.pair("/head/utf8")
    sent = next(value for name, value in served.headers if name.lower() == "x-name")
    # Read by the tests as Latin-1, in which the last byte of it is a space to be stripped.
    assert (kept.header("x-name") or "").rstrip() == sent.rstrip()


def test_a_status_line_without_a_reason_is_exact(everything: Captured) -> None:
    only_on(everything, "http", "tls")
    for path in ("/head/no-reason", "/status/503"):
        served, kept = everything.pair(path)
        assert kept.wire_head == served.head or kept.facts["head"] != "verbatim"


def test_bodies_that_end_at_once_in_a_reset_are_kept_as_far_as_they_came_or_asked_again(capture: Capture) -> None:
    captured = capture("/cuts")
    cuts = [pair for pair in captured.pairs() if pair[0].path.startswith("/cuts/")]
    first = [(served, kept) for served, kept in cuts if not kept.asked_again]
    assert len(first) == 30
    assert [(served, len(kept.payload)) for served, kept in first if not kept.truncated] == []
    again = {served.path: kept for served, kept in cuts if kept.asked_again}
    lost = [served for served, kept in first if not kept.payload]  # a race within the browser: none, as a rule
    assert set(again) <= {served.path for served in lost}
    assert [served for served in lost if served.path not in again and served.url not in captured.declared] == []
    assert [path for path, kept in again.items() if not kept.payload] == []


def test_a_page_can_read_and_leave_a_slow_body_while_it_is_recorded(capture: Capture) -> None:
    captured = capture("/held", settle_s=2)
    assert captured.taken.attempt.page is not None
    assert captured.taken.attempt.page.title == "left"
    served, kept = captured.pair("/stream/held")
    assert kept.payload
    assert begins_like(served, kept)
    assert kept.truncated


def test_a_small_body_that_comes_slowly_reaches_the_page_and_is_kept(capture: Capture) -> None:
    captured = capture("/slow-picture")
    assert captured.taken.attempt.page is not None
    assert captured.taken.attempt.page.title == "shown"
    served, kept = captured.pair("/slow/picture.svg")
    assert same_payload(served, kept)
    assert not kept.truncated
    assert captured.site.url("/slow/picture.svg") not in captured.declared


def test_a_redirect_that_was_asked_again_is_kept_with_its_body(everything: Captured) -> None:
    only_on(everything, "http")  # the direct client trusts no certificate of nobody's
    again = [(served, kept) for served, kept in everything.pairs() if kept.asked_again and is_redirect(served)]
    assert len(again) == 1
    served, kept = again[0]
    assert kept.payload == served.sent


def test_a_small_slow_document_is_kept_while_the_page_loads_much_else(capture: Capture) -> None:
    served, kept = capture("/slow").pair("/slow/document")
    assert same_payload(served, kept)
    assert not kept.truncated


def test_an_answer_that_the_page_may_not_read_is_kept_whole(everything: Captured) -> None:
    served, kept = everything.pair("/up/forbidden")
    assert same_payload(served, kept)
    assert not kept.truncated


def test_a_page_with_files_to_save_is_kept_as_the_page_that_it_is(capture: Capture) -> None:
    captured = capture("/downloads")
    assert captured.taken.attempt.method is Method.BROWSER
    assert captured.taken.attempt.outcome.state is State.OK
    assert captured.pair("/window/story.svg")


def test_files_that_a_page_offers_are_recorded_whole(capture: Capture) -> None:
    captured = capture("/downloads")
    assert unexplained(captured) == []
    for path in ("/window/attachment", "/window/saved"):
        served, kept = captured.pair(path)
        assert same_payload(served, kept), path
        assert not kept.truncated
