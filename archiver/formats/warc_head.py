"""The head of one WARC record, read strictly: version, named fields, and everything that is no such thing.

ISO 28500:2017 (WARC/1.1) section 4 and 5, and 28500:2009 (WARC/1.0). Names are case-insensitive, a field may go on
over lines that begin with a space, and only WARC-Concurrent-To may be repeated.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from archiver.model.errors import FormatError

VERSIONS = ("1.0", "1.1")
DRAFTS = ("0.17", "0.18")
_VERSION = re.compile(rb"WARC/(\d{1,3}\.\d{1,3})", re.IGNORECASE)
_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+\Z")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n|\Z)")
_SPACE = " \t"
_FIRST_LINE = len("WARC/1.1\r\n")
_USUAL = re.compile(rb"WARC/1\.[01]\r\n(?:[A-Za-z0-9-]++: [!-~](?:[ -~]*[!-~])?\r\n){1,200}\r\n")
_ENDS = (b"\r\n\r\n", b"\n\n")
_MOST_FIELDS = 10_000
_REPEATED = "warc-concurrent-to"
_DEFINED = frozenset(
    (
        "warc-type", "warc-record-id", "warc-date", "content-length", "content-type", _REPEATED, "warc-block-digest",
        "warc-payload-digest", "warc-ip-address", "warc-refers-to", "warc-refers-to-target-uri",
        "warc-refers-to-date", "warc-target-uri", "warc-truncated", "warc-warcinfo-id", "warc-filename",
        "warc-profile", "warc-identified-payload-type", "warc-segment-number", "warc-segment-origin-id",
        "warc-segment-total-length",
    )
)  # fmt: skip


@dataclass(slots=True, kw_only=True)
class RecordHead:
    """What a head says: ``fields`` by lowercase name, first value of each; ``problems`` in the order of its lines."""

    version: str
    fields: dict[str, str] = field(default_factory=dict)
    concurrent_to: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def get(self, name: str) -> str | None:
        """Give a field's value, None if it is absent."""
        return self.fields.get(name)


def read_head(raw: bytes) -> RecordHead:
    """Give what the bytes of a head say, its empty line among them; raise FormatError if no record begins here."""
    return _read_usual(raw) or _read(raw)


def _read_usual(raw: bytes) -> RecordHead | None:
    """Give a head in the form that nearly all have: printable ASCII, one line a field, none twice; None for others."""
    if not _USUAL.fullmatch(raw):
        return None
    lines = raw[_FIRST_LINE:-4].decode("ascii").split("\r\n")
    fields = {name.lower(): value for name, _, value in [line.partition(": ") for line in lines]}
    if len(fields) != len(lines):
        return None
    head = RecordHead(version=raw[5:8].decode("ascii"), fields=fields)
    if _REPEATED in fields:
        head.concurrent_to.append(fields[_REPEATED])
    return head


def _read(raw: bytes) -> RecordHead:
    first, _, rest = raw.partition(b"\n")
    match = _VERSION.fullmatch(first.removesuffix(b"\r"))
    if not match:
        raise FormatError(f"no record begins here: expected WARC/1.1, found {first[:60]!r}")
    head = RecordHead(version=match[1].decode())
    if head.version not in (*VERSIONS, *DRAFTS):
        head.problems.append(f"version {head.version} is none of the standard's: expected 1.1 or 1.0")
    if rest.count(b"\n") > _MOST_FIELDS:
        raise FormatError(f"a head of more than {_MOST_FIELDS} lines")
    if raw.count(b"\n") != raw.count(b"\r\n"):
        head.problems.append("a line of the head ends in LF alone: expected CR LF")
    if not raw.endswith(_ENDS):
        head.problems.append("the head is cut off: no empty line ends it")
    for name, value in _unfolded(_text(rest, head).split("\n"), head):
        _keep(head, name, value)
    return head


def _text(raw: bytes, head: RecordHead) -> str:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw[raw.rfind(b"\n", 0, error.start) + 1 :][:60]
        head.problems.append(f"a field that is not UTF-8: {line!r}")
        text = raw.decode("utf-8", "backslashreplace")
    found = _CONTROL.search(text)
    if found:
        head.problems.append(f"a field with a control character: {text[max(0, found.start() - 30) : found.end()]!r}")
    return text


def _unfolded(lines: list[str], head: RecordHead) -> Iterator[tuple[str, str]]:
    name, value = "", ""
    for line in lines:
        bare = line.removesuffix("\r")
        if bare[:1] in (" ", "\t") and name:
            value = f"{value} {bare.strip(_SPACE)}".strip(" ")
            continue
        if name:
            yield name, value
        name, colon, value = bare.partition(":")
        if colon and _NAME.match(name):
            name, value = name.lower(), value.strip(_SPACE)
            continue
        if bare:
            head.problems.append(f"no named field: {bare[:60]!r}")
        name = ""
    if name:
        yield name, value


def _keep(head: RecordHead, name: str, value: str) -> None:
    if name == _REPEATED:
        head.concurrent_to.append(value)
    if name in head.fields:
        if name in _DEFINED and name != _REPEATED:
            head.problems.append(f"{name} stands there twice: only WARC-Concurrent-To may be repeated")
        return
    head.fields[name] = value
    if name in _DEFINED and not value:
        head.problems.append(f"{name} is empty")
