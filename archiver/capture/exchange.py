"""One HTTP exchange as it was recorded: heads in memory, the body in a scratch file."""

from dataclasses import dataclass
from pathlib import Path

from archiver.model.evidence import Unrecorded
from archiver.model.instant import Instant

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sct:
    """A signed certificate timestamp (RFC 6962 section 3.2) of a connection, and what the browser made of it.

    ``status`` and ``log_name`` are the browser's word; ``log_id`` and ``signature`` are hex, as it gives them.
    """

    status: str
    source: str
    log_name: str
    log_id: str
    timestamp: Instant | None
    signature_algorithm: str
    signature: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Security:
    """The TLS parameters of the connection that an exchange used, as the browser or client reports them."""

    protocol: str
    cipher: str
    key_exchange_group: str | None = None
    subject: str | None = None
    issuer: str | None = None
    valid_from: Instant | None = None
    valid_to: Instant | None = None
    scts: tuple[Sct, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request and its response.

    ``headers`` are the response's as on the wire; ``verbatim_head`` is the response head byte for byte
    where the browser gave it. ``body`` is the payload: content-decoded unless ``body_form`` is
    ``wire``; None if there is none or it could not be had (then ``truncated`` says why); ``broken_off`` where
    the server or the network ended it, ``too_large`` where it was given up for its size. Without
    ``request_head_sent`` the request's fields are the page's, not the wire's; ``connection_of_origin`` where protocol
    and TLS are known from other exchanges of the same origin.
    """

    url: str
    method: str
    request_headers: Headers
    status: int
    status_text: str
    headers: Headers
    started_at: Instant
    resource_type: str
    body_form: str
    how: str
    request_body: bytes | None = None
    verbatim_head: str | None = None
    body: Path | None = None
    body_size_bytes: int = 0
    broken_off: bool = False
    too_large: bool = False
    truncated: str | None = None
    protocol: str | None = None
    remote_ip: str | None = None
    remote_port: int | None = None
    security: Security | None = None
    is_main_document: bool = False
    request_head_sent: bool = True
    connection_of_origin: bool = False

    def header(self, name: str) -> str | None:
        """Give the first response header of this name, in any case of letters."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def is_redirect(self) -> bool:
        """Say whether this response sends the client elsewhere."""
        return self.status in (301, 302, 303, 307, 308) and self.header("location") is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A request that got no response: the browser's own word for why."""

    url: str
    error: str
    is_main_document: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameLog:
    """The messages of one WebSocket: JSON lines in the order in which they passed."""

    url: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """All that a recorder saw, in the order in which requests were made.

    ``chains`` maps an https origin to its certificates (DER, leaf first) as the recording connection
    presented them. ``direct_wanted`` is the media type of a main document that is no page and was
    left to the direct client; ``late_documents`` are the URLs of such that the page led to afterwards.
    """

    exchanges: tuple[Exchange, ...] = ()
    failures: tuple[Failure, ...] = ()
    unrecorded: tuple[Unrecorded, ...] = ()
    chains: tuple[tuple[str, tuple[bytes, ...]], ...] = ()
    websockets: tuple[FrameLog, ...] = ()
    direct_wanted: str | None = None
    late_documents: tuple[str, ...] = ()

    @property
    def main(self) -> Exchange | None:
        """Give the last exchange that delivered the main document, redirects left out."""
        return next((one for one in reversed(self.exchanges) if one.is_main_document and not one.is_redirect), None)

    @property
    def redirects(self) -> tuple[Exchange, ...]:
        """Give the main document's redirects in order."""
        return tuple(one for one in self.exchanges if one.is_main_document and one.is_redirect)

    @property
    def main_failure(self) -> Failure | None:
        """Give why the main document failed, if it did."""
        return next((one for one in reversed(self.failures) if one.is_main_document), None)
