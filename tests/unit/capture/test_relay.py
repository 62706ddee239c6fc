"""The one way out: what no page asked for goes nowhere, addresses are the guard's, bytes have a bound."""

import asyncio
import socket
import struct
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager, suppress
from ipaddress import IPv4Address, IPv6Address

import pytest

from archiver.capture import relay as relay_module
from archiver.capture.guard import Guard, Resolver
from archiver.capture.outward import Outward
from archiver.capture.relay import Peer, Relay
from tests.support.source_site import closed_port

DONE, FORBIDDEN, UNREACHABLE, REFUSED, UNSUPPORTED, UNKNOWN_KIND = 0, 2, 4, 5, 7, 8
GREETING = bytes((5, 1, 0))
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Names:
    """A name server of ours: answers one after another, the last one for ever. Keeps what it was asked."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = [tuple(one) for one in answers]
        self.asked: list[str] = []

    def __call__(self, host: str) -> tuple[str, ...]:
        self.asked.append(host)
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


def unasked(host: str) -> tuple[str, ...]:
    raise AssertionError(f"a number was looked up as a name: {host}")


@contextmanager
def echoing(address: str = "127.0.0.1", *, sends: int = 0) -> Iterator[int]:
    """Serve what sends so many bytes at once, then gives back what it gets; give its port."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET

    def one(near: socket.socket) -> None:
        with near, suppress(OSError):
            near.sendall(b"x" * sends)
            while block := near.recv(1 << 16):
                near.sendall(block)

    def accept(listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=one, args=(listening.accept()[0],), daemon=True).start()

    with socket.create_server((address, 0), family=family) as listening:
        threading.Thread(target=accept, args=(listening,), daemon=True).start()
        try:
            yield listening.getsockname()[1]
        finally:
            listening.shutdown(socket.SHUT_RDWR)


def relay(*, resolver: Resolver = unasked, allow_private: bool = True, max_bytes: int = 1 << 20) -> Relay:
    guard = Guard(allow_private=allow_private, resolver=resolver)
    return Relay(guard=guard, outward=Outward(), max_bytes=max_bytes)


def named(host: str) -> bytes:
    raw = host.encode("latin-1")
    return bytes((5, 1, 0, 3, len(raw))) + raw


def numbered(host: str) -> bytes:
    packed = (IPv6Address if ":" in host else IPv4Address)(host).packed
    return bytes((5, 1, 0, 4 if ":" in host else 1)) + packed


_DIALLED: list[asyncio.StreamWriter] = []


@pytest.fixture(autouse=True)
async def _hang_up() -> AsyncIterator[None]:
    """Close at each test's end what it opened."""
    yield
    while _DIALLED:
        writer = _DIALLED.pop()
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


async def dial(opened: Relay) -> Streams:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(opened.url.rpartition(":")[2]))
    _DIALLED.append(writer)
    return reader, writer


async def ask(opened: Relay, request: bytes, port: int = 80) -> tuple[int, Streams]:
    """Give the relay's reply to a request, and the connection."""
    reader, writer = await dial(opened)
    writer.write(GREETING + request + struct.pack(">H", port))
    assert await reader.readexactly(2) == bytes((5, 0))
    reply = await reader.readexactly(10)
    return reply[1], (reader, writer)


async def test_what_a_page_asked_for_passes_both_ways_and_the_address_is_known() -> None:
    with echoing() as port:
        names = Names(["127.0.0.1"])
        async with relay(resolver=names) as opened:
            opened.expect(f"http://news.example:{port}/story")
            code, (reader, writer) = await ask(opened, named("news.example"), port)
            writer.write("سلام".encode())

            assert code == DONE
            assert await reader.readexactly(8) == "سلام".encode()
            assert opened.peer("news.example", port) == Peer(address="127.0.0.1")
            assert opened.received == 8
            writer.write_eof()
            assert await reader.read() == b""
    assert names.asked == ["news.example"]


