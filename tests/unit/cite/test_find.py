import gzip
from pathlib import Path

import pytest

from archiver.cite.find import find
from archiver.cite.kinds import kind_of, snowflake_ms, status_of
from archiver.cite.lists import is_url_list, read_csv, read_urls
from archiver.cite.quotes import find_quotes
from archiver.cite.read import read_draft
from archiver.formats import citations
from archiver.model.citation import Kind
from archiver.model.errors import FormatError


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://x.com/a/status/1377910251211111111", Kind.TWEET),
        ("https://mobile.twitter.com/a/status/1", Kind.TWEET),
        ("https://x.com/a", Kind.SOCIAL_POST),
        ("https://netflix.com/a/status/1", Kind.WEB_PAGE),
        ("https://notx.com/a/status/1", Kind.WEB_PAGE),
        ("https://t.me/channel/5", Kind.SOCIAL_POST),
        ("https://mastodon.example/@user/109876543210", Kind.SOCIAL_POST),
        ("https://www.reuters.com/world/x", Kind.AGENCY_STORY),
        ("https://en.irna.ir/news/1", Kind.AGENCY_STORY),
        ("https://www.youtube.com/watch?v=x", Kind.BROADCAST),
        ("https://www.nytimes.com/x", Kind.PRESS_STORY),
        ("https://media.defense.gov/x/report-1.pdf", Kind.REPORT),
        ("https://www.state.gov/reports/x", Kind.REPORT),
        ("https://example.org/", Kind.WEB_PAGE),
        ("https://[broken", Kind.WEB_PAGE),
    ],
)
def test_the_kind_follows_from_host_and_path(url: str, kind: Kind) -> None:
    assert kind_of(url) is kind


def test_a_status_id_carries_its_time() -> None:
    assert status_of("https://twitter.com/SecPompeo/status/1340858764184285189") == ("SecPompeo", 1340858764184285189)
    assert status_of("https://demo.example/u/status/7") is None
    assert status_of("https://demo.example/u/status/7", anywhere=True) == ("u", 7)
    assert snowflake_ms(1340858764184285189) == 1608520615989
    assert snowflake_ms(20) is None


def test_each_linked_source_is_one_citation_with_its_sentence_and_quotes() -> None:
    text = (
        "مقدمة. قال المتحدث إن «هذا غير صحيح» في https://a.org/1 أمس. ثم شيء آخر.\n\n"
        'He said “no comment” at https://b.org/2! And again: https://a.org/1 "yes".\n'
    )
    found = find(read_draft("d.txt", text.encode())).citations
    assert [(one.id, one.url) for one in found] == [("c01", "https://a.org/1"), ("c02", "https://b.org/2")]
    first = found[0]
    assert [text[one.start : one.end] for one in first.spans] == [
        "قال المتحدث إن «هذا غير صحيح» في https://a.org/1 أمس.",
        'And again: https://a.org/1 "yes".',
    ]
    assert [one.text for one in first.quotes] == ["هذا غير صحيح", "yes"]
    for one in found:
        for quote in one.quotes:
            assert quote.span is not None
            assert text[quote.span.start : quote.span.end] == quote.text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("«أ «ب» ج»", [("أ «ب» ج", "«»")]),
        ("“one” and “two”", [("one", "“”"), ("two", "“”")]),
        ("„eins“", [("eins", "„“")]),
        ('say "this" now', [("this", '""')]),
        ('5" wide', []),
        ("“left open to the end", [("left open to the end", "unclosed")]),
        ("«»", []),
        ("« padded »", [("padded", "«»")]),
        ("no marks", []),
    ],
)
def test_quotations_are_verbatim_between_their_marks(text: str, found: list[tuple[str, str]]) -> None:
    assert [(one.text, one.marks) for one in find_quotes(text, 0, len(text))] == found


