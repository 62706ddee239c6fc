"""A page that is not the source is told by its structure; a good page is never accused, whatever it writes about."""

import gzip
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.capture.judge import judge
from archiver.capture.platforms import read_item
from archiver.capture.structure import Answer
from archiver.model.evidence import Reason
from tests.unit.capture.platforms.pages import assigned, linked, page, script

URL = "https://news.example/world/story-17"
PARAGRAPH = "<p>" + "An ordinary sentence of an ordinary article, long enough to be one. " * 2 + "</p>"
ARTICLE = f"<header><a href='/login'>Log in</a></header><h1>Title</h1>{PARAGRAPH * 30}<img src='/a.jpg'>"
LONG = {"text_characters": 4_000}
CLOUDFLARE = "<script>window._cf_chl_opt={cvId:'3'};</script>"
KASADA = "149e9513-01fa-4fb0-aad4-566afd725d1b/2d206a39-8ed7-437e-a3be-862e0f06eea3"


def js(source: str) -> str:
    return f"<script src='{source}'></script>"


def frame(source: str) -> str:
    return f"<iframe src='{source}'></iframe>"


@pytest.mark.parametrize(
    ("dom", "seen", "rests_on"),
    [
        ("", {"status": 403, "headers": (("CF-Mitigated", "challenge"),)}, "header cf-mitigated: challenge"),
        ("", {"status": 405, "headers": (("x-amzn-waf-action", "captcha"),)}, "header x-amzn-waf-action: captcha"),
        (
            "",
            {"status": 429, "headers": (("x-vercel-mitigated", "challenge"),)},
            "header x-vercel-mitigated: challenge",
        ),
        ("", {"status": 429, "headers": (("x-kpsdk-ct", "0"),)}, "header x-kpsdk-ct (Kasada) with HTTP status 429"),
        (f"<h1>news.example</h1>{CLOUDFLARE}", {"status": 403}, "Cloudflare challenge: its own markup"),
        (
            js("/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1?ray=a"),
            {},
            "Cloudflare challenge: its own markup",
        ),
        (frame("https://geo.captcha-delivery.com/captcha/?cid=1"), {"status": 403}, "DataDome: its own markup"),
        ("<h1>a</h1><h2>b</h2><div id='px-captcha'></div>", {"status": 403}, "HUMAN: its own markup"),
        (frame("/_Incapsula_Resource?CWUDNSAI=9"), {}, "Imperva: its own markup"),
        (js("/.well-known/ddos-guard/js-challenge/index.js"), {"status": 403}, "DDoS-Guard: its own markup"),
        (js(f"/{KASADA}/ips.js?x=1"), {"status": 200}, "Kasada: its own markup"),
        ("<meta http-equiv='refresh' content=\"5; URL='/?bm-verify=AAQ'\">", {}, "Akamai: its own markup"),
        ("<div id='sec-if-cpt-container'></div>", {}, "Akamai: its own markup"),
        ("<form action='/errors/validateCaptcha'><input name='field-keywords'></form>", {}, "Amazon: its own markup"),
        ("<script>window.gokuProps = {};</script>", {"status": 202}, "AWS WAF: its own markup"),
        ("<script>document.cookie='__arcsjs='+x</script>", {"status": 200}, "ArvanCloud: its own markup"),
        ("<script>sucuri_cloudproxy_js='';</script>", {"status": 307}, "Sucuri: its own markup"),
        (js("https://challenges.cloudflare.com/turnstile/v0/api.js"), {"text_characters": 90}, "Turnstile: its widget"),
        (frame("https://newassets.hcaptcha.com/captcha/v1/x"), {"text_characters": 90}, "hCaptcha: its widget"),
        (
            js("https://www.google.com/recaptcha/api.js"),
            {"status": 403, "text_characters": 90},
            "reCAPTCHA: its widget",
        ),
        (js("https://widget.arcaptcha.ir/1/api.js"), {"text_characters": 90}, "ARCaptcha: its widget"),
        (
            ARTICLE,
            {"final_url": "https://www.google.com/sorry/index?continue=x", "text_characters": 300},
            "led to google's /sorry/",
        ),
        (ARTICLE, {"final_url": "https://yandex.ru/showcaptcha?cc=1"}, "led to yandex's /showcaptcha"),
    ],
)
def test_a_challenge_is_told_by_its_makers_parts(dom: str, seen: dict[str, Any], rests_on: str) -> None:
    judged = judge(page(URL, dom, **seen), None)
    assert judged is not None
    assert judged.reason is Reason.CAPTCHA
    assert rests_on in judged.rests_on


