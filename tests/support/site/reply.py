"""What a page asks, what the site answers, and how the answer is put on the wire."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request as it arrived: heads in order, the body whole."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    head: bytes = b""

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        return self.target.partition("?")[2]

    def header(self, name: str) -> str:
        """Give the first header of this name, or nothing."""
        return next((value for key, value in self.headers if key.lower() == name), "")


class Framing(Enum):
    """How the end of a body is told on HTTP/1.1; on h2 all are frames."""

    LENGTH = "length"
    CHUNKED = "chunked"
    CLOSE = "close"
    NONE = "none"


class End(Enum):
    """What happens after the body, or after `Reply.cut_at` bytes of it."""

    WHOLE = "whole"
    CLOSED = "closed"
    HELD = "held"  # nothing more is sent until the client goes away


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer. Header values are latin-1 text: what they say is what is sent."""

    status: int = 200
    reason: str = "OK"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    coding: str = ""
    framing: Framing = Framing.LENGTH
    piece_bytes: int = 1 << 16
    end: End = End.WHOLE
    cut_at: int | None = None
    hints: tuple[tuple[str, str], ...] = ()
    version: str = "HTTP/1.1"
    pace_s: float = 0  # between two pieces
    silent: bool = False  # no answer at all: the connection is held


Route = Callable[[Asked], Reply]


@dataclass(frozen=True, slots=True, kw_only=True)
class Origins:
    """The three names of the site: its own, the same host on another port, and a host of another site."""

    main: str
    port: str
    cross: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One kind of traffic: what it puts on the page, and what the site answers to it."""

    routes: Mapping[str, Route] = field(default_factory=dict)
    markup: str = ""
    script: str = ""


def fixed(kind: str, body: bytes | str, *more: tuple[str, str], coding: str = "") -> Route:
    """Give a route that always answers the same."""
    content = body.encode() if isinstance(body, str) else body
    reply = Reply(headers=(("Content-Type", kind), *more), body=content, coding=coding)
    return lambda _: reply


def always(reply: Reply) -> Route:
    """Give a route that gives this reply to everybody."""
    return lambda _: reply


PICTURE = "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><desc>{}</desc></svg>"


def picture(name: str) -> Route:
    """Give a route to a small picture that no other route gives."""
    return fixed("image/svg+xml", PICTURE.format(name))
