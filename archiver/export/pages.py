"""What travels beside the data of a bundle for whoever has none of our software: ``verify.py`` and ``verify.html``."""

from collections.abc import Iterator
from importlib.resources import files

from archiver.export.member import Member, small

_TEMPLATES = ("verify.py", "verify.html")


def template_members() -> Iterator[Member]:
    """Give the two verifiers, as they lie in this package."""
    folder = files("archiver.export") / "templates"
    for name in _TEMPLATES:
        yield small(name, (folder / name).read_bytes())
