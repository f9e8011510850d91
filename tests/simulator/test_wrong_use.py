"""What the provider would complain of is recorded, and the call goes on as it would there."""

from __future__ import annotations

import io
import wave

import pytest
from werkzeug.wrappers import Response

from simulator.callers import Caller
from simulator.exchange import Habits
from simulator.phones import Human
from tests.simulator.conftest import MakeWorld
from tests.simulator.helpline import ANNA, ASK, BEN, DIAL, Helpline, Page, World

APOLOGY = "<Response><Say>We put you through.</Say></Response>"


def audio(seconds: int) -> bytes:
    sound = io.BytesIO()
    with wave.open(sound, "wb") as recording:
        recording.setnchannels(1)
        recording.setsampwidth(1)
        recording.setframerate(8000)
        recording.writeframes(bytes(8000 * seconds))
    return sound.getvalue()


WRONG_ANSWERS: list[tuple[Page, int]] = [
    (Response("oops", status=500), 11200),
    (Response("forbidden", status=403), 11200),
    (Response("<Response/>", content_type="text/plain"), 12300),
    (Response("<Response><Say>a</Say></Response>", content_type="text/html"), 12300),
    (Response(f"<Response><Say>{'a' * 66000}</Say></Response>", content_type="text/xml"), 11750),
    (Response("", content_type="text/xml"), 12100),
    ("<Say>\x00</Say>", 12100),
    ("<Shout>a</Shout>", 12200),
    ("<Say voice='Polly.Lotte' language='en-US'>a</Say>", 13511),
    ("<Redirect>https://elsewhere.example.org/voice</Redirect>", 11100),
    ("<Redirect>/voice with spaces</Redirect>", 11100),
    ("<Play>/missing.mp3</Play>", 11200),
    ("<Play>/incoming</Play>", 12300),
    (Response(status=302, headers={"Location": "/incoming"}), 11215),
]


@pytest.mark.parametrize(("answer", "code"), WRONG_ANSWERS)
def test_an_answer_that_cannot_be_executed_is_an_error_and_the_caller_hears_so(
    world: World, answer: Page, code: int
) -> None:
    world.line.pages["/missing.mp3"] = Response(status=404)
    call = world.call(answer)
    assert [error.code for error in world.net.errors] == [code]
    assert call.heard_application_error
    assert call.ended_by == "network"
    assert world.line.forms("/status")[0]["CallStatus"] == "completed"


@pytest.mark.parametrize(("answer", "code"), WRONG_ANSWERS)
def test_the_fallback_document_takes_over(make_world: MakeWorld, answer: Page, code: int) -> None:
    world = make_world(fallback=APOLOGY)
    world.line.pages["/missing.mp3"] = Response(status=404)
    call = world.call(answer)
    assert call.heard("We put you through")
    assert call.fell_back
    assert not call.heard_application_error
    assert [error.code for error in call.errors] == [code]


def test_a_fallback_url_is_told_what_went_wrong_and_may_carry_on(make_world: MakeWorld) -> None:
    world = make_world()
    world.net.numbers["+31334481186"].fallback = f"{world.origin}/fallback"
    world.net.add_phone(ANNA, Human())
    world.line.pages["/fallback"] = DIAL
    call = world.call(Response(status=500))
    [asked] = world.line.forms("/fallback")
    assert (asked["ErrorCode"], asked["ErrorUrl"]) == ("11200", f"{world.origin}/incoming")
    assert call.talked_with == [ANNA]


def test_a_failing_fallback_ends_in_the_spoken_error(make_world: MakeWorld) -> None:
    world = make_world(fallback="<Response><Shout/></Response>")
    call = world.call(Response(status=500))
    assert call.heard_application_error
    assert [error.code for error in call.errors] == [11200, 12200]


def test_a_relative_url_in_a_kept_fallback_leads_nowhere(make_world: MakeWorld) -> None:
    world = make_world(fallback="<Response><Redirect>/dialled</Redirect></Response>")
    assert world.call(Response(status=500)).heard_application_error


def test_an_error_in_the_middle_of_a_call_falls_back_too(make_world: MakeWorld) -> None:
    world = make_world(fallback=APOLOGY)
    world.line.pages["/menu"] = Response(status=503)
    call = world.call(ASK, caller=Caller(keys=["1"]))
    assert call.heard("In danger call 112")
    assert call.heard("We put you through")


@pytest.mark.parametrize(
    ("verbs", "code"),
    [
        (DIAL.replace("+31334481186", "+31334481187"), 13214),
        (DIAL.replace("+31334481186", "anonymous"), 13214),
        (DIAL.replace(ANNA, "0701740605"), 13224),
        (DIAL.replace(ANNA, "112"), 13224),
        (DIAL.replace(ANNA, "+46701740650"), 0),
    ],
)
def test_a_ring_that_cannot_be_placed_fails_and_the_caller_goes_on(
    world: World, verbs: str, code: int
) -> None:
    call = world.call(verbs)
    assert [error.code for error in world.net.errors] == [code]
    assert world.line.forms("/dialled")[0]["DialCallStatus"] == "failed"
    assert call.heard("That was all")


