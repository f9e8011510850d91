"""Numbers that are withheld, absent or no numbers, numbers no line has, and nonsense from the provider."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from hotline.storage import tables
from simulator.callers import WITHHELD
from simulator.channels import Call
from simulator.phones import Human
from simulator.signing import sign
from tests.rounds import rounds
from tests.stories.cast import CALLER, CHRISTMAS_NIGHT, PHONES
from tests.stories.conftest import MakeDesk, desks_of
from tests.stories.faults import locked
from tests.stories.outsiders import OUTSIDE
from tests.stories.promises import counted, verbs
from tests.stories.test_signatures import doors
from tests.stories.world import Helpdesk

NO_NUMBERS = {
    "300 characters": "4" * 300,
    "300 digits": "+" + "4" * 299,
    "ten thousand characters": "x" * 10_000,
    "markup": "</Say><Dial>+19005550123</Dial><Say>",
    "quoted markup": "\"'><Number>+19005550123</Number>",
    "an entity": "&lt;Dial&gt;&#43;19005550123&xxe;",
    "control characters": "+4670174\r\n\x0b\x1b[31m0699",
    "a line of log": '"}\n{"level": "info", "event": "all is well"}',
    "a zero byte": "+4670174\x000699",
    "an emoji": "\N{FIRE}\N{FIRE}",
    "right to left": "\u202e9960471076 4+",
    "digits of another script": "+٤٦٧٠١٧٤٠٦٩٩",
    "half a character": "%ED%A0%80",
    "sip": "sip:caller@example.org",
    "an app": "client:somebody",
    "sql": "'; DROP TABLE calls; --",
    "a formula": "=HYPERLINK(1)",
    "spaces": " +46701740699 ",
    "too short": "+123456",
    "a zero in front": "+0123456789",
}


def is_nobodys(desk: Helpdesk, call: Call) -> None:
    """The call is handled like any other; nothing of it can be called back or looked up."""
    (row,) = [row for row in desk.rows(tables.calls) if row["sid"] == call.sid]
    assert row["withheld"] and row["caller"] == "" and row["caller_fingerprint"] is None
    (contact,) = desk.rows(tables.contacts, call)
    assert contact["suggested_case"] is None
    assert call.shown <= set(desk.net.numbers)


def is_offered_another_number_only(desk: Helpdesk, call: Call) -> None:
    assert desk.heard(call, "callback_withheld")
    assert not desk.heard(call, "callback")
    assert desk.record(call)["outcome"] == "message"
    assert not desk.rows(tables.callbacks, call)


@pytest.mark.parametrize("shown", WITHHELD)
def test_a_withheld_number_is_never_offered_to_be_called_back(make_desk: MakeDesk, shown: str | None) -> None:
    desk = make_desk()
    call = desk.dial(["1", "1", "1", "1"], from_=shown)
    assert call.rung == [PHONES["ada"], PHONES["bo"]]
    is_offered_another_number_only(desk, call)
    is_nobodys(desk, call)


@pytest.fixture(scope="module")
def ordinary(long_lived_desk: Helpdesk) -> list[list[str]]:
    """The documents of a call that Bo takes and whose number is one."""
    with desks_of(long_lived_desk) as make_desk:
        desk = make_desk(bo=Human())
        return documents(desk, desk.dial())


@pytest.mark.parametrize("what", NO_NUMBERS)
def test_what_is_no_number_is_withheld_and_the_call_goes_on(
    make_desk: MakeDesk, ordinary: list[list[str]], what: str
) -> None:
    desk = make_desk(bo=Human())
    strange = desk.dial(from_=NO_NUMBERS[what])
    assert strange.talked_with == [PHONES["bo"]]
    is_nobodys(desk, strange)
    # Not one verb more or less than anybody else gets.
    assert documents(desk, strange) == ordinary
    assert all(json.loads(line)["event"] for line in desk.log.getvalue().splitlines())


def documents(desk: Helpdesk, call: Call) -> list[list[str]]:
    mine = {call.sid, *(leg.sid for leg in call.legs)}
    return [
        verbs(answer.body)
        for webhook in desk.net.webhooks
        if webhook.call_sid in mine
        for answer in webhook.answers
    ]


def test_two_withheld_callers_are_not_taken_for_one(make_desk: MakeDesk) -> None:
    desk = make_desk()
    calls = [desk.dial(from_="anonymous") for _ in range(2)]
    for call in calls:
        is_nobodys(desk, call)


def test_a_caller_who_calls_again_is_suggested_the_open_case_and_given_one_of_their_own(
    make_desk: MakeDesk,
) -> None:
    desk = make_desk()
    with locked(desk.settings.instance_dir / "hotline.db"):
        first = desk.dials(from_="+46701740655")
        second = desk.dials(from_="+46701740655", at=CHRISTMAS_NIGHT + timedelta(minutes=1))
        # Recorded together, and not in the order of their ids.
        first.channel.sid, second.channel.sid = f"CAf{uuid4().hex[1:]}", f"CA0{uuid4().hex[1:]}"
        desk.net.run()
    cases = {row["id"]: row["number"] for row in desk.rows(tables.cases)}
    (contact,) = desk.rows(tables.contacts, second)
    assert cases[contact["suggested_case"]] == desk.record(first)["case"]
    assert cases[contact["case"]] == desk.record(second)["case"] != desk.record(first)["case"]


@pytest.mark.parametrize(
    ("typed", "called_back"),
    [
        ("0205551234#", "+31205551234"),
        ("0031205551234#", "+31205551234"),
        ("0046701740605#", "+46701740605"),
        ("0046701740605", "+46701740605"),
    ],
)
def test_a_number_typed_in_is_read_back_and_kept_as_it_must_be_dialled(
    make_desk: MakeDesk, typed: str, called_back: str
) -> None:
    desk = make_desk()
    call = desk.dial(["1", "1", "2", typed, "1"], from_="anonymous")
    assert desk.heard(call, "check") and desk.heard(call, "promised")
    assert desk.record(call)["outcome"] == "callback"
    (wanted,) = desk.rows(tables.callbacks, call)
    vault = desk.services.vault
    assert vault.unseal(wanted["number"], f"callbacks.number.{call.sid}") == called_back
    assert wanted["fingerprint"] == vault.fingerprint(called_back)


@pytest.mark.parametrize(
    "typed", ["112#", "0900123456#", "09008844#", "14020#", "123#", "#", "**#", "0" * 30 + "#"]
)
def test_a_number_that_cannot_be_called_is_asked_for_again_and_not_kept(
    make_desk: MakeDesk, typed: str
) -> None:
    desk = make_desk()
    call = desk.dial(["1", "1", "2", typed, typed, typed])
    assert desk.heard(call, "number_again")
    assert desk.record(call)["outcome"] == "message"
    assert not desk.rows(tables.callbacks, call)


def test_keys_that_were_not_asked_for_are_kept_nowhere(make_desk: MakeDesk) -> None:
    """Should the provider ever pass on more than the one key we asked for, it may be somebody's number."""
    desk = make_desk()
    call = desk.dial(["1", "1"])
    asked = [webhook for webhook in desk.net.webhooks if webhook.kind == "gather"]
    for webhook in asked:
        fields = dict(webhook.parameters) | {"CallSid": call.sid + "00", "Digits": "0205551234"}
        headers = {"X-Twilio-Signature": sign(desk.net.auth_tokens[0], webhook.address, fields.items())}
        assert OUTSIDE.post(webhook.address, fields, headers=headers, timeout=20).status_code == 200
    kept = [row for row in desk.rows(tables.events) if row["call"] == call.sid + "00"]
    assert len(kept) == len(asked) > 3
    assert "0205551234" not in str(kept)


