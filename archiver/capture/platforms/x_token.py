"""The token that X's embed script computes of a post's id: ``((id / 1e15) * Math.PI).toString(36)``, less 0 and dot.

It is no secret, only arithmetic of JavaScript's doubles, so the shortest digits that tell a double apart must be
found as V8 finds them (``DoubleToRadixCString``).
"""

import math
from typing import Final

_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_RADIX: Final = 36


def token(number: int) -> str:
    """Give the token of an id below 2 to the 63rd."""
    value = float(number) / 1e15 * math.pi
    whole = math.floor(value)
    digits = _fraction(value - whole, 0.5 * (math.nextafter(value, math.inf) - value))
    return (_whole(whole) + "".join(_DIGITS[digit] for digit in digits)).replace("0", "")


def _fraction(rest: float, delta: float) -> list[int]:
    """Give the fewest digits of a fraction that no neighbouring double shares; ``delta`` is half the way to the next.

    A last digit that is rounded up is never the highest one: the digit before it would have been rounded up instead.
    """
    digits: list[int] = []
    while rest >= delta:
        rest, delta = rest * _RADIX, delta * _RADIX
        digits.append(int(rest))
        rest -= digits[-1]
        rounds_up = rest > 0.5 or (rest == 0.5 and digits[-1] % 2 == 1)  # noqa: PLR2004 - a half
        if rounds_up and rest + delta > 1:
            digits[-1] += 1
            break
    return digits


def _whole(number: int) -> str:
    text = ""
    while number:
        number, digit = divmod(number, _RADIX)
        text = _DIGITS[digit] + text
    return text
