"""``ro-crate-metadata.json``: what is in a bundle, as flat JSON-LD (RO-Crate 1.1). It proves nothing."""

import json
from collections.abc import Sequence

from archiver.export.member import Member, Stored, small
from archiver.export.select import Held
from archiver.formats import bundle
from archiver.model.bundle import Exhibit
from archiver.model.events import Export
from archiver.model.evidence import Capture
from archiver.model.text import visible

PATH = "ro-crate-metadata.json"
_CONTEXT = "https://w3id.org/ro/crate/1.1/context"
_PROFILE = "https://w3id.org/ro/crate/1.1"

Node = dict[str, object]


def crate_member(
    made: Export, exhibits: Sequence[tuple[Exhibit, Held]], files: Sequence[Member], *, software: str
) -> Member:
    """Give the file. ``files`` are all under ``data/``."""
    program: Node = {"@id": "#program", "@type": "SoftwareApplication", "name": software}
    parts = [{"@id": f"{bundle.exhibit_folder(one.number)}/"} for one, _ in exhibits]
    known = {path for one, _ in exhibits for path in [f"{bundle.exhibit_folder(one.number)}/"]}
    others = [one for one in files if not any(one.path.startswith(folder) for folder in _prefix(one.path, known))]
    root: Node = {
        "@id": "./",
        "@type": "Dataset",
        "name": made.bundle_name,
        "description": f"{len(exhibits)} of {made.checkpoint_size} entries of a ledger, and what their proofs need",
        "datePublished": str(made.at),
        "identifier": made.id,
        "license": "not stated",
        "hasPart": [*parts, *({"@id": one.path} for one in others)],
    }
    about: Node = {
        "@id": PATH,
        "@type": "CreativeWork",
        "conformsTo": {"@id": _PROFILE},
        "about": {"@id": "./"},
    }
    graph = [about, root, program]
    by_folder: dict[str, list[Member]] = {}
    for one in files:
        by_folder.setdefault(one.path.rpartition("/")[0], []).append(one)
    for exhibit, held in exhibits:
        graph.extend(_exhibit(exhibit, held, by_folder[bundle.exhibit_folder(exhibit.number)]))
    graph.extend(_file(one, "") for one in others)
    content = json.dumps({"@context": _CONTEXT, "@graph": graph}, ensure_ascii=False, indent=1, sort_keys=True)
    return small(PATH, content.encode("utf-8", "backslashreplace") + b"\n")


def _prefix(path: str, known: set[str]) -> list[str]:
    folder = "/".join(path.split("/")[:3]) + "/"
    return [folder] if folder in known else []


def _exhibit(exhibit: Exhibit, held: Held, files: Sequence[Member]) -> list[Node]:
    found = held.predicate
    assert isinstance(found, Capture), "an exhibit is a capture"
    folder = f"{bundle.exhibit_folder(exhibit.number)}/"
    types = {artifact.name: artifact.media_type for artifact in found.artifacts}
    what: Node = {
        "@id": folder,
        "@type": "Dataset",
        "name": f"Exhibit {exhibit.number}",
        "description": f"attempt to capture {visible(found.attempt.target.url)}: {exhibit.state}",
        "identifier": found.id,
        "hasPart": [{"@id": one.path} for one in files],
    }
    action: Node = {
        "@id": f"#capture-{exhibit.number}",
        "@type": "CreateAction",
        "object": {"@id": visible(found.attempt.target.url)},
        "result": {"@id": folder},
        "startTime": str(found.attempt.started_at),
        "endTime": str(found.attempt.finished_at),
        "instrument": {"@id": "#program"},
        "actionStatus": {
            "@id": "http://schema.org/" + ("Failed" if exhibit.state == "failed" else "Completed") + "ActionStatus"
        },
    }
    return [what, action, *(_file(one, types.get(one.path.rsplit("/", 1)[-1], "")) for one in files)]


def _file(one: Member, media_type: str) -> Node:
    node: Node = {
        "@id": one.path,
        "@type": "File",
        "name": one.path.rsplit("/", 1)[-1],
        "contentSize": str(one.size_bytes),
    }
    if media_type:
        node["encodingFormat"] = media_type
    first = one.parts[0]
    if len(one.parts) == 1 and isinstance(first, Stored):
        node["sha256"] = first.digest.hex
    return node
