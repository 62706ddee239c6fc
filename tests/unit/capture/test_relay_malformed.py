"""A client of the relay that talks no SOCKS, or asks for what the relay does not do, harms nobody."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from archiver.capture import relay as relay_module
from tests.support.socks_client import (
    DONE,
    FORBIDDEN,
    GREETING,
    UNKNOWN_KIND,
    UNSUPPORTED,
    Names,
    ask,
    dial,
    echoing,
    hang_up,
    named,
    numbered,
    relay,
)


@pytest.fixture(autouse=True)
async def _hang_up() -> AsyncIterator[None]:
    """Close at each test's end what it opened."""
    yield
    await hang_up()


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