async def test_what_no_page_asked_for_is_refused_and_no_name_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay_module, "_EXPECTED_WITHIN_S", 0.1)
    with echoing() as port:
        names = Names(["127.0.0.1"])
        async with relay(resolver=names) as opened:
            opened.expect(f"http://news.example:{port}/")
            refused = [
                (await ask(opened, named("update.googleapis.example"), port))[0],
                (await ask(opened, named("news.example"), port + 1))[0],
                (await ask(opened, named("sub.news.example"), port))[0],
                (await ask(opened, numbered("127.0.0.1"), port))[0],
            ]
    assert refused == [FORBIDDEN] * 4
    assert names.asked == []


async def test_a_page_may_tell_a_moment_after_its_connection_arrived() -> None:
    with echoing() as port:
        async with relay(resolver=Names(["127.0.0.1"])) as opened:
            asking = asyncio.create_task(ask(opened, named("news.example"), port))
            await asyncio.sleep(0.2)
            assert not asking.done()
            opened.expect(f"https://news.example:{port}/late")

            assert (await asking)[0] == DONE


async def test_a_name_server_that_changes_its_answer_changes_nothing() -> None:
    """The guard judges a public address; the answer that would rebind the name to this network is never asked for."""
    names = Names(["93.184.215.14"], ["127.0.0.1"])
    guard = Guard(allow_private=False, resolver=names)
    connected: list[str] = []

    class Watching(Outward):
        async def connect(self, address: str, port: int) -> Streams:
            connected.append(address)
            raise ConnectionRefusedError(port)

    async with Relay(guard=guard, outward=Watching(), max_bytes=1) as opened:
        assert guard.check("http://rebinding.example/") is None
        opened.expect("http://rebinding.example/")
        codes = [(await ask(opened, named("rebinding.example")))[0] for _ in range(3)]

    assert codes == [REFUSED] * 3
    assert connected == ["93.184.215.14"] * 3
    assert names.asked == ["rebinding.example"]


@pytest.mark.parametrize(
    "answer",
    [["127.0.0.1"], ["93.184.215.14", "10.0.0.1"], ["::1"], ["fe80::1%lo"], ["64:ff9b::a00:1"], ["no address"]],
)
async def test_a_name_that_leads_into_a_private_network_is_refused_whole(answer: list[str]) -> None:
    with echoing() as port:
        async with relay(resolver=Names(answer), allow_private=False) as opened:
            opened.expect(f"http://inside.example:{port}/")
            code, _ = await ask(opened, named("inside.example"), port)

            assert code == FORBIDDEN
            assert opened.peer("inside.example", port) == Peer(error="ERR_BLOCKED_BY_LOCAL_NETWORK_ACCESS_CHECKS")


NUMBERS = [
    "127.0.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "017700000001",
    "127.1",
    "127.0.0.1.",
    "0.0.0.0",
    "169.254.169.254",
    "0xa9fea9fe",
    "2852039166",
    "[::1]",
    "localhost",
    "localhost.",
    "LOCALHOST",
    "x.localhost",
]


@pytest.mark.parametrize("host", NUMBERS)
async def test_a_private_address_is_refused_in_whatever_form_it_is_sent(host: str) -> None:
    async with relay(allow_private=False) as opened:
        opened.expect_all()
        assert (await ask(opened, named(host)))[0] == FORBIDDEN


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "169.254.169.254",
        "::1",
        "::",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::7f00:1",
        "2002:7f00:1::",
        "2001:0:7f00:1::",
        "fd00:ec2::254",
        "fe80::1",
        "ff02::1",
    ],
)
async def test_a_private_address_is_refused_as_a_number_too(address: str) -> None:
    async with relay(allow_private=False) as opened:
        opened.expect_all()
        assert (await ask(opened, numbered(address)))[0] == FORBIDDEN


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "fd00:ec2::254", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe"]
)
async def test_metadata_services_are_refused_also_where_private_addresses_are_allowed(address: str) -> None:
    async with relay(allow_private=True) as opened:
        opened.expect_all()
        assert (await ask(opened, numbered(address)))[0] == FORBIDDEN


