"""What one way of fetching gave, before it becomes an attempt; and what such an attempt does not establish."""

from dataclasses import dataclass, field

from archiver.capture.exchange import Recording
from archiver.model.evidence import EngineFacts, Intervention, Method, Outcome, PageFacts, Piece, WarcFacts

_ALWAYS = ("single_vantage", "operator_controlled_machine", "clock_unverified")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempted:
    """What the browser or the direct client gave."""

    method: Method
    engine: EngineFacts
    outcome: Outcome
    recording: Recording = field(default_factory=Recording)
    pieces: tuple[Piece, ...] = ()
    page: PageFacts | None = None
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
    return (*words, *found.limits)
