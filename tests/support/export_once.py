"""Export a bundle in a process of its own, to be killed: ``python -m tests.support.export_once CASE OUT``."""

import sys
from pathlib import Path

from tests.support.bundles import export_bundle
from tests.support.own_case import OwnCase

if __name__ == "__main__":
    export_bundle(OwnCase(folder=Path(sys.argv[1])), Path(sys.argv[2]))
    sys.stdout.write("done\n")
