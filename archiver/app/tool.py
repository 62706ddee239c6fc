"""What this program says of itself in every manifest."""

import hashlib
import platform
from functools import cache
from pathlib import Path

import archiver
from archiver.model.digest import Digest
from archiver.model.evidence import ToolFacts


@cache
def this_tool() -> ToolFacts:
    r"""Give name, version, Python, operating system, and one digest over the program's own source files.

    The digest is SHA-256 over ``<sha256>  <path>\\n`` lines of every ``*.py`` in the package, sorted by path:
    whoever has the same release can compute it. It is a claim of the program about itself.
    """
    root = Path(archiver.__file__).parent
    lines = "".join(
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(root).as_posix()}\n"
        for path in sorted(root.rglob("*.py"))
    )
    return ToolFacts(
        name="archiver",
        version=archiver.__version__,
        python=platform.python_version(),
        platform=f"{platform.system()} {platform.release()} {platform.machine()}",
        distribution_digest=Digest.of(lines.encode()),
    )
