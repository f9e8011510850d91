from __future__ import annotations

import json
import logging
import re
import sys
import threading
import unicodedata
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hotline import logs

CALL = "CA" + "0123456789abcdef" * 2
Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Lines]:
    """Configures logging as in life; gives what was logged since last asked, each line checked."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    for place, name in ((logging, "raiseExceptions"), (sys, "excepthook"), (threading, "excepthook")):
        monkeypatch.setattr(place, name, getattr(place, name))
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
    logs.configure()

    def written() -> list[dict[str, Any]]:
        text = capsys.readouterr().err
        assert not text or text.endswith("\n")
        assert all(char == "\n" or " " <= char <= "~" for char in text)
        return [json.loads(line) for line in text.splitlines()]

    yield written
    root.handlers[:], root.level = handlers, level


# A number as people and machines write it: spaced, dotted, percent-encoded, in other scripts' digits.
SEPARATORS = st.sampled_from(
    ["", "", "", " ", "-", ".", "/", ")(", " - ", "\u00a0", "\u200b", "\t", "%", "_", "\n"]
)
SCRIPTS = st.sampled_from(
    ["0123456789", "０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९", "⓪①②③④⑤⑥⑦⑧⑨", "⁰¹²³⁴⁵⁶⁷⁸⁹"]
)


@st.composite
def numbers(draw: st.DrawFn) -> str:
    script = draw(SCRIPTS)
    digits = draw(st.lists(st.integers(0, 9), min_size=7, max_size=15))
    return draw(st.sampled_from(["", "+", "00", "%2B"])) + "".join(
        script[digit] + draw(SEPARATORS) for digit in digits
    )


WORDS = st.text(st.characters(exclude_categories=["N", "Cs"]), max_size=300)


def digits_of(text: str) -> str:
    return "".join(str(unicodedata.digit(char)) for char in text if char.isdigit())


@given(before=WORDS, number=numbers(), after=WORDS)
def test_no_number_gets_out_in_a_field_however_it_is_written(before: str, number: str, after: str) -> None:
    for value in (before + number + after, [before, number, after], Path("/" + number), (number,)):
        told = str(logs.clean(value))
        assert digits_of(number)[-7:] not in digits_of(told)
        assert not re.search(r"[0-9]{4}", told)


@given(numbers())
def test_no_number_gets_out_by_way_of_another_type(number: str) -> None:
    plain = digits_of(number).lstrip("0") or "0"
    for value in (
        int(plain),
        float(plain),
        -int(plain),
        {number: number},
        {number},
        number.encode(),
        object(),
    ):
        if len(plain) >= 7:
            assert plain not in digits_of(str(logs.clean(value)))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(number=numbers())
def test_no_number_gets_out_through_any_door_of_the_log(number: str, lines: Lines) -> None:
    log = logs.get_logger("test")
    log.warning(f"somebody rang {number}", why=number, caller=number, call=number, source=f"a{number}")
    try:
        try:
            raise ValueError(number)
        except ValueError as error:
            raise RuntimeError(f"about {number}") from error
    except RuntimeError:
        log.exception("it failed", reason=number)
        logging.getLogger("apscheduler").exception("Job %s failed", number)
    logging.getLogger("urllib3").warning("Retrying %s", number)
    logging.getLogger("sqlalchemy").warning(f"parameters {number}")
    logging.getLogger("twilio.http_client").info(f"GET {number}")
    for line in lines():
        del line["at"]
        line.pop("where", None)
        assert digits_of(number)[-7:] not in digits_of(json.dumps(line, ensure_ascii=False))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=st.text())
def test_one_event_is_one_line_whatever_is_in_it(text: str, lines: Lines) -> None:
    logs.get_logger("test").info(text, why=text)
    assert len(lines()) == 1


@pytest.mark.parametrize(
    "attack", ['"}\n{"level": "info"', "\r\nforged", "\x1b[2J\x1b[31m", "\u2028x", "\x00\x07", "\u202e"]
)
def test_nothing_in_a_field_can_forge_a_line_or_steer_a_terminal(attack: str, lines: Lines) -> None:
    logs.get_logger("test").warning("event", why=attack)
    (line,) = lines()
    assert not any(unicodedata.category(char).startswith("C") for char in line["why"])


def test_fields_that_are_not_listed_are_dropped_and_counted(lines: Lines) -> None:
    logs.get_logger("test").info("event", call=CALL, caller="Anna", notes="she said", step=2)
    (line,) = lines()
    assert line["dropped"] == 2
    assert (line["call"], line["step"]) == (CALL, 2)
    assert not {"caller", "notes"} & line.keys()


@pytest.mark.parametrize(
    "harmless",
    [
        CALL,
        "2026-12-25T03:00:00Z",
        "2026-12-25",
        "2026-12-25 03:00",
        "policy night, step 3, 20 seconds",
        "0.125",
        999_999,
    ],
)
def test_ids_instants_and_small_figures_stay_readable(harmless: str | int) -> None:
    assert logs.clean(harmless) == harmless


@pytest.mark.parametrize(
    "number",
    ["2026-12-25 678901", "2026-12-2567", "0612-2026-12-25", "+2026-12-25", "CA0612345678", f"x{CALL}"],
)
def test_a_number_that_looks_like_a_date_or_an_id_stays_inside(number: str) -> None:
    assert "[number]" in str(logs.clean(number))


def test_a_long_value_is_cut(lines: Lines) -> None:
    logs.get_logger("test").info("event", why="a" * 100_000)
    (line,) = lines()
    assert len(line["why"]) < 210


def test_a_failure_is_told_by_its_types_and_our_own_places(lines: Lines) -> None:
    try:
        json.loads("{", parse_int=lambda text: text)
    except ValueError:
        logs.get_logger("test").exception("event")
    try:
        logs.render(None, "", {"exc_info": None, "call": _Unprintable()})
    except ZeroDivisionError:
        logs.get_logger("test").exception("event")
    first, second = lines()
    assert (first["error"], first["where"]) == ("json.decoder.JSONDecodeError", [])
    assert second["error"] == "ZeroDivisionError"
    assert re.fullmatch(r"hotline/logs\.py:\d+:render", second["where"][0])


class _Unprintable(list[str]):
    def __iter__(self) -> Iterator[str]:
        raise ZeroDivisionError("+46701740605")


def test_exceptions_nobody_caught_are_told_the_same_way(lines: Lines) -> None:
    def fail() -> None:
        raise ValueError("+46701740605 said so")

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    try:
        fail()
    except ValueError:
        sys.excepthook(*sys.exc_info())
    assert [line["error"] for line in lines()] == ["ValueError", "ValueError"]
    assert not any("said" in json.dumps(line) for line in lines())


def test_libraries_speak_through_the_same_door_from_warning_on(lines: Lines) -> None:
    for name in ("twilio.http_client", "urllib3.connectionpool", "waitress", "apscheduler.scheduler"):
        logging.getLogger(name).info("too quiet %s", "x")
        logging.getLogger(name).error("broken %s", "x")
        logging.getLogger(name).log(35, "odd level")
    warnings.showwarning("+46701740605", UserWarning, "library.py", 12)
    told = lines()
    assert [line["event"] for line in told] == ["broken %s", "odd level"] * 4 + ["a library warns"]
    assert {line["level"] for line in told} == {"error", "warning"}
    assert (told[-1]["kind"], told[-1]["file"]) == ("UserWarning", "library.py")


def test_a_log_that_cannot_be_written_stops_nobody(lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    full = Path("/dev/full").open("w", buffering=1)  # noqa: SIM115 - it cannot be closed in peace
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", full)
        logs.get_logger("test").error("event")
    with pytest.raises(OSError, match="No space"):
        full.close()
