"""The guard lets a capture reach public addresses over HTTP(S), whatever form a host is written in."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from archiver.capture.guard import Guard
from archiver.capture.host import read_authority
from archiver.model.errors import FormatError, SourceError
from archiver.model.evidence import Reason

PUBLIC = "93.184.215.14"
NAMES = {
    "news.example": (PUBLIC, "2606:2800:21f:cb07:6820:80da:af6b:8b2c"),
    "news.example.": (PUBLIC,),
    "xn--mgbh0fb.example": (PUBLIC,),
    "inside.example": ("10.0.0.5",),
    "rebinding.example": (PUBLIC, "127.0.0.1"),
    "six.example": ("fd12::1",),
    "metadata.example": ("169.254.169.254",),
    "scoped.example": ("fe80::1%eth0",),
    "nobody.example": (),
    "a_b.example": (PUBLIC,),
}


def names(host: str) -> tuple[str, ...]:
    if host not in NAMES:
        raise OSError(-2, "Name or service not known")
    return NAMES[host]


def guard(*, allow_private: bool = False) -> Guard:
    return Guard(allow_private=allow_private, resolver=names)


ALLOWED = (
    "http://news.example/",
    "https://news.example/a?b#c",
    "HTTPS://NEWS.EXAMPLE",
    "  https://news.example/  ",
    "https://news.example.:443/",
    "https://user:secret@news.example/",
    "https://127.0.0.1@news.example/",
    "https:news.example/",
    "https:\\\\news.example\\path",
    "https://news.example\\@127.0.0.1/",
    "https://ne%77s.example/",
    "https://ｎｅｗｓ.example/",
    "https://news。example/",
    "https://مثال.example/",
    "https://a_b.example/",
    f"http://{PUBLIC}/",
    "http://0x5db8d70e/",
    "http://1572394766/",
    "http://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/",
    f"http://[::ffff:{PUBLIC}]/",
    f"http://[64:ff9b::{PUBLIC}]/",
    "http://[2002:5db8:d70e::1]/",
)

FORBIDDEN = (
    "http://127.0.0.1/",
    "http://127.0.0.1./",
    "http://127.1/",
    "http://127.0.1/",
    "http://127.255.255.254/",
    "http://2130706433/",
    "http://017700000001/",
    "http://0177.0.0.1/",
    "http://0x7f.1/",
    "http://0X7F000001/",
    "http://0x7f.0x0.0x0.0x1/",
    "http://127.0.0.0x1/",
    "http://１２７.０.０.１/",
    "http://127。0。0。1/",
    "http://①②⑦.0.0.1/",
    "http://%31%32%37.0.0.1/",
    "http://127.0.0.1%2e/",
    "http:127.0.0.1/",
    "http:/\\127.0.0.1/",
    "ht\ntp://127.0.\t0.1/",
    "\x00\x1f http://127.0.0.1/",
    "http://news.example@127.0.0.1/",
    "http://a@b@127.0.0.1/",
    "http://127.0.0.1\\@news.example/",
    "http://127.0.0.1:80#@news.example/",
    "http://127.0.0.1?@news.example/",
    "http://0/",
    "http://0.0.0.0/",
    "http://0x/",
    "http://10.0.0.1/",
    "http://100.64.0.1/",
    "http://100.127.255.255/",
    "http://169.254.1.1/",
    "http://172.16.0.1/",
    "http://172.31.255.255/",
    "http://192.0.0.1/",
    "http://192.0.2.1/",
    "http://192.88.99.1/",
    "http://192.168.1.1/",
    "http://198.18.0.1/",
    "http://198.51.100.1/",
    "http://203.0.113.1/",
    "http://224.0.0.1/",
    "http://239.255.255.255/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://4294967295/",
    "http://[::]/",
    "http://[::1]/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[::127.0.0.1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::FFFF:10.0.0.1]/",
    "http://[::ffff:0:127.0.0.1]/",
    "http://[64:ff9b::127.0.0.1]/",
    "http://[64:ff9b:1::1]/",
    "http://[2002:7f00:1::]/",
    "http://[2002:c0a8:101::1]/",
    "http://[2001:0:7f00:1::]/",
    "http://[2001:db8::1]/",
    "http://[3fff::1]/",
    "http://[fc00::1]/",
    "http://[fd12:3456::1]/",
    "http://[fe80::1]/",
    "http://[fec0::1]/",
    "http://[ff02::1]/",
    "http://[4000::1]/",
    "http://localhost/",
    "http://LOCALHOST:8080/",
    "http://localhost./",
    "http://a.localhost/",
    "http://ｌocalhost/",
    "http://printer.local/",
    "http://db.internal./",
    "http://router.home.arpa/",
    "http://nas.lan/",
    "http://inside.example/",
    "http://rebinding.example/",
    "http://six.example/",
    "http://metadata.example/",
    "http://scoped.example/",
)

METADATA = (
    "http://169.254.169.254/latest/meta-data/",
    "http://2852039166/",
    "http://0xa9fea9fe/",
    "http://[::ffff:169.254.169.254]/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://[2002:a9fe:a9fe::]/",
    "http://[fd00:ec2::254]/",
    "http://[fd00:0ec2:0:0::0254]/",
    "http://169.254.170.2/",
    "http://100.100.100.200/",
    "http://192.0.0.192/",
    "http://168.63.129.16/",
    "http://metadata.example/",
)

MALFORMED = (
    "",
    "news.example",
    "//news.example/",
    "ftp://news.example/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "data:text/html,x",
    "about:blank",
    "blob:https://news.example/1",
    "chrome://settings",
    "view-source:http://news.example/",
    "ws://news.example/",
    "http://",
    "http:///",
    "http://@/",
    "http://:80/",
    "http://./",
    "http://news.example:99999/",
    "http://news.example:8a/",
    "http://news.example:-1/",
    "http://news.example:٨٠/",
    "http://256.1.1.1/",
    "http://1.2.3.4.5/",
    "http://127.0.0.256/",
    "http://4294967296/",
    "http://1.2.3.08/",
    "http://127..1/",
    "http://foo.0x4/",
    "http://[::1/",
    "http://[::1]x/",
    "http://[fe80::1%25eth0]/",
    "http://[fe80::1%eth0]/",
    "http://[1.2.3.4]/",
    "http://[::g]/",
    "http://[]/",
    "http://a b.example/",
    "http://a%00b.example/",
    "http://a%zz.example/",
    "http://a<b.example/",
    "http://a%2fb.example/",
    "http://%ff.example/",
    "http://\ufffd.example/",
    "http://news.example" + "/" * 40_000,
)


def test_the_tables_are_whole() -> None:
    assert (len(ALLOWED), len(FORBIDDEN), len(METADATA), len(MALFORMED)) >= (22, 78, 13, 40)
    assert len({*ALLOWED, *FORBIDDEN, *MALFORMED}) == len(ALLOWED) + len(FORBIDDEN) + len(MALFORMED)


@pytest.mark.parametrize("url", ALLOWED)
def test_a_public_source_is_let_through(url: str) -> None:
    assert guard().check(url) is None


@pytest.mark.parametrize("url", FORBIDDEN)
def test_an_address_that_is_not_public_is_refused(url: str) -> None:
    refusal = guard().check(url)

    assert refusal is not None
    assert refusal.reason is Reason.FORBIDDEN_ADDRESS


@pytest.mark.parametrize("url", METADATA)
@pytest.mark.parametrize("allow_private", [False, True])
def test_metadata_services_are_refused_even_where_private_addresses_are_allowed(url: str, allow_private: bool) -> None:  # noqa: FBT001
    refusal = guard(allow_private=allow_private).check(url)

    assert refusal is not None
    assert refusal.reason is Reason.FORBIDDEN_ADDRESS


@pytest.mark.parametrize("url", MALFORMED)
@pytest.mark.parametrize("allow_private", [False, True])
def test_what_is_no_http_url_is_refused(url: str, allow_private: bool) -> None:  # noqa: FBT001
    refusal = guard(allow_private=allow_private).check(url)

    assert refusal is not None
    assert refusal.reason is Reason.BAD_URL


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000/", "http://[::1]/", "http://inside.example/", "http://10.1/"])
def test_private_addresses_pass_where_they_are_allowed(url: str) -> None:
    assert guard(allow_private=True).check(url) is None


@pytest.mark.parametrize("url", ["https://no.example/", "https://nobody.example/", f"https://{'a' * 300}.example/"])
@pytest.mark.parametrize("allow_private", [False, True])
def test_a_name_without_an_address_is_a_dns_failure(url: str, allow_private: bool) -> None:  # noqa: FBT001
    refusal = guard(allow_private=allow_private).check(url)

    assert refusal is not None
    assert refusal.reason is Reason.DNS


def test_localhost_is_never_asked_of_a_name_server() -> None:
    assert guard(allow_private=True).resolve("a.localhost", 80) == ("127.0.0.1", "::1")


@pytest.mark.parametrize(
    ("url", "passes"),
    [
        ("data:text/plain,x", True),
        ("blob:https://news.example/1", True),
        ("about:srcdoc", True),
        ("wss://news.example/feed", True),
        ("https://news.example/image.png", True),
        ("ws://127.0.0.1/", False),
        ("http://10.0.0.1/", False),
        ("file:///etc/passwd", False),
        ("chrome-extension://abc/x.js", False),
        ("ftp://news.example/", False),
    ],
)
def test_what_a_page_may_ask_for(url: str, passes: bool) -> None:  # noqa: FBT001
    assert (guard().check_inside(url) is None) is passes


@pytest.mark.parametrize(
    ("address", "passes"),
    [
        (PUBLIC, True),
        ("2606:2800::1", True),
        ("[2606:2800::1]", True),
        ("127.0.0.1", False),
        ("[::1]", False),
        ("::ffff:10.0.0.1", False),
        ("fe80::1%eth0", False),
        ("169.254.169.254", False),
        ("", False),
        ("somewhere", False),
    ],
)
def test_a_connected_address_is_judged_like_a_resolved_one(address: str, passes: bool) -> None:  # noqa: FBT001
    assert (guard().check_address(address) is None) is passes


def test_a_name_is_resolved_once_so_that_a_second_answer_changes_nothing() -> None:
    answers = iter([(PUBLIC,), ("127.0.0.1",)])
    changing = Guard(allow_private=False, resolver=lambda _: next(answers))

    assert changing.check("http://news.example/") is None
    assert changing.check("https://news.example/again") is None
    assert changing.resolve("news.example", 443) == (PUBLIC,)


def test_threads_that_ask_at_once_all_get_the_first_answer() -> None:
    together = threading.Barrier(8)
    numbers = iter(range(1, 100))

    def resolver(_: str) -> tuple[str, ...]:
        together.wait(timeout=10)
        return (f"93.184.215.{next(numbers)}",)

    racing = Guard(allow_private=False, resolver=resolver)
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: racing.resolve("news.example", 443), range(8)))

    assert len(found) == 1


def test_resolving_a_refused_host_raises() -> None:
    with pytest.raises(SourceError, match=r"inside.example:80: 10.0.0.5 is not a public address"):
        guard().resolve("inside.example", 80)


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("http://NEWS.example", "news.example", 80),
        ("https://news.example/", "news.example", 443),
        ("wss://news.example:8443/", "news.example", 8443),
        ("http://news.example:0080/", "news.example", 80),
        ("http://0x7f.1/", "127.0.0.1", 80),
        ("http://[0:0::1]:8080/", "::1", 8080),
        ("http://faß.example/", "xn--fa-hia.example", 80),
    ],
)
def test_host_and_port_are_given_in_canonical_form(url: str, host: str, port: int) -> None:
    found = read_authority(url)

    assert (found.host, found.port) == (host, port)


def test_a_url_of_another_scheme_is_a_format_error() -> None:
    with pytest.raises(FormatError, match="found scheme 'gopher'"):
        read_authority("gopher://news.example/")
