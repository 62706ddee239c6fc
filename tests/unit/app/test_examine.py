"""What an auditor names: told by what it holds, several at once, and never a pass for nothing."""

import json
from pathlib import Path

import pytest

from archiver.cli.main import main
from archiver.model.examination import Examination, Examined, ExaminedKind
from archiver.model.report import Check, Level, Report, Verdict
from tests.support.ledger_kit import CASE, ORIGIN
from tests.support.sealed_workspace import SealedWorkspace, make_sealed_workspace
from tests.support.warcs import fields, packed, record, whole
from tests.unit.verify.test_proof_file import LEAVES
from tests.unit.verify.test_proof_file import made as proof_of


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> SealedWorkspace:
    made = make_sealed_workspace(tmp_path_factory.mktemp("examine") / "whole")
    (made.workspace / "archiver.toml").write_text(f'case = "{CASE}"\n[cases."{CASE}"]\norigin = "{ORIGIN}"\n')
    return made


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "good.warc.gz").write_bytes(packed(whole()))
    (tmp_path / "named.anything").write_bytes(b"".join(whole()))
    (tmp_path / "bad.warc").write_bytes(b"junk")
    (tmp_path / "bare.warc").write_bytes(record(fields("response", 1), b"x"))
    (tmp_path / "empty.warc").write_bytes(b"")
    (tmp_path / "other.bin").write_bytes(b"\x00\x01")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def asked(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, object]]:
    code = main(["verify", "--json", *arguments])
    told = json.loads(capsys.readouterr().out)
    assert isinstance(told, dict)
    return code, told


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (["good.warc.gz"], 0),
        (["named.anything"], 0),
        (["good.warc.gz", "named.anything"], 0),
        (["bad.warc"], 1),
        (["empty.warc"], 1),
        (["bare.warc"], 7),
        (["good.warc.gz", "bare.warc"], 7),
        (["other.bin"], 4),
        (["other.bin", "bad.warc", "good.warc.gz"], 1),
        (["good.warc.gz", "--require", "L0"], 0),
        (["good.warc.gz", "--require", "L2"], 7),
        (["nowhere.warc"], 2),
        (["."], 4),
    ],
)
def test_each_kind_of_file_ends_with_its_code(
    bench: Path, capsys: pytest.CaptureFixture[str], names: list[str], code: int
) -> None:
    assert main(["verify", *names]) == code
    shown = capsys.readouterr()
    assert (shown.out + shown.err).strip()
    assert sorted(path.name for path in bench.iterdir()) == [
        "bad.warc", "bare.warc", "empty.warc", "good.warc.gz", "named.anything", "other.bin",
    ]  # fmt: skip


