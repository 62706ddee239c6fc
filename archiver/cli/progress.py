"""Progress of a capture run: one live line a source on a terminal, plain lines otherwise, or JSON events."""

import sys
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from archiver.app.anchor import Anchored
from archiver.app.capture import Captured, Plan
from archiver.app.stamp import Stamped
from archiver.cli.output import say, say_event
from archiver.model.evidence import Target
from archiver.model.text import visible

_URL_SHOWN = 72


class Progress:
    """Tells what happens while it happens. Used as a context: the live line ends with it."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._live = not as_json and sys.stdout.isatty()
        self._status: object | None = None
        self._running: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def skipped(self, work: Plan) -> None:
        """Say what this run leaves alone and why."""
        if self._as_json:
            say_event(
                {
                    "event": "plan",
                    "to_capture": [one.citation_id for one in work.targets],
                    "recorded": list(work.recorded),
                    "failed_before": list(work.failed_before),
                    "erased_before": list(work.erased),
                    "without_url": list(work.unlinked),
                }
            )
            return
        if work.recorded:
            say(f"already recorded: {', '.join(work.recorded)}   (--again captures them anew)")
        if work.failed_before:
            say(f"recorded as failed: {', '.join(work.failed_before)}   (--retry tries them again)")
        if work.erased:
            say(f"erased: {', '.join(work.erased)}   (--again captures them anew)")
        if work.unlinked:
            say(f"no URL, nothing to fetch: {', '.join(work.unlinked)}")

    def starting(self, target: Target, number: int, total: int) -> None:
        """Say which source is being captured."""
        name = target.citation_id or "-"
        if self._as_json:
            say_event(
                {
                    "event": "start",
                    "citation": target.citation_id,
                    "url": target.url,
                    "number": number,
                    "of": total,
                }
            )
        elif self._live:
            self._running[target.url] = f"[{number}/{total}] {name}"
            self._show(f"{'  '.join(self._running.values())}  {_short(target.url)}")
        else:
            say(f"[{number}/{total}] {name}  {_short(target.url)} ...")

    def finished(self, captured: Captured) -> None:
        """Say how it ended."""
        self._stop()
        attempt = captured.capture.attempt
        self._running.pop(attempt.target.url, None)
        if self._as_json:
            say_event(_event(captured))
            return
        took = (attempt.finished_at.epoch_us - attempt.started_at.epoch_us) / 1_000_000
        size = sum(one.size_bytes for one in captured.capture.artifacts)
        ended = attempt.outcome.state.value + (f" ({attempt.outcome.reason})" if attempt.outcome.reason else "")
        say(
            f"  {captured.capture.citation_id or '-'}  {ended}  entry {captured.recorded.seq}  "
            f"{len(captured.capture.artifacts)} files, {size >> 10} KiB, {took:.1f} s  {_short(attempt.target.url)}"
        )
        if attempt.outcome.missing:
            say(f"      missing: {visible(', '.join(attempt.outcome.missing))}")
        if attempt.outcome.rests_on:
            say(f"      rests on: {visible(attempt.outcome.rests_on)}")
        if self._running and self._live:
            self._show("  ".join(self._running.values()))

    def stamped(self, stamped: Sequence[Stamped], *, configured: int, captured: bool) -> None:
        """Say which authorities answered; a stamp that is missing is told as pending."""
        if self._as_json:
            for one in stamped:
                say_event(stamp_event(one))
            return
        say_stamps(stamped)
        if captured and not configured:
            say("timestamps: none asked, no authority is configured (archiver tsa add): times rest on this clock")

    def _show(self, line: str) -> None:
        from rich.console import Console
        from rich.status import Status
        from rich.text import Text

        self._stop()
        self._status = Status(Text(line), console=Console(), spinner="dots")
        self._status.start()

    def _stop(self) -> None:
        from rich.status import Status

        if isinstance(self._status, Status):
            self._status.stop()
        self._status = None


def say_stamps(stamped: Sequence[Stamped]) -> None:
    """Print one line for each authority that was asked."""
    for one in stamped:
        if one.stamp is not None:
            say(
                f"timestamp: {one.tsa} over {one.checkpoint_size} entries at {one.stamp.gen_time}, "
                f"clock difference {one.stamp.clock_difference_ms} ms"
            )
        else:
            say(f"timestamp: {one.tsa} PENDING: {visible(one.problem)}   (archiver stamp tries again)")


def stamp_event(one: Stamped) -> dict[str, object]:
    """Give one authority's answer for programs."""
    return {
        "event": "stamp",
        "tsa": one.tsa,
        "checkpoint_size": one.checkpoint_size,
        "state": "stamped" if one.stamp else "pending",
        "gen_time": str(one.stamp.gen_time) if one.stamp else None,
        "problem": one.problem,
    }


def say_anchor(one: Anchored) -> None:
    """Print what became of one checkpoint's anchor."""
    if one.anchor is None:
        say(f"OpenTimestamps: {one.checkpoint_size} entries PENDING: {visible(one.problem)}")
        return
    blocks = ", ".join(map(str, one.anchor.blocks))
    how = f"in Bitcoin block {blocks}" if blocks else f"promised by {', '.join(one.anchor.calendars)}"
    say(f"OpenTimestamps: {one.checkpoint_size} entries {how}" + (f"; {visible(one.problem)}" if one.problem else ""))


def anchor_event(one: Anchored) -> dict[str, object]:
    """Give what became of one checkpoint's anchor for programs."""
    return {
        "event": "anchor",
        "checkpoint_size": one.checkpoint_size,
        "state": "pending" if one.anchor is None else ("anchored" if one.anchor.blocks else "promised"),
        "calendars": list(one.anchor.calendars) if one.anchor else [],
        "blocks": list(one.anchor.blocks) if one.anchor else [],
        "problem": one.problem,
    }


def _event(captured: Captured) -> dict[str, object]:
    attempt = captured.capture.attempt
    return {
        "event": "done",
        "citation": captured.capture.citation_id,
        "url": attempt.target.url,
        "capture": captured.capture.id,
        "entry": captured.recorded.seq,
        "state": attempt.outcome.state,
        "reason": attempt.outcome.reason,
        "rests_on": attempt.outcome.rests_on,
        "missing": list(attempt.outcome.missing),
        "files": [
            {
                "role": one.role,
                "name": one.name,
                "sha256": one.digest.hex,
                "extension": one.extension,
                "bytes": one.size_bytes,
            }
            for one in captured.capture.artifacts
        ],
        "timings_ms": {one.step: one.duration_ms for one in captured.timings},
    }


def _short(url: str) -> str:
    shown = visible(url)
    return shown if len(shown) <= _URL_SHOWN else shown[: _URL_SHOWN - 1] + "…"
