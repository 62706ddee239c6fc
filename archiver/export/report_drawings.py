"""Which pictures a sheet shows, cut for the paper; or why one is not shown.

LIMIT: a redacted report gives way in pictures and texts only: titles, addresses, quotes and other recorded fields are
printed as they were recorded.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from archiver.export.report_facts import Exhibit, Filed
from archiver.export.report_pictures import Sheet, sheets_of
from archiver.model.errors import Damaged, FormatError
from archiver.model.events import Annotation
from archiver.model.evidence import Artifact, Role

MOST_PAGES = 40
_TEXT_SHOWN = 3000
_COPY_PERCENT = 16
"""What a redacted copy is lower than another picture: more is said above it."""
_ORDER = (Role.SCREENSHOT_ELEMENT, Role.SCREENSHOT_VIEWPORT, Role.SCREENSHOT_FULL, Role.DOCUMENT, Role.DOCUMENT_PAGE)
_PICTURES = frozenset(("image/png", "image/jpeg", "image/gif", "image/webp"))

Read = Callable[[Artifact], bytes]
"""Gives an artifact's bytes; raises Damaged where they are missing, FormatError where they are not those recorded."""
Keep = Callable[[str, bytes], None]
"""Keeps a drawn sheet under a file name."""


class Paper(StrEnum):
    """What is printed on."""

    A4 = "a4"
    LETTER = "letter"

    @property
    def sheet_percent(self) -> int:
        """Give how high a picture may be on it, in percent of its width, room left for heading and caption."""
        return {"a4": 124, "letter": 110}[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnSheet:
    """One sheet of a picture, its bytes kept under ``file`` and nowhere else."""

    artifact: Artifact
    sheet: Sheet
    file: str
    redacted_by: Filed[Annotation] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownText:
    """The beginning of a redacted copy of a text."""

    artifact: Artifact
    text: str
    redacted_by: Filed[Annotation]
    is_cut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NotDrawn:
    """A picture that is not shown, and which text says why."""

    name: str
    key: str
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """What a sheet shows of an attempt; ``copies`` counts redacted copies that exist and are not shown.

    ``same`` has pictures that are shown under another name, and that name: their bytes are the same.
    """

    drawn: tuple[DrawnSheet | ShownText, ...]
    not_drawn: tuple[NotDrawn, ...]
    copies: int = 0
    same: tuple[tuple[str, str], ...] = ()


def draw(exhibit: Exhibit, *, read: Read, keep: Keep, paper: Paper, redacted: bool) -> Drawing:
    """Give the pictures of an exhibit's main attempt; with ``redacted``, copies in place of what was redacted.

    With ``redacted`` no picture is shown of a source of which any file was redacted, but for the copies: another
    picture, of another attempt too, may show what was taken out of the first.
    """
    if exhibit.main is None:
        return Drawing(drawn=(), not_drawn=())
    copies = exhibit.redactions_of(exhibit.main.capture)
    artifacts, same = _chosen(exhibit.main.capture.artifacts)
    drawer = _Drawer(f"e{exhibit.number:04d}", read, keep, paper)
    if not (redacted and exhibit.is_redacted):
        found = [one for artifact in artifacts for one in drawer.picture(artifact)]
        return replace(_drawing(found), copies=len({redaction.artifact for _, redaction, _ in copies}), same=same)
    named = {redaction.artifact: (note, copy) for note, redaction, copy in copies}
    found = [
        NotDrawn(name=one.name, key="picture_withheld" if one.name in named else "picture_withheld_too")
        for one in artifacts
    ]
    for note, copy in named.values():
        found.extend(drawer.copy(copy, note))
    return _drawing(found)


def _drawing(found: Sequence[DrawnSheet | ShownText | NotDrawn]) -> Drawing:
    return Drawing(
        drawn=tuple(one for one in found if not isinstance(one, NotDrawn)),
        not_drawn=tuple(one for one in found if isinstance(one, NotDrawn)),
    )


def _chosen(artifacts: Sequence[Artifact]) -> tuple[list[Artifact], tuple[tuple[str, str], ...]]:
    """Give the pictures that a sheet shows, the cited post first, no bytes twice; and which names are one picture."""
    pictures = [one for one in artifacts if one.role in _ORDER and one.media_type in _PICTURES]
    ordered = sorted(pictures, key=lambda one: _ORDER.index(one.role))
    once = {one.digest: one for one in reversed(ordered)}
    same = tuple((one.name, once[one.digest].name) for one in ordered if once[one.digest] is not one)
    return [one for one in ordered if once[one.digest] is one][:MOST_PAGES], same


class _Drawer:
    """Draws files of one exhibit, and numbers what it keeps."""

    def __init__(self, prefix: str, read: Read, keep: Keep, paper: Paper) -> None:
        self._prefix = prefix
        self._read = read
        self._keep = keep
        self._paper = paper
        self._count = 0

    def picture(
        self, artifact: Artifact, note: Filed[Annotation] | None = None
    ) -> Iterator[DrawnSheet | ShownText | NotDrawn]:
        """Give a picture's sheets, or why there are none."""
        content = self._content(artifact)
        if isinstance(content, NotDrawn):
            yield content
            return
        try:
            for sheet in sheets_of(
                content,
                height_per_width_percent=self._paper.sheet_percent - (_COPY_PERCENT if note else 0),
                whole=artifact.role is Role.DOCUMENT_PAGE,
            ):
                yield self._kept(artifact, sheet, note)
        except FormatError as error:
            yield NotDrawn(name=artifact.name, key="picture_unreadable", why=error.message)

    def copy(self, artifact: Artifact, note: Filed[Annotation]) -> Iterator[DrawnSheet | ShownText | NotDrawn]:
        """Give a redacted copy: a picture's sheets, or a text's beginning."""
        if artifact.media_type in _PICTURES:
            yield from self.picture(artifact, note)
            return
        content = self._content(artifact)
        if isinstance(content, NotDrawn):
            yield content
        else:
            text = content.decode("utf-8", "replace")
            cut = len(text) > _TEXT_SHOWN
            yield ShownText(artifact=artifact, text=text[:_TEXT_SHOWN], redacted_by=note, is_cut=cut)

    def _content(self, artifact: Artifact) -> bytes | NotDrawn:
        try:
            return self._read(artifact)
        except Damaged:
            return NotDrawn(name=artifact.name, key="picture_missing")
        except FormatError:
            return NotDrawn(name=artifact.name, key="picture_damaged")

    def _kept(self, artifact: Artifact, sheet: Sheet, note: Filed[Annotation] | None) -> DrawnSheet:
        self._count += 1
        file = f"{self._prefix}-{self._count:03d}.jpg"
        self._keep(file, sheet.jpeg)
        return DrawnSheet(artifact=artifact, sheet=replace(sheet, jpeg=b""), file=file, redacted_by=note)
