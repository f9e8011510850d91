from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, Literal

import pytest
from sqlalchemy import Engine, update

from hotline import metrics
from hotline.jobs.outbox import MOST_ATTEMPTS, Outbox
from hotline.storage import tables
from hotline.storage.engine import reading
from hotline.storage.outgoing import CLAIM_LASTS, claim, finish, oldest_due_at
from hotline.telephony import provider
from simulator.rest import RestFault
from tests.hotline.duty_desk import MONDAY, DutyDesk, after, alert, duty_desk

LATER = after(120)


@pytest.fixture
def desk(engine: Engine) -> Iterator[DutyDesk]:
    with duty_desk(engine) as desk:
        yield desk


def test_what_is_queued_twice_goes_out_once(desk: DutyDesk) -> None:
    assert desk.queue(alert("a")) == 1
    assert desk.queue(alert("a"), alert("b")) == 1
    assert desk.outbox().send_due(MONDAY) == 2
    assert desk.outbox().send_due(LATER) == 0
    assert len(desk.net.messages) == 2
    assert desk.row("a")["state"] == "sent"
    assert desk.row("a")["provider_sid"] == desk.net.messages[0].sid


def test_nothing_goes_out_before_it_is_due(desk: DutyDesk) -> None:
    desk.queue(alert("a", due_at=after(60)))
    assert desk.outbox().send_due(after(50)) == 0
    assert desk.outbox().send_due(after(60)) == 1


def test_an_urgent_message_does_not_wait_behind_others(desk: DutyDesk) -> None:
    desk.queue(*(alert(f"reminder{n}") for n in range(5)), alert("crisis", urgent=True, due_at=after(5)))
    desk.outbox().send_due(after(10), most=1)
    assert "Zaak crisis" in desk.bodies()[0]


def test_a_text_that_is_too_late_is_dropped_and_counted(desk: DutyDesk) -> None:
    dropped = metrics.outgoing.labels("text", "dropped")
    before = dropped._value.get()
    desk.queue(alert("a", expires_at=after(60)))
    assert desk.outbox().send_due(after(60)) == 0
    assert desk.net.messages == []
    assert desk.row("a")["state"] == "dropped"
    assert dropped._value.get() == before + 1


@pytest.mark.parametrize(
    "details", [{}, {"at": "yesterday"}, {"at": None}, {"spans": [["x"]]}, {"gained": "all"}]
)
def test_a_row_nobody_can_understand_holds_up_no_other(desk: DutyDesk, details: dict[str, Any]) -> None:
    desk.queue(alert("poison", details=details, urgent=True), alert("fine"))
    desk.queue(alert("gone", person="zoe", urgent=True), alert("no line", line="nowhere", urgent=True))
    assert desk.outbox().send_due(MONDAY) == 1
    assert [row["key"] for row in desk.rows(state="sent")] == ["fine"]
    assert {row["key"] for row in desk.rows(state="failed")} == {"poison", "gone", "no line"}


def test_too_many_requests_is_asked_again_within_half_a_minute_and_never_looked_up(desk: DutyDesk) -> None:
    desk.queue(alert("a"))
    desk.rest.faults.append(RestFault(429, times=MOST_ATTEMPTS - 1))
    at, waits = MONDAY, []
    while desk.row("a")["state"] == "due":
        due = desk.row("a")["due_at"]
        waits.append((due - at).total_seconds())
        at = due
        desk.outbox().send_due(at)
    assert desk.row("a")["state"] == "sent"
    assert len(desk.net.messages) == 1
    assert max(waits) <= 30
    assert len(set(waits)) == len(waits), "everybody would come back at once"
    assert {request.method for request in desk.rest.requests} == {"POST"}


def test_a_provider_that_never_answers_is_given_up_after_so_many_attempts(desk: DutyDesk) -> None:
    desk.queue(alert("a"))
    desk.rest.faults.append(RestFault(429, times=1000))
    for minutes in range(0, 120, 4):
        desk.outbox().send_due(after(60 * minutes))
    assert desk.row("a")["state"] == "failed"
    assert desk.row("a")["last_error"] == "20429"
    assert len(desk.rest.requests) == MOST_ATTEMPTS


def test_nobody_listening_is_tried_again(desk: DutyDesk) -> None:
    desk.queue(alert("a"))
    desk.api_url, there = "http://127.0.0.1:1", desk.api_url
    assert desk.outbox().send_due(MONDAY) == 0
    assert (desk.row("a")["state"], desk.row("a")["unsure"]) == ("due", False)
    desk.api_url = there
    assert desk.outbox().send_due(LATER) == 1


def test_a_refusal_is_final(desk: DutyDesk) -> None:
    desk.queue(alert("a"))
    desk.net.message_errors["+46701740605"] = 21610
    desk.outbox().send_due(MONDAY)
    assert desk.row("a")["state"] == "failed"
    assert desk.row("a")["last_error"] == "21610"
    assert desk.outbox().send_due(LATER) == 0