@pytest.mark.parametrize("form", ["2130706433", "0x7f.1", "0177.0.0.1", "127.0.0.1"])
async def test_a_number_that_a_page_asked_for_is_one_place_however_it_is_written(form: str) -> None:
    with echoing() as port:
        async with relay() as opened:
            opened.expect(f"http://{form}:{port}/")

            assert (await ask(opened, numbered("127.0.0.1"), port))[0] == DONE
            assert (await ask(opened, named(form), port))[0] == DONE
            assert opened.peer(form, port) == opened.peer("127.0.0.1", port) == Peer(address="127.0.0.1")


async def test_ipv6_is_reached_as_a_number_and_in_brackets() -> None:
    with echoing("::1") as port:
        async with relay() as opened:
            opened.expect(f"http://[0:0::1]:{port}/")

            assert (await ask(opened, numbered("::1"), port))[0] == DONE
            assert opened.peer("[::1]", port) == opened.peer("::1", port) == Peer(address="::1")


async def test_the_next_address_is_tried_where_the_first_one_refuses() -> None:
    with echoing("127.0.0.2") as port:
        async with relay(resolver=Names(["127.0.0.1", "127.0.0.2"])) as opened:
            opened.expect(f"http://two.example:{port}/")

            assert (await ask(opened, named("two.example"), port))[0] == DONE
            assert opened.peer("two.example", port) == Peer(address="127.0.0.2")


async def test_a_closed_port_and_an_unknown_name_are_told_apart() -> None:
    def unknown(host: str) -> tuple[str, ...]:
        raise OSError(f"{host}: no such name")

    with closed_port() as port:
        async with relay() as opened, relay(resolver=unknown) as other:
            opened.expect_all()
            other.expect_all()
            assert (await ask(opened, numbered("127.0.0.1"), port))[0] == REFUSED
            assert (await ask(other, named("absent.example"), port))[0] == UNREACHABLE
            assert opened.peer("127.0.0.1", port) == Peer(error="ERR_CONNECTION_REFUSED")
            assert other.peer("absent.example", port) == Peer(error="ERR_NAME_NOT_RESOLVED")
            assert other.peer("nobody.asked", port) is None
            assert other.peer("no host at all", port) is None


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (TimeoutError(), UNREACHABLE, "ERR_CONNECTION_TIMED_OUT"),
        (OSError("no route to host"), UNREACHABLE, "ERR_ADDRESS_UNREACHABLE"),
    ],
)
async def test_an_address_that_does_not_answer_is_told(error: OSError, code: int, told: str) -> None:
    class Away(Outward):
        async def connect(self, address: str, port: int) -> Streams:
            del address, port
            raise error

    guard = Guard(allow_private=True, resolver=unasked)
    async with Relay(guard=guard, outward=Away(), max_bytes=1) as opened:
        opened.expect("http://127.0.0.1/")
        assert (await ask(opened, numbered("127.0.0.1")))[0] == code
        assert opened.peer("127.0.0.1", 80) == Peer(error=told)


async def test_the_bytes_of_a_whole_capture_have_a_bound() -> None:
    with echoing(sends=10_000_000) as port:
        async with relay(max_bytes=3_000_000) as opened:
            opened.expect(f"http://127.0.0.1:{port}/")
            got = 0
            for _ in range(2):
                code, (reader, _) = await ask(opened, numbered("127.0.0.1"), port)
                if code == DONE:
                    with suppress(ConnectionError):
                        while block := await reader.read(1 << 16):
                            got += len(block)

            assert opened.spent
            assert got < 3_000_000 <= opened.received < 3_000_000 + (256 << 10)
            assert (await ask(opened, numbered("127.0.0.1"), port))[0] == FORBIDDEN, "spent: nothing is connected to"