@pytest.mark.parametrize(
    "dialled", ["+442079460999", "anonymous", "", "x" * 300, "</Say><Dial>+19005550123</Dial>"]
)
def test_a_number_no_line_has_is_spoken_advice_in_both_languages(make_desk: MakeDesk, dialled: str) -> None:
    desk = make_desk()
    desk.net.add_number(
        dialled, desk.origin + "/voice/incoming", status_callback=desk.origin + "/voice/status"
    )
    call = desk.dial([], to=dialled)
    assert [said.language for said in call.said] == ["nl-NL", "en-GB"]
    assert call.heard("bel 1 1 2") and call.heard("call 1 1 2")
    record = desk.record(call)
    assert (record["line"], record["outcome"], record["legs"]) == (None, "informed", [])
    assert not desk.alerts(call)


NONSENSE: dict[str, Any] = {
    **NO_NUMBERS,
    "nothing": "",
    "a large number": "9" * 400,
    "a negative number": "-1",
    "a fraction": "1e309",
    "a time that never was": "Thu, 99 Jan 99999 99:99:99 +9999",
    "a far time zone": "Thu, 01 Jan 2026 00:00:00 +99999999999999",
    "the first year": "Mon, 01 Jan 0001 00:00:00 +2359",
    "no time zone": "Thu, 01 Jan 2026 00:00:00",
}
NAMES = (
    "CallSid", "ParentCallSid", "From", "To", "Digits", "CallStatus", "DialCallStatus", "DialBridged",
    "DialCallSid", "DialCallDuration", "Timestamp", "SequenceNumber", "CallDuration", "Direction",
)  # fmt: skip
FEW = ("Timestamp", "Digits")


