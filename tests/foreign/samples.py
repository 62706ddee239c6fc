"""What is said of every sample file of other programs: ``python -m tests.foreign.samples TESTDATA`` writes the page.

The page is docs/foreign-samples.md; tests/foreign compares it with what is said now.
"""

import sys
from collections import Counter
from pathlib import Path

from archiver.model.report import Check, Verdict
from archiver.verify.wacz import check_wacz
from archiver.verify.wacz_signed import WaczTrust
from archiver.verify.warc import check_warc

PAGE = Path(__file__).parents[2] / "docs" / "foreign-samples.md"
_ENDINGS = (".warc", ".warc.gz", ".wat", ".wet", ".wat.gz", ".wet.gz", ".wacz")
_LONGEST = 110
_HEAD = """\
# What is said of the samples of other programs

Made by `python -m tests.foreign.samples TESTDATA` over real files of other programs, which are not part of the project;
`tests/foreign` compares. `--trust-embedded` is on for WACZ files; "why" is the first reason of the worst kind. What is
judged otherwise than JHOVE does, and why, stands in [formats/foreign.md](formats/foreign.md).

| file | verdict | not passed | why |
|---|---|---|---|
"""


def sample_files(testdata: Path) -> list[Path]:
    """Give every sample, JHOVE's gzip files among them."""
    found = [path for part in ("warc", "wacz") for path in (testdata / part).rglob("*") if path.is_file()]
    return sorted(one for one in found if one.name.endswith(_ENDINGS) or "jhove" in one.as_posix())


def checks_of(path: Path) -> list[Check]:
    """Give every check of one file."""
    with path.open("rb") as file:
        if path.name.endswith(".wacz"):
            return list(check_wacz(file, subject=path.name, trust=WaczTrust(embedded=True)))
        return list(check_warc(file, subject=path.name))


def row(path: Path, testdata: Path) -> str:
    """Give the table's line about one file."""
    bad = [one for one in checks_of(path) if one.verdict is not Verdict.PASS]
    failed = [one for one in bad if one.verdict is Verdict.FAIL]
    worst = next(iter(failed or bad), None)
    verdict = worst.verdict if worst is not None else Verdict.PASS
    counted = Counter(one.id for one in (failed or bad))
    told = ", ".join(f"{name} {count}" for name, count in sorted(counted.items()))
    why = (
        worst.reason.replace("|", "\\|").replace("`", "'").replace("<", "&lt;")[:_LONGEST] if worst is not None else ""
    )
    return f"| {path.relative_to(testdata).as_posix()} | {verdict} | {told} | {why} |"


def page(testdata: Path) -> str:
    """Give the whole page."""
    return _HEAD + "".join(f"{row(path, testdata)}\n" for path in sample_files(testdata))


if __name__ == "__main__":
    PAGE.write_text(page(Path(sys.argv[1])), encoding="utf-8")
