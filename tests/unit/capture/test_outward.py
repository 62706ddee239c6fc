"""Through a proxy: it gets the names, none is looked up here, and its password stays out of what is kept."""

import json
import socket
from contextlib import suppress
from dataclasses import replace

import pytest

from archiver.capture.guard import Guard, Refusal
from archiver.capture.outward import Outward, read_proxy, shown
from archiver.capture.settings import CaptureSettings
from archiver.formats import manifest
from archiver.model.errors import UsageError
from archiver.model.evidence import Reason, Role, State
from archiver.model.provenance import Statement
from tests.support.ledger_kit import sample_capture
from tests.support.proxies import serve_proxy
from tests.support.source_site import SourceSite, closed_port
from tests.unit.capture.conftest import Take

KINDS = ("socks5", "socks4", "http")


def unasked(host: str) -> tuple[str, ...]:
    raise AssertionError(f"{host} was looked up on this machine")


@pytest.fixture
def place(site: SourceSite) -> tuple[str, int]:
    host, _, port = site.root.rpartition("//")[2].partition(":")
    return host, int(port)


async def got(outward: Outward, address: str, port: int) -> bytes:
    reader, writer = await outward.connect(address, port)
    try:
        writer.write(b"GET /data.json HTTP/1.0\r\n\r\n")
        return await reader.read()
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


@pytest.mark.parametrize("kind", ["socks5", "socks5 with a password", "socks4", "http", "http with a password"])
async def test_a_connection_goes_through_a_proxy_that_gets_the_name(kind: str, place: tuple[str, int]) -> None:
    with serve_proxy(kind.split(" ", 1)[0], leads_to=place, secret="password" in kind) as proxy:
        answer = await got(Outward(read_proxy(proxy.url)), "news.example", 80)

    assert answer.endswith(b'{"a": 1}')
    assert (proxy.asked, proxy.forms) == ([("news.example", 80)], ["name"])


@pytest.mark.parametrize("scheme", ["socks5h", "SOCKS5", "Socks5H", "socks4a", "HTTP"])
async def test_a_proxys_scheme_may_be_written_in_each_of_its_ways(scheme: str, place: tuple[str, int]) -> None:
    with serve_proxy(scheme.lower().rstrip("ha"), leads_to=place) as proxy:
        answer = await got(Outward(read_proxy(f"{scheme}://127.0.0.1:{proxy.port}")), "news.example", 80)

    assert answer.endswith(b'{"a": 1}')
    assert proxy.asked == [("news.example", 80)]


@pytest.mark.parametrize("kind", KINDS)
async def test_a_proxy_that_refuses_or_is_not_there_is_a_failed_connection(kind: str, place: tuple[str, int]) -> None:
    with serve_proxy(kind, leads_to=place, refuses=True) as proxy, pytest.raises(OSError, match="proxy: "):
        await Outward(proxy.url).connect("news.example", 80)
    with closed_port() as port, pytest.raises(OSError):
        await Outward(f"{kind}://127.0.0.1:{port}").connect("news.example", 80)


async def test_a_wrong_password_is_a_failed_connection_that_does_not_repeat_it(place: tuple[str, int]) -> None:
    with serve_proxy("socks5", leads_to=place, secret=True) as proxy:
        wrong = f"socks5://reporter:not-the-word@127.0.0.1:{proxy.port}"
        with pytest.raises(OSError) as caught:
            await Outward(wrong).connect("news.example", 80)

    assert "not-the-word" not in str(caught.value)


async def test_through_a_proxy_names_are_judged_and_none_is_looked_up() -> None:
    guard = Guard(allow_private=False, resolver=unasked, resolves=False)
    outward = Outward("socks5://127.0.0.1:9050")

    assert not outward.is_direct
    assert await outward.addresses(guard, "news.example") == ("news.example",)
    assert await outward.addresses(guard, "expyuzz4wqqyqhjn.onion") == ("expyuzz4wqqyqhjn.onion",)
    for inside in ("localhost", "printer.local", "127.0.0.1", "10.0.0.1", "::1", "169.254.169.254"):
        refused = await outward.addresses(guard, inside)
        assert isinstance(refused, Refusal)
        assert refused.reason is Reason.FORBIDDEN_ADDRESS


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tor",
        "127.0.0.1:9050",
        "socks6://127.0.0.1:9050",
        "https://127.0.0.1:443",
        "socks5://127.0.0.1",
        "socks5://:9050",
        "socks5://127.0.0.1:0",
        "socks5://127.0.0.1:99999",
        "socks5://[::1:9050",
        "socks5://127.0.0.1:9050/path",
        "socks5://127.0.0.1:9050/?a=b",
        "socks5://me:1234?5@127.0.0.1:9050",
        "socks5://me:1234#5@127.0.0.1:9050",
        "file:///etc/passwd",
    ],
)
def test_what_is_no_proxy_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="expected socks5://HOST:PORT") as caught:
        read_proxy(text)

    assert "1234" not in caught.value.message
    assert "9050" in caught.value.hint


