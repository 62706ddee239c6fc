"""Score proposed citations against a truth, by the shared scorer, so that the figures are the ones asked for."""

import importlib.util
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from archiver.app.cite import as_json
from archiver.model.citation import CitationList

SEED = "seed/000_012b55e8c9fe21bc.txt"
PAGES = Path(__file__).parents[1] / "unit" / "cite" / "real_pages.json"


def scored(found: CitationList, truth: Sequence[Mapping[str, Any]], shared_testdata: Path) -> dict[str, int]:
    """Give the counts of `score_citations.py` for what was found."""
    path = shared_testdata.parent / "tools" / "score_citations.py"
    spec = importlib.util.spec_from_file_location("score_citations", path)
    assert spec is not None
    assert spec.loader is not None
    scorer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(scorer)
    given = json.loads(json.dumps(as_json(found)))["citations"]
    return dict(scorer.score(given, truth))


def seed_truth(shared_testdata: Path) -> list[dict[str, Any]]:
    """Give the true citations of the seed article."""
    found = json.loads((shared_testdata / "seed/citations.json").read_text(encoding="utf-8"))["citations"]
    assert len(found) == 14
    return list(found)


def page_truths() -> list[dict[str, Any]]:
    """Give what was written down of real pages before the program read them: offsets and facts only."""
    found = json.loads(PAGES.read_text(encoding="utf-8"))
    assert len(found) >= 12
    return list(found)


def page_truth(rows: Sequence[Mapping[str, Any]], text: str) -> list[dict[str, Any]]:
    """Give one page's truth as the scorer reads it; a speaker is the text at its offsets."""
    return [
        {
            "id": row["id"],
            "kind": row["kinds"][0],
            "kind_alt": row["kinds"][1:],
            "speaker": {"text": text[slice(*row["speaker"])]} if row["speaker"] else None,
            "outlet_en": row["outlet"],
            "date_iso": row["date"],
            "spans": [{"start": start, "end": end} for start, end in row["spans"]],
            "quotes": [{"start": start, "end": end} for start, end in row["quotes"]],
            "optional": row["optional"],
        }
        for row in rows
    ]
