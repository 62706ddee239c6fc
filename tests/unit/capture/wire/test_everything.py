"""Every exchange of the page of everything is in the WARC with its payload, or the WARC says why not.

The join is the id that the site puts into each response's head. What fails today is left out by name here,
and has a test of its own in ``test_gaps``.
"""

import json
from collections import Counter
from typing import Final

import pytest

from tests.unit.capture.wire.conftest import Captured
from tests.unit.capture.wire.joined import (
    begins_like,
    decoded,
    is_bodiless,
    is_partial,
    is_redirect,
    request_head_problem,
    same_payload,
)

pytestmark = pytest.mark.browser

_LEFT_BY_THE_PAGE: Final = frozenset({"/load/sound.wav"})  # a sound that is not played is read only so far
_CALLED_CUT_OFF: Final = frozenset({"/up/forbidden"})
_RACE: Final = frozenset({"/cut/chunked"})


def test_the_page_did_all_that_it_was_to_do(everything: Captured) -> None:
    page = everything.taken.attempt.page
    assert page is not None
    assert page.title == "done"
    assert len(everything.site.log.served) >= 500
    assert len(everything.site.log.sockets) == 2
    assert {one.protocol for one in everything.site.log.served} == {"h2" if everything.protocol == "h2" else "http/1.1"}
    assert "network_not_quiet" not in everything.taken.attempt.limits


def test_every_exchange_that_the_site_served_is_recorded_or_declared(everything: Captured) -> None:
    kept = {one.id for one in everything.warc.exchanges}
    # A range that is asked for as the recorder ends may be declared instead.
    may_end = {url for url in everything.declared if url.endswith(tuple(_LEFT_BY_THE_PAGE))}
    served = everything.site.log.served
    left_out = [one for one in served if one.status and one.id not in kept and one.url not in may_end]
    silent = [one for one in everything.site.log.served if not one.status and one.url not in everything.declared]
    assert left_out == []
    assert silent == []


def test_nothing_is_recorded_twice_or_was_never_served(everything: Captured) -> None:
    served = {one.id for one in everything.site.log.served} | {one.id for one in everything.site.log.sockets}
    kept = Counter(one.id for one in everything.warc.exchanges)
    assert {one: number for one, number in kept.items() if number > 1 or one not in served} == {}


def test_nothing_is_declared_missing_that_was_recorded_whole(everything: Captured) -> None:
    whole = {
        served.url
        for served, kept in everything.pairs()
        if served.sent_whole and not kept.truncated and served.method != "OPTIONS"
    }
    assert {url for url in everything.declared if url in whole} == set()


def test_each_payload_that_was_sent_whole_is_the_wires_or_that_after_decoding(everything: Captured) -> None:
    wrong = [
        (served, len(kept.payload), kept.truncated, kept.facts.get("how"))
        for served, kept in everything.pairs()
        if not is_partial(served) and not is_redirect(served) and not is_bodiless(served)
        if (not same_payload(served, kept) or kept.truncated) and served.path not in _LEFT_BY_THE_PAGE | _CALLED_CUT_OFF
    ]
    assert wrong == []


def test_what_the_page_left_is_kept_as_far_as_it_came(everything: Captured) -> None:
    for path in _LEFT_BY_THE_PAGE:
        for served, kept in everything.pairs():
            if served.path == path:
                assert kept.payload
                assert begins_like(served, kept)
                assert bool(kept.truncated) is (len(kept.payload) < len(served.plain))


def test_a_media_file_is_recorded_range_by_range(everything: Captured) -> None:
    ranges = [pair for pair in everything.pairs() if pair[0].path == "/load/sound.wav"]
    assert len(ranges) >= 2
    for served, kept in ranges:
        assert kept.status == 206
        assert ("content-range", kept.header("content-range")) in {(a.lower(), b) for a, b in served.headers}


def test_no_payload_is_invented_where_there_is_none(everything: Captured) -> None:
    wrong = [
        (served, len(kept.payload), kept.truncated)
        for served, kept in everything.pairs()
        if is_bodiless(served) and (kept.payload or kept.truncated)
    ]
    assert wrong == []


def test_a_redirect_whose_body_is_not_kept_says_so(everything: Captured) -> None:
    wrong = [
        (served, len(kept.payload))
        for served, kept in everything.pairs()
        if is_redirect(served) and served.plain and not same_payload(served, kept) and not kept.truncated
        if not kept.asked_again
    ]
    assert wrong == []


