"""The keys by which web archives are searched: an address turned inside out (SURT), in the form that pywb looks up.

The ``surt`` package, which pywb uses, is under the AGPL and brings a way to fetch lists; tests/foreign compares both.
"""

import re
from urllib.parse import unquote_to_bytes

from archiver.model.errors import FormatError

_PARTS = re.compile(r"(https?)://([^/?#]*)([^?#]*)(?:\?([^#]*))?", re.IGNORECASE | re.DOTALL)
_HOST = re.compile(r"(?:[^@]*@)?(\[[^\]]*\]|[^:]*)(?::(\d*))?\Z", re.DOTALL)
_WWW = re.compile(r"www\d*\.")
_SESSION = re.compile(r"(?:jsessionid|phpsessid|sid)=[0-9a-z]{32}|aspsessionid[a-z]{8}=[a-z]{24}")
_DEFAULT = {"http": "80", "https": "443"}
_KEPT = frozenset(range(0x21, 0x7F)) - frozenset(b"#%")


def surt(url: str) -> str:
    """Give the key of an address. What is neither http nor https (``urn:view:...``) keeps its order, in lowercase."""
    match = _PARTS.match(url)
    if not match:
        base, mark, query = url.lower().partition("?")
        return base.rstrip("/") + mark + "&".join(sorted(query.split("&")))
    scheme, place, path, query = match.groups()
    found = _HOST.match(place)
    if found is None:
        raise FormatError(f"address: no host in {url[:200]!r}")
    host, port = _host(found[1]), found[2] or ""
    port = "" if port in ("", _DEFAULT[scheme.lower()]) else f":{port}"
    path = _resolved(_plain(path)).lower()
    path = path.rstrip("/") or "/"
    asked = _query(query or "")
    return f"{host}{port}){path}" + (f"?{asked}" if asked else "")


def _host(text: str) -> str:
    host = _WWW.sub("", text.strip("[].").lower(), count=1)
    return ",".join(reversed(_ascii(host).split(".")))


def _ascii(host: str) -> str:
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return _plain(host)


def _query(text: str) -> str:
    parts = _plain(text).lower().split("&")
    # A session at the end leaves its ampersand: so do the keys that pywb makes.
    last = [""] if len(parts) > 1 and _SESSION.fullmatch(parts[-1]) else []
    named = [*(one for one in parts if not _SESSION.fullmatch(one)), *last]
    return "&".join(sorted(named, key=lambda one: one.partition("=")))


def _plain(text: str) -> str:
    """Give text with each escape undone as far as it goes, and what must be escaped escaped once."""
    raw = text.encode("utf-8", "surrogateescape")
    while (undone := unquote_to_bytes(raw)) != raw:
        raw = undone
    return "".join(chr(one) if one in _KEPT else f"%{one:02X}" for one in raw)


def _resolved(path: str) -> str:
    """Give a path without ``.``, ``..`` and empty parts."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            parts[-1:] = []
        elif part not in ("", "."):
            parts.append(part)
    return "/" + "/".join(parts) + ("/" if path.endswith("/") and parts else "")
