"""The practice page as the server gives it: what stands on it, and whom it refuses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from app import create_app as app_for_flask
from tests.practising import OURS, Eventually, PracticeDesk, practice_desk
from tests.stories.cast import PHONES

REFUSED = (400, 403)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PracticeDesk]:
    """In speech and rings twenty times as fast as life."""
    with practice_desk(tmp_path_factory.mktemp("practice"), speed=20) as desk:
        yield desk


def test_the_front_page_leads_to_the_practice_phones(desk: PracticeDesk) -> None:
    answer = desk.client.get("/")
    assert (answer.status_code, answer.location) == (302, "/practice")


def test_a_call_is_dialled_taken_and_becomes_a_case(desk: PracticeDesk, eventually: Eventually) -> None:
    call = desk.dial(when="christmas")
    eventually(desk.asked(call))
    assert "The helpdesk waits for a key." in desk.page(call)
    desk.post(f"/practice/calls/{call.sid}/press", key="2")
    eventually(lambda: "Closed: Christmas Day." in desk.page(call))
    eventually(desk.asked(call))
    desk.post(f"/practice/calls/{call.sid}/press", key="1")
    eventually(lambda: "The phone of Ada Voorbeeld rings." in desk.page(call))
    assert "Rings Ada Voorbeeld, for 10 seconds." in desk.page(call)
    desk.post("/practice/phones/ada/hang-up")
    eventually(lambda: desk.phone("bo")["state"] == "ringing")
    desk.post("/practice/phones/bo/pick-up")
    eventually(lambda: bool(desk.phone("bo")["asked"]))
    desk.post("/practice/phones/bo/press", key="1")
    eventually(lambda: "You are talking with Bo Voorbeeld." in desk.page(call))
    desk.post("/practice/phones/bo/hang-up")
    eventually(lambda: desk.phone("bo")["state"] == "idle")
    desk.post(f"/practice/calls/{call.sid}/hang-up")
    eventually(lambda: "Connected with an advisor" in desk.page(call))
    page = desk.page(call)
    assert "Case 20" in page
    assert "busy or declined" in page and "took the call" in page
    assert "Their turn in crisis-backup." in page
    assert not desk.provider.network.errors


def test_a_phone_can_answer_by_itself(desk: PracticeDesk, eventually: Eventually) -> None:
    desk.post("/practice/phones/ada/behaviour", behaviour="human")
    try:
        call = desk.dial(when="christmas")
        eventually(desk.asked(call))
        desk.post(f"/practice/calls/{call.sid}/press", key="1")
        eventually(desk.asked(call))
        desk.post(f"/practice/calls/{call.sid}/press", key="1")
        eventually(lambda: call.talked_with == [PHONES["ada"]])
        desk.post(f"/practice/calls/{call.sid}/hang-up")
    finally:
        desk.post("/practice/phones/ada/behaviour", behaviour="practised")


def test_nothing_new_is_told_in_no_words(desk: PracticeDesk) -> None:
    first = desk.client.get("/practice")
    again = desk.client.get("/practice", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    english = {"If-None-Match": first.headers["ETag"], "Accept-Language": "en"}
    assert desk.client.get("/practice", headers=english).status_code == 200


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ({"shows": "other", "number": "112"}, "number-fault"),
        ({"shows": "other", "number": "<b>"}, "number-fault"),
        ({"shows": "other", "number": ""}, "number-fault"),
        ({"when": "other", "moment": "tomorrow"}, "moment-fault"),
        ({"when": "other", "moment": "1890-01-01T00:00"}, "moment-fault"),
    ],
)
def test_a_form_with_a_mistake_says_so_at_the_field_and_keeps_what_was_typed(
    desk: PracticeDesk, typed: dict[str, Any], fault: str
) -> None:
    before = len(desk.provider.network.calls)
    answer = desk.post("/practice/calls", **typed)
    assert answer.status_code == 422
    assert f'id="{fault}"' in answer.text
    assert "<b>" not in answer.text.partition("<main")[2].replace("<body", "")
    kept = typed.get("number", typed.get("moment", "")).replace("<b>", "&lt;b&gt;")
    assert f'value="{kept}"' in answer.text
    assert len(desk.provider.network.calls) == before


def test_a_withheld_number_is_shown_as_withheld_and_another_one_masked(desk: PracticeDesk) -> None:
    withheld = desk.dial(shows="withheld")
    other = desk.dial(shows="other", number="+44 20 7946 0123")
    assert "withheld</dd>" in desk.page(withheld)
    assert "+44 ... 23</dd>" in desk.page(other)
    assert other.channel.from_ == "+442079460123"
    for call in (withheld, other):
        desk.post(f"/practice/calls/{call.sid}/hang-up")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://elsewhere.example"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {**OURS, "Host": "elsewhere.example"},
    ],
)
def test_what_another_site_sends_is_refused(desk: PracticeDesk, headers: dict[str, str]) -> None:
    assert desk.post("/practice/calls", headers=headers).status_code in REFUSED


def test_by_another_name_than_this_machines_own_the_page_is_refused(desk: PracticeDesk) -> None:
    assert desk.client.get("/practice", headers={"Host": "rebound.example:8000"}).status_code in REFUSED
    for name in ("localhost:8000", "127.0.0.1", "[::1]:8000"):
        assert desk.client.get("/practice", headers={"Host": name}).status_code == 200


def test_a_form_sent_without_a_script_names_its_origin_and_is_taken(desk: PracticeDesk) -> None:
    answer = desk.post(
        "/practice/phones/ada/behaviour", {"Origin": "http://localhost"}, behaviour="practised"
    )
    assert answer.status_code == 303


@pytest.mark.parametrize(
    ("path", "form", "status"),
    [
        ("/practice/phones/nobody/pick-up", {}, 404),
        ("/practice/phones/ada/explode", {}, 404),
        ("/practice/phones/ada/press", {"key": "11"}, 400),
        ("/practice/phones/ada/behaviour", {"behaviour": "angry"}, 400),
        ("/practice/calls/CA0/press", {"key": "1"}, 404),
        ("/practice/phones/ada/pick-up", {}, 303),
        ("/practice/phones/ada/hang-up", {}, 303),
    ],
)
def test_what_cannot_be_done_is_refused_and_what_comes_too_late_does_nothing(
    desk: PracticeDesk, path: str, form: dict[str, Any], status: int
) -> None:
    assert desk.post(path, **form).status_code == status


def test_with_credentials_nothing_of_practice_mode_exists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", "AC" + "0" * 32)
    app = app_for_flask()
    assert not [rule for rule in app.url_map.iter_rules() if "practice" in rule.rule]
    assert "practice" not in app.blueprints
    assert "practice" not in app.cli.commands
