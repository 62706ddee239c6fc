"""What is fetched besides a page: labelled as such, bounded, and whatever fails is told."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.capture.besides import REDIRECT_AGAIN, Besides
from archiver.capture.direct import DirectClient
from archiver.capture.exchange import Exchange, Recording
from archiver.capture.guard import Guard
from archiver.capture.platforms.item import Extra
from archiver.capture.settle import Deadline
from archiver.model.evidence import Role
from archiver.model.instant import Instant
from tests.support.source_site import SourceSite, serve_sources
from tests.unit.capture.conftest import TickingClock


@pytest.fixture(scope="module")
def own() -> Iterator[SourceSite]:
    with serve_sources() as serving:
        yield serving


def besides(folder: Path, *, allow_private: bool = True, max_bytes: int = 1 << 20, seconds: float = 20) -> Besides:
    client = DirectClient(
        guard=Guard(allow_private=allow_private),
        clock=TickingClock(),
        scratch=folder,
        max_bytes=max_bytes,
        user_agent="Agent/1",
        locale="ar-IQ",
    )
    return Besides(client, deadline=Deadline(seconds), scratch=folder)


def hop(url: str, **changes: object) -> Exchange:
    fields: dict[str, object] = {
        "url": url,
        "method": "GET",
        "request_headers": (
            ("User-Agent", "Chrome/1"),
            ("Cookie", "a=b"),
            ("Host", "wrong.example"),
            ("Range", "bytes=5-"),
        ),
        "status": 302,
        "status_text": "Found",
        "headers": (("Location", "/older"),),
        "started_at": Instant(0),
        "resource_type": "Document",
        "body_form": "none",
        "how": "Fetch",
        "truncated": "unspecified",
        "is_main_document": True,
    }
    return Exchange(**(fields | changes))  # type: ignore[arg-type] # as given


async def test_a_redirect_is_asked_again_for_its_body_once_and_not_followed(tmp_path: Path, own: SourceSite) -> None:
    own.asked.clear()
    one = besides(tmp_path)
    await one.lost(Recording(exchanges=(hop(own.url("/old")),)))
    (again,) = one.exchanges

    assert own.asked == ["/old"]
    assert (again.status, again.how, again.is_main_document) == (302, REDIRECT_AGAIN, False)
    assert again.body is not None
    assert again.body.read_bytes() == b"moved"
    sent = dict(again.request_headers)
    assert (sent["User-Agent"], sent["Cookie"]) == ("Chrome/1", "a=b"), "asked as the browser asked"
    assert "Range" not in sent
    assert "wrong.example" not in sent.values()
    assert (one.unrecorded, one.pieces) == ([], [])


@pytest.mark.parametrize("changes", [{"method": "POST"}, {"truncated": None}, {"is_main_document": False}])
async def test_what_must_not_be_asked_twice_is_not(tmp_path: Path, own: SourceSite, changes: dict[str, object]) -> None:
    own.asked.clear()
    one = besides(tmp_path)
    await one.lost(Recording(exchanges=(hop(own.url("/old"), **changes),)))

    assert (own.asked, one.exchanges) == ([], [])


async def test_of_very_many_redirects_a_bounded_number_is_asked_again(tmp_path: Path, own: SourceSite) -> None:
    own.asked.clear()
    one = besides(tmp_path)
    await one.lost(Recording(exchanges=tuple(hop(own.url(f"/to?{n}")) for n in range(20))))

    assert len(own.asked) == len(one.exchanges) == 5


async def test_an_extra_is_an_exchange_and_a_file_whatever_its_status(tmp_path: Path, own: SourceSite) -> None:
    one = besides(tmp_path)
    await one.extras(
        [
            Extra(url=own.url("/packed.json"), name="post.json", accept="application/json"),
            Extra(url=own.url("/gone"), name="gone.html"),
            Extra(url=own.url("/old"), name="moved.html"),
        ]
    )

    assert [(piece.role, piece.name, piece.media_type) for piece in one.pieces] == [
        (Role.EXTRA, "extra-post.json", "application/json"),
        (Role.EXTRA, "extra-gone.html", "text/html"),
        (Role.EXTRA, "extra-moved.html", "text/html"),
    ]
    assert one.pieces[0].path.read_bytes() == b'{"a": 1}', "content-decoded"
    assert one.pieces[1].made_from == f"HTTP 410 of {own.url('/gone')}"
    assert "قال المتحدث" in one.pieces[2].path.read_text("utf-8"), "where the redirects led to"
    assert [exchange.status for exchange in one.exchanges] == [200, 410, 302, 302, 200]
    assert all(not exchange.is_main_document for exchange in one.exchanges)
    assert one.unrecorded == []


async def test_an_extra_inside_a_private_network_is_refused_and_told(tmp_path: Path, own: SourceSite) -> None:
    own.asked.clear()
    one = besides(tmp_path, allow_private=False)
    await one.extras(
        [Extra(url=own.url("/data.json"), name="inside"), Extra(url="http://169.254.169.254/", name="meta")]
    )

    assert own.asked == []
    assert [refused.reason for refused in one.unrecorded] == [
        "extra inside: 127.0.0.1 is not a public address",
        "extra meta: 169.254.169.254 is a metadata service",
    ]
    assert (one.pieces, one.exchanges) == ([], [])


async def test_an_extra_that_is_too_large_is_cut_and_told_in_its_exchange(tmp_path: Path, own: SourceSite) -> None:
    one = besides(tmp_path, max_bytes=100)
    await one.extras([Extra(url=own.url("/story"), name="large.html")])

    assert [exchange.truncated for exchange in one.exchanges] == ["length"]


async def test_after_the_deadline_every_extra_is_told_and_none_waited_for(tmp_path: Path, own: SourceSite) -> None:
    one = besides(tmp_path, seconds=0.5)
    await one.extras([Extra(url=own.url(f"/hanging?{n}"), name=f"{n}") for n in range(3)])

    assert [told.reason for told in one.unrecorded] == [f"extra {n}: ERR_TIMED_OUT" for n in range(3)]


async def test_of_very_many_extras_the_rest_is_told_and_not_asked(tmp_path: Path, own: SourceSite) -> None:
    own.asked.clear()
    one = besides(tmp_path)
    await one.extras([Extra(url=own.url(f"/data.json?{n}"), name=f"{n}.json") for n in range(30)])

    assert len(own.asked) == len(one.pieces) == 24
    assert [told.reason for told in one.unrecorded] == ["more than 24 extras: not asked"] * 6


async def test_what_was_fetched_besides_is_added_and_nothing_is_lost(tmp_path: Path, own: SourceSite) -> None:
    one = besides(tmp_path)
    await one.extras([Extra(url=own.url("/data.json"), name="a.json"), Extra(url="http://no.invalid/", name="b")])
    before = Recording(exchanges=(hop(own.url("/old")),), chains=(("https://a", (b"x",)),), late_documents=("u",))
    after = one.added(before)

    assert after.exchanges == (*before.exchanges, *one.exchanges)
    assert after.unrecorded == tuple(one.unrecorded) != ()
    assert (after.chains, after.late_documents) == (before.chains, before.late_documents)


async def test_what_is_fetched_besides_shares_one_bound_of_bytes(tmp_path: Path, own: SourceSite) -> None:
    own.asked.clear()
    one = besides(tmp_path, max_bytes=len(b"moved"))
    await one.lost(Recording(exchanges=(hop(own.url("/old")),)))
    await one.extras((Extra(url=own.url("/story"), name="story.html", accept="*/*"),))

    assert own.asked == ["/old"]
    assert [each.reason for each in one.unrecorded] == ["extra story.html: the source's bytes are spent: not asked"]
