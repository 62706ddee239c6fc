"""The page of sources to put beside an article: what was cited, when it was archived, digests, links.

It is made to be published, so it takes named fields and nothing else: no address of this machine, no settings, no
collector, no note, no path, no attempt that the citation's own does not show, no capture that no citation names.
Static and without scripts. LIMIT: quotes and speakers are taken as the draft has them; publishing them is the
author's decision, as is what the thumbnails show.
"""

import base64
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from markupsafe import Markup

from archiver.export.report_facts import CaseReport, Exhibit
from archiver.export.report_page import css, fonts, template
from archiver.export.report_pictures import thumbnail_of
from archiver.export.report_words import Words
from archiver.model.citation import Decision
from archiver.model.errors import Damaged, FormatError, UsageError
from archiver.model.evidence import Artifact, Role, State
from archiver.model.text import visible

_SHOWN = (Role.SCREENSHOT_ELEMENT, Role.SCREENSHOT_VIEWPORT, Role.DOCUMENT_PAGE)
_NAMED = (Role.WARC, Role.SCREENSHOT_VIEWPORT, Role.SCREENSHOT_FULL, Role.DOCUMENT)
_MOST_QUOTES = 5
_LONGEST = 500

Read = Callable[[Artifact], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicSource:
    """One source as the public page shows it."""

    title: str
    who: str
    quotes: tuple[str, ...]
    date_stated: str | None
    address: str | None
    link: str | None
    archived_at: str | None
    reason: str | None
    gone_at: str | None
    seq: int
    manifest: str
    digests: tuple[tuple[str, str], ...]
    thumbnail: str


def public_sources(report: CaseReport, *, read: Read) -> tuple[PublicSource, ...]:
    """Give the sources that citations name and nobody dropped, as the public page shows them."""
    return tuple(
        _public(one, read) for one in report.exhibits if one.citation and one.citation.decision is not Decision.DROPPED
    )


def render_index(sources: Sequence[PublicSource], words: Words, *, heading: str, bundle: str | None) -> str:
    """Give the page; raise UsageError for a bundle's address that is neither https, http nor relative."""
    if bundle is not None:
        _check_bundle(bundle)
    style = f"{fonts()}\n{css('index/index.css')}"
    return template("index/index.html.j2").render(
        w=words,
        heading=visible(heading, longest=_LONGEST),
        style=Markup(style),  # noqa: S704 - our own style sheet
        style_digest=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        sources=sources,
        archived=sum(one.archived_at is not None for one in sources),
        bundle=bundle,
    )


def _check_bundle(bundle: str) -> None:
    parts = urlsplit(bundle)
    if parts.scheme not in {"http", "https", ""} or (not parts.scheme and bundle.startswith(("/", "\\"))):
        raise UsageError(f"--bundle: expected an https address or a relative one, found {bundle[:100]!r}")


def _public(exhibit: Exhibit, read: Read) -> PublicSource:
    cited, main = exhibit.citation, exhibit.main
    assert cited is not None, "only cited sources are public"
    attempt = main.capture.attempt if main else None
    got = main if main and attempt and attempt.outcome.state is not State.FAILED else None
    speaker = cited.speaker.name if cited.speaker else None
    outlet = cited.outlet.name if cited.outlet else None
    return PublicSource(
        title=(exhibit.title or cited.url or "")[:_LONGEST],
        who=" — ".join(one for one in (speaker, outlet) if one)[:_LONGEST],
        quotes=tuple(one.text[:_LONGEST] for one in cited.quotes[:_MOST_QUOTES]),
        date_stated=cited.date_stated.iso if cited.date_stated else None,
        address=cited.url,
        link=_link(cited.url),
        archived_at=f"{str(got.capture.attempt.finished_at)[:16]}Z" if got else None,
        reason=attempt.outcome.reason.value if attempt and attempt.outcome.reason and not got else None,
        gone_at=f"{str(exhibit.gone.predicate.at)[:16]}Z" if exhibit.gone else None,
        seq=got.filed.seq if got else 0,
        manifest=got.filed.digest.hex if got else "",
        digests=tuple((one.name, one.digest.hex) for one in got.capture.artifacts if one.role in _NAMED) if got else (),
        thumbnail=_thumbnail(exhibit, read) if got else "",
    )


def _link(url: str | None) -> str | None:
    """Give the address if a reader may be led to it: http and https only, never a script."""
    try:
        return url if url and urlsplit(url).scheme.lower() in {"http", "https"} else None
    except ValueError:
        return None


def _thumbnail(exhibit: Exhibit, read: Read) -> str:
    """Give a small picture as ``data:`` address; none where a file of the source was redacted, or none can be had."""
    assert exhibit.main is not None
    capture = exhibit.main.capture
    if exhibit.is_redacted:
        return ""
    for role in _SHOWN:
        for one in (found for found in capture.artifacts if found.role is role):
            try:
                return "data:image/jpeg;base64," + base64.b64encode(thumbnail_of(read(one))).decode()
            except (Damaged, FormatError):
                continue
    return ""