def test_a_refused_log_in_is_tried_again_for_somebody_mends_it(desk: DutyDesk) -> None:
    desk.queue(alert("a"))
    desk.net.auth_tokens, tokens = ["another"], desk.net.auth_tokens
    desk.outbox().send_due(MONDAY)
    desk.net.auth_tokens = tokens
    assert desk.outbox().send_due(LATER) == 1


Fault = Literal[500, 503, "no answer", "malformed"]


@pytest.mark.parametrize("performed", [True, False])
@pytest.mark.parametrize("fault", [500, 503, "no answer", "malformed"])
def test_where_nobody_knows_the_provider_is_asked_and_nobody_reads_it_twice(
    desk: DutyDesk, fault: Fault, performed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider, "_SECONDS", 0.2)
    desk.queue(alert("a"))
    desk.rest.faults.append(RestFault(fault, on="POST", performed=performed))
    assert desk.outbox().send_due(MONDAY) == 0
    assert (desk.row("a")["state"], desk.row("a")["unsure"]) == ("due", True)
    assert len(desk.net.messages) == performed
    monkeypatch.setattr(provider, "_SECONDS", 5)
    assert desk.outbox().send_due(LATER) == 1
    assert len(desk.net.messages) == 1
    assert desk.row("a")["provider_sid"] == desk.net.messages[0].sid


@pytest.mark.parametrize("fault", [429, 500, "away"])
def test_while_the_provider_cannot_be_asked_nothing_is_sent_again(
    desk: DutyDesk, fault: Literal[429, 500, "away"]
) -> None:
    desk.queue(alert("a"))
    desk.rest.faults.append(RestFault(500, on="POST", performed=True))
    desk.outbox().send_due(MONDAY)
    there = desk.api_url
    if fault == "away":
        desk.api_url = "http://127.0.0.1:1"
    else:
        desk.rest.faults.append(RestFault(fault, on="GET", times=6))
    for _ in range(6):
        assert desk.outbox().send_due(desk.row("a")["due_at"]) == 0
    desk.api_url = there
    assert desk.outbox().send_due(desk.row("a")["due_at"]) == 1
    assert len(desk.net.messages) == 1


def test_the_same_words_sent_for_another_reason_are_not_taken_for_this_message(desk: DutyDesk) -> None:
    desk.queue(alert("first", case="1"), alert("second", case="1", due_at=after(1)))
    assert desk.outbox().send_due(MONDAY) == 1
    desk.rest.faults.append(RestFault(500, on="POST"))
    desk.outbox().send_due(after(1))
    assert desk.row("second")["unsure"]
    assert desk.outbox().send_due(LATER) == 1
    assert len(desk.net.messages) == 2


def test_a_claim_is_one_processes_alone_until_it_is_forsaken(desk: DutyDesk) -> None:
    desk.queue(alert("a"))
    with desk.engine.begin() as connection:
        first = claim(connection, MONDAY, ("text",), "first")
    assert first is not None
    lasts = CLAIM_LASTS["text"]
    with desk.engine.begin() as connection:
        assert claim(connection, MONDAY + lasts, ("text",), "second") is None
        second = claim(connection, MONDAY + lasts + timedelta(seconds=1), ("text",), "second")
    assert second is not None and second["unsure"] and second["attempts"] == 2
    with desk.engine.begin() as connection:
        assert not finish(connection, first, state="sent")
        assert finish(connection, second, state="sent")


def test_who_was_held_up_behind_a_claim_sends_nothing(desk: DutyDesk) -> None:
    """A machine paused between claiming and sending: somebody else may have sent it since."""
    desk.queue(alert("a"))
    clock = iter([0.0, 0.0, 90.0])
    paused = replace(desk.outbox(), monotonic=lambda: next(clock))
    assert paused.send_due(MONDAY, most=1) == 0
    assert desk.net.messages == []
    assert desk.row("a")["state"] == "due"
    assert desk.outbox().send_due(LATER) == 1


def test_a_long_batch_claims_by_the_time_it_is_and_not_by_the_time_it_began(desk: DutyDesk) -> None:
    """Otherwise a row claimed late in a slow batch would look forsaken at once."""
    desk.queue(alert("a"))
    clock = iter([0.0, 60.0, 60.0])
    slow = replace(desk.outbox(), monotonic=lambda: next(clock))
    assert slow.send_due(MONDAY, most=1) == 1
    assert desk.row("a")["claimed_at"] == after(60)


def test_the_longest_wait_is_known(desk: DutyDesk) -> None:
    def oldest() -> Any:
        with reading(desk.engine) as connection:
            return oldest_due_at(connection)

    assert oldest() is None
    desk.queue(alert("a"), alert("b", due_at=after(-60)))
    assert oldest() == after(-60)
    with desk.engine.begin() as connection:
        connection.execute(update(tables.outbox).values(state="sent"))
    assert oldest() is None


def test_a_batch_has_an_end(desk: DutyDesk) -> None:
    desk.queue(*(alert(f"a{n}") for n in range(5)))
    sender: Outbox = desk.outbox()
    assert sender.send_due(MONDAY, most=3) == 3
    assert sender.send_due(MONDAY, most=3) == 2
