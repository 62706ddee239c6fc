"""Which host a URL names, read as Chromium reads it: what the guard judges is what the browser connects to.

Source: WHATWG URL Standard, sections 3.5 (host parsing) and 4.4 (basic URL parser), for special schemes.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import NoReturn
from urllib.parse import unquote_to_bytes

import idna

from archiver.model.errors import FormatError

PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
_LONGEST_URL = 32_768
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):", re.ASCII)
_FORBIDDEN = re.compile(r"[\x00-\x20\"#%/:<>?@\[\\\]^`{|}\x7f]")
_NUMBER = re.compile(r"(?:[0-9]+|0[xX][0-9A-Fa-f]*)\Z", re.ASCII)
_LARGEST_PORT = 65_535
_EDGES = "".join(map(chr, range(0x21)))
_INSIDE = re.compile(r"[\t\n\r]")
_PARTS_OF_IPV4 = 4

Address = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """What a URL connects to. ``host`` is in canonical ASCII form; ``address`` is set where it is a number."""

    scheme: str
    host: str
    port: int
    address: Address | None = None


def scheme_of(url: str) -> str:
    """Give the URL's scheme in lower case, or an empty string if it has none."""
    match = _SCHEME.match(_stripped(url[:256]))
    return match[1].lower() if match else ""


@lru_cache(maxsize=256)  # each request's URL is read at the guard, at the relay and for the record
def read_authority(url: str) -> Authority:
    """Give scheme, host and port of an ``http(s)`` or ``ws(s)`` URL; raise FormatError if Chromium would refuse it."""
    if len(url) > _LONGEST_URL:
        _refuse(f"longer than {_LONGEST_URL} characters")
    scheme = scheme_of(url)
    if scheme not in PORTS:
        _refuse(f"expected one of {', '.join(PORTS)}, found scheme {scheme[:20]!r}")
    rest = _stripped(url)[len(scheme) + 1 :].lstrip("/\\")
    authority = re.split(r"[/\\?#]", rest, maxsplit=1)[0].rpartition("@")[2]
    host, port = _split_port(authority)
    if host.startswith("["):
        address = _ipv6(host)
        return Authority(scheme=scheme, host=str(address), port=_port(port, scheme), address=address)
    name = _domain(host)
    if _ends_in_number(name):
        number = _ipv4(name)
        return Authority(scheme=scheme, host=str(number), port=_port(port, scheme), address=number)
    return Authority(scheme=scheme, host=name, port=_port(port, scheme))


def in_one_form(url: str) -> str:
    """Give a URL with its host as it is asked for: in ASCII, numbers in four parts; the rest as it stands.

    Raises FormatError as `read_authority` does.
    """
    place = read_authority(url)
    rest = _stripped(url)[len(place.scheme) + 1 :].lstrip("/\\")
    authority = re.split(r"[/\\?#]", rest, maxsplit=1)[0]
    beyond = re.split(r"(?=[?#])", rest[len(authority) :], maxsplit=1)
    user, at, _ = authority.rpartition("@")
    host = f"[{place.host}]" if ":" in place.host else place.host
    port = "" if place.port == PORTS[place.scheme] else f":{place.port}"
    path = beyond[0].replace("\\", "/") or "/"
    return f"{place.scheme}://{user}{at}{host}{port}{path}{''.join(beyond[1:])}"


def _stripped(url: str) -> str:
    return _INSIDE.sub("", url.strip(_EDGES))


def _split_port(authority: str) -> tuple[str, str]:
    if authority.startswith("["):
        host, bracket, after = authority.partition("]")
        if not bracket or (after and not after.startswith(":")):
            _refuse("an IPv6 host whose bracket is not closed")
        return host + bracket, after[1:]
    host, _, port = authority.partition(":")
    return host, port


def _port(text: str, scheme: str) -> int:
    if not text:
        return PORTS[scheme]
    if not (text.isascii() and text.isdigit()) or len(text.lstrip("0")) > len(str(_LARGEST_PORT)):
        _refuse(f"port {text[:20]!r}")
    port = int(text)
    if port > _LARGEST_PORT:
        _refuse(f"port {port}")
    return port


def _ipv6(bracketed: str) -> IPv6Address:
    inner = bracketed[1:-1]
    if "%" in inner:
        _refuse("an IPv6 host with a zone")
    try:
        return IPv6Address(inner)
    except (AddressValueError, ValueError):
        _refuse("an IPv6 host that is no address")


def _domain(host: str) -> str:
    """Give the host percent-decoded, mapped by UTS #46 (non-transitional) and in A-labels."""
    try:
        decoded = unquote_to_bytes(host).decode("utf-8")
        mapped = idna.uts46_remap(decoded, std3_rules=False, transitional=False)
        name = ".".join(_label(label) for label in mapped.split("."))
    except (UnicodeError, ValueError):  # idna.IDNAError is a UnicodeError
        _refuse("a host that is no domain name")
    if not name or not name.strip(".") or _FORBIDDEN.search(name):
        _refuse("a host that is empty or holds a forbidden character")
    return name.lower()


def _label(label: str) -> str:
    return label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii")


def _ends_in_number(name: str) -> bool:
    parts = name.split(".")
    if parts[-1] == "" and len(parts) > 1:
        parts.pop()
    return bool(_NUMBER.match(parts[-1]))


def _ipv4(name: str) -> IPv4Address:
    parts = name.split(".")
    if parts[-1] == "" and len(parts) > 1:
        parts.pop()
    if len(parts) > _PARTS_OF_IPV4 or not all(_NUMBER.match(part) for part in parts):
        _refuse("a host that ends in a number and is no IPv4 address")
    numbers = [_number(part) for part in parts]
    if any(number > 255 for number in numbers[:-1]) or numbers[-1] >= 256 ** (5 - len(numbers)):  # noqa: PLR2004
        _refuse("an IPv4 host out of range")
    value = numbers[-1]
    for place, number in enumerate(numbers[:-1]):
        value += number << 8 * (3 - place)
    return IPv4Address(value)


def _number(part: str) -> int:
    """Give one part of an IPv4 host: ``0x`` hexadecimal, leading ``0`` octal, decimal else."""
    try:
        if part[:2] in {"0x", "0X"}:
            return int(part[2:] or "0", 16)
        return int(part, 8) if part.startswith("0") else int(part)
    except ValueError:
        _refuse("an IPv4 host with a digit out of place")


def _refuse(what: str) -> NoReturn:
    raise FormatError(f"URL: {what}")
