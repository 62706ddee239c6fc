"""Whose a URL is: by its host, label by label. netflix.com is not x.com, and x.com.evil.org is not.

A URL that two readers could read in two ways (spaces, backslashes, a user before the host, a host that is not
plain ASCII) is nobody's.
"""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, parse_qs, urlsplit

from archiver.capture.host import PORTS, Authority, read_authority
from archiver.model.errors import FormatError

_LONGEST_URL: Final = 8_000
_MOST_FIELDS: Final = 100
_AMBIGUOUS: Final = re.compile(r"[\x00-\x20\x7f-\xa0\\\ud800-\udfff\u2028\u2029]")
_SCHEMES: Final = frozenset({"http", "https"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A URL taken apart: ``path`` are its segments, ``query`` the first value of each field."""

    origin: str
    host: str
    path: tuple[str, ...]
    query: dict[str, str]


def is_of(host: str, *domains: str) -> bool:
    """Say whether a host is one of these domains or lies below one."""
    return any(host == domain or host.endswith("." + domain) for domain in domains)


def host_of(url: str) -> str:
    """Give a URL's host in lower case, or an empty string."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def path_of(url: str) -> str:
    """Give a URL's path, or an empty string."""
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


def query_of(url: str) -> dict[str, str]:
    """Give the first value of each field of a URL's query."""
    try:
        fields = parse_qs(urlsplit(url).query, max_num_fields=_MOST_FIELDS)
    except ValueError:
        return {}
    return {name: values[0] for name, values in fields.items()}


def read_place(url: str) -> Place | None:
    """Give a URL taken apart; None where it is none of HTTP's, too long, or could be read in two ways."""
    if len(url) > _LONGEST_URL or _AMBIGUOUS.search(url):
        return None
    try:
        parts, authority = urlsplit(url), read_authority(url)
    except (ValueError, FormatError):
        return None
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme not in _SCHEMES or not host.isascii() or host != authority.host.rstrip(".") or "@" in parts.netloc:
        return None
    return Place(origin=_origin(authority, host), host=host, path=_segments(parts), query=query_of(url))


def _origin(authority: Authority, host: str) -> str:
    port = "" if authority.port == PORTS[authority.scheme] else f":{authority.port}"
    return f"{authority.scheme}://{f'[{host}]' if ':' in host else host}{port}"


def _segments(parts: SplitResult) -> tuple[str, ...]:
    """Give the path's segments. A link of the years of ``/#!/`` carries its path in the fragment."""
    path = parts.fragment[1:] if parts.path in {"", "/"} and parts.fragment.startswith("!/") else parts.path
    return tuple(one for one in path.split("/") if one)