@pytest.mark.parametrize(
    ("final_url", "reason", "rests_on"),
    [
        ("https://consent.google.com/ml?continue=x", Reason.CONSENT_WALL, "led to consent.google.com/ml"),
        ("https://consent.youtube.com/m?continue=x", Reason.CONSENT_WALL, "led to consent.youtube.com/m"),
        ("https://guce.yahoo.com/consent?x", Reason.CONSENT_WALL, "led to guce.yahoo.com/consent"),
        ("https://www.zeit.de/zustimmung?url=x", Reason.CONSENT_WALL, "led to zeit.de/zustimmung"),
        ("https://www.facebook.com/login/?next=x", Reason.LOGIN_WALL, "led to facebook.com/login/"),
        ("https://m.facebook.com/login.php?next=x", Reason.LOGIN_WALL, "led to facebook.com/login.php"),
        ("https://www.instagram.com/accounts/login/?next=x", Reason.LOGIN_WALL, "led to instagram.com/accounts/login/"),
        ("https://x.com/i/flow/login?redirect_after_login=x", Reason.LOGIN_WALL, "led to x.com/i/flow/login"),
        ("https://www.linkedin.com/authwall?trk=x", Reason.LOGIN_WALL, "led to linkedin.com/authwall"),
        ("https://accounts.google.com", Reason.LOGIN_WALL, "led to accounts.google.com"),
        ("https://www.threads.com/login?خ", Reason.LOGIN_WALL, "led to threads.com/login"),
        ("https://old.reddit.com/over18?dest=x", Reason.AGE_GATE, "led to reddit.com/over18"),
    ],
)
def test_a_wall_is_told_by_the_address_that_one_is_led_to(final_url: str, reason: Reason, rests_on: str) -> None:
    judged = judge(page(URL, ARTICLE, final_url=final_url, **LONG), None)
    assert judged is not None
    assert (judged.reason, judged.rests_on) == (reason, rests_on)
    assert judge(page(final_url, ARTICLE, **LONG), None) is None, "who asks for it was led nowhere"


@pytest.mark.parametrize(
    ("seen", "reason", "rests_on"),
    [
        ({"status": 429}, Reason.RATE_LIMITED, "HTTP status 429"),
        (
            {"status": 429, "headers": (("Retry-After", "1\x0020é"),)},
            Reason.RATE_LIMITED,
            "HTTP status 429, retry-after 120",
        ),
        ({"status": 451}, Reason.GEO_BLOCK, "HTTP status 451, unavailable for legal reasons"),
        (
            {"status": 401, "headers": (("www-authenticate", "Basic"),)},
            Reason.LOGIN_WALL,
            "HTTP status 401, www-authenticate",
        ),
        (
            {"status": 503, "headers": (("retry-after", "9"),)},
            Reason.HTTP_SERVER_ERROR,
            "HTTP status 503, retry-after 9",
        ),
    ],
)
def test_a_status_that_means_more_than_its_hundred_is_judged(
    seen: dict[str, Any], reason: Reason, rests_on: str
) -> None:
    judged = judge(page(URL, ARTICLE, **seen), None)
    assert judged is not None
    assert (judged.reason, judged.rests_on) == (reason, rests_on)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 407, 410, 500, 502, 503])
def test_any_other_status_speaks_for_itself(status: int) -> None:
    assert judge(page(URL, f"<body class='error404'>{ARTICLE}", status=status), None) is None


