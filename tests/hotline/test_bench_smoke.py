"""The measures can be taken: with tiny numbers, and no figure is judged."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.duty import measure_duty
from bench.memory import measure_memory
from bench.webhooks import Sizes, measure_webhooks


def test_webhooks_are_measured_and_every_one_is_answered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    measure_webhooks(tmp_path, Sizes(calls=2, pairs=1, seconds=0.1, rounds=1, rest=0))
    lines = capsys.readouterr().out.splitlines()
    counted = [line for line in lines if " of " in line and ("ours, journal" in line or "bare," in line)]
    assert len(counted) == 6
    assert all(line.split()[-3:-1] == ["0", "of"] for line in counted), counted


def test_memory_is_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    measure_memory(tmp_path, 2, 3)
    assert "under 200 MB" in capsys.readouterr().out


def test_both_rosters_give_the_same_person(capsys: pytest.CaptureFixture[str]) -> None:
    measure_duty(10)
    assert "Both gave the same person at 10 of 10 moments." in capsys.readouterr().out
