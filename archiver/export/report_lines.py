"""The lines of a report's tables, and how each is told: clocks, hash list, ledger, software, captions."""

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from archiver.export.report_drawings import DrawnSheet, ShownText
from archiver.export.report_facts import CaseReport, Filed, Tried
from archiver.export.report_rows import Row, rows_of
from archiver.export.report_words import Words, auto, ltr
from archiver.formats import layout
from archiver.model.digest import Digest
from archiver.model.evidence import Capture, Role
from archiver.model.instant import Instant
from archiver.model.provenance import EntryType, Predicate, Stamp

_FULL = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockLine:
    """One time: when, what happened then, and by whose clock."""

    at: Markup
    what: Markup
    whose: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class HashLine:
    """One file of evidence: of which exhibit (none for events), entry, name, path in the workspace, digest."""

    exhibit: int | None
    seq: int
    name: str
    path: str
    digest: Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLine:
    """One entry of the ledger, with what may be told of it."""

    seq: int
    kind: EntryType
    at: str | None
    exhibit: int | None
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SoftwareLine:
    """One program that made captures, as their manifests say, and how many attempts it made."""

    name: str
    version: str
    digest: Digest | None
    used: int


def clock_lines(words: Words, tried: Tried) -> Iterator[ClockLine]:
    """Give every time that is recorded of an attempt, with its source."""
    attempt = tried.capture.attempt
    ours, theirs = words.say("clock.ours"), words.say("clock.theirs")
    yield _line(attempt.started_at, words.say("clock.start"), ours)
    yield _line(attempt.finished_at, words.say("clock.end"), ours)
    answer = attempt.response
    if answer and answer.server_date_claimed:
        yield _line(answer.server_date_claimed, words.say("clock.server"), theirs)
    if answer and answer.last_modified_claimed:
        yield _line(answer.last_modified_claimed, words.say("clock.modified"), theirs)
    if attempt.page and attempt.page.published_claimed:
        yield _line(attempt.page.published_claimed, words.say("clock.published"), words.say("clock.page"))
    if attempt.item and attempt.item.claimed_at:
        yield _line(attempt.item.claimed_at, words.say("clock.published"), words.say("clock.post"))
    for bound in tried.clocks.session.predicate.bounds if tried.clocks.session else ():
        yield _line(bound.gen_time, words.say("clock.bound"), ltr(bound.tsa_name))
    for stamp in (one.predicate for one in tried.clocks.stamps):
        yield _line(stamp.gen_time, words.say("clock.stamp"), _authority(words, stamp))
    for cosigned in (one.predicate for one in tried.clocks.cosigned):
        yield _line(cosigned.cosigned_at, words.say("clock.witness"), ltr(cosigned.witness))


def _authority(words: Words, stamp: Stamp) -> Markup:
    return words.say("clock.authority", name=ltr(stamp.tsa_name), ms=ltr(str(stamp.clock_difference_ms)))


def _line(at: Instant | str, what: Markup, whose: Markup) -> ClockLine:
    return ClockLine(at=ltr(str(at)), what=what, whose=whose)


def hash_lines(report: CaseReport) -> Iterator[HashLine]:
    """Give a line for each file that the report is about: manifests and what they name, exhibits first."""
    for exhibit in report.exhibits:
        for tried in exhibit.attempts:
            yield from _files(report, tried.filed, exhibit.number)
    about = _about(report)
    for event in report.events:
        yield from _files(report, event, about.get(event.seq))


def _files(report: CaseReport, one: Filed[Predicate] | Filed[Capture], exhibit: int | None) -> Iterator[HashLine]:
    path = f"{layout.case_folder(report.record.case)}/{one.path}"
    yield HashLine(exhibit=exhibit, seq=one.seq, name=one.path, path=path, digest=one.digest)
    for artifact in one.predicate.artifacts:
        yield HashLine(
            exhibit=exhibit,
            seq=one.seq,
            name=artifact.name,
            path=layout.archive_path(artifact.digest, artifact.extension),
            digest=artifact.digest,
        )


def hash_list(report: CaseReport) -> str:
    """Give the hash list as ``sha256sum --check`` reads it at the workspace; each file once."""
    lines = {f"{one.digest.hex}  {one.path}": None for one in hash_lines(report)}
    return "".join(f"{line}\n" for line in lines)


def _about(report: CaseReport) -> dict[int, int | None]:
    """Give the exhibit that an event is about, by the event's number; None where it is about several."""
    found: dict[int, int | None] = {}
    for exhibit in report.exhibits:
        for seq in (*(one.seq for one in exhibit.observations), *(one.seq for one in exhibit.annotations)):
            found[seq] = None if seq in found else exhibit.number
    return found


