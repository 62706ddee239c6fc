from pathlib import Path

import pytest

from archiver.model.report import Verdict
from tests.support.sealed_workspace import SealedWorkspace, make_sealed_workspace


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> SealedWorkspace:
    """The untouched workspace; every test damages a copy, and its wholeness is asserted first."""
    return make_sealed_workspace(tmp_path_factory.mktemp("sealed") / "whole")


@pytest.fixture
def damaged(whole: SealedWorkspace, tmp_path: Path) -> SealedWorkspace:
    copy = whole.copy(tmp_path / "copy")
    report = copy.verify()
    assert report.verdict is Verdict.PASS, [one for one in report.checks if one.verdict is not Verdict.PASS]
    return copy
