"""What one way of fetching gave, before it becomes an attempt; and what such an attempt does not establish."""

from dataclasses import dataclass, field

from archiver.capture.exchange import Recording
from archiver.capture.settings import CaptureSettings
from archiver.model.evidence import (
    EngineFacts,
    Intervention,
    ItemFacts,
    Method,
    Outcome,
    PageFacts,
    Piece,
    WarcFacts,
)

_ALWAYS = ("single_vantage", "operator_controlled_machine", "clock_unverified")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempted:
    """What the browser or the direct client gave."""

    method: Method
    engine: EngineFacts
    outcome: Outcome
    recording: Recording = field(default_factory=Recording)
    pieces: tuple[Piece, ...] = ()
    settings: CaptureSettings | None = None
    page: PageFacts | None = None
    item: ItemFacts | None = None
    warc: WarcFacts | None = None
    interventions: tuple[Intervention, ...] = ()
    limits: tuple[str, ...] = ()


def limits_of(found: Attempted) -> tuple[str, ...]:
    """Give what the attempt does not establish, in words that programs read; docs/formats/manifest.md lists them."""
    words = list(_ALWAYS)
    main = found.recording.main
    if main is not None:
        words.append("tls_no_nonrepudiation" if main.security is not None else "no_transport_security")
    if any(one.body_form == "decoded" for one in found.recording.exchanges if one.body is not None):
        words.append("payload_content_decoded")
    if found.method is Method.BROWSER and found.page is not None:
        words.append("text_main_frame_only")
    if found.engine.sandboxed is False:
        words.append("browser_sandbox_off")
    words.extend(word for word, holds in _of_settings(found.settings) if holds)
    return (*words, *found.limits)


def _of_settings(settings: CaptureSettings | None) -> tuple[tuple[str, bool], ...]:
    if settings is None:
        return ()
    return (
        ("tls_errors_ignored", settings.ignore_https_errors),
        ("logged_in_session", settings.login is not None),
        ("through_proxy", bool(settings.proxy)),
        ("service_workers_allowed", settings.service_workers == "allow"),
    )
