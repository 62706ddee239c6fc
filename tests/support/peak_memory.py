"""The most memory that this process came to need."""

import resource
from pathlib import Path

_STATUS = Path("/proc/self/status")


def peak_mib() -> int:
    """Give it in MiB. Where there is no /proc, what a parent needed before it started us may be counted in."""
    if not _STATUS.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 20  # macOS counts bytes
    line = next(one for one in _STATUS.read_text("utf-8").splitlines() if one.startswith("VmHWM:"))
    return int(line.split()[1]) >> 10
