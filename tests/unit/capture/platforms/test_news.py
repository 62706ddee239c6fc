"""What an article's JSON-LD claims is read whatever its shape; what is no article claims nothing."""

import html
import json
import re
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.capture.platforms.news import NewsClaims, read_news
from tests.support.real_pages import PAGES, unpacked
from tests.unit.capture.platforms.pages import linked, page

URL = "https://news.example/story/1"
HEADLINE = "\u200fنفي رسمي\u200f لخبر «اغتيال» \u202bمی‌شود\u202c"
ARTICLE: dict[str, Any] = {
    "@context": "https://schema.org",
    "@type": "NewsArticle",
    "headline": HEADLINE,
    "author": {"@type": "Person", "name": "کاوه قریشی"},
    "publisher": {"@type": "Organization", "name": "خبرگزاری", "logo": {"@type": "ImageObject", "name": "logo"}},
    "datePublished": "2026-11-20T08:00:00+03:30",
    "dateModified": "2026-11-20T09:00:00+03:30",
    "mainEntityOfPage": {"@id": URL},
    "isAccessibleForFree": False,
}
CLAIMS = NewsClaims(
    kind="NewsArticle",
    headline=HEADLINE,
    authors=("کاوه قریشی",),
    publisher="خبرگزاری",
    published_claimed="2026-11-20T08:00:00+03:30",
    modified_claimed="2026-11-20T09:00:00+03:30",
    url=URL,
    free=False,
)


def changed(**fields: object) -> dict[str, Any]:
    return {**ARTICLE, **fields}


def read(*values: object) -> NewsClaims | None:
    return read_news(page(URL, linked(*values)))


@pytest.mark.parametrize(
    "values",
    [
        (ARTICLE,),
        ([ARTICLE],),
        ({"@context": "https://schema.org", "@graph": [{"@type": "WebSite", "name": "x"}, ARTICLE]},),
        (changed(**{"@type": ["Thing", "https://schema.org/NewsArticle"]}),),
        ({"@type": "BreadcrumbList", "name": "x"}, "text", 7, None, ARTICLE, changed(headline="the second")),
        ({"headLine" if name == "headline" else name: value for name, value in ARTICLE.items()},),
        (changed(mainEntityOfPage=URL, isAccessibleForFree="False"),),
        (changed(url=URL, mainEntityOfPage=None, isAccessibleForFree="https://schema.org/False"),),
        (
            {"@graph": [changed(author={"@id": "#a"}, publisher=[{"@id": "#p"}, {"name": "y"}])]},
            {"@graph": [{"@id": "#a", "name": "کاوه قریشی"}, {"@id": "#p", "name": "خبرگزاری"}]},
        ),
    ],
)
def test_an_article_is_read_in_any_shape(values: tuple[object, ...]) -> None:
    assert read(*values) == CLAIMS


@pytest.mark.parametrize(
    ("author", "names"),
    [
        ("A B", ("A B",)),
        (["A", {"name": "B"}, {"name": "A"}, {"name": 7}, None, 7, {}, []], ("A", "B")),
        ({"name": {"@value": "A"}}, ()),
        ({"@id": "#nobody"}, ()),
        ([{"name": str(number)} for number in range(100)], tuple(str(number) for number in range(20))),
    ],
)
def test_authors_are_named_once_each(author: object, names: tuple[str, ...]) -> None:
    claims = read(changed(author=author))
    assert claims is not None
    assert claims.authors == names


def test_the_canonical_link_of_the_page_is_the_better_address() -> None:
    dom = '<link rel="canonical" href="https://news.example/better">' + linked(changed(mainEntityOfPage="/relative"))
    claims = read_news(page(URL, dom))
    assert claims is not None
    assert claims.url == "https://news.example/better"


def test_what_is_odd_is_left_out_and_text_is_made_fit_for_a_manifest() -> None:
    odd = {
        "@type": "Report",
        "name": "a\ud800\x00b\n\tc\u200c\xa0d" + "e" * 900,
        "datePublished": 20261120,
        "url": ["x"],
    }
    claims = read(odd)
    assert claims is not None
    assert claims.headline is not None
    assert claims.headline.startswith("a? b c\u200c\xa0de")
    assert len(claims.headline) == 500
    assert (claims.published_claimed, claims.url, claims.free, claims.publisher) == (None, None, None, None)
    claims.headline.encode()


@pytest.mark.parametrize(
    "dom",
    [
        "",
        "<p>An ordinary page</p>",
        linked({"@type": "WebPage", "headline": "x"}, {"@type": 7, "headline": "x"}, {"headline": "x"}),
        linked({"@type": "NewsArticle", "headline": " "}),
        '<script type="application/ld+json">{"@type": "NewsArticle", "headline": </script>',
        '<script type="application/ld+json"></script>',
    ],
)
def test_a_page_without_an_article_claims_nothing(dom: str) -> None:
    assert read_news(page(URL, dom)) is None


def test_line_breaks_in_strings_which_json_forbids_are_let_be() -> None:
    dom = '<script type="application/ld+json; charset=utf-8">{"@type":"Article","headline":"a\nb"}</script>'
    claims = read_news(page(URL, dom))
    assert claims is not None
    assert claims.headline == "a b"


def test_a_flood_of_objects_is_not_read_to_its_end() -> None:
    assert read([{"@type": "WebPage"}] * 6_000 + [ARTICLE]) is None


def test_what_real_pages_claim_in_json_ld_is_what_their_other_marks_say() -> None:
    if not PAGES.is_dir():
        pytest.skip(f"no test data at {PAGES}")
    times = 0
    claims: dict[str, NewsClaims] = {}
    for path in sorted(PAGES.rglob("*")):
        if re.search(r"\.html(\.gz)?\Z", path.name):
            dom = unpacked(path.relative_to(PAGES).as_posix()).decode("utf-8", "replace")
            structure = page(URL, dom)
            found = read_news(structure)
            if found is None:
                continue
            claims[path.name] = found
            told = structure.meta("article:published_time") or ""
            if told.isascii() and told and found.published_claimed:
                then, also = (datetime.fromisoformat(one) for one in (told, found.published_claimed))
                assert abs(then.timestamp() - also.timestamp()) < 1 or not then.tzinfo, path.name
                times += 1
            shown = html.unescape(structure.meta("og:title") or "")
            words = set(html.unescape(found.headline or "").split())
            assert len(words & set(shown.split())) >= min(2, len(words)), path.name
    assert len(claims) == 13
    assert times >= 6
    assert claims["Reuters_2023_05_16.html.gz"].authors == ("Gopal Sharma",)


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.sampled_from(["NewsArticle", "#a"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from([*ARTICLE, "@id", "name", "@graph", "creator"]), inner, max_size=4),
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(VALUES, st.sampled_from(sorted(ARTICLE)))
def test_no_value_in_any_field_raises(value: object, name: str) -> None:
    claims = read(changed(**{name: value}), value)
    if claims is not None:
        told = [claims.headline, list(claims.authors), claims.url]
        assert json.loads(json.dumps(told, ensure_ascii=False).encode()) == told
        assert all(isinstance(one, str) for one in claims.authors)
