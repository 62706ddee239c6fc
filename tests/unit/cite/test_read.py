import pytest

from archiver.cite.read import HTML, bare_links, language_of, read_draft
from archiver.model.errors import FormatError

ARABIC = "قال\u00a0المتحدث إنّ «می\u200cگوید» \u200fكذا"


def test_plain_text_is_kept_code_point_for_code_point() -> None:
    text = f"\n{ARABIC}\r\nhttps://example.org/a?b=1#c، ثم\n"
    read = read_draft("draft.txt", ("\ufeff" + text).encode())
    assert read.draft.text == text
    (link,) = read.links
    assert link.url == "https://example.org/a?b=1#c"
    assert text[link.span.start : link.span.end] == link.url


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("see https://a.org/x.", "https://a.org/x"),
        ("(https://a.org/x)", "https://a.org/x"),
        ("https://a.org/x_(y) z", "https://a.org/x_(y)"),
        ("«https://a.org/x»", "https://a.org/x"),
        ("https://a.org/x؛", "https://a.org/x"),
        ("\u200fhttps://a.org/x\u200f", "https://a.org/x"),
        ("https://a.org/مقال/١", "https://a.org/مقال/١"),
        ("HTTP://A.ORG/X!", "HTTP://A.ORG/X"),
        ("http://127.0.0.1:80/x", "http://127.0.0.1:80/x"),
    ],
)
def test_a_url_in_prose_ends_where_the_sentence_goes_on(text: str, url: str) -> None:
    assert [one.url for one in bare_links(text)] == [url]


def test_a_scheme_without_a_host_is_no_link() -> None:
    assert bare_links("http:// and https://x") == ()


MARKDOWN = """# عنوان

قال [المتحدث](https://x.com/abc/status/1377910251211111111 "title") إن «الكلام» هنا، و<https://b.org/x>.

```
https://code.org/not-a-source
```

[mail](mailto:a@b.c) [ref][1] ![picture](https://img.org/x.png) https://bare.org/y

[1]: https://ref.org/z
"""


def test_markdown_links_point_into_the_source_text() -> None:
    read = read_draft("draft.md", MARKDOWN.encode())
    assert read.draft.text == MARKDOWN
    found = {one.url: MARKDOWN[one.span.start : one.span.end] for one in read.links}
    assert found == {
        "https://x.com/abc/status/1377910251211111111": "المتحدث",
        "https://b.org/x": "https://b.org/x",
        "https://ref.org/z": "ref",
        "https://bare.org/y": "https://bare.org/y",
    }


PAGE = f"""<!doctype html><html lang="ar" dir="rtl"><head><title>t</title><base href="https://own.org/a/">
<link rel="canonical" href="https://own.org/a/draft"></head><body>
<nav><a href="https://nav.org/">nav</a></nav>
<article><h1>عنوان</h1><p>{ARABIC} <a href="../b">رابط نسبي</a> و<a href="https://c.org/x">خارجي</a>.</p>
<p><a href="#top">top</a> <a href="mailto:a@b.c">mail</a> <a href="javascript:x()">js</a>
<a href="https://own.org/a/draft#x">self</a> <a href="https://twitter.com/intent/tweet?u=1">share</a>
<a href="https://c.org/pic"><img src="x.png"></a> <a rel="tag" href="https://own.org/tag/x">tag</a></p>
<script>var a = "https://script.org/";</script>
<div class="related-stories"><a href="https://related.org/">more</a></div>
<blockquote class="twitter-tweet"><p>نص التغريدة <a href="https://t.co/abc">pic</a></p>— فلان (@someone)
<a href="https://twitter.com/someone/status/1377910251211111111?ref=x">April 2, 2021</a></blockquote>
<blockquote class="twitter-tweet"><p>no link in it</p></blockquote>
</article><footer><a href="https://footer.org/">f</a></footer></body></html>"""


def test_an_html_draft_gives_its_article_with_every_mark_kept() -> None:
    read = read_draft("draft.html", PAGE.encode())
    assert ARABIC in read.draft.text
    assert "script.org" not in read.draft.text
    assert [one.url for one in read.links] == ["https://own.org/b", "https://c.org/x"]
    assert [read.draft.text[one.span.start : one.span.end] for one in read.links] == ["رابط نسبي", "خارجي"]
    (embed,) = read.embeds
    assert embed.url == "https://twitter.com/someone/status/1377910251211111111?ref=x"
    assert embed.author == "فلان"
    assert "نص التغريدة" in read.draft.text[embed.span.start : embed.span.end]


def test_a_page_without_an_article_keeps_links_in_prose_and_drops_lists_of_links() -> None:
    menu = "<ul><li><a href='https://menu.org/'>menu</a></li></ul>"
    page = f"<html><body>{menu}<p>He said <a href='https://c.org/'>so</a> there.</p>"
    assert [one.url for one in read_draft("d.html", page.encode()).links] == ["https://c.org/"]


def test_deep_nesting_ends() -> None:
    page = "<html><body>" + "<div>" * 3000 + "x" + "</div>" * 3000
    assert read_draft("d.html", page.encode()).links == ()


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("d.txt", b"\xff\xfe", "expected UTF-8 text, found byte 0xff at 0"),
        ("d.docx", b"PK\x03\x04", "found a ZIP"),
        ("d.txt", b"%PDF-1.7", "found PDF"),
        ("d.txt", b"a\x00b", "found a NUL at character 1"),
        ("d.xyz", b"a", "expected .html, .md, .docx or .txt"),
        ("d.html", b"", "not HTML"),
        ("d.txt", b"x" * (21 << 20), "at most 20 MiB"),
    ],
)
def test_what_is_no_draft_is_refused_with_what_was_found(name: str, content: bytes, told: str) -> None:
    with pytest.raises(FormatError, match=told):
        read_draft(name, content)


def test_html_in_a_text_file_is_read_as_html() -> None:
    assert read_draft("saved.txt", b"<!DOCTYPE html><p>x").draft.media_type == HTML


@pytest.mark.parametrize(
    ("text", "language"),
    [("قال المتحدث إن", "ar"), ("او گفت که می‌گوید این پیام چه", "fa"), ("He said", "en"), ("12 34", None)],
)
def test_the_language_is_told_by_its_letters(text: str, language: str | None) -> None:
    assert language_of(text) == language