def test_a_list_of_urls_is_read_and_a_wrong_line_is_told() -> None:
    raw = b"# sources\nhttps://a.org/1\n\nhttps://b.org/2\nhttps://a.org/1\n"
    assert is_url_list(raw)
    assert not is_url_list(b"https://a.org/1\nand prose")
    assert not is_url_list(b"\xff")
    assert [(one.id, one.url) for one in read_urls(raw).citations] == [
        ("c01", "https://a.org/1"),
        ("c02", "https://b.org/2"),
    ]
    with pytest.raises(FormatError, match="line 2, column 1: expected a URL"):
        read_urls(b"https://a.org/1\na.org\n")


def test_a_csv_is_read_with_its_columns() -> None:
    raw = "url,kind,speaker,outlet,date,note\nhttps://x.com/a/status/1,,فلان,,2021-04-03,\nhttps://b.org,report,,UN,2021,n\n\n"
    one, two = read_csv(raw.encode()).citations
    assert (one.id, one.kind, one.speaker and one.speaker.name) == ("c01", Kind.TWEET, "فلان")
    assert two.date_stated is not None
    assert (two.kind, two.outlet and two.outlet.name, two.date_stated.precision, two.note) == (
        Kind.REPORT,
        "UN",
        "year",
        "n",
    )
    found = read_csv(b"id,url\nc01,https://a.org\n,https://b.org\n").citations
    assert [each.id for each in found] == ["c01", "c02"]


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"", "line 1: expected column names"),
        (b"link\nhttps://a.org", "line 1: expected column names"),
        (b"url,url\na,b", "line 1: expected column names"),
        (b"url,kind\na.org,x\n", r"line 2, field 1 \(url\): expected an http or https URL, found 'a.org'"),
        (b"url,kind\nhttps://a.org,x\n", r"line 2, field 2 \(kind\): expected one of"),
        (b"url,date\nhttps://a.org,soon\n", r"field 2 \(date\): expected a date"),
        (b"id,url\na b,https://a.org\n", r"field 1 \(id\)"),
        (b"id,url\na,https://a.org\na,https://b.org\n", "id 'a' is used 2 times"),
        (b'url\n"https://a.org', "CSV: line 2"),
        (b"url\n\xff", "expected UTF-8 text, found byte 0xff at 4"),
    ],
)
def test_a_wrong_csv_is_refused_with_its_place(raw: bytes, told: str) -> None:
    with pytest.raises(FormatError, match=told):
        read_csv(raw)


# --- real pages ---

EMBEDS = {
    "html/fundus/uk/TheTelegraph_2024_09_17.html.gz": 1,
    "html/newspaper/telegraph.co.uk1.html": 9,
    "html/postlight/www.theatlantic.com.html": 3,
    "html/goose3/test_tweet.html": 3,
    "html/htmldate/timesofisrael.com.washington.html": 2,
}


@pytest.mark.parametrize("name", EMBEDS)
def test_embedded_posts_of_real_pages_are_found_with_user_id_and_day(shared_testdata: Path, name: str) -> None:
    raw = (shared_testdata / name).read_bytes()
    read = read_draft("page.html", gzip.decompress(raw) if name.endswith(".gz") else raw)
    assert len(read.embeds) == EMBEDS[name]
    found = find(read)
    tweets = [one for one in found.citations if one.kind is Kind.TWEET and one.date_found]
    assert tweets
    assert all(one.url and status_of(one.url) for one in tweets)
    assert citations.decode(citations.encode(found)) == found


def test_real_pages_are_read_whole_and_written_and_read_again(shared_testdata: Path) -> None:
    paths = [path for path in sorted((shared_testdata / "html").rglob("*.html*")) if path.suffix != ".json"]
    assert len(paths) >= 15
    for path in paths:
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        read = read_draft("page.html", raw)
        found = find(read)
        assert citations.decode(citations.encode(found)) == found, path.name
        for one in found.citations:
            assert all(read.draft.text[span.start : span.end].strip() for span in one.spans), path.name


def test_the_seed_article_is_kept_as_it_is(shared_testdata: Path) -> None:
    raw = (shared_testdata / "seed/000_012b55e8c9fe21bc.txt").read_bytes()
    read = read_draft("seed.txt", raw)
    assert (len(read.draft.text), read.draft.language) == (7063, "ar")
    assert read.draft.text == raw.decode()
    assert read.links == ()
