"""Verify whatever an auditor names: a workspace, a case, a manifest, a WARC, a WACZ, a timestamp, a proof. Offline.

Stops at nothing. What a thing is, is told by what it holds and not by its name alone.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from archiver.app import bundle as bundles
from archiver.app.config import NAME
from archiver.app.workspace import Workspace, open_workspace
from archiver.formats import layout
from archiver.model.errors import Damaged, FormatError, UsageError
from archiver.model.examination import Examination, Examined, ExaminedKind
from archiver.model.report import Check, Level, Report
from archiver.store.source import FolderSource
from archiver.verify import as_of, ots, proof_file, run, single, token, wacz, warc
from archiver.verify.case import Case
from archiver.verify.policy import Trust
from archiver.verify.wacz_signed import WaczTrust

_GZIP = b"\x1f\x8b"
_WARC = b"WARC/"
_ZIP = b"PK"
_OTS = b"\x00OpenTimestamps"
_SNIFFED = 512
_PROOF = ".tlog-proof"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How the auditor wants it: whom to believe, and the level that must pass (None: what each kind can reach).

    ``leaf`` is the file of the entry that a proof is about; without it, the one beside the proof.
    """

    trust: Trust
    required: Level | None
    leaf: Path | None = None
    wacz: WaczTrust = WaczTrust()  # noqa: RUF009 - it is frozen
    kept: Mapping[str, bytes] = field(default_factory=dict)  # checkpoints that the auditor kept, by file


def examine(names: Sequence[str], *, here: Path, terms: Terms) -> Examination:
    """Give what came of each; without any name, of the workspace that holds ``here``.

    Raises UsageError, before anything is read, for a name that is neither a path nor a case.
    """
    if not names:
        return Examination(examined=(_workspace(open_workspace(here), terms, name=str(here)),))
    found = [(name, _place(name, here)) for name in names]
    return Examination(examined=tuple(_examine(name, place, here=here, terms=terms) for name, place in found))


def _place(name: str, here: Path) -> Path | None:
    """Give the path that a name is, None if it is a case of the workspace here."""
    if "/" not in name and _is_case(name, here):
        return None
    path = here / name
    if path.exists():
        return path
    if "/" in name or "." in name:
        raise UsageError(f"{name}: no such file or folder")
    open_workspace(here).choose_case(name)
    return None


def _is_case(name: str, here: Path) -> bool:
    try:
        open_workspace(here).choose_case(name)
    except UsageError:
        return False
    return True


def _examine(name: str, place: Path | None, *, here: Path, terms: Terms) -> Examined:
    if place is None:
        return _case(open_workspace(here), name, terms, name=name)
    place = place.resolve()
    try:
        return _folder(name, place, terms) if place.is_dir() else _file(name, place, terms)
    except (FormatError, Damaged) as error:
        return Examined(name=name, unreadable=error.message)


def _folder(name: str, place: Path, terms: Terms) -> Examined:
    if (place / NAME).is_file():
        return _workspace(open_workspace(place), terms, name=name)
    if (place / layout.MANIFESTS).is_dir():
        return _bare(place, terms, name=name)
    if bundles.is_bundle_folder(place):
        report = bundles.verify_folder(place, terms.trust, _level(terms, ExaminedKind.BUNDLE), terms.kept)
        return Examined(name=name, kind=ExaminedKind.BUNDLE, report=report)
    if place.parent.name == layout.MANIFESTS and (place / "ledger").is_dir():
        root = place.parent.parent
        report = run.verify(FolderSource(root), cases=(place.name,), trust=terms.trust, required=_level(terms, "case"))
        return Examined(name=name, kind=ExaminedKind.CASE, report=report)
    raise FormatError(f"{name}: neither a workspace nor a case's folder: it holds no {layout.MANIFESTS}/ and no ledger")


def _workspace(workspace: Workspace, terms: Terms, *, name: str) -> Examined:
    cases = tuple(sorted({*workspace.config.cases, *workspace.cases_on_disk()}))
    return _cases(workspace.root, cases, terms, name=name)


def _bare(place: Path, terms: Terms, *, name: str) -> Examined:
    """Examine a workspace that came without its configuration."""
    cases = tuple(sorted(one.name for one in (place / layout.MANIFESTS).iterdir() if one.is_dir()))
    return _cases(place, cases, terms, name=name)


def _cases(root: Path, cases: tuple[str, ...], terms: Terms, *, name: str) -> Examined:
    required = _level(terms, "workspace")
    report = run.verify(FolderSource(root), cases=cases, trust=terms.trust, required=required)
    return Examined(name=name, kind=ExaminedKind.WORKSPACE, report=report)


def _case(workspace: Workspace, case: str, terms: Terms, *, name: str) -> Examined:
    chosen = workspace.choose_case(case)
    report = run.verify(
        FolderSource(workspace.root), cases=(chosen,), trust=terms.trust, required=_level(terms, "case")
    )
    return Examined(name=name, kind=ExaminedKind.CASE, report=report)


