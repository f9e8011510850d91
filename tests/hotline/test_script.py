"""What callers and advisors are answered, document by document, with made-up words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from string import Formatter
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from hotline.telephony.positions import PeopleTokens, position_of, webhook_url
from hotline.telephony.prompts import Prompts, read_prompts
from hotline.telephony.script import Script
from routing.call import Arrived, Happened, NotReached, Position, Pressed, Talked, next_move
from routing.ladder import Place
from routing.reading import read_roster
from tests.stories.cast import CHRISTMAS_NIGHT, HELPDESK, PHONES, ROSTER, TUESDAY_MORNING

CALL = "CA00000000000000000000000000000001"
RETRIES = "#ct=2000&amp;rt=2500&amp;rc=2&amp;rp=ct,rt,5xx"
ROSTER_READ = read_roster(ROSTER.encode()).roster
PEOPLE = PeopleTokens("a secret of thirty-two characters")
ADA, BO = PEOPLE.token("ada"), PEOPLE.token("bo")


def named_prompts() -> Prompts:
    """Every prompt says its name and what is filled in, so that nobody's wording matters here."""
    real = read_prompts()

    def named(texts: Any) -> dict[str, str]:
        gaps = {
            name: [gap for _, gap, _, _ in Formatter().parse(text) if gap] for name, text in texts.items()
        }
        return {
            name: " ".join([name, *(f"{{{gap}}}" for gap in dict.fromkeys(gaps[name]))]) for name in texts
        }

    tongues = {
        code: replace(tongue, texts=named(tongue.texts), recordings={})
        for code, tongue in real.tongues.items()
    }
    return Prompts(tongues)


SCRIPT = Script(named_prompts(), PEOPLE)


def nl(text: str) -> str:
    return f'<Say language="nl-NL" voice="Polly.Laura-Neural">{text}</Say>'


def en(text: str) -> str:
    return f'<Say language="en-GB" voice="Polly.Amy-Neural">{text}</Say>'


def address(path: str, query: str) -> str:
    return f"/voice/{path}?call={CALL}&amp;line=helpdesk&amp;{query.replace('&', '&amp;')}{RETRIES}"


def asks(path: str, query: str, seconds: int, *said: str, keys: str = 'numDigits="1" finishOnKey=""') -> str:
    to = address(path, query)
    return (
        f'<Gather input="dtmf" {keys} timeout="{seconds}" action="{to}" method="POST" '
        'actionOnEmptyResult="true">'
        f'{"".join(said)}</Gather><Redirect method="POST">{to}</Redirect>'
    )


def rings(person: str, seconds: int, query: str) -> str:
    return (
        f'<Dial answerOnBridge="true" timeout="{seconds}" timeLimit="14400" callerId="{HELPDESK}" '
        f'action="{address("ring", query)}" method="POST">'
        f'<Number url="{address("screen", query)}" method="POST" statusCallback="{address("leg", query)}" '
        'statusCallbackMethod="POST" statusCallbackEvent="initiated ringing answered completed">'
        f"{PHONES[person]}</Number></Dial>"
    )


