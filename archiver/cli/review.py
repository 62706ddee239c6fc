"""The walk over proposed citations on a terminal: one by one, its words with the evidence marked, a letter each."""

import sys
from collections.abc import Callable

from archiver.app.review import (
    FIELDS,
    Piece,
    accepted,
    dropped,
    fixed,
    is_right_to_left,
    pieces_of,
    undecided,
    with_url,
)
from archiver.cli.output import say
from archiver.model.citation import Citation, CitationList, Confidence
from archiver.model.errors import UsageError
from archiver.model.text import visible

_STYLES = {"speaker": "\x1b[1;36m", "outlet": "\x1b[1;35m", "date": "\x1b[1;33m", "quote": "\x1b[4m"}
_MARKS = {"speaker": "⟦⟧", "outlet": "⟨⟩", "date": "⟪⟫", "quote": "❲❳"}
_PLAIN = "\x1b[0m"
_ISOLATE_RIGHT, _ISOLATE_LEFT, _POP = "\u2067", "\u2066", "\u2069"
_LEGEND = "marked: ⟦speaker⟧ ⟨outlet⟩ ⟪date⟫ ❲quotation❳"
_HELP = (
    "a accept   d drop   f fix a field   u add the URL   s leave it undecided   "
    "q stop (what was decided is kept)   ? this help"
)
_MOST_TRIES = 20

Keep = Callable[[Citation], object]


def review(found: CitationList, text: str | None, keep: Keep) -> tuple[int, int]:
    """Walk the undecided citations; ``keep`` takes each decision at once. Gives how many were decided and are left."""
    waiting = undecided(found.citations)
    if waiting:
        say(_LEGEND)
        say(_HELP)
    done = 0
    for number, one in enumerate(waiting, 1):
        decided, stop = _one(one, text, f"{number}/{len(waiting)}")
        if decided is not None:
            keep(decided)
            done += 1
        if stop:
            break
    return done, len(waiting) - done


def _one(citation: Citation, text: str | None, place: str) -> tuple[Citation | None, bool]:
    """Ask about one citation until it is decided; give it (None if it was skipped) and whether to stop."""
    _show(citation, text, place)
    changed = citation
    for _ in range(_MOST_TRIES):
        answer = _ask("[a/d/f/u/s/q/?] ")
        if answer is None or answer == "q":
            return (changed if changed is not citation else None), True
        try:
            if answer == "a":
                return (changed if changed is not citation else accepted(citation)), False
            if answer == "d":
                return dropped(citation), False
            if answer == "s":
                return (changed if changed is not citation else None), False
            changed = _changed(changed, answer)
        except UsageError as error:
            say(f"  {visible(error.message)}")
    return (changed if changed is not citation else None), False


def _changed(citation: Citation, answer: str) -> Citation:
    if answer == "u":
        url = _ask("  URL: ")
        return with_url(citation, url) if url else citation
    if answer == "f":
        field = _ask(f"  field ({', '.join(FIELDS)}): ")
        value = _ask("  value (- clears it): ") if field else None
        if field and value is not None:
            found = fixed(citation, field, value)
            say(f"  {field} is set; a keeps it")
            return found
        return citation
    say(f"  {_HELP}")
    return citation


def _show(citation: Citation, text: str | None, place: str) -> None:
    say("")
    say(f"--- {place}  {citation.id}  {citation.kind}" + (f"  {visible(citation.url)}" if citation.url else ""))
    for pieces in pieces_of(citation, text):
        line = "".join(_shown(piece) for piece in pieces)
        say((_ISOLATE_RIGHT + line + _POP) if is_right_to_left(citation) else line)
    for name, value, sure in _fields(citation):
        say(f"  {name:<8} {_ISOLATE_LEFT}{visible(value)}{_POP}" + (f"  ({sure} %)" if sure is not None else ""))
    if citation.note:
        say(f"  note     {visible(citation.note)}")


def _fields(citation: Citation) -> list[tuple[str, str, int | None]]:
    sure = citation.confidence or Confidence()
    date, speaker, outlet = citation.date_stated, citation.speaker, citation.outlet
    who = f"{speaker.name} ({speaker.role})" if speaker and speaker.role else speaker.name if speaker else "-"
    return [
        ("speaker", who, sure.speaker),
        ("outlet", outlet.name if outlet else "-", sure.outlet),
        ("date", f"{date.iso} ({date.how})" if date else "-", sure.date),
        ("quotes", str(len(citation.quotes)), sure.quotes),
    ]


def _shown(piece: Piece) -> str:
    text = visible(piece.text)
    if piece.field is None:
        return text
    if sys.stdout.isatty():
        return f"{_STYLES[piece.field]}{text}{_PLAIN}"
    marks = _MARKS[piece.field]
    return f"{marks[0]}{text}{marks[1]}"


def _ask(prompt: str) -> str | None:
    """Give a line that a person typed, None at the end of input."""
    sys.stdout.write(prompt)
    sys.stdout.flush()
    line = sys.stdin.readline()
    return line.strip() if line else None