@pytest.mark.parametrize(
    ("dom", "reason", "rests_on"),
    [
        (frame("http://10.10.34.36?type=Invalid Site&policy=MainPolicy"), Reason.GEO_BLOCK, "Iran's filter"),
        (frame("http://peyvandha.ir/"), Reason.GEO_BLOCK, "Iran's filter"),
        (
            "<div id='cf-error-details'><span class='cf-error-code'>1009</span>",
            Reason.GEO_BLOCK,
            "Cloudflare error 1009",
        ),
        ("<div id='cf-error-details'><i class='cf-error-code'>1015</i>", Reason.RATE_LIMITED, "Cloudflare error 1015"),
    ],
)
def test_a_filter_that_stands_in_the_pages_place_is_told(dom: str, reason: Reason, rests_on: str) -> None:
    judged = judge(page(URL, dom, status=403), None)
    assert judged is not None
    assert judged.reason is reason
    assert rests_on in judged.rests_on


NUXT = [
    ["ShallowReactive", 1],
    {"data": 2, "error": 3},
    {},
    ["NuxtError", 4],
    {"statusCode": 5, "message": 6},
    404,
    "?",
]
PLAIN_NUXT = [{"state": 1, "error": 2}, {}, {"statusCode": 3}, 404]
REMIX = {"state": {"errors": {"root": {"__type": "RouteErrorResponse", "status": 404}}}}
DRUPAL = "<script type='application/json' data-drupal-selector='drupal-settings-json'>%s</script>"
HOME = (
    "<link rel='canonical' href='https://news.example/'><meta property='og:url' content='https://www.news.example/fa/'>"
)
NOINDEX = "<meta name='robots' content='NOINDEX, follow'>"


@pytest.mark.parametrize(
    ("dom", "rests_on"),
    [
        ("<meta name='prerender-status-code' content='404'>", "meta prerender-status-code = 404"),
        ("<body class='rtl error404 x'>", "WordPress: body.error404"),
        ("<body class='site error_site'>", "Joomla: body.error_site"),
        ("<body class='template-404'>", "Shopify: body.template-404"),
        ("<meta name='next-error' content='not-found'>", "Next.js: meta next-error not-found"),
        (script("__NEXT_DATA__", {"page": "/404"}), "Next.js: route /404"),
        (script("__NEXT_DATA__", {"page": "/_error"}), "Next.js: route /_error"),
        (script("__NUXT_DATA__", NUXT), "Nuxt: error statusCode 404"),
        (script("__NUXT_DATA__", PLAIN_NUXT), "Nuxt: error statusCode 404"),
        (assigned("__remixContext", REMIX), "Remix: RouteErrorResponse 404"),
        (DRUPAL % '{"path":{"currentPath":"system/404"}}', "Drupal: currentPath system/404"),
        (HOME + NOINDEX, "canonical and og:url are the front page, robots noindex"),
    ],
)
def test_not_found_with_status_200_is_told_by_what_made_the_page(dom: str, rests_on: str) -> None:
    judged = judge(page(URL, dom + "<h1>…</h1>", **LONG), None)
    assert judged is not None
    assert (judged.reason, judged.rests_on) == (Reason.SOFT_404, f"{rests_on}, HTTP status 200")


@pytest.mark.parametrize(
    ("asked", "led_to"),
    [
        (URL, "https://news.example/"),
        (URL, "https://www.news.example"),
        (URL, "https://news.example/index.html"),
        (URL, "https://news.example/fa/"),
        ("https://m.news.example/?p=17", "https://news.example/"),
        ("https://news.example/story17", "https://news.example/"),
        ("https://news.example/an-article-with-a-long-name", "https://news.example/"),
    ],
)
def test_a_page_deep_in_a_site_that_led_to_its_front_page_is_not_found(asked: str, led_to: str) -> None:
    judged = judge(page(asked, ARTICLE, final_url=led_to, redirects=(asked,), **LONG), None)
    assert judged is not None
    assert judged.reason is Reason.SOFT_404
    assert judged.rests_on == "redirected from deep in the site to its front page, HTTP status 200"


