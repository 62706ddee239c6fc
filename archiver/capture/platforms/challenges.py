"""Challenges that stand between a visitor and a page: told by their makers' own heads, scripts, frames and forms.

A challenge's parts lie about on good pages too (a comment form's captcha, a script that watches). So a page of much
text, or with what a source has, is none; and a widget that any site may use counts only where there is nothing else.
LIMIT: a challenge that an own page of much text surrounds is taken for content, as is one whose maker is not listed.
"""

import re
from typing import Final

from archiver.capture.platforms.hosts import host_of, is_of, path_of
from archiver.capture.platforms.item import Judgement
from archiver.capture.structure import Structure
from archiver.model.evidence import Reason

_LITTLE_TEXT: Final = 1_500
_HARDLY_ANY: Final = 600
_REFUSALS: Final = frozenset({202, 403, 405, 429, 503})

_HEADS: Final = (
    ("cf-mitigated", frozenset({"challenge"})),
    ("x-amzn-waf-action", frozenset({"captcha", "challenge"})),
    ("x-vercel-mitigated", frozenset({"challenge"})),
)
_KASADA: Final = "149e9513-01fa-4fb0-aad4-566afd725d1b"
# What only a challenge holds: scripts, frames and forms by their address.
_SOURCES: Final = (
    ("Cloudflare challenge", "//script/@src", re.compile(r"/cdn-cgi/challenge-platform/h/[a-z]/orchestrate/")),
    ("DataDome", "//script/@src | //iframe/@src", re.compile(r"//[a-z]+\.captcha-delivery\.com/")),
    ("HUMAN", "//script/@src", re.compile(r"//captcha\.px-(?:cdn|cloud)\.net/|/captcha/captcha\.js\?a=c&")),
    ("Imperva", "//iframe/@src", re.compile(r"/_Incapsula_Resource\?")),
    ("DDoS-Guard", "//script/@src", re.compile(r"/\.well-known/ddos-guard/js-challenge/")),
    ("Kasada", "//script/@src", re.compile(rf"/{_KASADA}/[0-9a-f-]{{36}}/ips\.js")),
    ("Akamai", "//meta[@http-equiv='refresh']/@content", re.compile(r"[?&]bm-verify=")),
    ("Amazon", "//form/@action", re.compile(r"/errors/validateCaptcha")),
)
# The same by marks in the markup, and by names in inline scripts.
_MARKS: Final = (
    ("Cloudflare challenge", "//*[@id='challenge-form' or @id='challenge-running' or @id='cf-challenge-running']"),
    ("Cloudflare challenge", "//script[contains(., '_cf_chl_opt')]"),
    ("HUMAN", "//*[@id='px-captcha']"),
    ("Google's check of traffic", "//form[@id='captcha-form']"),
    ("Akamai", "//*[@id='sec-if-cpt-container' or @id='sec-cpt-if']"),
    ("AWS WAF", "//script[contains(., 'gokuProps')]"),
    ("Sucuri", "//script[contains(., 'sucuri_cloudproxy_js')]"),
    ("ArvanCloud", "//script[contains(., '__arcsjs')]"),
)
# Widgets that forms of good pages hold too.
_WIDGETS: Final = (
    ("Cloudflare Turnstile", re.compile(r"//challenges\.cloudflare\.com/")),
    ("hCaptcha", re.compile(r"//(?:[a-z0-9-]+\.)?hcaptcha\.com/")),
    ("reCAPTCHA", re.compile(r"//www\.(?:google\.com|recaptcha\.net)/recaptcha/")),
    ("ARCaptcha", re.compile(r"//widget\.arcaptcha\.(?:ir|co)/")),
    ("SmartCaptcha", re.compile(r"//smartcaptcha\.yandexcloud\.net/")),
    ("F5", re.compile(r"/TSPD/[0-9a-f]{10,}")),
)
_CLOUDFLARE_CODES: Final = {"1009": Reason.GEO_BLOCK, "1015": Reason.RATE_LIMITED}
_IRAN_FILTER: Final = re.compile(r"https?://(10\.10\.34\.3[4-6]|(?:[a-z0-9-]+\.)?peyvandha\.ir)(?:[:/?]|\Z)")
_CONTENT: Final = (
    "//h1 | //h2 | //p[string-length(normalize-space(.)) > 60] | //img[@src] | //video | //audio | //table"
    " | //input[@type!='hidden' and @type!='submit'] | //input[not(@type)] | //select | //textarea[not(@name)]"
)


