"""WebSockets as the browser tells of them: handshakes, messages in their order, and bounds that hold for all."""

import json
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import pytest

from archiver.capture import sockets as sockets_module
from archiver.capture.relay import Peer
from archiver.capture.sockets import Sockets
from tests.unit.capture.conftest import TickingClock

Event = dict[str, Any]


class Wire:
    """A target's events as DevTools sends them, and the places that connections led to."""

    received = 0

    def __init__(self) -> None:
        self._hearing: dict[str, list[Callable[[Event], None]]] = defaultdict(list)
        self.expected: list[str] = []
        self.sockets = Sockets(clock=TickingClock(), peers=self)
        self.sockets.listen(self)  # type: ignore[arg-type] # hears as a session does

    def on(self, name: str, handler: Callable[[Event], None]) -> None:
        self._hearing[f"Network.{name.removeprefix('Network.')}"].append(handler)

    def peer(self, host: str, port: int) -> Peer | None:
        return Peer(address="192.0.2.7") if (host, port) == ("live.example", 443) else None

    def expect(self, url: str) -> None:
        self.expected.append(url)

    def tell(self, name: str, identity: str = "1", **more: Any) -> None:  # noqa: ANN401 - whatever DevTools says
        for handler in self._hearing[f"Network.{name}"]:
            handler({"requestId": identity, **more})

    def opened(self, identity: str = "1", url: str = "wss://live.example/feed?x=1") -> None:
        self.tell("webSocketCreated", identity, url=url)
        self.tell(
            "webSocketWillSendHandshakeRequest", identity, request={"headers": {"Origin": "https://live.example"}}
        )
        head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\n"
        self.tell(
            "webSocketHandshakeResponseReceived",
            identity,
            response={"status": 101, "statusText": "Switching Protocols", "headers": {}, "headersText": head},
        )

    def frame(self, payload: str, identity: str = "1", *, opcode: int = 1, sent: bool = False) -> None:
        name = "webSocketFrameSent" if sent else "webSocketFrameReceived"
        self.tell(name, identity, response={"opcode": opcode, "mask": sent, "payloadData": payload})

    def reasons(self) -> dict[str, str]:
        return {one.url: one.reason for one in self.sockets.unrecorded()}


def test_a_handshake_is_an_exchange_with_both_heads_and_the_place_it_went_to() -> None:
    wire = Wire()
    wire.opened()
    (exchange,) = wire.sockets.handshakes()

    assert (exchange.url, exchange.method, exchange.status) == ("https://live.example/feed?x=1", "GET", 101)
    assert exchange.request_headers == (("Origin", "https://live.example"),)
    assert exchange.headers == (("Upgrade", "websocket"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"))
    assert (exchange.remote_ip, exchange.remote_port) == ("192.0.2.7", 443)
    assert (exchange.body, exchange.body_form, exchange.resource_type) == (None, "none", "WebSocket")
    assert wire.expected == ["wss://live.example/feed?x=1"], "the relay lets it through"
    assert wire.reasons() == {}


def test_without_the_wires_own_head_the_parsed_one_is_kept_duplicates_too() -> None:
    wire = Wire()
    wire.tell("webSocketCreated", url="ws://other.example:8080/")
    wire.tell(
        "webSocketHandshakeResponseReceived",
        response={"status": 101, "headers": {"Set-Cookie": "a=1\nb=2"}, "requestHeaders": {"Host": "other.example"}},
    )
    (exchange,) = wire.sockets.handshakes()

    assert exchange.url == "http://other.example:8080/"
    assert exchange.headers == (("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"))
    assert exchange.request_headers == (("Host", "other.example"),)
    assert (exchange.verbatim_head, exchange.remote_ip, exchange.remote_port) == (None, None, None)


def test_messages_keep_their_order_direction_kind_and_every_code_point() -> None:
    wire = Wire()
    wire.opened()
    wire.frame("می\u200cخواهیم — 🕊", sent=True)
    wire.frame("AP8=", opcode=2)
    wire.frame("second")
    (log,) = wire.sockets.logs()
    lines = [json.loads(one) for one in log.lines]

    assert [(one["direction"], one["opcode"], one["payload"]) for one in lines] == [
        ("sent", 1, "می\u200cخواهیم — 🕊"),
        ("received", 2, "AP8="),
        ("received", 1, "second"),
    ]
    assert lines[0]["at"] < lines[1]["at"] < lines[2]["at"]
    assert "می\u200cخواهیم" in log.lines[0], "as it is, not as escapes"
    assert not any("\n" in one for one in log.lines)


def test_a_socket_that_nobody_answered_is_declared() -> None:
    wire = Wire()
    wire.tell("webSocketCreated", url="wss://live.example/feed")

    assert list(wire.sockets.handshakes()) == []
    assert wire.reasons() == {"wss://live.example/feed": "WebSocket: the handshake was not answered"}


def test_events_of_a_socket_that_was_never_created_are_passed_over() -> None:
    wire = Wire()
    wire.tell("webSocketWillSendHandshakeRequest", "9", request={})
    wire.tell("webSocketHandshakeResponseReceived", "9", response={"status": 101})
    wire.frame("x", "9")

    assert (list(wire.sockets.handshakes()), wire.sockets.logs(), wire.reasons()) == ([], (), {})


@pytest.mark.parametrize(("bound", "value"), [("_MOST_LINES", 10), ("_MOST_CHARACTERS", 1_000)])
def test_a_flood_over_many_sockets_is_bounded_by_all_of_them_together(
    monkeypatch: pytest.MonkeyPatch, bound: str, value: int
) -> None:
    monkeypatch.setattr(sockets_module, bound, value)
    wire = Wire()
    for number in range(20):
        wire.opened(str(number), f"wss://live.example/{number}")
        for _ in range(5):
            wire.frame("x" * 20, str(number))
    logs = wire.sockets.logs()
    kept = sum(len(one.lines) for one in logs)
    told = sum(int(reason.split()[1]) for reason in wire.reasons().values())

    assert len(logs) == 20
    assert kept <= 10
    assert kept + told == 100, "what is not kept is counted"


def test_very_many_sockets_are_bounded_and_each_beyond_is_declared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets_module, "_MOST_SOCKETS", 3)
    wire = Wire()
    for number in range(50):
        wire.opened(str(number), f"wss://live.example/{number}")
        wire.frame("x", str(number))

    assert len(wire.sockets.logs()) == 3
    assert [url.rpartition("/")[2] for url in wire.reasons()] == ["3", "4", "5", ""]
    assert wire.reasons()[""] == "WebSocket: 44 more beyond the first 3"
    assert all("beyond the first 3" in reason for reason in wire.reasons().values())
    assert len(wire.expected) == 50, "what is not kept still passes: the page is not changed"
