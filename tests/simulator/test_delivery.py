"""Webhooks are duplicated, delayed, reordered, dropped, retried and lost as a story asks for."""

from __future__ import annotations

import threading

import pytest
from werkzeug.wrappers import Response

from simulator.callers import Caller
from simulator.delivery import Delay, Drop, Duplicate, LoseAnswer, Reorder, Which
from simulator.phones import Human
from simulator.webhooks import Webhook
from tests.simulator.conftest import MakeWorld
from tests.simulator.helpline import ANNA, ASK, Form, World

APOLOGY = "<Response><Say>We put you through.</Say></Response>"
RETRIES = "#rc=2&rp=ct,rt,5xx&rt=4000"


@pytest.mark.parametrize("parallel", [False, True])
def test_a_webhook_can_arrive_several_times(world: World, parallel: bool) -> None:
    world.net.delivery.add(Duplicate(times=9, parallel=parallel), Which("dial"))
    call = world.call()
    assert len(world.line.forms("/dialled")) == 10
    assert len(world.line.forms("/incoming")) == 1
    [webhook] = [webhook for webhook in world.net.webhooks if webhook.kind == "dial"]
    assert len({answer.body for answer in webhook.answers}) == 1
    assert len(call.said) == 1


@pytest.mark.parametrize(("same", "tokens"), [(True, 1), (False, 4)])
def test_copies_bear_the_token_of_the_first_or_one_of_their_own(
    world: World, same: bool, tokens: int
) -> None:
    world.net.delivery.add(Duplicate(times=3, same_token=same), Which("incoming"))
    world.call()
    sent = [headers["I-Twilio-Idempotency-Token"] for headers in world.line.headers[:4]]
    assert len(set(sent)) == tokens


def test_copies_can_arrive_all_at_once(world: World) -> None:
    together = threading.Barrier(10)

    def page(_: Form) -> str:
        together.wait(timeout=5)
        return "<Say>All are here.</Say>"

    world.line.pages["/dialled"] = page
    world.net.delivery.add(Duplicate(times=9, parallel=True), Which("dial"))
    assert world.call().heard("All are here")


def test_a_webhook_of_the_past_can_be_repeated(world: World) -> None:
    world.call()
    first = world.net.webhooks[0]
    answers = world.net.repeat(first, times=50, parallel=True)
    assert len(answers) == 50
    assert len(world.line.forms("/incoming")) == 51
    assert {answer.status for answer in answers} == {200}


def test_callbacks_can_be_late(world: World) -> None:
    world.net.delivery.add(
        Delay(600), Which("leg-status", where=lambda webhook: webhook["CallStatus"] == "ringing")
    )
    world.call()
    statuses = [form["CallStatus"] for form in world.line.forms("/leg")]
    assert statuses == ["initiated", "no-answer", "ringing"]
    assert world.line.received[-1][1]["Timestamp"] == "Fri, 25 Dec 2026 03:00:01 +0000"


def test_an_answer_can_be_slow(world: World) -> None:
    world.net.delivery.add(Delay(8), Which("incoming"))
    call = world.call("<Say>Welcome.</Say>")
    assert (call.channel.answered_at - call.channel.created_at).total_seconds() == pytest.approx(8.1)


@pytest.mark.parametrize("order", [(3, 2, 1, 0), (1, 3, 0, 2)])
def test_callbacks_can_arrive_in_any_order(world: World, order: tuple[int, ...]) -> None:
    world.net.add_phone(ANNA, Human())
    world.net.delivery.add(Reorder(order), Which("leg-status"))
    world.call()
    sequence = [int(form["SequenceNumber"]) for form in world.line.forms("/leg")]
    assert tuple(sequence) == order


def test_held_callbacks_arrive_at_the_end_where_too_few_came(world: World) -> None:
    world.net.delivery.add(Reorder((5, 2, 1, 0)), Which("leg-status"))
    world.call()
    assert [form["SequenceNumber"] for form in world.line.forms("/leg")] == ["2", "1", "0"]


