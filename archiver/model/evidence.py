"""What a capture is: the target, what was got, how, and what was not got.

An `Attempt` is any try, failed ones included; a `Capture` is an attempt with an id and with its
artifacts in the archive. Every optional field that is unknown is None, never a guess.
Integers and strings only: no floats (canonical JSON, RFC 8785).
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from archiver.model.digest import Digest
from archiver.model.instant import Instant


class Role(StrEnum):
    """What an artifact is in its capture."""

    WARC = "warc"
    SCREENSHOT_VIEWPORT = "screenshot_viewport"
    SCREENSHOT_FULL = "screenshot_full"
    SCREENSHOT_ELEMENT = "screenshot_element"
    SCREENSHOT_AFTER = "screenshot_after"
    DOM = "dom"
    TEXT = "text"
    TLS_CHAIN = "tls_chain"
    DOCUMENT = "document"
    DOCUMENT_PAGE = "document_page"
    EXTRA = "extra"
    VIDEO = "video"
    TIMESTAMP_REQUEST = "timestamp_request"
    TIMESTAMP_RESPONSE = "timestamp_response"
    TIMESTAMP_CHAIN = "timestamp_chain"
    TIMESTAMP_REVOCATION = "timestamp_revocation"
    TIMESTAMP_LIST = "timestamp_list"
    OPENTIMESTAMPS = "opentimestamps"
    COSIGNED_CHECKPOINT = "cosigned_checkpoint"
    BUNDLE = "bundle"
    REDACTED = "redacted"


class State(StrEnum):
    """How an attempt ended."""

    OK = "ok"
    PARTIAL = "partial"
    FAILED = "failed"


class Reason(StrEnum):
    """Why an attempt failed or is partial. One word per cause; a capture of a gone page is evidence too."""

    DNS = "dns"
    REFUSED = "refused"
    CONNECTION = "connection"
    TLS = "tls"
    TIMEOUT = "timeout"
    HTTP_CLIENT_ERROR = "http_client_error"
    HTTP_SERVER_ERROR = "http_server_error"
    GONE = "gone"
    DELETED = "deleted"
    SUSPENDED = "suspended"
    PROTECTED = "protected"
    LOGIN_WALL = "login_wall"
    AGE_GATE = "age_gate"
    CONSENT_WALL = "consent_wall"
    CAPTCHA = "captcha"
    RATE_LIMITED = "rate_limited"
    GEO_BLOCK = "geo_block"
    SOFT_404 = "soft_404"
    EMPTY_PAGE = "empty_page"
    REDIRECT_LOOP = "redirect_loop"
    FORBIDDEN_ADDRESS = "forbidden_address"
    BAD_URL = "bad_url"
    TOO_LARGE = "too_large"
    BROWSER_CRASH = "browser_crash"
    INCOMPLETE = "incomplete"


class Method(StrEnum):
    """Who fetched the source."""

    BROWSER = "browser"
    DIRECT = "direct"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What to fetch, for which citation. ``quotes`` are the words the draft quotes from it."""

    url: str
    citation_id: str | None = None
    quotes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One file that a capture left in scratch space, not yet evidence. ``name`` is how people call it."""

    role: Role
    name: str
    media_type: str
    path: Path
    made_from: str | None = None
    width_px: int | None = None
    height_px: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """One file of evidence. Its path in the archive is its digest and ``extension``."""

    role: Role
    name: str
    media_type: str
    extension: str
    size_bytes: int
    digest: Digest
    made_from: str | None = None
    width_px: int | None = None
    height_px: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """One hop before the final URL."""

    url: str
    status: int
    location: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFacts:
    """What the page says of itself: claims of the source, not findings of ours."""

    title: str | None = None
    language: str | None = None
    direction: str | None = None
    canonical_url: str | None = None
    site_name: str | None = None
    published_claimed: str | None = None
    text_characters: int | None = None
    text_digest: Digest | None = None
    height_px: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFacts:
    """The cited post as its URL names it, or an article as its JSON-LD does: claims of the platform or publisher.

    ``claimed_at`` is the time that the platform's id carries, ``claimed_by`` how (``snowflake`` and the like).
    """

    platform: str
    canonical_url: str | None = None
    item_id: str | None = None
    author: str | None = None
    claimed_at: Instant | None = None
    claimed_by: str | None = None
    headline_claimed: str | None = None
    publisher_claimed: str | None = None
    published_claimed: str | None = None
    modified_claimed: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseFacts:
    """The main document's exchange as it was on the wire."""

    method: str
    status: int
    final_url: str
    redirects: tuple[Redirect, ...] = ()
    media_type: str | None = None
    protocol: str | None = None
    remote_ip: str | None = None
    remote_port: int | None = None
    server_date_claimed: str | None = None
    last_modified_claimed: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsFacts:
    """The TLS connection that delivered the main document. ``chain`` are DER digests, leaf first.

    ``scts`` counts the certificate's timestamps by public logs that the browser saw; the WARC holds them.
    """

    version: str
    cipher: str
    group: str | None = None
    subject: str | None = None
    issuer: str | None = None
    valid_from: Instant | None = None
    valid_to: Instant | None = None
    scts: int | None = None
    chain: tuple[Digest, ...] = ()
    errors_ignored: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineFacts:
    """The program that fetched: browser or HTTP client, by name and version."""

    name: str
    version: str
    user_agent: str | None = None
    headless: bool | None = None
    sandboxed: bool | None = None
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsFacts:
    """The vantage that was chosen: everything a page could have answered to, and the bounds of the run.

    ``behave``, ``extras`` and ``video`` say what was allowed, not what was done; ``max_bytes`` is what one source may
    send; ``jobs``, ``per_host`` and ``retries`` how many were taken at once, of one host, and tried again.
    """

    viewport_width_px: int | None = None
    viewport_height_px: int | None = None
    device_scale_percent: int | None = None
    locale: str | None = None
    timezone: str | None = None
    private_addresses_allowed: bool = False
    profile: str = "fresh"
    timeout_ms: int | None = None
    service_workers: str | None = None
    https_errors_ignored: bool | None = None
    proxy: str | None = None
    max_bytes: int | None = None
    behave: bool | None = None
    extras: bool | None = None
    video: bool | None = None
    jobs: int | None = None
    per_host: int | None = None
    retries: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolFacts:
    """This program: version, and where it ran."""

    name: str
    version: str
    python: str
    platform: str
    distribution_digest: Digest | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WarcFacts:
    """What the WARC holds. ``main_record_id`` is the response record of the final main document."""

    records: int
    exchanges: int
    main_record_id: str | None = None
    recorder: str
    payload_form: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unrecorded:
    """An exchange that the browser saw and the WARC does not hold, with the reason."""

    url: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Intervention:
    """Something we did to the page: when, what, on which selector, under which label of the page's own."""

    at: Instant
    action: str
    selector: str | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How the attempt ended, why, and what that judgement rests on."""

    state: State
    reason: Reason | None = None
    rests_on: str | None = None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try to capture one target: everything known about it but its files."""

    target: Target
    method: Method
    started_at: Instant
    finished_at: Instant
    outcome: Outcome
    settings: SettingsFacts
    engine: EngineFacts | None = None
    response: ResponseFacts | None = None
    tls: TlsFacts | None = None
    page: PageFacts | None = None
    item: ItemFacts | None = None
    warc: WarcFacts | None = None
    interventions: tuple[Intervention, ...] = ()
    seen_not_recorded: tuple[Unrecorded, ...] = ()
    limits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How long one step took. For people and benches; never in a manifest."""

    step: str
    duration_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What the capture stage gives: the attempt, its files in scratch space, and the timings.

    ``retry_after_s`` is how long the server asked to be left alone.
    """

    attempt: Attempt
    pieces: tuple[Piece, ...] = ()
    timings: tuple[Timing, ...] = ()
    retry_after_s: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Collector:
    """Who captures, as they ask to be named: nothing is taken from the machine. ``authority`` is the legal basis."""

    name: str | None = None
    role: str | None = None
    organisation: str | None = None
    authority: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """An attempt with an id, its artifacts stored. This is the predicate of a capture's manifest.

    ``session`` is the id of the session entry of its run, if one was opened.
    """

    id: str
    case: str
    citation_id: str | None
    tool: ToolFacts
    attempt: Attempt
    session: str | None = None
    collector: Collector | None = None
    artifacts: tuple[Artifact, ...] = ()
