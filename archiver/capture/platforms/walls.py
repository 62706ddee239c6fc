"""Walls that a visitor is led to: for consent, for a login, for an age. Told by the address that one ends at.

LIMIT: a wall that is drawn over the asked address itself is not seen here.
"""

import re
from typing import Final

from archiver.capture.platforms.hosts import host_of, is_of, path_of
from archiver.capture.platforms.item import Judgement
from archiver.capture.structure import Structure, printable
from archiver.model.evidence import Reason

_LONGEST: Final = 60
# Domain, beginning of the path; of what the sites themselves document or have long used.
_WALLS: Final[tuple[tuple[Reason, str, str], ...]] = (
    (Reason.CONSENT_WALL, "consent.google.com", r"/"),
    (Reason.CONSENT_WALL, "consent.youtube.com", r"/"),
    (Reason.CONSENT_WALL, "consent.yahoo.com", r"/"),
    (Reason.CONSENT_WALL, "guce.yahoo.com", r"/"),
    (Reason.CONSENT_WALL, "guce.yahoo.net", r"/"),
    (Reason.CONSENT_WALL, "guce.aol.com", r"/"),
    (Reason.CONSENT_WALL, "guce.oath.com", r"/"),
    (Reason.CONSENT_WALL, "guce.huffpost.com", r"/"),
    (Reason.CONSENT_WALL, "guce.techcrunch.com", r"/"),
    (Reason.CONSENT_WALL, "consent.bloomberg.com", r"/"),
    (Reason.CONSENT_WALL, "cmp-consent-tool.privacymanager.io", r"/"),
    (Reason.CONSENT_WALL, "myprivacy.dpgmedia.nl", r"/"),
    (Reason.CONSENT_WALL, "myprivacy.dpgmedia.be", r"/"),
    (Reason.CONSENT_WALL, "derstandard.at", r"/consent/tcf/"),
    (Reason.CONSENT_WALL, "zeit.de", r"/zustimmung(?:/|\Z)"),
    (Reason.CONSENT_WALL, "tumblr.com", r"/privacy/consent"),
    (Reason.LOGIN_WALL, "facebook.com", r"/(?:login|checkpoint)(?:[./]|\Z)"),
    (Reason.LOGIN_WALL, "instagram.com", r"/(?:accounts/(?:login|suspended)|challenge)(?:/|\Z)"),
    (Reason.LOGIN_WALL, "x.com", r"/(?:i/flow/(?:login|signup)|login|account/access)(?:/|\Z)"),
    (Reason.LOGIN_WALL, "twitter.com", r"/(?:i/flow/(?:login|signup)|login|account/access)(?:/|\Z)"),
    (Reason.LOGIN_WALL, "threads.net", r"/login(?:/|\Z)"),
    (Reason.LOGIN_WALL, "threads.com", r"/login(?:/|\Z)"),
    (Reason.LOGIN_WALL, "tiktok.com", r"/login(?:/|\Z)"),
    (Reason.LOGIN_WALL, "linkedin.com", r"/(?:authwall|uas/login|login|checkpoint|signup/cold-join)(?:/|\Z)"),
    (Reason.LOGIN_WALL, "accounts.google.com", r"/"),
    (Reason.LOGIN_WALL, "login.yahoo.com", r"/"),
    (Reason.LOGIN_WALL, "login.live.com", r"/"),
    (Reason.LOGIN_WALL, "login.microsoftonline.com", r"/"),
    (Reason.LOGIN_WALL, "truthsocial.com", r"/login(?:/|\Z)"),
    (Reason.LOGIN_WALL, "reddit.com", r"/login(?:/|\Z)"),
    (Reason.LOGIN_WALL, "vk.com", r"/login(?:[/.]|\Z)"),
    (Reason.LOGIN_WALL, "passport.weibo.com", r"/(?:sso/)?signin"),
    (Reason.LOGIN_WALL, "medium.com", r"/m/signin"),
    (Reason.AGE_GATE, "reddit.com", r"/over18(?:/|\Z)"),
    (Reason.AGE_GATE, "store.steampowered.com", r"/agecheck/"),
    (Reason.AGE_GATE, "blogger.com", r"/age-verification\.g"),
)


def wall(page: Structure) -> Judgement | None:
    """Give that the page led to a wall. Who asked for that address himself was led nowhere."""
    for reason, domain, pattern in _WALLS:
        if _is_there(page.final_url, domain, pattern) and not _is_there(page.requested_url, domain, pattern):
            return Judgement(reason=reason, rests_on=f"led to {domain}{printable(path_of(page.final_url), _LONGEST)}")
    return None


def _is_there(url: str, domain: str, pattern: str) -> bool:
    return is_of(host_of(url), domain) and re.match(pattern, path_of(url) or "/") is not None
