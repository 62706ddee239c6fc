"""Being written: what a judgement may rest on."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A JSON answer that the page itself asked for."""

    url: str
    status: int
    body: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """What a judgement may rest on."""

    requested_url: str
    final_url: str
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    redirects: tuple[str, ...] = ()
    dom: str = ""
    answers: tuple[Answer, ...] = ()
    text_characters: int | None = None


def read_structure(**found: object) -> Structure:
    """Give the structure."""
    return Structure(**found)  # type: ignore[arg-type]
