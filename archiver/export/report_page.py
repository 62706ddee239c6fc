"""A report as HTML: one page that needs nothing else, runs nothing, and prints as it stands.

Jinja2 with autoescape; a Content-Security-Policy that allows the one style sheet by its digest, pictures and fonts,
and nothing else. Running heads are CSS margin boxes: one page rule for each exhibit, so that each printed sheet says
of which exhibit it is. LIMIT: a browser before Chromium 131 prints no running heads.
"""

import base64
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from markupsafe import Markup

from archiver.export import report_lines as lines
from archiver.export.report_drawings import Drawing, DrawnSheet, Paper, ShownText
from archiver.export.report_facts import CaseReport, Exhibit
from archiver.export.report_rows import Row, in_pairs, sections_of
from archiver.export.report_words import Words, auto, ltr
from archiver.model.text import visible

if TYPE_CHECKING:
    from jinja2 import Environment, Template

_LARGER = "size-adjust: 116%; "  # Naskh is small beside Latin letters of the same size
_FONTS = (
    ("Report Sans", 400, "noto-sans-latin-400-normal", ""),
    ("Report Sans", 700, "noto-sans-latin-700-normal", ""),
    ("Report Naskh", 400, "noto-naskh-arabic-arabic-400-normal", _LARGER),
    ("Report Naskh", 700, "noto-naskh-arabic-arabic-700-normal", _LARGER),
    ("Report Mono", 400, "noto-sans-mono-latin-400-normal", ""),
)
_COUNTERS = {"en": "decimal", "ar": "arabic-indic", "fa": "persian"}
_SIZES = {Paper.A4: "210mm 297mm", Paper.LETTER: "8.5in 11in"}
_ROOT_SHOWN = 16
ROWS_A_VOLUME = 700
_DIGEST = re.compile(r"(sha256:)?[0-9a-f]{64}")
_GROUPS = {
    "action": "act",
    "attempt.limits": "limit",
    "attempt.method": "method",
    "attempt.outcome.reason": "reason",
    "attempt.outcome.state": "state",
    "attempt.page.direction": "direction",
    "attempt.warc.payload_form": "payload",
    "presence": "presence",
}
"""Fields whose value is a word of a closed set, and the group of texts that names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """A stretch of exhibits, or of appendices, that is one file: which of how many. ``closing`` has the last ones.

    ``holds`` tells of every volume with exhibits its number and its first and last exhibit.
    """

    number: int
    of: int
    exhibits: tuple[Exhibit, ...]
    hashes: tuple[lines.HashLine, ...] = ()
    ledger: tuple[lines.LedgerLine, ...] = ()
    closing: bool = True
    holds: tuple[tuple[int, int, int], ...] = ()

    @property
    def first(self) -> int:
        """Give the number of its first exhibit, 0 if it has none."""
        return self.exhibits[0].number if self.exhibits else 0

    @property
    def last(self) -> int:
        """Give the number of its last exhibit, 0 if it has none."""
        return self.exhibits[-1].number if self.exhibits else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One picture of a sheet, or the beginning of a text in its place."""

    caption: Markup
    alternative: str = ""
    source: str = ""
    width: int = 0
    height: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a sheet shows, and what it says of pictures that it does not show."""

    figures: tuple[Figure, ...]
    notes: tuple[Markup, ...]
    copies: int
    same: tuple[Markup, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How a page is made: on which paper, with whose drawings, from where a drawn sheet's picture is loaded.

    ``source_of`` gives a picture's address for a file name: a ``data:`` address, or a name beside the page.
    ``pdf_name`` is the file that a reader checks the signature of.
    """

    paper: Paper
    drawings: Mapping[int, Drawing]
    source_of: Callable[[str], str]
    pictures_beside: bool = False
    pdf_name: str = "report.pdf"


def whole(report: CaseReport) -> Volume:
    """Give all of a report as one volume."""
    hashes, ledger = tuple(lines.hash_lines(report)), tuple(lines.ledger_lines(report))
    return Volume(number=1, of=1, exhibits=report.exhibits, hashes=hashes, ledger=ledger)


