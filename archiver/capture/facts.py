"""From a recording to what a manifest says of the main document: response, redirects, TLS. Pure."""

from collections.abc import Sequence
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from archiver.capture.exchange import Exchange, Recording
from archiver.capture.platforms.item import Item
from archiver.capture.platforms.news import read_news
from archiver.capture.structure import Structure
from archiver.model.digest import Digest
from archiver.model.evidence import Intervention, ItemFacts, Redirect, ResponseFacts, TlsFacts, Unrecorded

_LONGEST_FIELD = 2_000
_LONGEST_URL = 8_000
_LONGEST_LISTED_URL = 500
_MOST_LISTED = 500
_BUSY = frozenset({429, 503})
_LONGEST_WAIT_S = 86_400
_MOST_INTERVENTIONS = 200


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
        final_url=main.url[:_LONGEST_URL],
        redirects=tuple(
            Redirect(url=one.url[:_LONGEST_URL], status=one.status, location=_field(one, "location") or "")
            for one in redirects
        ),
        media_type=_media_type(main),
        protocol=main.protocol,
        remote_ip=main.remote_ip,
        remote_port=main.remote_port,
        server_date_claimed=_field(main, "date"),
        last_modified_claimed=_field(main, "last-modified"),
    )


def listed(unrecorded: Sequence[Unrecorded]) -> tuple[Unrecorded, ...]:
    """Give what a manifest lists as seen and not recorded: bounded, so that no page can make it unreadable.

    URLs are cut and a flood is counted; the whole list stands in the WARC, in its ``urn:pageinfo:`` record.
    """
    found = [
        Unrecorded(url=one.url[:_LONGEST_LISTED_URL], reason=one.reason[:_LONGEST_FIELD])
        for one in unrecorded[:_MOST_LISTED]
    ]
    more = len(unrecorded) - len(found)
    if more:
        found.append(
            Unrecorded(url="urn:pageinfo", reason=f"and {more} more, listed in the WARC's urn:pageinfo record")
        )
    return tuple(found)


def bounded(interventions: Sequence[Intervention]) -> tuple[Intervention, ...]:
    """Give the first interventions and, where a page provoked a flood of them, the last."""
    if len(interventions) <= _MOST_INTERVENTIONS:
        return tuple(interventions)
    return (*interventions[: _MOST_INTERVENTIONS - 1], interventions[-1])


def retry_after_s(recording: Recording) -> int | None:
    """Give for how many seconds the server asked to be left alone; None where it did not (RFC 9110 section 10.2.3)."""
    main = recording.main
    text = (main.header("retry-after") or "").strip() if main is not None and main.status in _BUSY else ""
    if text.isascii() and text.isdecimal():
        return min(int(text[:9]), _LONGEST_WAIT_S)
    try:
        until, now = (parsedate_to_datetime(one) for one in (text, (main and main.header("date")) or ""))
        return max(0, min(int((until - now).total_seconds()), _LONGEST_WAIT_S))
    except (ValueError, TypeError, OverflowError):
        return None


def item_facts(item: Item | None, structure: Structure | None = None) -> ItemFacts | None:
    """Give what a manifest says of the cited post or article; None where neither the URL nor the page tells."""
    if item is None:
        return _news_facts(structure) if structure is not None else None
    return ItemFacts(
        platform=item.platform,
        canonical_url=item.canonical_url,
        item_id=item.item_id,
        author=item.author,
        claimed_at=item.claimed_at,
        claimed_by=item.claimed_by,
    )


def _news_facts(structure: Structure) -> ItemFacts | None:
    news = read_news(structure)
    if news is None:
        return None
    return ItemFacts(
        platform="news",
        canonical_url=news.url,
        author="; ".join(news.authors)[:_LONGEST_FIELD] or None,
        claimed_by="json-ld",
        headline_claimed=news.headline,
        publisher_claimed=news.publisher,
        published_claimed=news.published_claimed,
        modified_claimed=news.modified_claimed,
    )


def tls_facts(recording: Recording, *, errors_ignored: bool = False) -> TlsFacts | None:
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
        scts=len(security.scts) or None,
        chain=tuple(Digest.of(one) for one in main_chain(recording)),
        errors_ignored=errors_ignored,
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
