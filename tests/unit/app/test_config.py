from pathlib import Path

import pytest

from archiver.app.config import NAME, TEMPLATE, case_section, read_config, tsa_section
from archiver.model.errors import UsageError

ORIGIN = "archiver.invalid/" + "0" * 32


def written(folder: Path, text: str) -> Path:
    path = folder / NAME
    path.write_text(text, encoding="utf-8")
    return path


def test_the_template_with_a_case_and_an_authority_reads_back(tmp_path: Path) -> None:
    text = TEMPLATE.format(case="kut") + case_section("kut", ORIGIN) + tsa_section("one", "https://tsa.example/")
    config = read_config(written(tmp_path, text))
    assert config.case == "kut"
    assert config.cases["kut"].origin == ORIGIN
    assert [(one.name, one.url) for one in config.tsa] == [("one", "https://tsa.example/")]
    assert config.capture.viewport_px == (1280, 900)
    assert not config.capture.allow_private


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("case = 1", "case"),
        ('case = "a"\ncolour = "red"', "colour"),
        ('case = "a"\n[capture]\ntimeout_s = 1', "capture.timeout_s"),
        ('case = "a"\n[capture]\ntimeout_s = "60"', "capture.timeout_s"),
        ('case = "a"\n[capture]\nviewport = "huge"', "capture.viewport"),
        ('case = "a"\n[cases.a]\norigin = "kut-militias"', "cases.a.origin"),
        ('case = "a"\n[[tsa]]\nname = "x"\nurl = "ftp://x"', "tsa.0.url"),
        ("case = ", "not valid TOML"),
    ],
)
def test_a_wrong_setting_is_named_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(UsageError, match=told.replace(".", r"\.")):
        read_config(written(tmp_path, text))


def test_a_folder_without_configuration_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        read_config(tmp_path / NAME)
    assert "archiver init" in caught.value.hint


@pytest.mark.parametrize(("name", "url"), [("Bad Name", "https://x"), ("x", "file:///etc"), ("x", 'https://x/"')])
def test_an_authority_that_would_break_the_file_is_refused(name: str, url: str) -> None:
    with pytest.raises(UsageError):
        tsa_section(name, url)