def volumes_of(
    report: CaseReport, drawings: Mapping[int, Drawing], *, pages: int, rows: int = ROWS_A_VOLUME
) -> tuple[Volume, ...]:
    """Give a report in volumes of about so many pages, and of so many lines of appendices, at most.

    Counted are a page for each picture and three for each attempt; an exhibit of more is a volume by itself. Short
    appendices follow the last exhibit, long ones are volumes of their own.
    """
    parts = _exhibits_in_volumes(report, drawings, pages)
    all_of_it = whole(report)
    if len(all_of_it.hashes) + len(all_of_it.ledger) <= rows:
        tails = [replace(all_of_it, exhibits=tuple(parts.pop()))]
    else:
        hashes = [all_of_it.hashes[at : at + rows] for at in range(0, len(all_of_it.hashes), rows)]
        ledger = [all_of_it.ledger[at : at + rows] for at in range(0, len(all_of_it.ledger), rows)]
        tails = [Volume(number=1, of=1, exhibits=(), hashes=one, closing=False) for one in hashes]
        tails += [Volume(number=1, of=1, exhibits=(), ledger=one, closing=False) for one in ledger]
        tails.append(Volume(number=1, of=1, exhibits=()))
    found = [*(Volume(number=1, of=1, exhibits=tuple(part), closing=False) for part in parts), *tails]
    holds = tuple((number, one.first, one.last) for number, one in enumerate(found, 1) if one.exhibits)
    return tuple(replace(one, number=number, of=len(found), holds=holds) for number, one in enumerate(found, 1))


def _exhibits_in_volumes(report: CaseReport, drawings: Mapping[int, Drawing], pages: int) -> list[list[Exhibit]]:
    parts: list[list[Exhibit]] = [[]]
    filled = len(report.exhibits) // 10  # the list of all exhibits stands in the first volume
    for one in report.exhibits:
        needed = len(drawings[one.number].drawn) + 3 * max(1, len(one.attempts))
        if parts[-1] and filled + needed > pages:
            parts.append([])
            filled = 0
        parts[-1].append(one)
        filled += needed
    return parts


def render(report: CaseReport, words: Words, volume: Volume, how: Layout) -> Iterator[str]:
    """Give one volume's HTML piece by piece. What it loads is in it, or in the folder that ``source_of`` names."""
    style = style_of(report, words, volume, how.paper)
    stamps = {one.clocks.stamps for exhibit in report.exhibits for one in exhibit.attempts}
    return (
        _environment()
        .get_template("report/report.html.j2")
        .generate(
            w=words,
            record=report.record,
            counts=asdict(report.counts),
            title=f"{words.texts['report_title']}: {report.record.case}",
            style=Markup(style),  # noqa: S704 - our own style sheet, its strings escaped
            style_digest=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
            img_src="data: 'self' file:" if how.pictures_beside else "data:",
            volume=volume,
            exhibits=volume.exhibits,
            listed=report.exhibits if volume.number == 1 else volume.exhibits,
            inside={one.number for one in volume.exhibits},
            whole=report.whole,
            shown_count=len(report.exhibits),
            collectors=lines.collectors(report),
            withheld=_withheld(report),
            pdf_name=how.pdf_name,
            stamped=any(stamps),
            witnesses=_witnesses(report),
            pictures=lambda one: figures_of(words, one, how),
            hash_lines=volume.hashes,
            ledger_lines=volume.ledger,
            software_lines=lines.software_lines(report),
        )
    )


def figures_of(words: Words, exhibit: Exhibit, how: Layout) -> Figures:
    """Give an exhibit's pictures with their captions, and what is said of those that are not shown."""
    drawing = how.drawings[exhibit.number]
    return Figures(
        figures=tuple(_figure(words, exhibit.number, one, how) for one in drawing.drawn),
        notes=tuple(
            words.say(one.key, name=ltr(one.name), **({"why": ltr(one.why)} if one.why else {}))
            for one in drawing.not_drawn
        ),
        copies=drawing.copies,
        same=tuple(words.say("picture_same", name=ltr(name), other=ltr(other)) for name, other in drawing.same),
    )


def _figure(words: Words, number: int, shown: DrawnSheet | ShownText, how: Layout) -> Figure:
    caption = lines.caption_of(words, number, shown)
    if isinstance(shown, ShownText):
        text = "\n".join(visible(line, longest=500) for line in shown.text.splitlines())
        return Figure(caption=caption, text=text)
    sheet = shown.sheet
    return Figure(
        caption=caption,
        alternative=f"{words.texts['exhibit']} {words.number(number)}: {visible(shown.artifact.name)}, "
        f"{words.number(sheet.number)}/{words.number(sheet.of)}",
        source=how.source_of(shown.file),
        width=shown.artifact.width_px or 1280,
        height=max(1, (sheet.bottom - sheet.top)),
    )


def _withheld(report: CaseReport) -> int | None:
    """Give how many sources a redacted report shows in copies only; None for a report that is not redacted."""
    if not report.redacted:
        return None
    return sum(one.is_redacted for one in report.exhibits)