def document(*verbs: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{"".join(verbs)}</Response>'


def answer(position: Position, happened: Happened, known: bool = True, at: Any = CHRISTMAS_NIGHT) -> str:
    """What our server says to this, at night unless told otherwise."""
    move = next_move(ROSTER_READ, position, happened, int(at.timestamp()), known)
    arrived = isinstance(happened, Arrived)
    return SCRIPT.document(move, call=CALL, arrived=arrived, caller_known=known, roster=ROSTER_READ)


NIGHT = Position("need", "helpdesk", "nl")
RINGING = Position("ring", "helpdesk", "nl", "crisis", Place("crisis", 1, 1, 1), 1, "ada")
RINGING_LAST = Position("ring", "helpdesk", "nl", "crisis", Place("crisis", 1, 2, 1), 2, "bo")
OFFERED = replace(RINGING_LAST, stage="callback")
LAST = f"lang=nl&rings=2&try=1&kind=crisis&policy=crisis&at=1.2.1&with={BO}"
FIRST = f"lang=nl&rings=1&try=1&kind=crisis&policy=crisis&at=1.1.1&with={ADA}"


def test_who_calls_is_greeted_and_chooses_a_language() -> None:
    assert answer(Position("arrival", "helpdesk"), Arrived()) == document(
        asks(
            "language",
            "lang=&rings=0&try=1",
            4,
            nl("greeting Hulplijn"),
            nl("language 1"),
            en("language 2"),
        ),
    )


@pytest.mark.parametrize(("key", "language", "say"), [("1", "nl", nl), ("2", "en", en)])
def test_at_night_the_menu_is_in_the_language_chosen(key: str, language: str, say: Any) -> None:
    assert answer(Position("language", "helpdesk"), Pressed(key)) == document(
        asks("need", f"lang={language}&rings=0&try=1", 6, say("need"))
    )


def test_a_wrong_key_at_the_menu_is_asked_about_once_more() -> None:
    assert answer(NIGHT, Pressed("8")) == document(asks("need", "lang=nl&rings=0&try=2", 6, nl("need")))


def test_a_crisis_rings_the_first_advisor_with_our_number_on_the_display() -> None:
    assert answer(NIGHT, Pressed("1")) == document(nl("connecting"), rings("ada", 25, FIRST))


def test_when_nobody_answered_the_next_one_rings() -> None:
    assert answer(RINGING, NotReached()) == document(nl("still_trying"), rings("bo", 20, LAST))


def test_by_day_the_desk_rings_at_once_in_english() -> None:
    query = f"lang=en&rings=1&try=1&kind=desk&policy=desk&at=1.1.1&with={PEOPLE.token('chi')}"
    assert answer(Position("language", "helpdesk"), Pressed("2"), at=TUESDAY_MORNING) == document(
        en("connecting"), rings("chi", 20, query)
    )


def test_the_advisor_hears_what_it_is_twice_and_silence_hangs_up() -> None:
    assert ROSTER_READ is not None
    what, ring, keys = nl("advisor.crisis Hulplijn Engels"), nl("advisor.ring 1"), nl("advisor.keys")
    to = address("screen/key", FIRST.replace("lang=nl", "lang=en"))
    heard = SCRIPT.screening(replace(RINGING, language="en"), CALL, ROSTER_READ.people["ada"], ROSTER_READ)
    assert heard == document(
        f'<Gather input="dtmf" numDigits="1" finishOnKey="" timeout="5" action="{to}" method="POST">',
        what + ring + keys + '<Pause length="2"/>' + what + keys,
        "</Gather><Hangup/>",
    )


@pytest.mark.parametrize(
    ("words", "end"), [("accepted", ""), ("passed_on", "<Hangup/>"), ("not_accepted", "<Hangup/>")]
)
def test_only_who_accepts_is_joined_with_the_caller(words: str, end: str) -> None:
    assert ROSTER_READ is not None
    assert SCRIPT.screened(words, ROSTER_READ.people["ada"], ROSTER_READ) == document(
        nl(f"advisor.{words}"), end
    )


def test_behind_the_talk_the_caller_can_be_connected_again() -> None:
    assert answer(RINGING_LAST, Talked()) == document(asks("reconnect", LAST, 6, nl("reconnect")))


def test_where_nobody_pressed_1_the_caller_is_asked_whether_that_was_an_advisor() -> None:
    assert answer(RINGING_LAST, Talked(sure=False)) == document(asks("unsure", LAST, 6, nl("unsure")))


def test_who_was_cut_off_rings_the_same_advisor() -> None:
    query = f"lang=nl&rings=3&try=1&kind=crisis&policy=crisis&at=1.1.0&with={BO}"
    assert answer(replace(RINGING_LAST, stage="reconnect"), Pressed("1")) == document(
        nl("again"), rings("bo", 25, query)
    )


@pytest.mark.parametrize(("known", "offer"), [(True, "callback"), (False, "callback_withheld")])
def test_at_the_end_of_the_ladder_the_truth_and_the_offer_to_call_back(known: bool, offer: str) -> None:
    assert answer(RINGING_LAST, NotReached(), known) == document(
        asks("callback", LAST, 8, nl("unreached"), nl(offer))
    )


def test_who_shows_no_number_cannot_have_it_called_back() -> None:
    assert answer(OFFERED, Pressed("1"), known=False) == document(
        asks("callback", LAST.replace("try=1", "try=2"), 8, nl("callback_withheld"))
    )


def test_another_number_is_asked_for_read_back_and_promised() -> None:
    until_hash = 'finishOnKey="#"'
    assert answer(OFFERED, Pressed("2")) == document(asks("number", LAST, 15, nl("number"), keys=until_hash))
    typed = replace(OFFERED, stage="number")
    digits = "0, 2, 0, 5, 5, 5, 1, 2, 3, 4"
    assert answer(typed, Pressed("0205551234")) == document(asks("check", LAST, 6, nl(f"check {digits}")))
    again = asks("number", LAST.replace("try=1", "try=2"), 15, nl("number_again"), keys=until_hash)
    assert answer(typed, Pressed("112")) == document(again)
    assert answer(replace(typed, stage="check"), Pressed("2")) == document(again)
    assert answer(replace(typed, stage="check"), Pressed("1")) == document(nl("promised"), "<Hangup/>")


def test_who_wants_advice_hears_the_hours_and_is_promised_a_call_in_office_hours() -> None:
    hours = "hours maandag tot en met vrijdag van 9 uur tot 17 uur"
    query = "lang=nl&rings=0&try=1&kind=advice"
    assert answer(NIGHT, Pressed("2")) == document(asks("callback", query, 8, nl(hours), nl("callback")))
    advice = replace(NIGHT, stage="callback", kind="advice")
    assert answer(advice, Pressed("1")) == document(nl("promised_advice"), "<Hangup/>")
    assert answer(replace(advice, tries=2), Pressed("")) == document(nl("advised"), "<Hangup/>")


def test_who_wants_no_call_is_told_what_else_there_is() -> None:
    assert answer(replace(OFFERED, tries=2), Pressed("")) == document(nl("unanswered"), "<Hangup/>")


def test_the_numbers_for_a_tip_are_said_twice() -> None:
    assert answer(NIGHT, Pressed("3")) == document(nl("tip"), '<Pause length="1"/>', nl("tip"), "<Hangup/>")


def test_a_number_no_line_has_is_told_in_every_language() -> None:
    assert answer(Position("arrival", ""), Arrived()) == document(nl("no_line"), en("no_line"), "<Hangup/>")


def test_without_a_roster_it_is_told_in_every_language() -> None:
    move = next_move(None, Position("arrival", ""), Arrived(), 0, True)
    told = SCRIPT.document(move, call=CALL, arrived=True, caller_known=True, roster=None)
    assert told == document(nl("no_roster"), en("no_roster"), "<Hangup/>")


def test_a_position_comes_back_from_its_address_as_it_was() -> None:
    for position in (NIGHT, RINGING, RINGING_LAST, OFFERED):
        stage, query = position.stage, _query_of(position)
        assert position_of(stage, query, PEOPLE, ROSTER_READ) == position


def test_an_address_holds_no_number_and_nobodys_name() -> None:
    text = answer(NIGHT, Pressed("1"))
    outside = text.replace(f">{PHONES['ada']}<", "").replace(f'callerId="{HELPDESK}"', "")
    assert "ada" not in outside and "Ada" not in outside and "+" not in outside


@pytest.mark.parametrize(
    "query", [{}, {"rings": "x", "try": "-1", "at": "1.1", "policy": "crisis", "kind": "?"}]
)
def test_an_address_of_another_release_is_read_as_far_as_it_goes(query: dict[str, str]) -> None:
    assert position_of("need", {"line": "helpdesk", **query}, PEOPLE, ROSTER_READ) == Position(
        "need", "helpdesk"
    )


def test_a_recording_is_played_in_place_of_the_words_it_says(tmp_path: Path) -> None:
    recording = tmp_path / "need.mp3"
    recording.write_bytes(b"sound")
    prompts = named_prompts()
    dutch = replace(prompts.tongues["nl"], recordings={"need": recording})
    script = Script(Prompts({**prompts.tongues, "nl": dutch}), PEOPLE)
    move = next_move(
        ROSTER_READ, Position("language", "helpdesk"), Pressed("1"), int(CHRISTMAS_NIGHT.timestamp()), True
    )
    told = script.document(move, call=CALL, arrived=False, caller_known=True, roster=ROSTER_READ)
    assert "<Play>/voice/audio/nl/need.mp3?v=" in told and "<Say" not in told


def _query_of(position: Position) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(webhook_url(position.stage, CALL, position, PEOPLE)).query))
