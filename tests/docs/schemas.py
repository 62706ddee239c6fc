"""Write the published JSON Schemas: ``python -m tests.docs.schemas``; ``make fmt`` does. tests/docs compares."""

import json
import sys
from pathlib import Path

from archiver.app.report_json import report_schema
from archiver.formats.manifest import STATEMENT_TYPE, predicate_type
from archiver.formats.schema import statement_schema
from archiver.model.evidence import Capture

FOLDER = Path(__file__).parents[2] / "docs" / "formats"


def schemas() -> dict[str, str]:
    """Give each schema's text by its file's name."""
    found = statement_schema(Capture, statement_type=STATEMENT_TYPE, predicate_type=predicate_type(Capture))
    report = json.dumps(report_schema(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    return {
        "report-v1.schema.json": report,
        "capture-v1.schema.json": json.dumps(found, indent=1, sort_keys=True, ensure_ascii=False) + "\n",
    }


def main() -> int:
    """Write them all."""
    for name, text in schemas().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
