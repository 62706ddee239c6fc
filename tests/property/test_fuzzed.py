"""Each parser that is fuzzed for minutes elsewhere is asked here for a moment; none is forgotten or unseeded."""

import contextlib
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archiver.model.errors import FormatError
from tests.architecture.reading import ROOT
from tests.bench import fuzzed
from tests.property.strategies import damaged

SEEDS = list(fuzzed.seeds())
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
PARSERS: dict[str, Callable[[bytes], object]] = {**fuzzed.ROUND, **fuzzed.READ}
BY_OTHERS = frozenset(("__init__", "shape", "schema", "members", "ssh_wire"))  # these are reached through their users
WRITERS = frozenset(
    ("table", "wacz_write", "zip_write")
)  # what they write is read by others' programs in tests/foreign


@pytest.mark.parametrize("name", PARSERS)
@QUICK
@given(raw=st.binary(max_size=200) | damaged(SEEDS))
def test_a_fuzzed_parser_gives_the_same_bytes_or_a_format_error(name: str, raw: bytes) -> None:
    fuzzed.check(name, raw)


@pytest.mark.parametrize("name", PARSERS)
def test_a_fuzzer_begins_from_something_well_formed(name: str) -> None:
    assert any(_reads(PARSERS[name], raw) for raw in SEEDS)


def _reads(parse: Callable[[bytes], object], raw: bytes) -> bool:
    with contextlib.suppress(FormatError):
        parse(raw)
        return True
    return False


def test_every_module_of_formats_is_fuzzed() -> None:
    modules = {path.stem for path in (ROOT / "archiver" / "formats").glob("*.py")} - BY_OTHERS - WRITERS
    assert len(modules) > 20, "the search does not see the modules"
    assert not [one for one in sorted(modules) if not hasattr(fuzzed, one)]
