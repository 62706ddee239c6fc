"""Which module has which effect is a table in docs/ARCHITECTURE.md; the code has exactly these and no others."""

from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.effects import Effect, effects_of, modules

_PAGE = Path(__file__).parents[2] / "docs" / "ARCHITECTURE.md"


def documented() -> dict[str, tuple[str, ...]]:
    """Give the table: for each effect, the modules (or patterns of them) that have it, of all its rows."""
    table: dict[str, tuple[str, ...]] = {}
    for line in _PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[0] in set(Effect) and len(cells) > 1:
            table[cells[0]] = (*table.get(cells[0], ()), *cells[1].split("`")[1::2])
    return table


@cache
def found() -> dict[Effect, frozenset[str]]:
    """Give what the code does: for each effect, the modules that have it."""
    sources = modules()
    assert len(sources) > 80, "the search does not see the package"
    return {
        effect: frozenset(name for name, text in sources.items() if effect in effects_of(text)) for effect in Effect
    }


def test_the_page_has_a_row_for_each_effect() -> None:
    assert set(documented()) == set(Effect)


@pytest.mark.parametrize("effect", list(Effect))
def test_an_effect_is_where_the_page_says_and_nowhere_else(effect: Effect) -> None:
    patterns = documented()[effect]
    have = found()[effect]
    assert {name for name in have if not any(fnmatchcase(name, one) for one in patterns)} == set()
    assert {one for one in patterns if not any(fnmatchcase(name, one) for name in have)} == set(), "a stale row"


def test_values_formats_and_proofs_have_no_effect_at_all() -> None:
    pure = {
        name: effects_of(text)
        for name, text in modules().items()
        if name.startswith(("model/", "formats/", "proof/", "cite/", "verify/"))
    }
    assert len(pure) > 35
    assert {name: have for name, have in pure.items() if have} == {}


def test_only_the_store_publishes_evidence() -> None:
    """Everything else that writes does so in scratch space, in a demonstration, or through the store."""
    outside = found()[Effect.WRITES] - {"store/durable.py", "store/ledger.py"}
    assert {
        name for name in outside if name.startswith(("record/", "verify/", "formats/", "proof/", "model/"))
    } == set()


PLANTED = {
    "Path(name).write_bytes(b'')": Effect.WRITES,
    "target.unlink(missing_ok=True)": Effect.WRITES,
    "folder.mkdir()": Effect.WRITES,
    "open('a', 'w')": Effect.WRITES,
    "open('a', mode='ab')": Effect.WRITES,
    "Path('a').open('r+b')": Effect.WRITES,
    "import os\nos.open('a', os.O_WRONLY | os.O_CREAT)": Effect.WRITES,
    "import os\nos.replace('a', 'b')": Effect.WRITES,
    "from os import replace as swap\nswap('a', 'b')": Effect.WRITES,
    "import shutil as s\ns.rmtree('a')": Effect.WRITES,
    "from tempfile import NamedTemporaryFile\nNamedTemporaryFile()": Effect.WRITES,
    "def later():\n    import requests": Effect.NETWORK,
    "from urllib.request import urlopen": Effect.NETWORK,
    "import http.client": Effect.NETWORK,
    "from playwright.async_api import Page": Effect.NETWORK,
    "import subprocess\nsubprocess.run(['true'])": Effect.PROCESSES,
    "from os import execvp\nexecvp('true', [])": Effect.PROCESSES,
    "import asyncio\nasyncio.create_subprocess_exec('true')": Effect.PROCESSES,
    "import datetime as dt\ndt.datetime.now()": Effect.CLOCK,
    "from datetime import datetime\nwhen = datetime.now": Effect.CLOCK,
    "from datetime import date\ndate.today()": Effect.CLOCK,
    "import time\ntime.time()": Effect.CLOCK,
    "from time import time_ns\ntime_ns()": Effect.CLOCK,
    "import time\ntime.monotonic_ns()": Effect.STOPWATCH,
    "import uuid\nuuid.uuid4()": Effect.RANDOM,
    "from secrets import token_hex\ntoken_hex()": Effect.RANDOM,
    "import os\nos.urandom(8)": Effect.RANDOM,
    "import os\nos.environ['HOME']": Effect.ENVIRONMENT,
    "from os import getenv\ngetenv('HOME')": Effect.ENVIRONMENT,
    "print('here')": Effect.SPEAKS,
    "import sys\nsys.stderr.write('here')": Effect.SPEAKS,
}


@pytest.mark.parametrize("source", list(PLANTED))
def test_the_search_finds_a_planted_effect(source: str) -> None:
    assert effects_of(source) == {PLANTED[source]}


@pytest.mark.parametrize(
    "source",
    [
        "Path('a').read_bytes()",
        "open('a')",
        "Path('a').open('rb')",
        "store.open(digest, 'warc.gz')",
        "import os\nos.open('a', os.O_RDONLY | os.O_NOFOLLOW)",
        "from datetime import UTC, datetime\ndatetime(2026, 1, 1, tzinfo=UTC)",
        "from urllib.parse import urlsplit\nurlsplit('a')",
        "date.replace(year=2026)",
    ],
)
def test_the_search_is_silent_about_reading(source: str) -> None:
    assert effects_of(source) == frozenset()
