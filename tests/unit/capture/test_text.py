"""What a page says, read beside its scripts: every code point kept, bounded, and never put into its mouth."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page

from archiver.capture import text as text_module
from archiver.capture.browser import OpenBrowser, find_browser, open_browser
from archiver.capture.isolated import IsolatedWorld
from archiver.capture.settings import CaptureSettings
from archiver.capture.text import PageReader, with_text
from archiver.model.digest import Digest
from archiver.model.errors import FormatError

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
QUOTE = "«می\u200cخواهیم» \u200fقال\u200e\u00a0ﷺ ك\u0651 🕊️ e\u0301 \u202eabc\u202c"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def opened() -> AsyncIterator[OpenBrowser]:
    if find_browser() is None:
        pytest.skip("no Chromium on this machine")
    async with open_browser() as browser:
        yield browser


class Reading:
    def __init__(self, tab: Page, reader: PageReader) -> None:
        self.tab = tab
        self.reader = reader

    async def show(self, html: str) -> PageReader:
        await self.tab.set_content(html)
        return self.reader


@pytest_asyncio.fixture(loop_scope="module")
async def reading(opened: OpenBrowser) -> AsyncIterator[Reading]:
    context = await opened.fresh_context(CaptureSettings(), proxy="socks5://127.0.0.1:9")
    tab = await context.new_page()
    yield Reading(tab, PageReader(IsolatedWorld(await context.new_cdp_session(tab))))
    await context.close()


async def test_the_visible_text_keeps_every_code_point_and_nothing_hidden(reading: Reading) -> None:
    reader = await reading.show(f"<p>{QUOTE}</p><p hidden>not shown</p><script>let said</script><style>p{{}}</style>")
    found = await reader.visible_text(5)

    assert (found.text, found.cut) == (QUOTE, False)


async def test_text_and_document_beyond_the_bound_are_cut_and_left_out_and_say_so(
    reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_module, "MOST_TEXT_CHARACTERS", 10)
    monkeypatch.setattr(text_module, "MOST_DOM_CHARACTERS", 100)
    reader = await reading.show("<p>" + "x" * 500)
    found = await reader.visible_text(5)

    assert (found.text, found.cut) == ("x" * 10, True)
    assert await reader.dom(5) is None


async def test_a_lone_surrogate_becomes_the_replacement_character(reading: Reading) -> None:
    reader = await reading.show(
        "<title></title><p></p><script>document.querySelector('p').textContent = 'a\\ud800b'</script>"
    )

    assert (await reader.visible_text(5)).text == "a\ufffdb"
    assert "a\ufffdb" in (await reader.dom(5) or "")


async def test_the_document_is_given_as_it_stands_with_its_doctype(reading: Reading) -> None:
    reader = await reading.show("<!doctype html><title>t</title><p id=a><script>a.textContent = 'later'</script>")
    found = await reader.dom(5)

    assert found is not None
    assert found.startswith('<!DOCTYPE html><html><head><title>t</title></head><body><p id="a">later')


DEEP = '{"a":' * 9 + '{"datePublished":"x"}' + "}" * 9
CLAIMS = [
    ("<html lang=ar dir=rtl><title> خبر </title>", {"title": "خبر", "language": "ar", "direction": "rtl"}),
    ("<body dir=rtl>", {"direction": "rtl"}),
    ("<link rel='icon canonical' href=/story>", {"canonical_url": "/story"}),
    ("<meta property=og:site_name content='وكالة'>", {"site_name": "وكالة"}),
    ("<meta property=article:published_time content=2021-09-11>", {"published_claimed": "2021-09-11"}),
    (
        """<script type=application/ld+json>{bad</script><script type=application/ld+json>
        {"@graph": [{"a": null}, {"@type": "NewsArticle", "datePublished": "2020-01-02"}]}</script>""",
        {"published_claimed": "2020-01-02"},
    ),
    (
        "<script type=application/ld+json>" + '{"a":' * 9 + '{"datePublished":"x"}' + "}" * 9 + "</script>",
        {"published_claimed": None},
    ),
    ("<time itemprop=datePublished datetime=2019-01-01>", {"published_claimed": "2019-01-01"}),
    ("<article><time datetime=2018-01-01>", {"published_claimed": "2018-01-01"}),
    ("<title></title>", {"title": None, "language": None, "direction": None, "canonical_url": None, "site_name": None}),
    ("<title>" + "x" * 5_000, {"title": "x" * 2_000}),
]


@pytest.mark.parametrize(("html", "told"), CLAIMS)
async def test_what_a_page_claims_of_itself_is_read_from_its_markup(
    reading: Reading, html: str, told: dict[str, str | None]
) -> None:
    facts = (await (await reading.show("<!doctype html>" + html)).claims(5)).facts

    assert {name: getattr(facts, name) for name in told} == told


async def test_password_fields_and_pictures_are_counted(reading: Reading) -> None:
    one = "<img src='data:image/svg+xml,<svg xmlns=%22http://www.w3.org/2000/svg%22 width=%229%22 height=%229%22/>'>"
    reader = await reading.show(f"{one}<img src=absent><canvas></canvas><video></video><INPUT TYPE=PassWord>")
    await reading.tab.wait_for_timeout(100)
    found = await reader.claims(5)

    assert (found.has_password_input, found.pictures, found.url) == (True, 3, "about:blank")


async def test_a_page_cannot_put_words_into_our_reading_by_its_scripts_or_its_names(reading: Reading) -> None:
    names = "".join(
        f"<form name={one}></form>"
        for one in ("title", "body", "documentElement", "URL", "doctype", "querySelectorAll")
    )
    override = """<script>
    for (const [kind, name] of [[HTMLElement, 'innerText'], [Element, 'outerHTML'], [Document, 'title']])
      Object.defineProperty(kind.prototype, name, {get: () => 'forged'});
    Document.prototype.querySelectorAll = () => []; String.prototype.slice = () => 'forged';
    XMLSerializer.prototype.serializeToString = () => 'forged'; JSON.parse = () => 'forged';
    </script>"""
    reader = await reading.show(f"<!doctype html><title>true</title><p>true text</p>{names}{override}")
    claims, text, dom = await reader.claims(5), await reader.visible_text(5), await reader.dom(5)

    assert (claims.facts.title, text.text) == ("true", "true text")
    assert dom is not None
    assert "<p>true text</p>" in dom
    assert dom.count("forged") == override.count("forged"), "only where its own script stands"


async def test_a_page_without_a_body_says_nothing_and_is_no_error(reading: Reading) -> None:
    reader = await reading.show("<p>x<script>document.documentElement.remove()</script>")

    assert (await reader.visible_text(5)).text == ""
    assert await reader.dom(5) == ""
    assert (await reader.claims(5)).facts.title is None


async def test_a_page_that_is_gone_or_busy_is_told(reading: Reading) -> None:
    reader = await reading.show("<p>x<script>setTimeout(() => { for (;;); }, 50)</script>")
    await asyncio.sleep(0.5)

    with pytest.raises(TimeoutError):
        await reader.visible_text(1)


async def test_the_texts_digest_is_that_of_its_file(reading: Reading) -> None:
    reader = await reading.show(f"<p>{QUOTE}")
    claims, text = await reader.claims(5), await reader.visible_text(5)
    content = text.text.encode()
    facts = with_text(claims, text, content).facts

    assert (facts.text_characters, facts.text_digest) == (len(QUOTE), Digest.of(content))
    assert claims.facts.text_digest is None


class Browser:
    """A DevTools session that gives this value to every question."""

    def __init__(self, value: object) -> None:
        self._value = value

    async def send(self, method: str, params: dict[str, object] | None = None) -> dict[str, object]:
        del params
        answers: dict[str, dict[str, object]] = {
            "Page.getFrameTree": {"frameTree": {"frame": {"id": "1"}}},
            "Page.createIsolatedWorld": {"executionContextId": 1},
            "Runtime.evaluate": {"result": {"value": self._value}},
        }
        return answers[method]


@pytest.mark.parametrize("answer", [None, 5, "text", [], {"text": 5}])
async def test_an_answer_of_another_form_is_a_page_that_cannot_be_read(answer: object) -> None:
    reader = PageReader(IsolatedWorld(Browser(answer)))  # type: ignore[arg-type] # speaks as much DevTools as is asked

    with pytest.raises(FormatError, match=r"^page"):
        await reader.visible_text(1)
    assert await reader.dom(1) == (answer if isinstance(answer, str) else None)