def _witnesses(report: CaseReport) -> list[str]:
    return sorted(
        {one.predicate.witness for exhibit in report.exhibits for tried in exhibit.attempts
         for one in tried.clocks.cosigned}
    )  # fmt: skip


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - only where pages are made

    found = Environment(
        loader=FileSystemLoader(str(files("archiver.export") / "templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals.update(
        ltr=ltr, auto=auto, cut=_cut, digest=lines.digest, shown=_shown, sections_of=sections_of, in_pairs=in_pairs,
        clock_lines=lines.clock_lines,
    )  # fmt: skip
    return found


def template(name: str) -> "Template":
    """Give a template of this stage by its name."""
    return _environment().get_template(name)


def _cut(text: str, longest: int) -> str:
    """Give a text that is no longer, its cut marked: half an address would be another address."""
    return text if len(text) <= longest else f"{text[:longest]}…"


def _shown(words: Words, row: Row) -> Markup:
    group = _GROUPS.get(row.path)
    if group is not None and isinstance(row.value, str):
        return words.word(group, row.value)
    if isinstance(row.value, str) and _DIGEST.fullmatch(row.value):
        return Markup('<span class="digest">{}</span>').format(ltr(row.value))
    return words.value(row.value, free=row.free)


def style_of(report: CaseReport, words: Words, volume: Volume, paper: Paper) -> str:
    """Give the style sheet: fonts in it, page boxes, and one page rule for each exhibit of the volume."""
    head = report.record.head
    side, other = ("left", "right") if words.direction == "ltr" else ("right", "left")
    case = f"{words.texts['case']} {_isolated(report.record.case)}"
    if volume.of > 1:
        case += f" · {words.plain('volume_n', number=volume.number, of=volume.of)}"
    ledger = words.plain("head_line", size=head.size, root=_isolated(f"{head.root[:_ROOT_SHOWN]}…"))
    counter = _COUNTERS[words.language]
    boxes = (
        _box(words, f"top-{side}", _quoted(case)),
        _box(words, f"top-{other}", _quoted(f"{words.texts['ledger_head']}: {ledger}")),
        _box(words, f"bottom-{side}", _quoted(words.plain("made_at", at=_isolated(str(report.record.made_at))))),
        _box(
            words,
            f"bottom-{other}",
            f'{_quoted(words.texts["page"] + " ")} counter(page, {counter}) " / " counter(pages, {counter})',
        ),
    )
    page = f"@page {{ size: {_SIZES[paper]}; margin: 20mm 16mm 18mm; {' '.join(boxes)} }}"
    exhibits = [
        f"@page exhibit-{one.number} {{ "
        + _box(words, f"top-{side}", _quoted(f"{case} · {words.plain('exhibit_n', number=one.number)}"))
        + f" }} .page-{one.number} {{ page: exhibit-{one.number}; }}"
        for one in volume.exhibits
    ]
    return "\n".join((fonts(), css("report/report.css"), page, *exhibits))


def _box(words: Words, where: str, content: str) -> str:
    return (
        f"@{where} {{ content: {content}; direction: {words.direction}; font-family: "
        f'"Report Sans", "Report Naskh", sans-serif; font-size: 8pt; color: #555; white-space: nowrap; }}'
    )


def _isolated(value: str) -> str:
    """Give a value that runs left to right in a line of any direction, without markup."""
    return f"\u2066{value}\u2069"


def _quoted(value: str) -> str:
    """Give a CSS string."""
    return '"' + "".join(f"\\{ord(one):x} " if one in '"\\<\n' or ord(one) < ord(" ") else one for one in value) + '"'


@cache
def fonts() -> str:
    """Give the fonts as style rules that hold them (Noto, SIL Open Font License).

    LIMIT: copied out of a PDF, a zero-width non-joiner may stand a letter later than in the page.
    """
    folder = files("archiver.export") / "fonts"
    return "\n".join(
        f'@font-face {{ font-family: "{family}"; font-weight: {weight}; {adjusted}src: url(data:font/woff2;base64,'
        f'{base64.b64encode((folder / f"{name}.woff2").read_bytes()).decode()}) format("woff2"); }}'
        for family, weight, name, adjusted in _FONTS
    )


@cache
def css(name: str) -> str:
    """Give a style sheet of this stage."""
    return (files("archiver.export") / "templates" / name).read_text(encoding="utf-8")


def pictures_in(drawings: Sequence[Drawing]) -> tuple[str, ...]:
    """Give the file names of all drawn sheets, in the order of their exhibits."""
    return tuple(one.file for drawing in drawings for one in drawing.drawn if isinstance(one, DrawnSheet))
