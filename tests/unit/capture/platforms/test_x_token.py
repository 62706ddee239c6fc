"""The token of X's embed script, digit for digit as JavaScript computes it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.capture.platforms.x_token import token

# Computed by node: ((Number(id) / 1e15) * Math.PI).toString(36).replace(/(0+|\.)/g, "")
BY_NODE = {
    20: "6dq1a2xwd93",
    7: "28eig4mnxfp",
    1000: "8v25s32yek",
    29700859247: "4cpz7ioa439",
    29700859248: "4cpz7iolllc",
    550153893359804418: "1ccxtjwwwf",
    1212392185510924290: "2xsubq8f46",
    1349794411333394432: "39si5g9b29u",
    1792187392000000000: "4cebm9yxkre",
    9223372036854775807: "mcw2svce2ao",
}


@pytest.mark.parametrize(("number", "expected"), BY_NODE.items())
def test_a_token_is_what_javascript_gives(number: int, expected: str) -> None:
    assert token(number) == expected


@given(st.integers(1, (1 << 63) - 1))
def test_any_id_has_a_token_without_zeros_and_dots(number: int) -> None:
    assert token(number).isalnum()
    assert "0" not in token(number)
