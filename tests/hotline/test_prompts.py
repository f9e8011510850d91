"""The words callers hear: a mistake in a file is told, and ends no call."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from hotline.telephony.prompts import PROMPTS, BadPrompts, Prompts, read_prompts
from hotline.telephony.twiml import Say


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for file in PROMPTS.glob("*.yaml"):
        shutil.copy(file, tmp_path / file.name)
    return tmp_path


def edited(folder: Path, language: str, old: str, new: str) -> Prompts:
    file = folder / f"{language}.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return read_prompts(folder)


def said(prompts: Prompts, name: str, *languages: str, **gaps: str) -> Say:
    spoken = prompts.speak(name, languages, **gaps)
    assert isinstance(spoken, Say)
    return spoken


def test_the_prompts_as_they_come_have_no_faults() -> None:
    assert read_prompts().faults == ()


def test_a_gap_with_a_typing_error_stays_silent_and_is_told(folder: Path) -> None:
    prompts = edited(folder, "nl", "met {line}.", "met {lijn}.")
    assert said(prompts, "greeting", "nl", line="Hulplijn").text.startswith("U belt met .")
    assert "greeting does not have the same { } in nl.yaml, en.yaml" in prompts.faults


def test_a_text_that_cannot_be_filled_in_is_spoken_in_another_language_and_told(folder: Path) -> None:
    for clever in ("{0}", "{line.name}", "{line:>99}", "{line"):
        prompts = edited(folder, "nl", "met {line}.", f"met {clever}.")
        assert said(prompts, "greeting", "nl", "en", line="Hulplijn").language == "en-GB"
        assert "nl.yaml has no text greeting" in prompts.faults
        shutil.copy(PROMPTS / "nl.yaml", folder / "nl.yaml")


def test_a_misspelt_name_is_told_and_the_other_language_stands_in(folder: Path) -> None:
    prompts = edited(folder, "nl", "  connecting:", "  conecting:")
    assert said(prompts, "connecting", "nl", "en").language == "en-GB"
    assert {"nl.yaml has no text connecting", "en.yaml has no text conecting"} <= set(prompts.faults)


def test_a_text_no_language_has_is_refused_at_the_start(folder: Path) -> None:
    edited(folder, "nl", "  connecting:", "  conecting:")
    with pytest.raises(BadPrompts, match="connecting"):
        edited(folder, "en", "  connecting:", "  conecting:")


def test_a_file_that_is_no_yaml_is_refused_by_name(folder: Path) -> None:
    (folder / "en.yaml").write_text("caller: [", encoding="utf-8")
    with pytest.raises(BadPrompts, match=r"en\.yaml"):
        read_prompts(folder)