def challenge(page: Structure) -> Judgement | None:
    """Give that a challenge, or a filter, stands in the page's place."""
    return _by_head(page) or _by_address(page) or _by_filter(page) or _by_markup(page)


def _by_head(page: Structure) -> Judgement | None:
    for name, words in _HEADS:
        word = (page.header(name) or "").lower()
        if word in words:
            return Judgement(reason=Reason.CAPTCHA, rests_on=f"header {name}: {word}")
    if page.status == 429 and page.header("x-kpsdk-ct") is not None:  # noqa: PLR2004 - RFC 6585
        return Judgement(reason=Reason.CAPTCHA, rests_on="header x-kpsdk-ct (Kasada) with HTTP status 429")
    return None


def _by_address(page: Structure) -> Judgement | None:
    host, path = host_of(page.final_url), path_of(page.final_url)
    if re.match(r"(?:www\.|ipv[46]\.)?google\.[a-z.]{2,6}\Z", host) and path.startswith("/sorry/"):
        return Judgement(reason=Reason.CAPTCHA, rests_on="led to google's /sorry/")
    if is_of(host, "yandex.ru", "yandex.com", "ya.ru", "dzen.ru") and path.startswith("/showcaptcha"):
        return Judgement(reason=Reason.CAPTCHA, rests_on="led to yandex's /showcaptcha")
    return None


def _by_filter(page: Structure) -> Judgement | None:
    """Judge the page that Iran's filter puts in the place of another, and Cloudflare's own by their numbers."""
    if len(page.select("//iframe")) == 1 and not _has_content(page):
        source = next(map(str, page.select("//iframe/@src")), "")
        match = _IRAN_FILTER.match(source)
        if match is not None:
            return Judgement(reason=Reason.GEO_BLOCK, rests_on=f"nothing but a frame of Iran's filter, {match[1]}")
    if page.select("//*[@id='cf-error-details']"):
        for code in page.select("//*[contains(@class, 'cf-error-code')]")[:3]:
            number = str(code.text or "").strip()
            if number in _CLOUDFLARE_CODES:
                return Judgement(reason=_CLOUDFLARE_CODES[number], rests_on=f"Cloudflare error {number}")
    return None


def _by_markup(page: Structure) -> Judgement | None:
    text = page.text_characters or 0
    bare = not _has_content(page)
    if text > _LITTLE_TEXT or page.select("//article") or not (bare or page.status in _REFUSALS):
        return None
    name = _own_mark(page)
    if name is not None:
        return Judgement(reason=Reason.CAPTCHA, rests_on=f"{name}: its own markup on a page of little else")
    sources = [str(one) for one in page.select("//script/@src | //iframe/@src")[:200]]
    for name, pattern in _WIDGETS:
        if bare and text <= _HARDLY_ANY and any(pattern.search(one) for one in sources):
            return Judgement(reason=Reason.CAPTCHA, rests_on=f"{name}: its widget on a page of nothing else")
    return None


def _own_mark(page: Structure) -> str | None:
    for name, xpath, pattern in _SOURCES:
        if any(pattern.search(str(one)) for one in page.select(xpath)[:200]):
            return name
    return next((name for name, xpath in _MARKS if page.select(xpath)), None)


def _has_content(page: Structure) -> bool:
    """Say whether a page has what a source has: headings, paragraphs, pictures, tables, or fields to fill in."""
    return len(page.select(_CONTENT)) > 1
