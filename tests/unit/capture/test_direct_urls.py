"""URLs as people paste them: Arabic hosts and paths, odd numbers, redirects to what is no URL. None ends a run."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.capture.direct import DirectClient, Fetched, _sent_text
from archiver.capture.guard import Guard
from archiver.capture.host import in_one_form
from archiver.model.errors import FormatError
from archiver.model.evidence import Method, Reason, Role, State
from tests.support.pages import Pages, serve_pages
from tests.support.pdfs import make_pdf
from tests.support.source_site import SourceSite, serve_sources
from tests.unit.capture.conftest import Take, TickingClock

STATEMENT = make_pdf(["Statement"])
ARABIC_PATH = "/%D9%85%D9%84%D9%81.pdf"


@pytest.fixture(scope="module")
def pages() -> Iterator[Pages]:
    with serve_pages(
        {"/a.pdf": ("application/pdf", STATEMENT), ARABIC_PATH: ("application/pdf", STATEMENT)}
    ) as serving:
        yield serving


@pytest.fixture(scope="module")
def own() -> Iterator[SourceSite]:
    with serve_sources() as serving:
        yield serving


class Names:
    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, host: str) -> tuple[str, ...]:
        host.encode("ascii")  # as the system's resolver does
        self.asked.append(host)
        return ("127.0.0.1",)


def fetched(url: str, folder: Path, names: Names, *, allow_private: bool = True) -> Fetched:
    client = DirectClient(
        guard=Guard(allow_private=allow_private, resolver=names),
        clock=TickingClock(),
        scratch=folder,
        max_bytes=1 << 20,
        user_agent="Agent/1",
        locale="ar",
    )
    return client.fetch(url, timeout_s=10)


@pytest.mark.parametrize(
    ("url", "host", "asked"),
    [
        ("http://الجزيرة.example:{port}/a.pdf", "xn--mgbeiue0iwb.example", ["xn--mgbeiue0iwb.example"]),
        ("http://STRASSE.example:{port}/a.pdf", "strasse.example", ["strasse.example"]),
        ("http://straße.example:{port}/a.pdf", "xn--strae-oqa.example", ["xn--strae-oqa.example"]),
        ("http://0x7f.1:{port}/a.pdf", "127.0.0.1", []),
        ("http://2130706433:{port}/a.pdf", "127.0.0.1", []),
        ("http://a_b.example:{port}/a.pdf", "a_b.example", ["a_b.example"]),
        ("  http:\\\\news.example:{port}\\a.pdf", "news.example", ["news.example"]),
        ("http://me:pw@news.example:{port}/a.pdf", "news.example", ["news.example"]),
    ],
)
def test_a_host_is_asked_for_in_its_one_form_and_looked_up_once(
    tmp_path: Path, pages: Pages, url: str, host: str, asked: list[str]
) -> None:
    """A PDF at an Arabic domain ended the whole run: the host went into a header as it was pasted."""
    names = Names()
    found = fetched(url.format(port=pages.port), tmp_path, names)
    (exchange,) = found.recording.exchanges

    assert (found.error, found.refusal, exchange.status) == (None, None, 200)
    assert dict(exchange.request_headers)["Host"] == f"{host}:{pages.port}"
    assert exchange.url.endswith(f"{host}:{pages.port}/a.pdf")
    assert names.asked == asked


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("http://[::1", Reason.BAD_URL),
        ("http://a.example:99999/", Reason.BAD_URL),
        ("ftp://a.example/", Reason.BAD_URL),
        ("http://169.254.169.254/", Reason.FORBIDDEN_ADDRESS),
        ("http://%31%36%39.254.169.254/", Reason.FORBIDDEN_ADDRESS),
    ],
)
def test_a_redirect_to_what_is_no_url_is_refused_and_its_hop_is_kept(
    tmp_path: Path, own: SourceSite, location: str, reason: Reason
) -> None:
    found = fetched(own.url("/to?" + location), tmp_path, Names())

    assert found.refusal is not None
    assert found.refusal.reason is reason
    assert [one.status for one in found.recording.exchanges] == [302]


@pytest.mark.parametrize("sent", ["http://الجزيرة.example/", "/ملف", "/caf\u00e9", "/plain"])
def test_a_redirect_in_utf_8_is_read_as_browsers_read_it(sent: str) -> None:
    assert _sent_text(sent.encode().decode("latin-1")) == sent
    assert _sent_text("/caf\u00e9") == "/caf\u00e9", "what is no UTF-8 stays as the client read it"


@pytest.mark.parametrize(
    ("url", "form"),
    [
        ("https://News.Example", "https://news.example/"),
        ("HTTPS://news.example:443/A?b=C#d", "https://news.example/A?b=C#d"),
        ("http://[::FFFF:1.2.3.4]:81/", "http://[::ffff:1.2.3.4]:81/"),
        ("https://u:p@الجزيرة.نت/ملف?س=ص#ق", "https://u:p@xn--mgbeiue0iwb.xn--pgb9c/ملف?س=ص#ق"),
        ("https:\\\\a.example\\b?c\\d#e\\f", "https://a.example/b?c\\d#e\\f"),
        ("https://a.example?q#f", "https://a.example/?q#f"),
        ("\thttps://a.ex\nample/\n", "https://a.example/"),
    ],
)
def test_a_url_in_one_form_changes_its_host_and_nothing_else(url: str, form: str) -> None:
    found = in_one_form(url)
    if "[" in form:
        assert found in {form, "http://[::ffff:102:304]:81/"}, "Python's releases write mapped addresses in two ways"
    else:
        assert found == form
    assert in_one_form(found) == found


@pytest.mark.parametrize("url", ["", "news.example", "data:,x", "http://", "http://[::1", "http://a:b/"])
def test_what_names_no_host_has_no_form(url: str) -> None:
    with pytest.raises(FormatError):
        in_one_form(url)


@pytest.mark.browser
@pytest.mark.parametrize("path", ["/a.pdf", "/ملف.pdf"])
async def test_a_pdf_at_an_arabic_address_is_captured_whole(taking: Take, pages: Pages, path: str) -> None:
    taken = await taking(f"http://الجزيرة.example:{pages.port}{path}", resolver=Names())

    assert taken.attempt.outcome.state is State.OK, taken.attempt
    assert taken.attempt.method is Method.DIRECT
    document = next(one for one in taken.pieces if one.role is Role.DOCUMENT)
    assert document.path.read_bytes() == STATEMENT
    assert taken.attempt.target.url.startswith("http://الجزيرة.example"), "cited as it was pasted"
