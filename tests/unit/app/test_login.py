"""A login is a storage state that a browser can take, kept outside the workspace; what stands in it is never told."""

import json
from pathlib import Path

import pytest

from archiver.app.login import storage_state
from archiver.model.errors import UsageError

COOKIE = {"name": "session", "value": "secret-token", "domain": "x.com", "path": "/", "expires": -1, "httpOnly": True}
STATE = {
    "cookies": [COOKIE],
    "origins": [{"origin": "https://x.com", "localStorage": [{"name": "a", "value": "b"}]}],
}


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    folder.mkdir()
    return folder


def state(path: Path, content: object = STATE) -> Path:
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


@pytest.mark.parametrize("content", [STATE, {"cookies": []}, {"cookies": [COOKIE], "origins": []}])
def test_a_storage_state_outside_the_workspace_is_taken(tmp_path: Path, workspace: Path, content: object) -> None:
    path = state(tmp_path / "state.json", content)

    assert storage_state(path, outside=workspace) == path


def test_a_login_in_the_workspace_is_refused_also_through_a_link_or_dots(tmp_path: Path, workspace: Path) -> None:
    inside = state(workspace / "state.json")
    (tmp_path / "link.json").symlink_to(inside)
    (tmp_path / "other").mkdir()

    for path in (inside, tmp_path / "link.json", tmp_path / "other/../workspace/state.json"):
        with pytest.raises(UsageError, match="must not lie inside the workspace") as caught:
            storage_state(path, outside=workspace)
        assert caught.value.hint


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "found no JSON"),
        (b"\xff\xfe{}", "found no JSON"),
        (b"[" * 100_000, "found no JSON"),
        (b"secret-token", "found no JSON"),
        (b"[]", "with cookies; wrong: the whole"),
        (b"{}", "with cookies; wrong: cookies"),
        (b'{"cookies": {}}', "wrong: cookies"),
        (b'{"cookies": ["secret-token"]}', r"wrong: cookies\.0"),
        (b'{"cookies": [{"name": "a", "value": 5, "domain": "x", "path": "/"}]}', r"wrong: cookies\.0\.value"),
        (b'{"cookies": [{"name": "secret-token"}]}', r"wrong: cookies\.0\.value"),
        (b'{"cookies": [], "origins": "secret-token"}', "wrong: origins"),
        (b'{"cookies": [], "origins": [{"localStorage": []}]}', r"wrong: origins\.0\.origin"),
    ],
)
def test_a_file_that_no_browser_could_take_is_refused_before_every_source_fails_by_it(
    tmp_path: Path, workspace: Path, content: bytes, told: str
) -> None:
    path = tmp_path / "state.json"
    path.write_bytes(content)

    with pytest.raises(UsageError, match=told) as caught:
        storage_state(path, outside=workspace)

    assert "secret-token" not in caught.value.message
    assert caught.value.__cause__ is None
    assert "--save-storage" in caught.value.hint


def test_a_file_that_is_absent_or_a_folder_is_told_with_its_reason(tmp_path: Path, workspace: Path) -> None:
    with pytest.raises(UsageError, match=r"absent\.json: No such file"):
        storage_state(tmp_path / "absent.json", outside=workspace)
    with pytest.raises(UsageError, match="Is a directory"):
        storage_state(tmp_path, outside=workspace)


def test_a_file_of_absurd_size_is_not_read(tmp_path: Path, workspace: Path) -> None:
    path = tmp_path / "state.json"
    with path.open("wb") as file:
        file.truncate(1 << 40)

    with pytest.raises(UsageError, match="at most 8 MiB"):
        storage_state(path, outside=workspace)
