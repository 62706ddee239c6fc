"""From a recording to what a manifest says of the main document: response, redirects, TLS. Pure."""

from urllib.parse import urlsplit

from archiver.capture.exchange import Exchange, Recording
from archiver.model.digest import Digest
from archiver.model.evidence import Redirect, ResponseFacts, TlsFacts

_LONGEST_FIELD = 2_000


def response_facts(recording: Recording) -> ResponseFacts | None:
    """Give the main document's exchange, or None where no server answered.

    Where only redirects were got, the last of them is the response.
    """
    redirects = list(recording.redirects)
    main = recording.main
    if main is None:
        if not redirects:
            return None
        main = redirects.pop()
    return ResponseFacts(
        method=main.method,
        status=main.status,
        final_url=main.url,
        redirects=tuple(
            Redirect(url=one.url, status=one.status, location=_field(one, "location") or "") for one in redirects
        ),
        media_type=_media_type(main),
        protocol=main.protocol,
        remote_ip=main.remote_ip,
        remote_port=main.remote_port,
        server_date_claimed=_field(main, "date"),
        last_modified_claimed=_field(main, "last-modified"),
    )


def tls_facts(recording: Recording) -> TlsFacts | None:
    """Give the TLS connection that delivered the main document; None over plain HTTP, or where none was got."""
    main = recording.main
    if main is None or main.security is None:
        return None
    security = main.security
    return TlsFacts(
        version=security.protocol,
        cipher=security.cipher,
        group=security.key_exchange_group,
        subject=security.subject,
        issuer=security.issuer,
        valid_from=security.valid_from,
        valid_to=security.valid_to,
        chain=tuple(Digest.of(one) for one in main_chain(recording)),
    )


def main_chain(recording: Recording) -> tuple[bytes, ...]:
    """Give the certificates (DER, leaf first) of the main document's origin; empty if there are none."""
    main = recording.main
    if main is None:
        return ()
    origin = _origin(main.url)
    return next((chain for url, chain in recording.chains if _origin(url) == origin), ())


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.rpartition("@")[2].lower()


def _media_type(main: Exchange) -> str | None:
    value = _field(main, "content-type")
    return value.partition(";")[0].strip().lower() or None if value else None


def _field(exchange: Exchange, name: str) -> str | None:
    value = exchange.header(name)
    return value[:_LONGEST_FIELD] if value else None
