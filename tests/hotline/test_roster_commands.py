"""`flask roster check`, `history` and `restore`, as somebody at a terminal uses them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import select

from hotline.settings import load_settings
from hotline.storage import tables
from hotline.storage.engine import make_engine, reading
from hotline.web.app import create_app
from tests.hotline.roster_desk import ROSTER

Flask = Callable[..., Result]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "oncall_schedule.yaml"
    path.write_text(ROSTER)
    return path


@pytest.fixture
def flask(tmp_path: Path, file: Path) -> Flask:
    """Each call is a process of its own, as far as the program knows."""
    environ = {"INSTANCE_DIR": str(tmp_path / "instance"), "ROSTER_FILE": str(file)}

    def run(*arguments: str) -> Result:
        app = create_app(load_settings(environ, dotenv=None))
        return app.test_cli_runner().invoke(args=["roster", *arguments])

    return run


def test_what_is_legal_and_unwise_is_told_with_its_line_and_what_is_refused_fails(
    flask: Flask, file: Path
) -> None:
    file.write_text(ROSTER.replace("name: Desk, languages: [nl]", "name: Desk, languages: [nl, pl]"))
    found = flask("check", str(file), "--json")
    told = json.loads(found.stdout)
    assert (found.exit_code, told["ok"], told["errors"]) == (0, True, [])
    (unspoken,) = [warning for warning in told["warnings"] if "prompts" in warning["message"]]
    assert (unspoken["line"], unspoken["path"]) == (22, "lines.desk.languages[1]")
    assert [warning["line"] for warning in told["warnings"]] == sorted(
        warning["line"] for warning in told["warnings"]
    )
    file.write_text(ROSTER.replace("version: 1", "version: 2"))
    found = flask("check", str(file))
    assert found.exit_code == 1
    assert f"{file}:2: error: " in found.stdout


def test_a_change_by_hand_is_in_the_history_and_can_be_taken_back(flask: Flask, file: Path) -> None:
    assert json.loads(flask("history", "--json").stdout)[0]["by"] == "hand"
    file.write_text(ROSTER.replace("members: [bo]", "members: [chi]"))
    shown = flask("history", "--diff").stdout
    assert "Rotation second now has chi" in shown and "+  second: {members: [chi]" in shown
    assert "Rotatie second heeft nu chi" in flask("history", "--language", "nl", "--limit", "1").stdout
    assert flask("restore", "1").stdout == "Version 1 is in force again, as version 3.\n"
    assert file.read_text() == ROSTER
    newest = json.loads(flask("history", "--json", "--limit", "1").stdout)[0]
    assert (newest["sequence"], newest["by"], newest["changed"]) == (
        3,
        "command line",
        ["Rotation second now has bo"],
    )
    assert [each["sequence"] for each in json.loads(flask("history", "--json", "--before", "3").stdout)] == [
        2,
        1,
    ]


def test_whoever_gets_other_shifts_is_told_of_a_restore_too(flask: Flask, tmp_path: Path, file: Path) -> None:
    flask("history")
    file.write_text(ROSTER.replace("members: [bo]", "members: [chi]"))
    flask("history")
    flask("restore", "1")
    engine = make_engine(f"sqlite:///{tmp_path / 'instance' / 'hotline.db'}")
    with reading(engine) as connection:
        told = connection.execute(select(tables.outbox.c.person)).scalars().all()
    engine.dispose()
    assert set(told) >= {"bo", "chi"}


def test_a_gap_needs_a_reason_here_too(flask: Flask, file: Path) -> None:
    nobody = ROSTER.replace("members: [ada], starts: 2026", "members: [ada], starts: 2090")
    file.write_text(nobody.replace("members: [bo], starts: 2026", "members: [bo], starts: 2090"))
    flask("history")
    file.write_text(ROSTER.replace("2026-11-02T09:00", "2020-11-02T09:00"))
    flask("history")
    refused = flask("restore", "1")
    assert refused.exit_code == 1 and "--why" in refused.stderr and "gap: desk: nobody from" in refused.stderr
    assert flask("restore", "1", "--why", "we close").exit_code == 0
    assert "why: we close" in flask("history").stdout


def test_what_is_not_there_or_not_possible_is_said_in_a_sentence(
    flask: Flask, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "no such version" in flask("restore", "9").stderr
    assert flask("restore", "x").exit_code == 2
    file.write_text(ROSTER + "  bad\n")
    refused = flask("restore", "1")
    assert refused.exit_code == 1 and "changed meanwhile" in refused.stderr and "error:" in refused.stderr
    monkeypatch.setattr("hotline.services.make_engine", lambda _: make_engine("postgresql://h@127.0.0.1:1/h"))
    away = flask("history")
    assert away.exit_code == 1 and "The file works all the same" in away.stderr
