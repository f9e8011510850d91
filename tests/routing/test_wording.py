"""Every problem has its sentence in both languages, and no sentence is left over."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

import routing
from routing.problems import Problem, shown
from routing.wording import REFUSALS, sentence
from routing.wording_warnings import WARNINGS

# What differs between two rosters is worded by `wording_differences`, and tested with it.
OTHERS = ("wording", "differences")
SOURCES = [
    path
    for path in Path(routing.__file__).parent.glob("*.py")
    if not any(other in path.name for other in OTHERS)
]


def test_every_code_is_used_and_no_code_lacks_its_sentence() -> None:
    literals = {
        text for path in SOURCES for text in re.findall(r'"([a-z0-9]+(?:\.[a-z0-9]+)?)"', path.read_text())
    }
    codes = REFUSALS.keys() | WARNINGS.keys()
    families = {code.partition(".")[0] for code in codes if "." in code}
    assert codes - literals == {"and more"} - literals
    assert {text for text in literals if "." in text and text.partition(".")[0] in families} <= codes


@pytest.mark.parametrize("code", [*REFUSALS, *WARNINGS])
def test_both_languages_tell_the_same(code: str) -> None:
    dutch, english = {**REFUSALS, **WARNINGS}[code]
    fields = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in (dutch, english)]
    assert fields[0] == fields[1]
    assert dutch != english


def test_more_of_the_same_is_told_in_one_sentence() -> None:
    details = {"name": "Helpdesk", "start": "2026-12-01 00:00", "end": "2026-12-01 09:00"}
    once = sentence(Problem(1, "", "cover.gap", {**details, "more": "0"}), "en")
    often = sentence(Problem(1, "", "cover.gap", {**details, "more": "3"}), "en")
    assert once in often
    assert often.endswith("3.")


def test_text_from_a_file_is_shown_short_and_printable() -> None:
    assert shown("Ada") == "Ada"
    assert shown("a\x1b[31m\u202eb") == "a?[31m?b"
    assert len(shown("a" * 10_000)) == 63