def test_a_workspace_is_found_by_its_folder_its_case_s_folder_and_its_case_s_name(
    sealed: SealedWorkspace, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    trust = ("--trust", str(sealed.trust))
    for path, kind in ((sealed.workspace, "workspace"), (sealed.case_root, "case")):
        code, told = asked(capsys, str(path), *trust)
        assert (code, told["targets"][0]["kind"]) == (0, kind)  # type: ignore[index] # of JSON
    bare = sealed.copy(tmp_path / "bare").workspace
    (bare / "archiver.toml").unlink()
    assert asked(capsys, "bare/workspace", *trust)[0] == 0
    monkeypatch.chdir(sealed.workspace)
    code, told = asked(capsys, CASE, str(bare), *trust)
    assert (code, [one["kind"] for one in told["targets"]]) == (0, ["case", "workspace"])  # type: ignore[attr-defined] # of JSON
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        assert main(["verify", "nothing"]) == 2


def test_the_report_says_of_each_thing_what_it_is_and_first_what_is_not_proven(
    bench: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", "good.warc.gz", "bad.warc", "other.bin"]) == 1
    shown = capsys.readouterr().out
    assert shown.startswith("NOT PROVEN by any check below:\n  - That the site sent these bytes")
    assert "== good.warc.gz (warc)" in shown
    assert "UNREADABLE  other.bin: no kind of evidence" in shown
    assert shown.endswith("FAIL  (all 3 of them together)\n")
    code, told = asked(capsys, "good.warc.gz", "other.bin")
    assert code == 4
    assert told["verdict"] == "NOT CHECKED"
    assert told["levels"]["L0"] == "NOT CHECKED"  # type: ignore[index] # of JSON
    assert told["targets"][1]["unreadable"]  # type: ignore[index] # of JSON
    assert told["required"] == "L1"


def examined(*verdicts: Verdict, required: Level = Level.RECORDS, kind: ExaminedKind = ExaminedKind.WARC) -> Examined:
    levels = (Level.FILES, Level.RECORDS, Level.LEDGER)
    checks = tuple(
        Check(id="a", level=level, subject="s", verdict=verdict, reason="")
        for level, verdict in zip(levels, verdicts, strict=False)
    )
    return Examined(name="n", kind=kind, report=Report(checks=checks, required=required, not_proven=("x",)))


def test_nothing_vacuous_passes() -> None:
    good = examined(Verdict.PASS, Verdict.PASS)
    assert good.verdict is Verdict.PASS
    assert examined(Verdict.PASS).verdict is Verdict.NOT_CHECKED
    assert examined(Verdict.PASS, Verdict.PASS, required=Level.LEDGER).verdict is Verdict.NOT_CHECKED
    assert (
        examined(Verdict.PASS, Verdict.PASS, kind=ExaminedKind.CASE, required=Level.LEDGER).verdict is not Verdict.PASS
    )
    assert examined(Verdict.PASS, Verdict.FAIL, required=Level.FILES).verdict is Verdict.FAIL
    assert Examination(examined=()).verdict is Verdict.NOT_CHECKED
    assert Examination(examined=(good, Examined(name="x", unreadable="y"))).verdict is Verdict.NOT_CHECKED
    both = Examination(examined=(good, good))
    assert (both.verdict, both.not_proven) == (Verdict.PASS, ("x",))
    assert both.verdict_of(Level.FILES) is Verdict.PASS
    assert Examination(examined=(good, examined(Verdict.FAIL))).verdict_of(Level.FILES) is Verdict.FAIL


def test_a_manifest_is_examined_in_its_case_and_alone(
    sealed: SealedWorkspace, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    trust = ("--trust", str(sealed.trust))
    path = next((sealed.case_root / "captures").iterdir())
    code, told = asked(capsys, str(path), *trust)
    assert (code, told["targets"][0]["kind"]) == (0, "manifest")  # type: ignore[index] # of JSON
    (tmp_path / "one.dsse.json").write_bytes(path.read_bytes())
    assert asked(capsys, "one.dsse.json", *trust)[0] == 7
    code, told = asked(capsys, "one.dsse.json", *trust, "--require", "L1")
    assert code == 7, "its files are not beside it"
    assert "a manifest alone" in told["not_proven"][0]  # type: ignore[index] # of JSON


def test_a_proof_is_examined_under_a_policy_that_is_given_directly(
    sealed: SealedWorkspace, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "entry.tlog-proof").write_bytes(proof_of())
    policy = ("--policy", str(sealed.case_root / "ledger/policy"))
    assert asked(capsys, "entry.tlog-proof", *policy)[0] == 7
    (tmp_path / "other.leaf").write_bytes(LEAVES[2])
    assert asked(capsys, "entry.tlog-proof", *policy, "--leaf", "other.leaf")[0] == 0
    (tmp_path / "entry.leaf").write_bytes(LEAVES[2])
    assert asked(capsys, "entry.tlog-proof", *policy)[0] == 0
    assert asked(capsys, "entry.tlog-proof", *policy, "--require", "L4")[0] == 7
    (tmp_path / "entry.leaf").write_bytes(LEAVES[1])
    assert asked(capsys, "entry.tlog-proof", *policy)[0] == 1
    (tmp_path / "no.policy").write_text("quorum\n")
    for wrong in ("no.policy", "nowhere"):
        assert main(["verify", "entry.tlog-proof", "--policy", wrong]) == 2
    assert main(["verify", "entry.tlog-proof", "--at", "yesterday"]) == 2
