"""Where in a JSON text a place lies, as a path such as ``$.data[2].text``. Reads signs only, never the whole value."""

import json
import re

_SIGN = re.compile(r'[{}\[\],:]|"(?:[^"\\]|\\.)*"', re.DOTALL)
_PLAIN = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*\Z")
_MOST_DEPTH = 512
_MOST_SIGNS = 4_000_000


class _Steps:
    """The way from the top to where the reading is: a number within a list, a key (quoted, or "") within an object."""

    def __init__(self) -> None:
        self.steps: list[str | int] = []
        self._key = ""

    def take(self, sign: str) -> None:
        """Take the next sign."""
        if sign in "{[":
            self.steps.append(0 if sign == "[" else "")
        elif sign in "}]":
            del self.steps[-1:]
        elif sign == ":" and self.steps:
            self.steps[-1] = self._key
        elif sign == "," and self.steps:
            last = self.steps[-1]
            self.steps[-1] = last + 1 if isinstance(last, int) else ""
        else:
            self._key = sign


def path_at(text: str, place: int) -> str:
    """Give the path of the string or value that this place of the text lies in; empty where it is no JSON so far."""
    if text.lstrip()[:1] not in ("{", "["):
        return ""
    found = _Steps()
    for count, match in enumerate(_SIGN.finditer(text)):
        if match.end() > place or count > _MOST_SIGNS or len(found.steps) > _MOST_DEPTH:
            break
        found.take(match[0])
    return "$" + "".join(_step(one) for one in found.steps if one != "")


def _step(one: str | int) -> str:
    if isinstance(one, int):
        return f"[{one}]"
    try:
        name = str(json.loads(one))
    except ValueError:
        name = one
    return f".{name}" if _PLAIN.match(name) else f"[{json.dumps(name, ensure_ascii=False)}]"
