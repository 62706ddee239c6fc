"""What kind of source a URL leads to: rules over the host's registrable end and the path, kept as data.

Hosts are matched at label borders: ``netflix.com`` ends in ``x.com`` and is not X.
LIMIT: a host that is in no list is a web page until a person says otherwise.
"""

import re
from urllib.parse import urlsplit

from archiver.model.citation import Kind

_TWEETS = ("twitter.com", "x.com", "fxtwitter.com", "vxtwitter.com", "nitter.net")
_SOCIAL = (
    "facebook.com", "fb.com", "fb.watch", "instagram.com", "threads.net", "threads.com", "t.me", "telegram.me",
    "tiktok.com", "vk.com", "truthsocial.com", "bsky.app", "reddit.com", "linkedin.com", "aparat.com", "virasty.com",
)  # fmt: skip
_BROADCAST = (
    "youtube.com", "youtu.be", "vimeo.com", "dailymotion.com", "alarabiya.net", "aljazeera.com", "aljazeera.net",
    "almayadeen.net", "alalam.ir", "alalamtv.net", "presstv.ir", "presstv.com", "alhurra.com", "skynewsarabia.com",
    "cnn.com", "bbc.com", "bbc.co.uk", "rt.com", "voanews.com", "radiofarda.com", "almirbad.com", "alghad.tv",
    "iranintl.com", "france24.com", "dw.com",
)  # fmt: skip
_AGENCIES = (
    "reuters.com", "apnews.com", "ap.org", "afp.com", "dpa.com", "aa.com.tr", "tass.com", "tass.ru", "sputniknews.com",
    "sputnikarabic.ae", "ria.ru", "interfax.ru", "xinhuanet.com", "news.cn", "irna.ir", "isna.ir", "farsnews.ir",
    "farsnews.com", "tasnimnews.com", "mehrnews.com", "ilna.ir", "ina.iq", "shafaq.com", "ninanews.com", "rudaw.net",
    "spa.gov.sa", "wam.ae", "sana.sy", "petra.gov.jo", "kuna.net.kw", "ypagency.net", "saba.ye", "alforatnews.iq",
)  # fmt: skip
_PRESS = (
    "nytimes.com", "washingtonpost.com", "wsj.com", "theguardian.com", "ft.com", "economist.com", "theatlantic.com",
    "middleeasteye.net", "aawsat.com", "asharq.com", "alquds.co.uk", "alaraby.co.uk", "thenationalnews.com",
    "arabnews.com", "ahram.org.eg", "youm7.com", "kayhan.ir", "khabaronline.ir", "hamshahrionline.ir", "yjc.ir",
    "lemonde.fr", "liberation.fr", "lefigaro.fr", "spiegel.de", "timesofisrael.com", "haaretz.com", "jpost.com",
    "telegraph.co.uk", "independent.co.uk", "politico.com", "axios.com", "bloomberg.com", "newsweek.com",
)  # fmt: skip
_STATUS = re.compile(r"/(?:i/web|i|[A-Za-z0-9_]{1,15})/status(?:es)?/(\d{1,20})(?:/|\Z)")
_FEDIVERSE = re.compile(r"/@[\w.-]+(?:@[\w.-]+)?/(?:\d{6,}|[0-9A-Za-z]{10,})/?\Z")
_OFFICIAL = re.compile(r"(?:\.|\A)(?:gov|mil|int|un\.org|state\.gov)(?:\.[a-z]{2})?\Z")
_SNOWFLAKE_EPOCH_MS = 1_288_834_974_657
_FIRST_SNOWFLAKE = 29_700_859_247


def kind_of(url: str) -> Kind:
    """Give the kind that this URL leads to, as far as host and path tell."""
    host, path = _parts(url)
    if on(host, _TWEETS):
        return Kind.TWEET if _STATUS.search(path) else Kind.SOCIAL_POST
    for hosts, kind in ((_SOCIAL, Kind.SOCIAL_POST), (_AGENCIES, Kind.AGENCY_STORY), (_BROADCAST, Kind.BROADCAST)):
        if on(host, hosts):
            return kind
    if _FEDIVERSE.search(path):
        return Kind.SOCIAL_POST
    if path.lower().endswith(".pdf"):
        return Kind.REPORT
    if on(host, _PRESS):
        return Kind.PRESS_STORY
    return Kind.REPORT if _OFFICIAL.search(host) and "report" in path.lower() else Kind.WEB_PAGE


def status_of(url: str, *, anywhere: bool = False) -> tuple[str, int] | None:
    """Give user and id of the post that a Twitter or X URL leads to, or None.

    ``anywhere`` takes the path's word for it, whatever the host: for what a page itself embeds as a post.
    """
    host, path = _parts(url)
    match = _STATUS.search(path)
    if not match or not (anywhere or on(host, _TWEETS)):
        return None
    return path.split("/")[1], int(match[1])


def snowflake_ms(status_id: int) -> int | None:
    """Give the time that a status id carries, in milliseconds since 1970 UTC; None for ids before November 2010."""
    return (status_id >> 22) + _SNOWFLAKE_EPOCH_MS if status_id > _FIRST_SNOWFLAKE else None


def on(host: str, hosts: tuple[str, ...]) -> bool:
    """Say whether a host is one of these or lies below one of them."""
    return any(host == one or host.endswith(f".{one}") for one in hosts)


def _parts(url: str) -> tuple[str, str]:
    try:
        found = urlsplit(url)
        return (found.hostname or "").rstrip(".").lower(), found.path
    except ValueError:
        return "", ""
