"""The published schemas are those of the code; another program's validator accepts and refuses what we do."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from archiver.formats import canonical, envelope, manifest
from archiver.model.errors import FormatError
from tests.docs.schemas import FOLDER, schemas
from tests.support.ledger_kit import sealed_capture
from tests.vectors.regenerate import FOLDER as GOLDEN

_CHECK = """
import json, sys
from jsonschema import Draft202012Validator
schema, *cases = [json.load(open(name, encoding="utf-8")) for name in sys.argv[1:]]
Draft202012Validator.check_schema(schema)
print(*(Draft202012Validator(schema).is_valid(one) for one in cases))
"""


@pytest.mark.parametrize("name", list(schemas()))
def test_the_published_schema_is_that_of_the_code(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == schemas()[name], "make fmt writes it"


def wrong() -> list[dict[str, Any]]:
    """Give statements that a reader refuses, each for a reason that a schema can tell."""
    raw = envelope.decode(sealed_capture(1).envelope).payload
    changes: list[Any] = [
        lambda s: s.update(more=1),
        lambda s: s["predicate"].pop("id"),
        lambda s: s["predicate"].update(citation_id=None),
        lambda s: s["predicate"].update(artifacts=[]),
        lambda s: s["predicate"]["attempt"].update(started_at="2026-11-24T10:00:00Z"),
        lambda s: s["predicate"]["attempt"]["outcome"].update(state="maybe"),
        lambda s: s["predicate"]["attempt"]["target"].update(url=1),
        lambda s: s["predicate"]["attempt"]["target"].update(url="x" * (1 << 18) + "x"),
        lambda s: s.update(predicateType="https://archiver.invalid/capture/v2"),
        lambda s: s.update(subject=[]),
    ]
    found = []
    for change in changes:
        statement = json.loads(raw)
        change(statement)
        found.append(statement)
    return found


def test_what_the_schema_refuses_a_reader_refuses_too() -> None:
    for statement in wrong():
        with pytest.raises(FormatError):
            manifest.decode(canonical.encode(statement))


def test_another_validator_agrees_with_ours(tmp_path: Path) -> None:
    python = shutil.which("python3")
    if subprocess.run([python or "false", "-c", "import jsonschema"], capture_output=True, check=False).returncode:
        pytest.skip("no Python with jsonschema on this machine (apt-get install python3-jsonschema)")
    assert python is not None
    schema = FOLDER / "capture-v1.schema.json"
    right = [GOLDEN / "capture.statement.json"]
    cases = []
    for number, statement in enumerate(wrong()):
        path = tmp_path / f"{number}.json"
        path.write_text(json.dumps(statement), encoding="utf-8")
        cases.append(path)
    done = subprocess.run(
        [python, "-c", _CHECK, schema, *right, *cases], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == ["True", *["False"] * len(cases)]