@pytest.mark.parametrize(
    ("proxy", "told"),
    [
        ("", None),
        ("socks5://127.0.0.1:9050", "socks5://127.0.0.1:9050"),
        ("http://me:secret@proxy.example:3128/", "http://proxy.example:3128"),
        ("socks5://me:p@ss@proxy.example:1080", "socks5://proxy.example:1080"),
        ("socks5://me@[::1]:1080", "socks5://[::1]:1080"),
    ],
)
def test_a_manifest_names_the_proxy_without_user_and_password(proxy: str, told: str | None) -> None:
    assert shown(proxy) == told
    assert CaptureSettings(proxy=proxy).facts().proxy == told


@pytest.mark.browser
@pytest.mark.parametrize("kind", KINDS)
async def test_a_page_and_a_document_are_taken_through_a_proxy_and_no_name_is_looked_up_here(
    kind: str, taking: Take, place: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    real = socket.getaddrinfo

    def listening(host: object, *rest: object, **more: object) -> object:
        asked.append(host)
        return real(host, *rest, **more)  # type: ignore[arg-type] # passed on as it came

    monkeypatch.setattr(socket, "getaddrinfo", listening)
    with serve_proxy(kind, leads_to=place, secret=kind != "socks4") as proxy:
        page = await taking("http://news.example/story", resolver=unasked, proxy=proxy.url, allow_private=False)
        warc = next(one.path for one in page.pieces if one.role is Role.WARC).read_bytes()
        document = await taking(
            "http://news.example/statement.pdf", resolver=unasked, proxy=proxy.url, allow_private=False
        )

    attempt = page.attempt
    assert (attempt.outcome.state, document.attempt.outcome.state) == (State.OK, State.OK)
    assert {host for host, _ in proxy.asked} == {"news.example"}
    assert set(proxy.forms) == {"name"}
    assert not any("example" in str(one) for one in asked)
    assert attempt.response is not None
    assert attempt.response.remote_ip is None, "what the proxy connected to is not known here"
    assert {"through_proxy"} <= set(attempt.limits) & set(document.attempt.limits)
    assert attempt.settings.proxy == f"{kind}://127.0.0.1:{proxy.port}"
    capture = replace(sample_capture(1), attempt=attempt)
    signed = manifest.encode(Statement(subjects=manifest.subjects_of(capture), predicate=capture))
    for kept in (signed, warc, json.dumps([str(one) for one in page.pieces]).encode()):
        assert b"sesame" not in kept
        assert b"reporter" not in kept


@pytest.mark.browser
async def test_a_proxy_that_is_gone_is_a_failed_source_and_nothing_goes_around_it(taking: Take) -> None:
    with closed_port() as port:
        taken = await taking("http://news.example/", resolver=unasked, proxy=f"socks5://127.0.0.1:{port}")

    assert taken.attempt.outcome.state is State.FAILED
    assert taken.attempt.response is None


@pytest.mark.browser
async def test_a_private_address_is_refused_through_a_proxy_too(taking: Take, place: tuple[str, int]) -> None:
    with serve_proxy("socks5", leads_to=place) as proxy:
        taken = await taking("http://127.0.0.1/story", proxy=proxy.url, allow_private=False)

    assert taken.attempt.outcome.reason is Reason.FORBIDDEN_ADDRESS
    assert proxy.asked == []


INSIDE = (
    "http://127.0.0.1:{port}/data.json",
    "http://2130706433:{port}/data.json",
    "http://0x7f.1:{port}/data.json",
    "http://0177.0.0.1:{port}/data.json",
    "http://[::ffff:127.0.0.1]:{port}/data.json",
    "http://[64:ff9b::7f00:1]:{port}/data.json",
    "http://localhost:{port}/data.json",
    "http://169.254.169.254/latest/meta-data/",
)


@pytest.mark.browser
@pytest.mark.parametrize("form", INSIDE)
async def test_a_redirect_into_a_private_network_is_not_followed(
    form: str, taking: Take, site: SourceSite, place: tuple[str, int]
) -> None:
    site.asked.clear()
    with serve_proxy("socks5", leads_to=place) as proxy:
        start = "http://news.example/to?" + form.format(port=place[1])
        taken = await taking(start, resolver=unasked, proxy=proxy.url, allow_private=False)

    assert taken.attempt.outcome.state is State.FAILED
    assert taken.attempt.outcome.reason is Reason.FORBIDDEN_ADDRESS, taken.attempt.outcome
    assert {host for host, _ in proxy.asked} == {"news.example"}
    assert not any("data.json" in one and "/to?" not in one for one in site.asked)


@pytest.mark.browser
async def test_a_page_that_reaches_into_a_private_network_gets_nothing_and_is_kept(
    taking: Take, site: SourceSite, place: tuple[str, int]
) -> None:
    with serve_proxy("socks5", leads_to=place) as proxy:
        taken = await taking(
            "http://news.example/reaching-inside", resolver=unasked, proxy=proxy.url, allow_private=False
        )

    told = {one.url: one.reason for one in taken.attempt.seen_not_recorded}
    assert "169.254.169.254 is a metadata service" in told["http://169.254.169.254/latest"]
    assert taken.attempt.response is not None
    assert taken.attempt.response.status == 200
    assert not any(host.startswith("169.") for host, _ in proxy.asked)