@pytest.mark.parametrize(
    ("asked", "led_to"),
    [
        ("https://news.example/", "https://news.example/fa/"),
        ("https://news.example/index.php", "https://news.example/"),
        ("https://news.example/web/index.html", "https://news.example/web/"),
        ("https://news.example/fa", "https://news.example/"),
        ("https://news.example/home", "https://news.example/"),
        ("https://short.example/2/abc", "https://news.example/"),
        (URL, "https://news.example/world/story-17-with-a-better-name"),
        (URL, "https://news.example/?story=17"),
        (URL, "https://news.example/#/story/17"),
        (URL, "https://other.example/"),
        (URL, "https://["),
        (URL, ""),
    ],
)
def test_a_page_that_led_elsewhere_is_not_accused_of_it(asked: str, led_to: str) -> None:
    assert judge(page(asked, ARTICLE, final_url=led_to, redirects=(asked,), **LONG), None) is None


COMMENTS = "<form><textarea name='comment'></textarea><div class='g-recaptcha'></div></form>"
GOOD = {
    "article": (ARTICLE, {}),
    "article with a captcha at its comments": (ARTICLE + COMMENTS + js("https://www.google.com/recaptcha/api.js"), {}),
    "article that a script of Cloudflare watches": (
        ARTICLE + js("/cdn-cgi/challenge-platform/h/b/scripts/jsd/main.js"),
        {},
    ),
    "short page that a script of Cloudflare watches": (
        "<div>ok</div>" + js("/cdn-cgi/challenge-platform/h/b/scripts/jsd/main.js"),
        {"text_characters": 2},
    ),
    "article behind Imperva": (ARTICLE + js("/_Incapsula_Resource?SWJIYLWA=1"), {}),
    "short page behind Imperva": ("<div>ok</div>" + js("/_Incapsula_Resource?SWJIYLWA=1"), {"text_characters": 2}),
    "article behind DataDome": (
        ARTICLE + js("https://js.datadome.co/tags.js"),
        {"headers": (("x-datadome", "protected"),)},
    ),
    "contact page with a captcha": (
        "<h1>Contact</h1><form><input name='mail'><input type='submit'></form>"
        + js("https://www.google.com/recaptcha/api.js"),
        {"text_characters": 80},
    ),
    "login form with a captcha": (
        "<form><input name='user'><input name='password' type='password'></form>"
        + js("https://js.hcaptcha.com/1/api.js"),
        {"text_characters": 30},
    ),
    "not found with a captcha on every page": (
        f"<h1>Not found</h1>{PARAGRAPH}" + js("https://www.google.com/recaptcha/api.js"),
        {"status": 404, "text_characters": 200},
    ),
    "article with a cookie banner": (
        ARTICLE + "<div id='onetrust-banner-sdk' role='dialog'><button>Accept</button></div>",
        {},
    ),
    "article about 404": ("<title>404 not found</title><h1>404 Not Found: what it means</h1>" + PARAGRAPH * 30, {}),
    "article about suspended accounts": (
        "<h1>This account is suspended. Captcha, consent, log in</h1>" + PARAGRAPH,
        {},
    ),
    "article about __arcsjs": ("<article><script>'__arcsjs'</script><p>…</p></article>", {"text_characters": 300}),
    "article on a page that a plugin made": ("<body class='error404'><meta property='og:type' content='article'>", {}),
    "article on a page that a plugin made, by JSON-LD": (
        "<body class='error404'>" + linked({"@type": "NewsArticle", "headline": "x"}),
        {},
    ),
    "shell whose canonical is always the front page": (HOME + "<div id='app'>…</div>", {"text_characters": 300}),
    "page that is not to be listed": (NOINDEX + "<h1>x</h1>", {}),
    "front page of a shell": (HOME + NOINDEX, {"final_url": "https://news.example/"}),
    "two frames, one of the filter": (frame("http://10.10.34.36/") + frame("https://video.example/1"), {}),
    "article that shows the filter": (ARTICLE + frame("http://10.10.34.36/"), {}),
    "frame of another address": (frame("http://10.10.35.36/"), {}),
    "page of Cloudflare with another number": (
        "<div id='cf-error-details'><i class='cf-error-code'>1020</i>",
        {"status": 403},
    ),
    "Next.js": (script("__NEXT_DATA__", {"page": "/story/[id]"}) + script("__NUXT_DATA__", {"error": 404}), {}),
    "Next.js of odd types": (script("__NEXT_DATA__", {"page": ["/404"]}), {}),
    "Nuxt": (script("__NUXT_DATA__", [["Reactive", 1], {"data": 2}, {}]), {}),
    "Nuxt of odd types": (
        script("__NUXT_DATA__", [{"error": "x"}, {"error": -1}, {"error": 9}, {"error": 0}, 404]),
        {},
    ),
    "Nuxt with a server error": (script("__NUXT_DATA__", [{"error": 1}, {"statusCode": 2}, 500]), {}),
    "Remix": (assigned("__remixContext", {"state": {"errors": None}}), {}),
    "Remix with a server error": (
        assigned("__remixContext", {"state": {"errors": {"a": {"__type": "RouteErrorResponse", "status": 500}}}}),
        {},
    ),
    "Drupal": (DRUPAL % '{"path":{"currentPath":"node/17"}}', {}),
    "Drupal, broken": (DRUPAL % "{", {}),
    "prerendered": ("<meta name='prerender-status-code' content='200'>" + ARTICLE, {}),
    "nothing at all": ("", {"text_characters": None}),
    "no answer": ("", {"status": None}),
}


