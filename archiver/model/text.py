"""Text that others wrote, made safe to show: it can neither move the cursor nor reorder the line."""

import unicodedata

_KEPT = "\u200c"  # ZWNJ is part of how Persian is written
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_HIDDEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))


def visible(text: str, *, longest: int = 2000) -> str:
    r"""Give text with control, bidi-control and invisible characters written as ``\uXXXX``, cut at ``longest``."""
    if len(text) <= longest and text.isascii() and text.isprintable():
        return text
    shown = "".join(
        f"\\u{ord(one):04x}" if one in _BIDI or (unicodedata.category(one) in _HIDDEN and one not in _KEPT) else one
        for one in text[:longest]
    )
    return shown if len(text) <= longest else f"{shown}…"
