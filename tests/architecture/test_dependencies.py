"""What the package imports, it declares: otherwise it starts on our machines and on no other."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]
# requests cannot be installed without these, and the guard must decide with the very code that requests runs.
WITH_REQUESTS = frozenset(("certifi", "idna", "urllib3"))
# pyHanko's own half of certificates: it is released with it, and its signer cannot be made without it.
WITH_PYHANKO = frozenset(("pyhanko-certvalidator",))


def imported(*, at_start: bool = False) -> set[str]:
    """Give the top-level names that the package imports from elsewhere (``_typeshed`` is there for mypy alone).

    ``at_start``: those alone that a module imports when it is itself imported.
    """
    found: set[str] = set()
    for path in (ROOT / "archiver").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in tree.body if at_start else ast.walk(tree):
            if isinstance(node, ast.Import):
                found.update(one.name.split(".")[0] for one in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.split(".")[0])
    return found - set(sys.stdlib_module_names) - {"archiver", "_typeshed"}


def declared() -> set[str]:
    """Give the names of the declared dependencies, normalised."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return {_normal(re.split(r"[<>=!~\[; ]", one)[0]) for one in settings["project"]["dependencies"]}


def optional() -> set[str]:
    """Give the names of what the extras bring, normalised."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = settings["project"]["optional-dependencies"].values()
    return {_normal(re.split(r"[<>=!~\[; ]", one)[0]) for extra in extras for one in extra}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_each_import_is_a_declared_dependency() -> None:
    offered = packages_distributions()
    names = {name: {_normal(one) for one in offered.get(name, [])} for name in imported()}
    assert len(names) > 12, "the search does not see the imports"
    known = declared() | WITH_REQUESTS
    assert {name for name, by in names.items() if not by & (known | optional() | WITH_PYHANKO)} == set()
    early = {name for name in imported(at_start=True) if not names[name] & known}
    assert early == set(), "what an extra brings is imported where it is used: it may be absent"


def test_each_declared_dependency_is_imported() -> None:
    offered = packages_distributions()
    used = {_normal(one) for name in imported() for one in offered.get(name, [])}
    assert declared() - used == set()


def test_both_lock_files_pin_each_dependency() -> None:
    uv = (ROOT / "uv.lock").read_text(encoding="utf-8")
    pip = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    for name in declared():
        pinned = re.search(rf'name = "{name}"\nversion = "([^"]+)"', uv)
        assert pinned, f"{name} is not in uv.lock"
        assert f"\n{name}=={pinned[1]}" in f"\n{pip}", f"{name} {pinned[1]} is not in requirements.lock"
        assert pip.count("--hash=sha256:") > 100
