"""The sites of the benches, in a process of their own: ``python -m tests.bench.sites NAME``."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from archiver.app.demo_site.server import serve_demo
from tests.support.site.serve import serve_site

PATHS: Final = {
    "demo": ("/fajr_desk/status/2123332951864246272", "/agency/2026/harbour-crane", "/s/7kq"),
    "many": ("/many",),
}


@contextmanager
def site_pages(name: str) -> Iterator[list[str]]:
    """Give the URLs of a site's pages while it runs."""
    command = [sys.executable, "-m", "tests.bench.sites", name]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        root = process.stdout.readline().strip()
        assert root.startswith("http"), "the site did not start"
        try:
            yield [root + path for path in PATHS[name]]
        finally:
            process.stdin.close()


def _serve(name: str) -> None:
    """Print the site's root, and serve until standard input ends."""
    if name == "demo":
        with serve_demo() as demo:
            _until_closed(demo.base_url)
    else:
        with serve_site() as site:
            _until_closed(site.url(""))


def _until_closed(root: str) -> None:
    sys.stdout.write(f"{root}\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    _serve(sys.argv[1])
