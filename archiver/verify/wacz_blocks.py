"""The second index of a WACZ file (``.idx``, ZipNum): does each of its lines point at the block that it names.

The question is ``wacz-index``, as of the lines of the index itself. A block is a gzip member of ``*.cdx.gz``: its place
and length, its digest where one is stated, and that its first line begins with the words of the line that points at it.
"""

import hashlib
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from archiver.formats import wacz
from archiver.model.errors import Damaged, FormatError
from archiver.model.report import Check, Level
from archiver.verify.case import failed, passed

LIMIT_BYTES = 64 << 20
_MOST_TOLD = 1_000
_FIRST_BYTES = 1 << 20
_NAME = "wacz-index"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    key: str
    filename: str
    offset: int
    length: int
    digest: str | None


def check_blocks(raw: bytes, read: Callable[[str], bytes], *, subject: str) -> Iterator[Check]:
    """Say of each line whether it points at a block. ``read`` gives a file of ``indexes/`` by its name.

    ``read`` raises FormatError or Damaged where there is none, or it is larger than is read here.
    """
    files: dict[str, bytes] = {}
    filename, number, wrong = "", 0, 0
    try:
        for number, line in enumerate((one for one in wacz.lines(iter((raw,))) if one), 1):
            if line.startswith("!meta"):
                filename = _meta(line)
                continue
            problem = _problem(line, filename, files, read)
            wrong += bool(problem)
            if problem and wrong <= _MOST_TOLD:
                yield failed(_NAME, Level.RECORDS, f"{subject}: line {number}", problem)
    except (FormatError, Damaged) as error:
        yield failed(_NAME, Level.RECORDS, subject, error.message)
        return
    if not number:
        yield failed(_NAME, Level.RECORDS, subject, "an index without a line")
    elif not wrong:
        yield passed(_NAME, Level.RECORDS, subject, f"{number} lines")


def _meta(line: str) -> str:
    found = wacz.read_json(line.split(" ", 2)[-1].encode(), what="!meta")
    name = found.get("filename") if isinstance(found, dict) else None
    return name if isinstance(name, str) else ""


def _problem(line: str, filename: str, files: dict[str, bytes], read: Callable[[str], bytes]) -> str:
    try:
        block = _read(line, filename)
        if block.filename not in files:
            files.clear()  # one at a time is held
            files[block.filename] = read(block.filename)
        return _differs(block, files[block.filename])
    except (FormatError, Damaged) as error:
        return error.message


def _read(line: str, filename: str) -> _Block:
    key, brace, rest = line.partition(" {")
    found = wacz.read_json((brace.strip() + rest).encode(), what="index")
    offset, length = (found.get("offset"), found.get("length")) if isinstance(found, dict) else (None, None)
    if not isinstance(found, dict) or not isinstance(offset, int) or not isinstance(length, int) or length <= 0:
        raise FormatError(f"expected '<key> <time> <JSON>' with offset and length, found {line[:60]!r}")
    digest, name = found.get("digest"), found.get("filename") or filename
    return _Block(
        key=key,
        filename=str(name),
        offset=offset,
        length=length,
        digest=digest if isinstance(digest, str) else None,
    )


def _differs(block: _Block, content: bytes) -> str:
    raw = content[block.offset : block.offset + block.length] if block.offset >= 0 else b""
    if len(raw) != block.length:
        return f"no {block.length} bytes lie at byte {block.offset} of {block.filename[:100]}"
    found = f"sha256:{hashlib.sha256(raw).hexdigest()}"
    if block.digest is not None and block.digest != found:
        return f"the block at byte {block.offset} has the digest {found}, the index says {block.digest[:100]}"
    member = zlib.decompressobj(31)
    try:
        first = member.decompress(raw, _FIRST_BYTES)
        while not member.eof and member.unconsumed_tail:
            member.decompress(member.unconsumed_tail, _FIRST_BYTES)
    except zlib.error:
        return f"no block begins at byte {block.offset} of {block.filename[:100]}"
    if not member.eof or member.unused_data:
        return f"the block at byte {block.offset} is not {block.length} bytes long"
    if not first.decode("utf-8", "replace").startswith(block.key):
        return f"the block at byte {block.offset} begins with {first[:80]!r}, the index says {block.key[:80]!r}"
    return ""