def test_a_withheld_number_cannot_be_passed_on(world: World) -> None:
    world.call(DIAL.replace('callerId="+31334481186"', ""), from_="anonymous")
    assert [error.code for error in world.net.errors] == [13214]


def test_without_a_caller_id_the_telephone_shows_the_callers_number(world: World) -> None:
    call = world.call(DIAL.replace('callerId="+31334481186"', ""))
    assert call.shown == {"+46701740699"}


def test_dialling_on_a_dialled_leg_is_refused_and_the_leg_dropped(world: World) -> None:
    world.net.add_phone(ANNA, Human())
    world.line.pages["/screen"] = f"<Dial><Number>{BEN}</Number></Dial>"
    call = world.call()
    assert [error.code for error in world.net.errors] == [13201]
    assert call.talked_with == []
    assert world.line.forms("/dialled")[0]["DialBridged"] == "false"


def test_a_screening_document_that_fails_may_also_join_the_two(make_world: MakeWorld) -> None:
    world = make_world(habits=Habits(failed_screening="bridge"))
    world.net.add_phone(ANNA, Human())
    world.line.pages["/screen"] = Response(status=500)
    assert world.call().talked_with == [ANNA]


def test_more_than_three_seconds_of_silence_before_the_first_sound_is_an_error(world: World) -> None:
    world.call("<Gather timeout='4'/><Say>At last.</Say>")
    assert [error.message for error in world.net.errors] == ["4 seconds of silence before the first sound"]
    world.call("<Gather timeout='3'/><Say>Just in time.</Say>")
    assert len(world.net.errors) == 1


def test_an_advisor_who_hears_nothing_at_first_is_an_error_too(world: World) -> None:
    world.net.add_phone(ANNA, Human(accepts_after=6))
    world.line.pages["/screen"] = (
        "<Gather timeout='5' numDigits='1' action='/accept'/><Say>Hello?</Say><Hangup/>"
    )
    world.call()
    assert [error.message for error in world.net.errors] == ["5 seconds of silence before the first sound"]


@pytest.mark.parametrize("verbs", ["<Hangup/>", "<Gather timeout='1'/>"])
def test_a_call_that_ends_without_a_sound_is_an_error(world: World, verbs: str) -> None:
    world.call(verbs)
    assert [error.message for error in world.net.errors] == ["the call ended without a sound"]


def test_a_recording_is_fetched_and_takes_its_time(world: World) -> None:
    world.line.pages["/welcome.wav"] = Response(audio(7), content_type="audio/wav")
    call = world.call("<Play>welcome.wav</Play>")
    assert call.played == [f"{world.origin}/welcome.wav"]
    assert round((call.channel.ended_at - call.channel.answered_at).total_seconds()) == 7
    assert world.net.errors == []


def test_what_is_no_audio_cannot_be_played(world: World) -> None:
    world.line.pages["/welcome.mp3"] = Response("<html/>", content_type="text/html")
    world.call("<Play>welcome.mp3</Play>")
    assert [error.code for error in world.net.errors] == [12300]


def test_a_redirect_of_the_server_is_followed_with_a_signature_of_its_own(world: World) -> None:
    world.line.pages["/moved"] = Response(status=307, headers={"Location": "/dialled"})
    call = world.call("<Redirect>/moved</Redirect>")
    assert call.heard("That was all")
    assert world.line.headers[2]["Content-Type"].startswith("application/x-www-form-urlencoded")
    assert world.net.errors == []


def test_a_public_address_reaches_the_server_on_this_machine(make_world: MakeWorld) -> None:
    world = make_world()
    public = f"http://hotline.example.org:{world.origin.rpartition(':')[2]}"
    world.net.exchange.sender.reach = {public: world.origin}
    world.net.numbers["+31334481186"].voice_url = f"{public}/incoming"
    world.line.pages["/incoming"] = "<Say>Welcome.</Say>"
    call = world.call()
    assert call.heard("Welcome")
    # The helpline here checks the address it was reached at; what was signed is the public one.
    assert world.line.forged == [f"{world.origin}/incoming"]
    world.line.forged.clear()


def test_a_helpline_that_is_down_is_an_error_after_one_more_try(make_world: MakeWorld) -> None:
    world = make_world(fallback=APOLOGY)
    tries: list[str] = []
    world.net.delivery.before.append(lambda webhook: tries.append(webhook.kind))
    world.net.numbers["+31334481186"].voice_url = "http://127.0.0.1:1/incoming"
    call = world.call()
    assert tries[:2] == ["incoming", "incoming"]
    assert call.errors[0].code == 11205
    assert call.heard("We put you through")


def test_a_helpline_that_answers_too_late_is_an_error(make_world: MakeWorld) -> None:
    world = make_world(fallback=APOLOGY, timeout=0.05)
    line: Helpline = world.line
    import threading

    released = threading.Event()

    def late(_: object) -> str:
        released.wait()
        return "<Say>Too late.</Say>"

    line.pages["/incoming"] = late
    call = world.call()
    released.set()
    assert call.heard("We put you through")
    said_at = next(entry.at for entry in call.entries if "put you through" in str(entry.moment))
    assert (said_at - call.channel.created_at).total_seconds() >= 15
