"""What the browser tells of a request becomes exchanges, and what does not add up is declared."""

from typing import Any

from archiver.capture.relay import Peer
from archiver.capture.traffic import Chain, Hop, exchanges, unrecorded
from archiver.model.instant import Instant

URL = "https://news.example/story"


class Nobody:
    """Peers of whom nothing is known."""

    received = 0

    def peer(self, host: str, port: int) -> Peer | None:
        del host, port
        return None

    def expect(self, url: str) -> None:
        del url


def hop(url: str = URL, status: int = 200, **fields: Any) -> Hop:  # noqa: ANN401
    headers = [{"name": name, "value": value} for name, value in fields.pop("headers", {}).items()]
    event = {"request": {"url": url, "method": "GET", "headers": {}}, "responseStatusCode": status}
    return Hop(event=event | {"responseHeaders": headers} | fields, at=Instant(0))


def sent(url: str = URL) -> dict[str, Any]:
    return {"request": {"url": url, "method": "GET"}}


def reasons(chain: Chain) -> list[str]:
    return [one.reason for one in unrecorded(chain, Nobody())]


def test_an_answer_that_was_never_offered_is_declared() -> None:
    chain = Chain(network_id="1", sent=[sent()], received_extra=[{"statusCode": 200, "headers": {}}])
    assert reasons(chain) == ["seen on the network, never offered for recording"]


def test_a_hop_that_was_never_offered_is_declared_though_others_were() -> None:
    chain = Chain(
        network_id="1",
        sent=[sent(), sent()],
        hops=[hop()],
        received_extra=[{"statusCode": 302, "headers": {}}, {"statusCode": 200, "headers": {}}],
    )
    assert reasons(chain) == ["2 responses seen on the network, 1 offered for recording"]


def test_what_was_offered_and_seen_as_often_is_not_declared() -> None:
    chain = Chain(network_id="1", sent=[sent()], hops=[hop()], received_extra=[{"statusCode": 200, "headers": {}}])
    assert reasons(chain) == []
    assert len(list(exchanges(chain, Nobody()))) == 1


def test_an_answer_from_the_cache_is_no_exchange_and_not_declared() -> None:
    chain = Chain(network_id="1", sent=[sent()], hops=[hop()], from_cache=True)
    assert reasons(chain) == []
    assert list(exchanges(chain, Nobody())) == []


def test_a_request_without_any_answer_is_declared() -> None:
    assert reasons(Chain(network_id="1", sent=[sent()])) == ["no response yet"]
    assert reasons(Chain(network_id="1", sent=[sent()], error="net::ERR_ABORTED")) == ["failed: net::ERR_ABORTED"]
    assert reasons(Chain(network_id="1", sent=[sent("data:,x")])) == []


def test_a_revalidation_is_written_as_the_304_that_the_wire_had() -> None:
    chain = Chain(
        network_id="1",
        sent=[sent()],
        hops=[hop(headers={"content-length": "9"})],
        received_extra=[{"statusCode": 304, "headers": {"ETag": '"a"', "Set-Cookie": "a=1\nb=2"}}],
    )
    (one,) = exchanges(chain, Nobody())
    assert (one.status, one.body, one.truncated) == (304, None, None)
    assert one.headers == (("ETag", '"a"'), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"))


def test_a_damaged_verbatim_head_is_not_called_verbatim() -> None:
    damaged = "HTTP/1.1 200 OK\r\nA: 1B: 2\r\n\r\n"
    chain = Chain(
        network_id="1",
        sent=[sent()],
        hops=[hop(headers={"A": "1", "B": "2"})],
        received_extra=[{"statusCode": 200, "headers": {"A": "1"}, "headersText": damaged}],
    )
    (one,) = exchanges(chain, Nobody())
    assert one.verbatim_head is None
    assert one.headers == (("A", "1"), ("B", "2"))


def test_a_post_body_keeps_bytes_that_are_no_text() -> None:
    entry = {"bytes": "AP+ACg=="}
    chain = Chain(network_id="1", sent=[sent()], hops=[hop()], received_extra=[{"statusCode": 200, "headers": {}}])
    chain.hops[0].event["request"] |= {"postDataEntries": [entry], "postData": "\x00\n"}
    (one,) = exchanges(chain, Nobody())
    assert one.request_body == b"\x00\xff\x80\n"
