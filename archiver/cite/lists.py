"""Lists of sources made by hand: CSV and plain lists of URLs, refused with line and column where wrong."""

import csv
import io
import re

from archiver.cite.kinds import kind_of
from archiver.model.citation import Citation, CitationList, Kind, Outlet, Speaker, StatedDate
from archiver.model.errors import FormatError

_URL = re.compile(r"https?://[^\s]{1,8000}\Z", re.IGNORECASE)
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?\Z", re.ASCII)
_COLUMNS = ("id", "url", "kind", "speaker", "outlet", "date", "note")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")


def read_urls(content: bytes) -> CitationList:
    """Give one citation for each URL of a list: one a line; empty lines and lines from ``#`` on are left out."""
    found: dict[str, None] = {}
    problems: list[str] = []
    for number, line in enumerate(_text(content).splitlines(), 1):
        url = line.strip()
        if not url or url.startswith("#"):
            continue
        if _URL.match(url):
            found.setdefault(url)
        else:
            problems.append(f"line {number}, column 1: expected a URL, found {url[:80]!r}")
    _refuse(problems, what="list of URLs")
    return _named([Citation(id="", kind=kind_of(url), url=url) for url in found])


def is_url_list(content: bytes) -> bool:
    """Say whether a text is nothing but URLs, one a line: then it is a list and no draft."""
    try:
        lines = [line.strip() for line in content.decode("utf-8-sig").splitlines()]
    except UnicodeDecodeError:
        return False
    told = [line for line in lines if line and not line.startswith("#")]
    return bool(told) and all(_URL.match(line) for line in told)


def read_csv(content: bytes) -> CitationList:
    """Give the citations of a CSV whose first line names its columns: url, and any of `_COLUMNS`."""
    rows = csv.reader(io.StringIO(_text(content), newline=""), strict=True)
    problems: list[str] = []
    citations: list[Citation] = []
    try:
        header = [name.strip().lower() for name in next(rows, [])]
        _check_header(header)
        citations.extend(
            _row(dict(zip(header, row, strict=False)), rows.line_num, header, problems)
            for row in rows
            if any(cell.strip() for cell in row)
        )
    except csv.Error as error:
        raise FormatError(f"CSV: line {rows.line_num}: {error}") from error
    ids = [one.id for one in citations if one.id]
    problems.extend(
        f"id {one!r} is used {ids.count(one)} times" for one in sorted({i for i in ids if ids.count(i) > 1})
    )
    _refuse(problems, what="CSV")
    return _named(citations)


def _check_header(header: list[str]) -> None:
    unknown = [name for name in header if name not in _COLUMNS]
    if "url" not in header or unknown or len(set(header)) != len(header):
        found = ", ".join(header)[:200]
        raise FormatError(f"CSV: line 1: expected column names, url and any of {', '.join(_COLUMNS)}; found {found}")


def _row(cells: dict[str, str], line: int, header: list[str], problems: list[str]) -> Citation:
    found = {name: value.strip() for name, value in cells.items()}

    def wrong(name: str, expected: str) -> None:
        column = header.index(name) + 1
        problems.append(
            f"line {line}, field {column} ({name}): expected {expected}, found {found.get(name, '')[:80]!r}"
        )

    url, kind, date = found.get("url", ""), found.get("kind", ""), found.get("date", "")
    if not _URL.match(url):
        wrong("url", "an http or https URL")
    if kind and kind not in set(Kind):
        wrong("kind", f"one of {', '.join(Kind)}")
    if date and not _DATE.match(date):
        wrong("date", "a date like 2021-04-03")
    if found.get("id") and not _ID.match(found["id"]):
        wrong("id", "letters, digits, . _ -")
    return Citation(
        id=found.get("id", ""),
        kind=Kind(kind) if kind in set(Kind) else kind_of(url),
        url=url,
        speaker=Speaker(name=found["speaker"]) if found.get("speaker") else None,
        outlet=Outlet(name=found["outlet"]) if found.get("outlet") else None,
        date_stated=StatedDate(iso=date, precision={4: "year", 7: "month"}.get(len(date), "day")) if date else None,
        note=found.get("note") or None,
    )


def _named(citations: list[Citation]) -> CitationList:
    from dataclasses import replace  # noqa: PLC0415 - one function of it

    taken = {one.id for one in citations}
    free = (name for number in range(1, len(citations) * 2 + 2) if (name := f"c{number:02d}") not in taken)
    return CitationList(citations=tuple(one if one.id else replace(one, id=next(free)) for one in citations))


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(
            f"list: expected UTF-8 text, found byte 0x{content[error.start]:02x} at {error.start}"
        ) from error


def _refuse(problems: list[str], *, what: str) -> None:
    if problems:
        raise FormatError(f"{what}: " + "\n".join(problems[:20]))