def ledger_lines(report: CaseReport) -> Iterator[LedgerLine]:
    """Give a line for every entry, whatever the report shows of it."""
    captures = {
        tried.filed.seq: (exhibit.number, str(tried.capture.attempt.finished_at))
        for exhibit in report.exhibits
        for tried in exhibit.attempts
    }
    events = {one.seq: one.predicate for one in report.events}
    about = _about(report)
    for seq, kind in enumerate(report.record.types):
        number, at = captures.get(seq, (about.get(seq), None))
        told = events.get(seq)
        rows = rows_of(told) if told is not None else ()
        at = at or _time_in(rows)
        rows = tuple(one for one in rows if one.path != "case" and one.value != at)
        yield LedgerLine(seq=seq, kind=kind, at=at, exhibit=number, rows=rows)


def _time_in(rows: tuple[Row, ...]) -> str | None:
    return next((str(one.value) for one in rows if one.path in {"at", "gen_time", "cosigned_at"}), None)


def software_lines(report: CaseReport) -> Iterator[SoftwareLine]:
    """Give each program, by name, version and digest, with how many of the attempts shown it made."""
    used: dict[tuple[str, str, Digest | None], int] = {}
    for tried in (tried for exhibit in report.exhibits for tried in exhibit.attempts):
        tool, engine = tried.capture.tool, tried.capture.attempt.engine
        named = [(tool.name, tool.version, tool.distribution_digest), ("Python", tool.python, None)]
        named += [("", tool.platform, None)] + ([(engine.name, engine.version, None)] if engine else [])
        for key in named:
            used[key] = used.get(key, 0) + 1
    for (name, version, digest), count in used.items():
        yield SoftwareLine(name=name, version=version, digest=digest, used=count)


def collectors(report: CaseReport) -> tuple[str, ...]:
    """Give whom the workspace names as the collector, then whom the manifests shown here name, each once."""
    captured = (tried.capture.collector for exhibit in report.exhibits for tried in exhibit.attempts)
    found = (one.name for one in (report.record.collector, *captured) if one and one.name)
    return tuple(dict.fromkeys(found))


def caption_of(words: Words, exhibit: int, shown: DrawnSheet | ShownText) -> Markup:
    """Give what stands above a picture: which sheet of which file, what is repeated or left out, whose digest."""
    parts = [_redacted(words, shown)] if shown.redacted_by is not None else []
    if isinstance(shown, DrawnSheet):
        parts.append(_sheet(words, exhibit, shown))
    else:
        key = "redacted_text_cut" if shown.is_cut else "redacted_text"
        parts.append(words.say(key, number=exhibit, name=ltr(shown.artifact.name)))
    if shown.artifact.role is Role.DOCUMENT_PAGE:
        parts.append(words.say("page_drawn", how=ltr(shown.artifact.made_from or "")))
    is_copy = shown.redacted_by is not None or shown.artifact.role is Role.DOCUMENT_PAGE
    parts.append(words.say("copy_digest" if is_copy else "picture_digest", digest=digest(shown.artifact.digest)))
    return Markup(" · ").join(parts)


def digest(found: Digest) -> Markup:
    """Give a digest as it stands in a line of prose."""
    return Markup('<span class="digest">{}</span>').format(ltr(found.hex))


def _sheet(words: Words, exhibit: int, shown: DrawnSheet) -> Markup:
    sheet = shown.sheet
    told = words.say(
        "sheet_caption",
        number=exhibit,
        name=ltr(shown.artifact.name),
        sheet=sheet.number,
        of=sheet.of,
        top=sheet.top,
        bottom=sheet.bottom,
        height=sheet.height,
    )
    if sheet.scale_percent < _FULL:
        told = Markup("{} · {}").format(told, words.say("sheet_scale", percent=sheet.scale_percent))
    if sheet.overlap:
        told = Markup("{} · {}").format(told, words.say("sheet_overlap", rows=sheet.overlap))
    if sheet.left_out:
        told = Markup("{} · {}").format(told, words.say("sheet_cut", rows=sheet.left_out))
    return told


def _redacted(words: Words, shown: DrawnSheet | ShownText) -> Markup:
    assert shown.redacted_by is not None
    note = shown.redacted_by.predicate
    assert note.redaction is not None
    return words.say(
        "redacted_caption",
        name=ltr(note.redaction.artifact),
        by=auto(note.by) if note.by else words.say("redacted_nobody"),
        reason=auto(note.text),
        seq=ltr(str(shown.redacted_by.seq)),
        at=ltr(str(note.at)),
    )
