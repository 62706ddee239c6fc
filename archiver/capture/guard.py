"""Where a capture may connect to: public addresses over HTTP and HTTPS, and nowhere else.

A hostile page must not make this machine read its own network. Three checks, each of which alone refuses:
the URL before it is asked for, every address its name resolves to, and the address that was connected to.

Both clients connect to the addresses that this guard gave and to no other: the browser through `relay`, the
direct client by itself. So a name server that changes its answer (rebinding) changes nothing.
LIMIT: WebRTC is not seen here; `browser` switches off direct UDP.
"""

import socket
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address

from archiver.capture.host import Address, read_authority, scheme_of
from archiver.model.errors import FormatError, SourceError
from archiver.model.evidence import Reason

Resolver = Callable[[str], tuple[str, ...]]

_FETCHED = frozenset({"http", "https"})
_INSIDE_FETCHED = frozenset({"http", "https", "ws", "wss"})
_INSIDE_LOCAL = frozenset({"data", "blob", "about"})
_LOCAL_NAMES = ("localhost", "local", "internal", "localdomain", "home.arpa", "lan", "intranet")
_MOST_ADDRESSES = 64

# IANA special-purpose registries (RFC 6890 and its successors), written out: Python's own idea of
# "private" differs between its releases, and these answers must not.
_NOT_PUBLIC_4 = tuple(
    IPv4Network(one)
    for one in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
        "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
        "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32",
    )
)  # fmt: skip
_PUBLIC_6 = IPv6Network("2000::/3")
_NOT_PUBLIC_6 = tuple(IPv6Network(one) for one in ("2001::/23", "2001:db8::/32", "3fff::/20"))
_NAT64 = IPv6Network("64:ff9b::/96")
_6TO4 = IPv6Network("2002::/16")
# Cloud metadata services hand out the machine's credentials: refused even where private addresses are allowed.
_METADATA = frozenset(
    ip_address(one)
    for one in ("169.254.169.254", "169.254.170.2", "100.100.100.200", "192.0.0.192", "168.63.129.16", "fd00:ec2::254")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a URL or an address may not be asked: one reason, and the words it rests on."""

    reason: Reason
    why: str


def system_resolver(host: str) -> tuple[str, ...]:
    """Give every address that this machine's resolver knows for the name; raise OSError if none."""
    # LIMIT: getaddrinfo cannot be interrupted; callers run it in a thread and stop waiting at their deadline.
    found = socket.getaddrinfo(host.encode("ascii"), None, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(one[4][0]) for one in found))


class Guard:
    """One capture's judgement of URLs and addresses. Each name is resolved once and the answer kept.

    Safe to ask from several threads: the first answer for a name is the one that all get.
    """

    def __init__(self, *, allow_private: bool, resolver: Resolver = system_resolver, resolves: bool = True) -> None:
        """Without ``resolves`` names are judged as names and never looked up: a proxy does that elsewhere."""
        self._allow_private = allow_private
        self._resolves = resolves
        self._resolver = resolver
        self._answers: dict[str, tuple[str, ...] | Refusal] = {}

    def check(self, url: str) -> Refusal | None:
        """Give why this URL may not be fetched as a page or a document, or None. Resolves the name."""
        if scheme_of(url) not in _FETCHED:
            return _bad(f"expected http or https, found scheme {scheme_of(url)[:20]!r}")
        return self._check_host(url)

    def check_inside(self, url: str) -> Refusal | None:
        """Give why a page may not ask for this URL, or None. ``data:``, ``blob:`` and ``about:`` reach no network."""
        scheme = scheme_of(url)
        if scheme in _INSIDE_LOCAL:
            return None
        if scheme not in _INSIDE_FETCHED:
            return _bad(f"scheme {scheme[:20]!r} asked for by a page")
        return self._check_host(url)

    def knows(self, url: str) -> bool:
        """Say whether this URL is judged without asking a name server: nobody has to wait for it."""
        try:
            host = read_authority(url).host
        except FormatError:
            return True
        return host in self._answers or _number_of(host) is not None

    def check_address(self, address: str) -> Refusal | None:
        """Give why a connection to this address may not be kept, or None."""
        try:
            found = ip_address(address.strip("[]").partition("%")[0])
        except ValueError:
            return _forbidden(f"{address[:60]!r} is no IP address")
        if found in _METADATA or _mapped(found) in _METADATA:
            return _forbidden(f"{found} is a metadata service")
        if self._allow_private or is_public(found):
            return None
        return _forbidden(f"{found} is not a public address")

    def look_up(self, host: str) -> tuple[str, ...] | Refusal:
        """Give the addresses of a canonical host name or number, all of them allowed, or why not."""
        known = self._answers.get(host)
        return self._answers.setdefault(host, self._look_up(host)) if known is None else known

    def resolve(self, host: str, port: int) -> tuple[str, ...]:
        """Give the addresses that may be connected to for this host, in the resolver's order.

        Raises SourceError where there is none or any one of them is forbidden.
        """
        found = self.look_up(host)
        if isinstance(found, Refusal):
            raise SourceError(f"{host}:{port}: {found.why}")
        return found

    def _check_host(self, url: str) -> Refusal | None:
        try:
            authority = read_authority(url)
        except FormatError as error:
            return _bad(error.message)
        found = self.look_up(authority.host)
        return found if isinstance(found, Refusal) else None

    def _look_up(self, host: str) -> tuple[str, ...] | Refusal:
        number = _number_of(host)
        if number is not None:
            return self.check_address(host) or (host,)
        name = host.rstrip(".")
        if _is_local(name) and not self._allow_private:
            return _forbidden(f"{name[:100]} is a name of a local network")
        if not self._resolves:
            return (name,)
        if name == "localhost" or name.endswith(".localhost"):
            return ("127.0.0.1", "::1")  # as Chromium does (RFC 6761 section 6.3): never asked of a name server
        try:
            addresses = self._resolver(host)[:_MOST_ADDRESSES]
        except (OSError, UnicodeError) as error:
            return Refusal(reason=Reason.DNS, why=f"name not resolved: {error}")
        if not addresses:
            return Refusal(reason=Reason.DNS, why="name not resolved: no address")
        # One private address among public ones is how rebinding begins: all must pass.
        return next((no for no in map(self.check_address, addresses) if no), addresses)


def is_public(address: Address) -> bool:
    """Say whether an address is reachable by everybody: default deny for IPv6, embedded IPv4 looked into."""
    if not isinstance(address, IPv6Address):
        return not any(address in network for network in _NOT_PUBLIC_4)
    embedded = _mapped(address)
    if embedded is not None:
        return is_public(embedded)
    return address in _PUBLIC_6 and not any(address in network for network in _NOT_PUBLIC_6)


def _mapped(address: Address) -> Address | None:
    """Give the IPv4 address that an IPv6 one stands for: IPv4-mapped, NAT64 (RFC 6052) or 6to4 (RFC 3056)."""
    if not isinstance(address, IPv6Address):
        return None
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return ip_address(int(address) & 0xFFFFFFFF)
    return address.sixtofour if address in _6TO4 else None


def _is_local(name: str) -> bool:
    return any(name == local or name.endswith("." + local) for local in _LOCAL_NAMES)


def _number_of(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _bad(why: str) -> Refusal:
    return Refusal(reason=Reason.BAD_URL, why=why)


def _forbidden(why: str) -> Refusal:
    return Refusal(reason=Reason.FORBIDDEN_ADDRESS, why=why)
