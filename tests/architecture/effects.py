"""Find the effects of a module by reading it: what it writes, asks, starts, reads off the clock, draws, says.

Names are followed through imports (``from os import replace as swap`` is found); methods of paths are
told by their names alone, so a method of that name on anything else counts too: rather one too many.
LIMIT of this search: ``getattr`` by a computed name hides from it, and so does what a library does inside.
"""

import ast
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

from tests.architecture.reading import TRAVELLING

PACKAGE = Path(__file__).parents[2] / "archiver"


class Effect(StrEnum):
    """What a module can do to, or learn from, the world."""

    WRITES = "writes files"
    NETWORK = "opens connections"
    PROCESSES = "starts or signals processes"
    CLOCK = "reads the wall clock"
    STOPWATCH = "reads a monotonic clock"
    RANDOM = "draws randomness"
    ENVIRONMENT = "reads the environment"
    SPEAKS = "speaks to people"


_PATH_METHODS = frozenset(
    ("write_bytes", "write_text", "unlink", "mkdir", "rmdir", "touch", "chmod", "symlink_to", "hardlink_to")
)
# A name that ends with "." or "*" stands for all that begin so; any other for itself and what is below it.
_CALLS = {
    Effect.WRITES: (
        "os.link", "os.replace", "os.rename", "os.remove", "os.unlink", "os.mkdir", "os.makedirs", "os.symlink",
        "os.truncate", "shutil.rmtree", "shutil.copy", "shutil.copy2", "shutil.copyfile", "shutil.copytree",
        "shutil.move", "tempfile.",
    ),
    Effect.PROCESSES: (
        "subprocess.", "os.kill", "os.killpg", "os.fork", "os.system", "os.exec*", "os.spawn*", "os.posix_spawn*",
        "multiprocessing.", "asyncio.create_subprocess*", "signal.",
    ),
    Effect.CLOCK: (
        "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today",
        "time.time", "time.time_ns", "time.gmtime", "time.localtime",
    ),
    Effect.STOPWATCH: ("time.monotonic*", "time.perf_counter*"),
    Effect.RANDOM: ("secrets.", "random.", "os.urandom", "uuid.uuid1", "uuid.uuid4"),
    Effect.ENVIRONMENT: ("os.environ", "os.getenv", "os.putenv"),
    Effect.SPEAKS: (
        "print", "input", "sys.stdout", "sys.stderr", "getpass.", "traceback.print_exc", "typer.echo", "logging.",
        "warnings.warn",
    ),
}  # fmt: skip
_NETWORK = (
    "socket", "ssl", "http.server", "http.client", "requests", "urllib3", "urllib.request", "playwright",
    "socketserver", "ftplib", "smtplib",
)  # fmt: skip
_MODES = frozenset("rwaxbt+")
_WRITING_MODES = frozenset("wax+")
_WRITING_FLAGS = frozenset({"O_WRONLY", "O_RDWR", "O_CREAT"})


def effects_of(source: str) -> frozenset[Effect]:
    """Give the effects of a module's source text."""
    tree = ast.parse(source)
    names = dict(_imported(tree))
    found = {Effect.NETWORK for name in names.values() if _begins(name, _NETWORK)}
    for node in ast.walk(tree):
        found.update(_effects_at(node, names))
    return frozenset(found)


def modules() -> dict[str, str]:
    """Give the source of every module of the package by its path inside it; what travels in a bundle is none."""
    paths = [path for path in PACKAGE.rglob("*.py") if path.parent.name != TRAVELLING]
    return {path.relative_to(PACKAGE).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def _imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for one in node.names:
                yield one.asname or one.name.split(".")[0], one.name if one.asname else one.name.split(".")[0]
                yield one.name, one.name
        elif isinstance(node, ast.ImportFrom):
            for one in node.names:
                yield one.asname or one.name, f"{node.module}.{one.name}"


def _effects_at(node: ast.AST, names: dict[str, str]) -> Iterator[Effect]:
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute) and node.func.attr in _PATH_METHODS:
            yield Effect.WRITES
        if _opens_to_write(node, names):
            yield Effect.WRITES
    if isinstance(node, ast.Name | ast.Attribute):
        name = _full_name(node, names)
        for effect, calls in _CALLS.items():
            if _begins(name, calls):
                yield effect


def _opens_to_write(call: ast.Call, names: dict[str, str]) -> bool:
    name = _full_name(call.func, names)
    if name == "os.open":
        mentioned = {part.attr for part in ast.walk(call) if isinstance(part, ast.Attribute)}
        return bool(mentioned & _WRITING_FLAGS) and "devnull" not in mentioned
    if name != "open" and not (isinstance(call.func, ast.Attribute) and call.func.attr in {"open", "fdopen"}):
        return False
    modes = call.args if isinstance(call.func, ast.Attribute) and name != "os.fdopen" else call.args[1:]
    given = [*modes, *(word.value for word in call.keywords if word.arg == "mode")]
    return any(
        isinstance(one, ast.Constant) and isinstance(one.value, str) and _is_writing_mode(one.value) for one in given
    )


def _is_writing_mode(text: str) -> bool:
    return set(text) <= _MODES and bool(_WRITING_MODES & set(text))


def _full_name(node: ast.expr, names: dict[str, str]) -> str:
    if isinstance(node, ast.Name):
        return names.get(node.id, node.id)
    if isinstance(node, ast.Attribute):
        return f"{_full_name(node.value, names)}.{node.attr}"
    return ""


def _begins(name: str, wanted: tuple[str, ...]) -> bool:
    return any(
        name.startswith(one.rstrip("*")) if one.endswith((".", "*")) else name == one or name.startswith(f"{one}.")
        for one in wanted
    )