@pytest.mark.parametrize("what", NONSENSE)
def test_whatever_a_signed_webhook_says_it_is_answered(make_desk: MakeDesk, what: str) -> None:
    desk = make_desk()
    query = "?call=CA1&line=helpdesk&lang=nl&rings=1&try=1&kind=crisis&policy=crisis&at=1.1.1&with=x"
    nth = list(NONSENSE).index(what)
    for number, path in enumerate(doors()):
        bare, full = desk.origin + path, desk.origin + path + query
        ways = [(bare, NAMES), (full, FEW)], [(bare, FEW), (full, NAMES)]
        # In a hurry every door is told every nonsense in two ways, and in all four by different nonsense.
        for url, names in [*ways[0], *ways[1]] if rounds(False, True) else ways[(nth + number) % 2]:
            fields = {"CallSid": "CA1"} | dict.fromkeys(names, NONSENSE[what])
            headers = {"X-Twilio-Signature": sign(desk.net.auth_tokens[0], url, fields.items())}
            response = OUTSIDE.post(url, fields, headers=headers, timeout=20)
            too_much = len(response.request.body or "") > 64 * 1024
            assert response.status_code == (413 if too_much else 200), (path, names)
            assert too_much or ET.fromstring(response.content).tag == "Response"


def test_a_callback_about_a_call_nobody_knows_is_counted_and_no_record(make_desk: MakeDesk) -> None:
    desk = make_desk()
    orphans, calls = counted("orphan_callbacks_total"), len(desk.rows(tables.calls))
    for path, status in (("/voice/status", "completed"), ("/voice/leg?call=CA404&rings=1", "ringing")):
        url = desk.origin + path
        fields = {"CallSid": "CA404", "CallStatus": status, "CallDuration": "12"}
        headers = {"X-Twilio-Signature": sign(desk.net.auth_tokens[0], url, fields.items())}
        assert OUTSIDE.post(url, fields, headers=headers, timeout=20).status_code in (200, 204)
    desk.catch_up()
    assert counted("orphan_callbacks_total") > orphans
    assert len(desk.rows(tables.calls)) == calls


def test_the_callers_own_number_reaches_only_the_vault(make_desk: MakeDesk) -> None:
    desk = make_desk(ada=Human())
    call = desk.dial()
    (row,) = [row for row in desk.rows(tables.calls) if row["sid"] == call.sid]
    assert desk.services.vault.unseal(row["caller"], f"calls.caller.{call.sid}") == CALLER
