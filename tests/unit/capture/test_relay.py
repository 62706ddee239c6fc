"""The one way out: what no page asked for goes nowhere, addresses are the guard's, bytes have a bound."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from archiver.capture import relay as relay_module
from archiver.capture.guard import Guard
from archiver.capture.outward import Outward
from archiver.capture.relay import Peer, Relay
from tests.support.socks_client import (
    DONE,
    FORBIDDEN,
    REFUSED,
    UNREACHABLE,
    Names,
    Streams,
    ask,
    echoing,
    hang_up,
    named,
    numbered,
    relay,
    unasked,
)
from tests.support.source_site import closed_port


@pytest.fixture(autouse=True)
async def _hang_up() -> AsyncIterator[None]:
    """Close at each test's end what it opened."""
    yield
    await hang_up()


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
