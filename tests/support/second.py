"""A second person, who cosigns: her home, her vkey, her witness."""

from pathlib import Path

from archiver.app.cosigner import follow, new_witness, open_cosigner, sign_request
from archiver.app.home import Home
from archiver.formats import layout
from archiver.seal.cosign import Cosigner
from tests.support.own_case import SECRET, OwnCase

NAME = "example.org/w1"


class Second:
    """A second person: her home, her vkey, her witness."""

    def __init__(self, folder: Path, own: OwnCase, *, name: str = NAME) -> None:
        self.home = Home(root=folder)
        self.name = name
        self.vkey = new_witness(self.home, SECRET, name=name)
        follow(self.home, (own.root / layout.LOG_VKEY).read_text().strip())

    @property
    def cosigner(self) -> Cosigner:
        return open_cosigner(self.home, SECRET)


def sign_by_file(second: Second, request: bytes, folder: Path) -> bytes:
    """Give what she answers to a request that came as a file."""
    path = folder / "request"
    path.write_bytes(request)
    return sign_request(second.cosigner, path)