def _file(name: str, place: Path, terms: Terms) -> Examined:
    source = FolderSource(place.parent)
    for ending, examined in _BY_NAME.items():
        if _named(place, ending):
            return examined(name, place, source, terms)
    with source.open(place.name) as file:
        begins = file.read(_SNIFFED)
        file.seek(0)
        if begins.startswith(_ZIP) and bundles.is_bundle_zip(file, place.name):
            report = bundles.verify_zip(file, place.name, terms.trust, _level(terms, ExaminedKind.BUNDLE), terms.kept)
            return Examined(name=name, kind=ExaminedKind.BUNDLE, report=report)
        if begins.startswith(_ZIP) or _named(place, ".wacz"):
            checks = tuple(wacz.check_wacz(file, subject=place.name, trust=terms.wacz))
            return _examined(name, ExaminedKind.WACZ, checks, wacz.not_proven(checks), terms)
        if begins.startswith(_GZIP) or begins[: len(_WARC)].upper() == _WARC or _named(place, ".warc", ".warc.gz"):
            checks = tuple(warc.check_warc(file, subject=place.name))
            return _examined(name, ExaminedKind.WARC, checks, warc.not_proven(checks), terms)
        if begins.startswith(_OTS):
            return _ots(name, place, source, terms)
    raise FormatError(f"{name}: no kind of evidence that is known here: it begins with {begins[:16]!r}")


def _token(name: str, place: Path, source: FolderSource, terms: Terms) -> Examined:
    """Examine a timestamp over the file beside it whose name it has, without ``.tsr``."""
    response = source.read(place.name, limit_bytes=token.LIMIT_BYTES)
    data_name = place.name[: -len(".tsr")]
    with ExitStack() as closing:
        data = closing.enter_context(source.open(data_name)) if source.is_file(data_name) else None
        found = token.check_token(
            response, data=data, subject=place.name, data_name=data_name, roots=terms.trust.tsa_roots
        )
        checks = (*found, *as_of.check_response(response, terms.trust.at, subject=place.name))
    return _examined(name, ExaminedKind.TIMESTAMP, checks, token.NOT_PROVEN, terms)


def _manifest(name: str, place: Path, source: FolderSource, terms: Terms) -> Examined:
    """Examine a signed manifest: with all that bears on it where it lies in its case, else alone."""
    case_folder = place.parent.parent
    path = f"{place.parent.name}/{place.name}"
    if case_folder.parent.name == layout.MANIFESTS and (case_folder / "ledger").is_dir():
        whole = FolderSource(case_folder.parent.parent)
        checks = tuple(single.check_recorded(whole, Case(whole, case_folder.name), path, terms.trust))
        return _examined(name, ExaminedKind.MANIFEST, checks, run.not_proven(checks), terms)
    raw = source.read(place.name, limit_bytes=single.LIMIT_BYTES)
    checks = tuple(single.check_alone(raw, folder=source, subject=place.name, trust=terms.trust))
    return _examined(name, ExaminedKind.MANIFEST, checks, (single.ALONE, *run.not_proven(checks)), terms)


def _proof(name: str, place: Path, source: FolderSource, terms: Terms) -> Examined:
    """Examine a proof of one entry; its leaf is the file given, or the one beside it of the same name."""
    raw = source.read(place.name, limit_bytes=proof_file.LIMIT_BYTES)
    stem = place.name[: -len(_PROOF)]
    leaf, leaf_name = None, f"{stem}.leaf"
    if terms.leaf is not None:
        leaf_name = terms.leaf.name
        leaf = FolderSource(terms.leaf.absolute().parent).read(leaf_name, limit_bytes=proof_file.LIMIT_BYTES)
    else:
        found = next((one for one in (leaf_name, stem) if source.is_file(one)), None)
        if found is not None:
            leaf_name, leaf = found, source.read(found, limit_bytes=proof_file.LIMIT_BYTES)
    checks = tuple(proof_file.check_proof(raw, leaf=leaf, subject=place.name, leaf_name=leaf_name, trust=terms.trust))
    return _examined(name, ExaminedKind.PROOF, checks, proof_file.NOT_PROVEN, terms)


def _ots(name: str, place: Path, source: FolderSource, terms: Terms) -> Examined:
    """Examine an OpenTimestamps proof over the file beside it whose name it has, without ``.ots``."""
    raw = source.read(place.name, limit_bytes=_SNIFFED << 7)
    data_name = place.name.removesuffix(".ots")
    with ExitStack() as closing:
        there = data_name != place.name and source.is_file(data_name)
        data = closing.enter_context(source.open(data_name)) if there else None
        found = ots.check_ots(raw, data=data, subject=place.name, data_name=data_name, headers=terms.trust.headers)
        return _examined(name, ExaminedKind.TIMESTAMP, tuple(found), ots.NOT_PROVEN, terms)


_BY_NAME: dict[str, Callable[[str, Path, FolderSource, Terms], Examined]] = {
    ".tsr": _token,
    ".dsse.json": _manifest,
    _PROOF: _proof,
    ".ots": _ots,
}


def _named(place: Path, *endings: str) -> bool:
    return place.name.lower().endswith(endings)


def _examined(
    name: str, kind: ExaminedKind, checks: tuple[Check, ...], not_proven: tuple[str, ...], terms: Terms
) -> Examined:
    report = Report(checks=checks, required=_level(terms, kind), not_proven=not_proven)
    return Examined(name=name, kind=kind, report=report)


def _level(terms: Terms, kind: str) -> Level:
    return ExaminedKind(kind).required if terms.required is None else terms.required
