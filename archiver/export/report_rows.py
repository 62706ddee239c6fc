"""A manifest's fields as rows to print: each one, whether it is known here or not, in sections and with its path.

What no section claims ends up in the last one under its own path: a field that a later version adds is shown.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from archiver.formats.canonical import JsonValue
from archiver.formats.shape import to_json
from archiver.model.evidence import Capture
from archiver.model.provenance import Predicate

_FLAGS = "attempt.engine.flags"
_SHORT = 26
_LONG_IN_WORDS = frozenset(("attempt.limits", "attempt.outcome.reason"))
"""Fields whose value is a code and is printed as a sentence."""

MOST_ITEMS = 200
"""Items of one list that are printed; the others are counted and stand in the manifest."""

_FREE = frozenset(
    (
        "attempt.page.title", "attempt.page.site_name", "attempt.item.author", "attempt.item.headline_claimed",
        "attempt.item.publisher_claimed", "attempt.outcome.rests_on", "attempt.outcome.missing",
        "attempt.interventions.label", "attempt.target.quotes", "collector.name", "collector.role",
        "collector.organisation", "collector.authority", "text", "by", "to", "reason", "rests_on", "recipient",
    )
)  # fmt: skip
"""Fields that hold people's words: their direction follows from their letters. All others run left to right."""

_SECTIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("fetch", ("attempt.target", "attempt.method", "attempt.outcome", "attempt.response", "attempt.warc")),
    ("times", ("attempt.started_at", "attempt.finished_at")),
    ("connection", ("attempt.tls",)),
    ("claims", ("attempt.page", "attempt.item")),
    ("vantage", ("attempt.engine", "attempt.settings", "tool", "collector", "session")),
    ("acts", ("attempt.interventions",)),
    ("not_kept", ("attempt.seen_not_recorded",)),
    ("limits", ("attempt.limits",)),
)
_ELSEWHERE = ("artifacts",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One field: its path without numbers (also the key of its label), which one of several, and its value."""

    path: str
    value: str | int | bool
    index: int | None = None
    free: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RowSection:
    """Rows that belong together; ``left_out`` counts items of long lists that are only in the manifest."""

    name: str
    rows: tuple[Row, ...]
    left_out: int = 0


def sections_of(capture: Capture) -> tuple[RowSection, ...]:
    """Give all of a capture's fields but its artifacts, in sections; empty sections are left out."""
    found: dict[str, list[Row]] = {name: [] for name, _ in (*_SECTIONS, ("other", ()))}
    left: dict[str, int] = {}
    for row in _joined(tuple(_rows(to_json(capture)))):
        if row.path.partition(".")[0] in _ELSEWHERE:
            continue
        name = _section(row.path)
        if row.index is not None and row.index > MOST_ITEMS:
            left[name] = max(left.get(name, 0), row.index - MOST_ITEMS)
        else:
            found[name].append(row)
    return tuple(
        RowSection(name=name, rows=tuple(rows), left_out=left.get(name, 0)) for name, rows in found.items() if rows
    )


def rows_of(predicate: Predicate) -> tuple[Row, ...]:
    """Give all of an event's fields, at most `MOST_ITEMS` of each list."""
    return tuple(one for one in _rows(to_json(predicate)) if one.index is None or one.index <= MOST_ITEMS)


def _section(path: str) -> str:
    return next((name for name, starts in _SECTIONS if any(_below(path, one) for one in starts)), "other")


def _below(path: str, start: str) -> bool:
    return path == start or path.startswith(f"{start}.")


def _joined(rows: Sequence[Row]) -> Iterator[Row]:
    """Give the rows, the browser's many flags as one: they are words of one line."""
    flags = " ".join(str(one.value) for one in rows if one.path == _FLAGS)
    done = False
    for one in rows:
        if one.path != _FLAGS:
            yield one
        elif not done:
            done = True
            yield Row(path=_FLAGS, value=flags)


def _rows(found: JsonValue, path: str = "", index: int | None = None) -> Iterator[Row]:
    match found:
        case dict():
            yield from _of_object(found, path, index)
        case list():
            for number, one in enumerate(found, 1):
                yield from _rows(one, path, number)
        case None:  # to_json leaves absent fields out
            pass
        case _:
            yield Row(path=path, value=found, index=index, free=path in _FREE)


def _of_object(found: Mapping[str, JsonValue], path: str, index: int | None) -> Iterator[Row]:
    for name, one in found.items():
        yield from _rows(one, f"{path}.{name}" if path else name, index)


def in_pairs(rows: Sequence[Row]) -> Iterator[tuple[Row, ...]]:
    """Give the rows in their order, two short ones beside each other where they follow each other."""
    waiting: Row | None = None
    for one in rows:
        if len(str(one.value)) > _SHORT or one.path in _LONG_IN_WORDS:
            if waiting is not None:
                yield (waiting,)
            yield (one,)
            waiting = None
        elif waiting is not None:
            yield waiting, one
            waiting = None
        else:
            waiting = one
    if waiting is not None:
        yield (waiting,)


def label_keys(rows: Sequence[Row]) -> frozenset[str]:
    """Give the paths that rows have: what a language has to name."""
    return frozenset(one.path for one in rows)