def test_callbacks_can_be_lost(world: World) -> None:
    world.net.delivery.add(Drop(), Which("leg-status", nth=2))
    world.net.delivery.add(Drop(), Which("call-status"))
    world.call()
    assert [form["CallStatus"] for form in world.line.forms("/leg")] == ["initiated", "no-answer"]
    assert world.line.forms("/status") == []


def test_a_webhook_that_cannot_connect_is_tried_once_more(world: World) -> None:
    world.net.delivery.add(Drop(attempts=1), Which("incoming"))
    call = world.call("<Say>Welcome.</Say>")
    assert call.heard("Welcome")
    assert world.net.errors == []


def test_a_lost_answer_is_not_tried_again_unless_the_url_asks_for_it(make_world: MakeWorld) -> None:
    world = make_world(fallback=APOLOGY)
    world.net.delivery.add(LoseAnswer(), Which("gather"))
    call = world.call(ASK, caller=Caller(keys=["1"]))
    assert len(world.line.forms("/menu")) == 1
    assert call.heard("We put you through")


def test_a_lost_answer_is_tried_again_with_the_same_token_where_the_url_asks_for_it(world: World) -> None:
    world.net.delivery.add(LoseAnswer(), Which("gather"))
    call = world.call(
        ASK.replace("/menu", f"/menu{RETRIES.replace('&', '&amp;')}"), caller=Caller(keys=["1"])
    )
    assert call.heard("That was all")
    asked = [
        headers
        for (path, _), headers in zip(world.line.received, world.line.headers, strict=True)
        if path == "/menu"
    ]
    assert len(asked) == 2
    assert len({headers["I-Twilio-Idempotency-Token"] for headers in asked}) == 1
    assert asked[0]["X-Simulated-Time"] < asked[1]["X-Simulated-Time"]
    assert world.net.errors == []


def test_retries_end_when_the_providers_fifteen_seconds_are_over(make_world: MakeWorld) -> None:
    world = make_world(fallback=APOLOGY)
    world.net.delivery.add(LoseAnswer(attempts=9), Which("gather"))
    call = world.call(ASK.replace("/menu", "/menu#rc=5&amp;rp=rt&amp;rt=6000"), caller=Caller(keys=["1"]))
    assert len(world.line.forms("/menu")) == 3
    assert call.heard("We put you through")


def test_a_server_error_is_not_tried_again_by_itself(make_world: MakeWorld) -> None:
    world = make_world(fallback=APOLOGY)
    world.line.pages["/menu"] = Response(status=500)
    call = world.call(ASK, caller=Caller(keys=["1"]))
    assert len(world.line.forms("/menu")) == 1
    assert call.heard("We put you through")


def test_a_server_error_is_tried_again_where_the_url_asks_for_it(world: World) -> None:
    answers = iter([Response(status=500), Response(status=502)])
    world.line.pages["/menu"] = lambda _: next(answers, "<Say>Third time lucky.</Say>")
    call = world.call(
        ASK.replace("/menu", f"/menu{RETRIES.replace('&', '&amp;')}"), caller=Caller(keys=["1"])
    )
    assert call.heard("Third time lucky")
    assert world.net.errors == []


def test_a_story_can_act_between_two_webhooks(world: World) -> None:
    seen: list[tuple[str, str, int]] = []

    def before(webhook: Webhook) -> None:
        seen.append(("before", webhook.kind, len(world.line.received)))

    def after(webhook: Webhook) -> None:
        seen.append(("after", webhook.kind, len(world.line.received)))

    world.net.delivery.before.append(before)
    world.net.delivery.after.append(after)
    world.call("<Say>Welcome.</Say>")
    assert seen == [
        ("before", "incoming", 0),
        ("after", "incoming", 1),
        ("before", "call-status", 1),
        ("after", "call-status", 2),
    ]


def test_an_assertion_in_a_hook_fails_the_story(world: World) -> None:
    def unhappy(_: Webhook) -> None:
        raise AssertionError("not now")

    world.net.delivery.before.append(unhappy)
    with pytest.raises(AssertionError, match="not now"):
        world.call()