def test_what_was_cut_off_is_kept_as_far_as_it_came_and_says_so(everything: Captured) -> None:
    partial = [pair for pair in everything.pairs() if is_partial(pair[0]) and not is_redirect(pair[0])]
    wrong = [
        (served, len(kept.payload), kept.truncated)
        for served, kept in partial
        if not begins_like(served, kept) or not kept.truncated
    ]
    assert wrong == []
    assert {"/cut/length", "/cut/chunked", "/cut/picture.svg", "/cut/aborted"} <= {one.path for one, _ in partial}


def test_no_body_is_empty_where_the_wire_had_bytes(everything: Captured) -> None:
    empty = {
        served.target
        for served, kept in everything.pairs()
        if decoded(served) and not kept.payload and not is_redirect(served)
    }
    assert empty - _RACE == set()


def test_a_request_that_the_page_gave_up_before_any_answer_is_declared(everything: Captured) -> None:
    assert everything.declared[everything.site.url("/cut/aborted-early")] == "failed: net::ERR_ABORTED"


def test_each_request_body_is_exact(everything: Captured) -> None:
    wrong = [
        (served, len(served.request_body), len(kept.request_body))
        for served, kept in everything.pairs()
        if served.request_body != kept.request_body
    ]
    assert wrong == []
    assert sum(bool(served.request_body) for served, _ in everything.pairs()) >= 35


def test_each_request_head_has_the_fields_of_the_wire(everything: Captured) -> None:
    told = [pair for pair in everything.pairs() if pair[1].facts.get("request_head", "verbatim") == "verbatim"]
    assert [problem for served, kept in told if (problem := request_head_problem(served, kept))] == []
    assert len(everything.pairs()) - len(told) <= 4  # what a shared worker asks for, and a nested worker's script


def test_a_revalidation_is_recorded_as_the_304_that_it_was(everything: Captured) -> None:
    for path in ("/kept/etag", "/kept/date"):
        first, again = everything.of_path(path)
        assert (first.status, again.status) == (200, 304)
        assert again.payload == b""
        assert not again.truncated
    assert [one.status for one in everything.of_path("/kept/changing")] == [200, 200]


def test_what_the_cache_answered_is_no_exchange(everything: Captured) -> None:
    assert len(everything.of_path("/kept/fresh")) == 1


def test_each_hop_of_a_redirect_is_a_record_with_its_own_head(everything: Captured) -> None:
    for status in (301, 302, 303, 307, 308):
        gets = [kept for one, kept in everything.pairs() if one.target == f"/moved/{status}" and one.method == "GET"]
        assert [(one.status, bool(one.header("location"))) for one in gets] == [(status, True)]
    posts = [served.target for served, kept in everything.pairs() if kept.request_body == b"kept by a 307"]
    assert posts == ["/moved/307", "/moved/308", "/moved/end"]
    for left in range(5, 0, -1):
        assert everything.pair(f"/moved/many?{left}")[1].status == 302


def test_an_event_stream_is_kept_whole_with_the_request_that_ended_it(everything: Captured) -> None:
    first, last = everything.of_path("/stream/events")
    assert (first.status, last.status) == (200, 204)
    assert first.payload == everything.site.log.by_path("/stream/events")[0].plain


def test_the_page_got_what_the_site_sent(everything: Captured) -> None:
    (told,) = everything.site.log.by_path("/got")
    got = json.loads(told.request_body)
    served = {f"{one.method} {one.target}": one for one in everything.site.log.served if not is_redirect(one)}
    answers = {key: answer for key, answer in got.items() if isinstance(answer, list) and key in served}
    wrong = {
        key: (answer, len(served[key].plain))
        for key, answer in answers.items()
        if not is_bodiless(served[key]) and answer[1:] != [len(served[key].plain), served[key].plain_digest]
    }
    assert wrong == {}
    assert len(answers) >= 150
    port = everything.site.origins.port
    refused = {f"GET {port}/up/forbidden", f"PUT {port}/up/refused"}
    cut = {"GET /cut/length", "GET /cut/chunked", "GET /cut/gzip"}
    assert {key for key, answer in got.items() if isinstance(answer, str)} == refused | cut