async def test_the_bound_counts_what_all_connections_received() -> None:
    with echoing(sends=400_000) as port:
        async with relay(max_bytes=1_000_000) as opened:
            opened.expect(f"http://127.0.0.1:{port}/")
            readers = [(await ask(opened, numbered("127.0.0.1"), port))[1] for _ in range(4)]
            for reader, writer in readers:
                writer.write_eof()
                with suppress(ConnectionError):
                    await reader.read()

            assert opened.spent


MALFORMED = {
    "nothing": b"",
    "http": b"GET http://127.0.0.1/ HTTP/1.1\r\n" + b"x" * 80,
    "socks4": b"\x04\x01\x00\x50\x7f\x00\x00\x01\x00",
    "cut in the greeting": b"\x05\x09\x00",
    "cut in the request": GREETING + b"\x05\x01",
    "cut in the name": GREETING + bytes((5, 1, 0, 3, 200)) + b"short",
    "tls": bytes.fromhex("16030100a5010000a10303") + bytes(160),
    "a name that is not ascii": GREETING + bytes((5, 1, 0, 3, 4)) + b"\xff\xfe\xfd\xfc" + b"\0\x50",
}


@pytest.mark.parametrize("name", MALFORMED)
async def test_what_is_no_socks_is_left_and_the_relay_goes_on(
    name: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(relay_module, "_HANDSHAKE_S", 0.5)
    with echoing() as port:
        async with relay() as opened:
            opened.expect(f"http://127.0.0.1:{port}/")
            reader, writer = await dial(opened)
            writer.write(MALFORMED[name])
            async with asyncio.timeout(5):
                with suppress(ConnectionError):
                    assert bytes((5, 0, 0, 1)) not in await reader.read(), "nothing was connected to"

            assert (await ask(opened, numbered("127.0.0.1"), port))[0] == DONE
    assert caplog.records == []


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (bytes((5, 2, 0, 1)) + bytes(4), UNSUPPORTED),
        (bytes((5, 3, 0, 1)) + bytes(4), UNSUPPORTED),
        (bytes((5, 1, 0, 9)), UNKNOWN_KIND),
        (named(""), FORBIDDEN),
        (named("a" * 255), FORBIDDEN),
        (named("news.example\0.inside"), FORBIDDEN),
        (named("127.0.0.1@news.example"), FORBIDDEN),
        (named("news.example/127.0.0.1"), FORBIDDEN),
        (named("news.example:80"), FORBIDDEN),
        (named("fe80::1%lo"), FORBIDDEN),
        (named("1.2.3.4.5"), FORBIDDEN),
        (named("256.256.256.256"), FORBIDDEN),
    ],
)
async def test_a_request_for_what_the_relay_does_not_do_is_answered_with_a_refusal(
    request_: bytes, code: int, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "_EXPECTED_WITHIN_S", 0.1)
    async with relay(resolver=Names([])) as opened:
        opened.expect("http://news.example/")
        assert (await ask(opened, request_))[0] == code
    assert caplog.records == []


async def test_a_client_that_offers_no_open_method_is_told_that_none_is_acceptable() -> None:
    async with relay() as opened:
        reader, writer = await dial(opened)
        writer.write(bytes((5, 1, 2)))

        assert await reader.read() == b"\x05\xff"


@pytest.mark.parametrize("url", ["http://[::1", "http://a:99999/", "data:text/html,x", "blob:x", "", "http:///"])
async def test_a_url_that_names_no_place_lets_nothing_through(url: str) -> None:
    async with relay() as opened:
        opened.expect(url)

        assert opened._expected == set()


async def test_at_its_end_every_connection_is_cut_and_the_port_is_closed() -> None:
    with echoing() as port:
        async with relay() as opened:
            opened.expect(f"http://127.0.0.1:{port}/")
            _, (reader, _) = await ask(opened, numbered("127.0.0.1"), port)
            left = int(opened.url.rpartition(":")[2])
        async with asyncio.timeout(5):
            assert await reader.read() == b""
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", left)


async def test_only_this_machine_reaches_the_relay() -> None:
    async with relay() as opened:
        assert opened._server is not None
        assert [one.getsockname()[0] for one in opened._server.sockets] == ["127.0.0.1"]