@pytest.mark.parametrize(("dom", "seen"), GOOD.values(), ids=GOOD)
def test_a_good_page_is_not_accused(dom: str, seen: dict[str, Any]) -> None:
    assert judge(page(URL, dom, **{"text_characters": 2_000, **seen}), None) is None


PAGES = Path(__file__).parents[4] / "shared" / "testdata" / "html"


def test_no_real_article_is_accused() -> None:
    if not PAGES.is_dir():
        pytest.skip(f"no test data at {PAGES}")
    found = sorted(one for one in PAGES.rglob("*") if re.search(r"\.html(\.gz)?\Z", one.name))
    assert len(found) > 15
    for path in found:
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        # No text is the hardest case: whatever rests on a page of little text is asked.
        assert judge(page(URL, data.decode("utf-8", "replace"), text_characters=0), None) is None, path.name


def test_the_rules_of_the_platform_are_asked_first() -> None:
    url = "https://bsky.app/profile/a.example/post/3luzluujzah2m"
    told = Answer(
        url="https://public.api.bsky.app/xrpc/app.bsky.feed.getPostThread?uri=at://a.example/app.bsky.feed.post/3luzluujzah2m",
        status=400,
        body={"error": "NotFound"},
    )
    seen = page(url, "<body class='error404'>", told)
    judged = judge(seen, read_item(url))
    assert judged is not None
    assert judged.rests_on == "bluesky: error NotFound of app.bsky.feed.getPostThread"
    without = judge(page(url, "<body class='error404'>"), read_item(url))
    assert without is not None
    assert without.reason is Reason.SOFT_404


ODD = st.text(max_size=40)
ADDRESSES = st.one_of(ODD, st.builds(lambda text: f"https://news.example/{text}", ODD))
BODIES = st.recursive(st.none() | ODD | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(ODD, inner))
ITEMS = st.sampled_from(
    (
        *(
            "https://x.com/a/status/20",
            "https://t.me/abcd/5",
            "https://youtu.be/dQw4w9WgXcQ",
            "https://fb.watch/abcdef/",
        ),
        *("https://bsky.app/profile/a.b/post/3luzluujzah2m", "https://a.example/@a/109252195123456789"),
        *("https://www.instagram.com/p/CGgDsi7JQdS", "https://www.tiktok.com/@a/video/7086595171827322158"),
    )
)


@given(ITEMS, ADDRESSES, ADDRESSES, ODD, BODIES, st.integers(0, 999))
def test_no_page_raises(item: str, asked: str, led_to: str, dom: str, body: object, status: int) -> None:
    told = Answer(url=led_to, status=status, body=body)
    head = (("retry-after", dom), (dom, asked))
    seen = page(asked, f"<p>{dom}", told, final_url=led_to, redirects=(asked,), headers=head, status=status)
    judged = judge(seen, read_item(item))
    assert judged is None or judged.rests_on.isascii()
