"""Fetch a source that is no page (PDF, picture, JSON, feed) through requests, byte for byte.

Redirects are followed hop by hop: each is judged by the guard, connected to at an address that the guard
gave (no second look-up, so no rebinding), and recorded. Payloads are kept as they came over the wire.
LIMIT: HTTP/1.1 only; the head is re-serialised from the client's list of fields.
LIMIT: before Python 3.13 the standard library shows only the leaf of the certificate chain.
"""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from urllib.parse import urljoin, urlsplit

import certifi
import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError
from urllib3.response import HTTPResponse

from archiver.capture.exchange import Exchange, Failure, Headers, Recording, Security
from archiver.capture.guard import Guard, Refusal
from archiver.capture.host import in_one_form
from archiver.model.errors import SourceError
from archiver.model.evidence import Reason
from archiver.model.instant import Clock, Instant

_MOST_REDIRECTS = 20
_CHUNK = 64 << 10
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CONNECT_TIMEOUT_S = 15
_NOT_AGAIN = frozenset({"host", "connection", "content-length", "transfer-encoding", "accept-encoding", "range"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What the direct client got: the recording, and why it ended early if it did.

    ``error`` is a Chromium-like name (``ERR_NAME_NOT_RESOLVED``) so that one classifier judges both clients.
    """

    recording: Recording
    refusal: Refusal | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What is asked beyond the URL, and how the record names it. ``headers`` stand in place of the usual ones."""

    accept: str = "*/*"
    headers: Headers = ()
    how: str = "requests"
    resource_type: str = "Document"
    is_main_document: bool = True
    follows: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectClient:
    """How a capture fetches without the browser: where it may go, whom it says it is, and where bodies are kept.

    ``proxy`` is the capture's own relay where everything goes through a proxy, else empty: then addresses are
    pinned here; ``announce`` tells the relay of each URL. Without ``verifies`` TLS errors are passed over.
    """

    guard: Guard
    clock: Clock
    scratch: Path
    max_bytes: int
    user_agent: str
    locale: str
    proxy: str = ""
    announce: Callable[[str], None] = lambda _: None
    verifies: bool = True

    def fetch(self, url: str, *, timeout_s: float, name: str = "direct", ask: Ask | None = None) -> Fetched:
        """Fetch the URL and what it redirects to, into files ``<name>-NN``. Never raises for a bad source."""
        run = _Run(client=self, ask=ask or Ask(), name=name, end=time.monotonic() + timeout_s)
        refusal: Refusal | None = None
        error: str | None = None
        watchdog = threading.Timer(timeout_s, run.cut)
        watchdog.daemon = True
        watchdog.start()
        try:
            refusal = _follow(run, url)
        except (requests.RequestException, HTTPError, SourceError, OSError) as problem:
            error = "ERR_TIMED_OUT" if run.is_over else _named(problem)
        finally:
            watchdog.cancel()
            for one in run.sockets:
                one.close()
        failures = (Failure(url=url, error=error, is_main_document=run.ask.is_main_document),) if error else ()
        recording = Recording(exchanges=tuple(run.exchanges), failures=failures, chains=tuple(run.chains.items()))
        return Fetched(recording=recording, refusal=refusal, error=error)


@dataclass(slots=True, kw_only=True)
class _Run:
    client: DirectClient
    ask: Ask
    name: str
    end: float
    exchanges: list[Exchange] = field(default_factory=list)
    chains: dict[str, tuple[bytes, ...]] = field(default_factory=dict)
    sockets: list[socket.socket] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        """Say whether the time of this fetch is up."""
        return time.monotonic() >= self.end

    def cut(self) -> None:
        """Shut every connection: a server that sends a byte now and then outlives each single timeout."""
        for one in self.sockets:
            with suppress(OSError):
                socket.socket.shutdown(one, socket.SHUT_RDWR)

    def sent(self, url: str) -> dict[str, str]:
        """Give the request's fields."""
        own = {name: value for name, value in self.ask.headers if name.lower() not in _NOT_AGAIN}
        usual = {
            "User-Agent": self.client.user_agent,
            "Accept": self.ask.accept,
            "Accept-Language": self.client.locale,
        }
        host = {"Host": urlsplit(url).netloc.rpartition("@")[2]}
        return host | (own or usual) | {"Accept-Encoding": "identity"}


def _follow(run: _Run, url: str) -> Refusal | None:
    for number in range(_MOST_REDIRECTS + 1):
        refusal = run.client.guard.check(url)
        if refusal is not None:
            return refusal
        url = in_one_form(url)
        run.client.announce(url)
        exchange = _one(run, url, number)
        run.exchanges.append(exchange)
        if not exchange.is_redirect or not run.ask.follows:
            return None
        try:
            url = urljoin(url, _sent_text(exchange.header("location") or ""))
        except ValueError:
            return Refusal(reason=Reason.BAD_URL, why="a redirect to what is no URL")
    raise requests.TooManyRedirects(f"more than {_MOST_REDIRECTS} redirects")


def _sent_text(value: str) -> str:
    """Give a field as browsers read it: its bytes are UTF-8 where they can be, though the client says Latin-1."""
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return value


class _PinnedAdapter(HTTPAdapter):
    """Connects to one address that the guard gave, whatever the name says; TLS still checks the name."""

    def __init__(self, address: str, host: str, sockets: list[socket.socket], *, verifies: bool) -> None:
        self._address = address
        self._host = host
        self._sockets = sockets
        self._verifies = verifies
        super().__init__(max_retries=0)

    def get_connection_with_tls_context(self, request: Any, *_: Any, **__: Any) -> Any:  # noqa: ANN401 - requests' own
        """Give the connection pool of the pinned address."""
        parts = urlsplit(request.url)
        secure = parts.scheme == "https"
        keywords: dict[str, Any] = {"server_hostname": self._host} if secure else {}
        if secure and self._verifies:
            keywords |= {"cert_reqs": "CERT_REQUIRED", "ca_certs": certifi.where(), "assert_hostname": self._host}
        elif secure:
            keywords |= {"cert_reqs": "CERT_NONE", "assert_hostname": False}
        pool = self.poolmanager.connection_from_host(
            self._address, parts.port or (443 if secure else 80), scheme=parts.scheme, pool_kwargs=keywords
        )
        pool.ConnectionCls = _told_of(pool.ConnectionCls, self._sockets)
        return pool

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:  # noqa: ANN401 - requests' own signature
        """Do nothing: the pool above was made with verification on."""


class _ProxiedAdapter(HTTPAdapter):
    """Connects through the capture's relay, which hands names on to the proxy."""

    def __init__(self, sockets: list[socket.socket]) -> None:
        self._sockets = sockets
        super().__init__(max_retries=0)

    def get_connection_with_tls_context(self, *args: Any, **keywords: Any) -> Any:  # noqa: ANN401 - requests' own
        """Give the pool that requests would take, told of each connection."""
        pool: Any = super().get_connection_with_tls_context(*args, **keywords)
        pool.ConnectionCls = _told_of(pool.ConnectionCls, self._sockets)
        return pool


def _told_of(connection: type[Any], sockets: list[socket.socket]) -> type[Any]:
    """Give a connection class that adds its socket to the list: before a TLS handshake, which may hang as well."""

    class Told(connection):  # type: ignore[misc] # urllib3 chooses the class
        def _new_conn(self) -> socket.socket:
            made: socket.socket = super()._new_conn()
            sockets.append(made.dup())
            return made

    return Told


def _one(run: _Run, url: str, number: int) -> Exchange:
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    problem: Exception | None = None
    for address in run.client.guard.resolve(host, port):
        try:
            return _ask(run, url, host, address, number)
        except requests.ConnectionError as error:
            problem = error
    raise problem or SourceError(f"{host}: no address")


def _ask(run: _Run, url: str, host: str, address: str, number: int) -> Exchange:
    started = run.client.clock.now()
    left = max(run.end - time.monotonic(), 0.1)
    with _session(run, url, host, address) as session:
        timeout = (min(left, _CONNECT_TIMEOUT_S), left)
        with session.get(url, headers=run.sent(url), stream=True, allow_redirects=False, timeout=timeout) as response:
            raw = cast("HTTPResponse", response.raw)
            security = _security(run, url, raw)
            path = run.client.scratch / f"{run.name}-{number:02d}"
            size, truncated = _read(run, raw, path)
            return Exchange(
                url=url.partition("#")[0],
                method="GET",
                request_headers=tuple((str(key), _text(value)) for key, value in response.request.headers.items()),
                status=response.status_code,
                status_text=response.reason or "",
                headers=tuple(raw.headers.iteritems()),
                started_at=started,
                resource_type=run.ask.resource_type,
                body=path,
                body_size_bytes=size,
                body_form="wire",
                how=run.ask.how,
                truncated=truncated,
                protocol="http/1.1",
                remote_ip=None if run.client.proxy else address,
                remote_port=None if run.client.proxy else urlsplit(url).port or (443 if security else 80),
                security=security,
                is_main_document=run.ask.is_main_document,
            )


class _Session(requests.Session):
    """Follows nothing, and so leaves a redirect's body to be read: requests would drain it to reuse the connection."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Give no target."""
        del resp
        return None


def _session(run: _Run, url: str, host: str, address: str) -> requests.Session:
    session = _Session()
    session.trust_env = False
    session.verify = certifi.where() if run.client.verifies else False
    adapter: HTTPAdapter
    if run.client.proxy:
        session.proxies = dict.fromkeys(("http", "https"), run.client.proxy.replace("socks5://", "socks5h://"))
        adapter = _ProxiedAdapter(run.sockets)
    else:
        adapter = _PinnedAdapter(address, host, run.sockets, verifies=run.client.verifies)
    session.mount(f"{urlsplit(url).scheme}://", adapter)
    return session


def _read(run: _Run, raw: HTTPResponse, path: Path) -> tuple[int, str | None]:
    """Keep the payload as it came; stop at the size and at the time that are allowed."""
    size = 0
    with path.open("wb") as file:
        try:
            for block in _blocks(raw):
                file.write(block)
                size += len(block)
                if size >= run.client.max_bytes:
                    return size, "length"
                if run.is_over:
                    return size, "time"
        except (HTTPError, OSError):
            return size, "time" if run.is_over else "disconnect"
    return size, None


def _blocks(raw: HTTPResponse) -> Iterator[bytes]:
    yield from raw.stream(_CHUNK, decode_content=False)


def _security(run: _Run, url: str, raw: HTTPResponse) -> Security | None:
    sock = _socket(raw)
    if sock is None:
        return None
    leaf = sock.getpeercert(binary_form=True)
    chain: Callable[[], list[bytes]] | None = getattr(sock, "get_verified_chain", None)
    found = tuple(chain()) if chain else ((leaf,) if leaf else ())
    run.chains["/".join(url.split("/", 3)[:3])] = found
    cipher = sock.cipher()
    facts = _leaf_facts(leaf) if leaf else {}
    return Security(
        protocol=(sock.version() or "").replace("TLSv", "TLS "), cipher=cipher[0] if cipher else "", **facts
    )


def _socket(raw: HTTPResponse) -> ssl.SSLSocket | None:
    """Give the TLS socket that delivers this response: the pool's, or the response's own once the pool let it go."""
    pooled = getattr(raw.connection, "sock", None)
    file = getattr(getattr(raw, "_original_response", None), "fp", None)
    held = getattr(getattr(file, "raw", None), "_sock", None)
    return next((one for one in (pooled, held) if isinstance(one, ssl.SSLSocket)), None)


def _leaf_facts(der: bytes) -> dict[str, Any]:
    from cryptography import x509  # noqa: PLC0415 - only over TLS

    leaf = x509.load_der_x509_certificate(der)
    return {
        "subject": leaf.subject.rfc4514_string(),
        "issuer": leaf.issuer.rfc4514_string(),
        "valid_from": Instant.at(leaf.not_valid_before_utc),
        "valid_to": Instant.at(leaf.not_valid_after_utc),
    }


def _named(problem: Exception) -> str:
    """Give the browser's name for what went wrong, so that both clients are judged alike."""
    if isinstance(problem, requests.exceptions.SSLError):
        return "ERR_SSL_PROTOCOL_ERROR"
    if isinstance(problem, requests.TooManyRedirects):
        return "ERR_TOO_MANY_REDIRECTS"
    if isinstance(problem, (requests.Timeout, TimeoutError)):
        return "ERR_TIMED_OUT"
    text = str(problem)
    if "refused" in text.lower():
        return "ERR_CONNECTION_REFUSED"
    return "ERR_NAME_NOT_RESOLVED" if isinstance(problem, SourceError) else "ERR_CONNECTION_FAILED"


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
