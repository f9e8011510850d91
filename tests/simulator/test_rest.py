"""The provider's own client works against our REST, and its shapes are those of the provider's document."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from simulator.phones import Human, NoAnswer, Practised
from simulator.rest import Rest, RestFault
from simulator.serving import Served
from tests.simulator.conftest import MakeWorld
from tests.simulator.helpline import ACCOUNT, ANNA, BEN, CALLER, LINE, NIGHT, TOKEN, World

OPENAPI = Path(__file__).parents[3] / "shared" / "data" / "twilio_api_v2010.json"
KEY, SECRET = "SK" + "7" * 32, "a secret of nobody"
BASE = "/2010-04-01/Accounts/{AccountSid}"


class Api:
    """Our REST served on loopback, a world behind it, and the provider's client in front."""

    def __init__(self, world: World, rest: Rest, origin: str) -> None:
        self.world, self.net, self.rest, self.origin = world, world.net, rest, origin
        self.client = self.client_for(ACCOUNT, TOKEN)

    def client_for(self, user: str, password: str, timeout: float = 5) -> Client:
        client = Client(
            user, password, ACCOUNT, http_client=TwilioHttpClient(pool_connections=False, timeout=timeout)
        )
        client.api.base_url = self.origin
        return client

    def get(self, path: str) -> Any:
        address = self.origin + path.format(AccountSid=ACCOUNT)
        return requests.get(address, auth=(ACCOUNT, TOKEN), timeout=5).json()


@pytest.fixture
def api(make_world: MakeWorld) -> Iterator[Api]:
    world = make_world(api_keys={KEY: SECRET})
    world.line.pages["/outgoing"] = "<Say>Somebody asked for help.</Say>"
    rest = Rest(world.net)
    with Served(rest.app) as origin:
        yield Api(world, rest, origin)
        rest.close()


def test_the_client_lists_calls_by_status_parent_and_start(api: Api) -> None:
    api.net.add_phone(ANNA, Human())
    call = api.world.call()
    waiting = api.net.dial(CALLER, LINE)
    api.net.run_for(5)
    assert {found.sid for found in api.client.calls.list()} == {
        call.sid, call.legs[0].sid, waiting.sid, waiting.legs[0].sid,
    }  # fmt: skip
    assert [found.sid for found in api.client.calls.list(status="completed", parent_call_sid=call.sid)] == [
        call.legs[0].sid
    ]
    assert api.client.calls.list(start_time_after=api.net.now + timedelta(days=1)) == []
    assert len(api.client.calls.list(start_time_after=NIGHT - timedelta(hours=1))) == 4
    assert len(list(api.client.calls.stream(page_size=1))) == 4
    leg = api.client.calls(call.legs[0].sid).fetch()
    assert (leg.status, leg.duration, leg.direction, leg.to) == ("completed", "63", "outbound-dial", ANNA)
    assert leg.start_time == call.legs[0].answered_at.replace(microsecond=0)


def test_an_outgoing_call_rings_and_runs_its_document(api: Api) -> None:
    api.net.add_phone(BEN, Human(answers_after=5), name="Ben")
    placed = api.client.calls.create(
        to=BEN,
        from_=LINE,
        url=f"{api.world.origin}/outgoing",
        status_callback=f"{api.world.origin}/status",
        status_callback_event=["initiated", "ringing", "answered", "completed"],
    )
    assert (placed.status, placed.direction) == ("queued", "outbound-api")
    api.net.run()
    assert api.client.calls(placed.sid).fetch().status == "completed"
    assert [form["CallStatus"] for form in api.world.line.forms("/status")] == [
        "initiated", "ringing", "in-progress", "completed",
    ]  # fmt: skip
    assert api.net.calls[-1].advisor_heard("asked for help")
    assert api.net.errors == []


def test_an_outgoing_call_may_bring_its_document_along(api: Api) -> None:
    api.net.add_phone(BEN, Human())
    api.client.calls.create(to=BEN, from_=LINE, twiml="<Response><Say>Good night.</Say></Response>")
    api.net.run()
    assert api.net.calls[-1].advisor_heard("Good night")


def test_an_outgoing_call_nobody_answers_says_so(api: Api) -> None:
    placed = api.client.calls.create(to=BEN, from_=LINE, url=f"{api.world.origin}/outgoing", timeout=20)
    api.net.run()
    assert api.client.calls(placed.sid).fetch().status == "no-answer"


def test_a_ring_can_be_cancelled(api: Api) -> None:
    call = api.net.dial(CALLER, LINE)
    api.net.run_for(5)
    assert api.client.calls(call.legs[0].sid).update(status="canceled").status == "canceled"
    api.net.run()
    [told] = api.world.line.forms("/dialled")
    assert (told["DialCallStatus"], told["DialBridged"]) == ("canceled", "false")


def test_a_call_can_be_ended_and_put_on_another_document(api: Api) -> None:
    api.net.add_phone(ANNA, Practised())
    call = api.net.dial(CALLER, LINE)
    api.net.run_for(5)
    api.client.calls(call.sid).update(url=f"{api.world.origin}/outgoing")
    api.net.run()
    assert call.heard("Somebody asked")
    assert not call.heard("That was all")
    assert len(api.world.line.forms("/dialled")) == 1
    other = api.net.dial(CALLER, LINE)
    api.net.run_for(5)
    assert api.client.calls(other.sid).update(status="completed").status == "canceled"
    api.net.run()
    with pytest.raises(TwilioRestException) as refused:
        api.client.calls(other.sid).update(status="completed")
    assert (refused.value.status, refused.value.code) == (400, 21220)


def test_a_call_that_was_answered_cannot_be_cancelled(api: Api) -> None:
    call = api.net.dial(CALLER, LINE)
    api.world.line.pages["/incoming"] = "<Say>Welcome, welcome, welcome.</Say>"
    api.net.run_for(1)
    with pytest.raises(TwilioRestException) as refused:
        api.client.calls(call.sid).update(status="canceled")
    assert refused.value.code == 21220
    assert api.client.calls(call.sid).update(status="completed").status == "completed"


def test_messages_are_kept_and_their_fate_is_told(api: Api) -> None:
    callback = f"{api.world.origin}/status"
    sent = api.client.messages.create(
        to=ANNA, from_=LINE, body="A call was missed.", status_callback=callback
    )
    assert (sent.status, sent.direction) == ("queued", "outbound-api")
    api.net.message_errors[BEN] = 30003
    api.client.messages.create(to=BEN, from_=LINE, body="A call was missed.", status_callback=callback)
    api.net.run()
    assert [(message.to, message.status) for message in api.net.messages] == [
        (ANNA, "delivered"), (BEN, "undelivered"),
    ]  # fmt: skip
    told = [(form["MessageStatus"], form.get("ErrorCode")) for form in api.world.line.forms("/status")]
    assert sorted(told, key=str) == [
        ("delivered", None),
        ("sent", None),
        ("sent", None),
        ("undelivered", "30003"),
    ]
    assert {found.sid for found in api.client.messages.list()} == {
        message.sid for message in api.net.messages
    }
    assert [found.to for found in api.client.messages.list(to=BEN)] == [BEN]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"to": "0612345678", "body": "a"}, 21211),
        ({"to": ANNA, "body": ""}, 21602),
        ({"to": ANNA, "body": "a", "from_": "+31334481187"}, 21606),
        ({"to": BEN, "body": "a"}, 21610),
        ({"to": ANNA, "body": "a", "status_callback": "/status"}, 21609),
    ],
)
def test_a_message_that_cannot_be_sent_is_refused(api: Api, asked: dict[str, str], code: int) -> None:
    api.net.message_errors[BEN] = 21610
    with pytest.raises(TwilioRestException) as refused:
        api.client.messages.create(**{"from_": LINE, **asked})
    assert (refused.value.status, refused.value.code) == (400, code)
    assert api.net.messages == []


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"to": "112", "url": "http://127.0.0.1/a"}, 21211),
        ({"to": ANNA, "from_": CALLER, "url": "http://127.0.0.1/a"}, 21210),
        ({"to": ANNA, "url": "/relative"}, 21205),
        ({"to": ANNA}, 21205),
        ({"to": ANNA, "twiml": "a" * 4001}, 32018),
        ({"to": ANNA, "url": "http://127.0.0.1/a", "status_callback_event": ["done"]}, 21626),
    ],
)
def test_a_call_that_cannot_be_placed_is_refused(api: Api, asked: dict[str, Any], code: int) -> None:
    with pytest.raises(TwilioRestException) as refused:
        api.client.calls.create(**{"from_": LINE, **asked})
    assert refused.value.code == code
    assert api.net.calls == []


def test_the_settings_of_a_number_can_be_read_and_changed(api: Api) -> None:
    [number] = api.client.incoming_phone_numbers.list(phone_number=LINE)
    assert number.voice_url == f"{api.world.origin}/incoming"
    changed = api.client.incoming_phone_numbers(number.sid).update(
        voice_url=f"{api.world.origin}/ask", voice_fallback_url="", status_callback=""
    )
    assert (changed.voice_url, changed.status_callback) == (f"{api.world.origin}/ask", "")
    assert api.client.incoming_phone_numbers(number.sid).fetch().voice_url == f"{api.world.origin}/ask"
    call = api.net.dial(CALLER, LINE)
    api.net.run()
    assert call.heard("In danger")


def test_a_kept_fallback_has_a_url_that_may_be_set_again(api: Api) -> None:
    api.net.numbers[LINE].fallback = "<Response/>"
    [number] = api.client.incoming_phone_numbers.list()
    assert number.voice_fallback_url.startswith("https://handler.twilio.com/twiml/EH")
    api.client.incoming_phone_numbers(number.sid).update(voice_fallback_url=number.voice_fallback_url)
    assert api.net.numbers[LINE].fallback == "<Response/>"


def test_a_new_number_needs_a_voice_url_before_a_fallback(api: Api) -> None:
    made = api.client.incoming_phone_numbers.create(phone_number="+31334481187")
    with pytest.raises(TwilioRestException) as refused:
        api.client.incoming_phone_numbers(made.sid).update(voice_fallback_url="https://example.org/")
    assert refused.value.code == 21405


@pytest.mark.parametrize(
    ("user", "password", "known"),
    [
        (ACCOUNT, TOKEN, True),
        (KEY, SECRET, True),
        (ACCOUNT, "wrong", False),
        (KEY, TOKEN, False),
        ("SK" + "8" * 32, SECRET, False),
    ],
)
def test_only_who_has_the_credentials_may_ask(api: Api, user: str, password: str, known: bool) -> None:
    client = api.client_for(user, password)
    if known:
        assert client.calls.list() == []
        return
    with pytest.raises(TwilioException, match="20003"):
        client.calls.list()


def test_what_does_not_exist_is_not_found(api: Api) -> None:
    with pytest.raises(TwilioRestException) as refused:
        api.client.calls("CA" + "0" * 32).fetch()
    assert (refused.value.status, refused.value.code) == (404, 20404)
    with pytest.raises(TwilioException, match="20404"):
        api.client.recordings.list()


@pytest.mark.parametrize(("fault", "code"), [(429, 20429), (500, 20500), (503, 20500)])
def test_the_provider_can_be_in_trouble_for_a_while(api: Api, fault: Any, code: int) -> None:
    api.rest.faults.append(RestFault(fault, on="POST", times=1))
    api.client.calls.list()
    with pytest.raises(TwilioRestException) as refused:
        api.client.messages.create(to=ANNA, from_=LINE, body="a")
    assert (refused.value.status, refused.value.code) == (fault, code)
    assert api.net.messages == []
    api.client.messages.create(to=ANNA, from_=LINE, body="a")
    assert len(api.net.messages) == 1
    assert [asked.method for asked in api.rest.requests] == ["GET", "POST", "POST"]


def test_what_was_asked_may_be_done_although_the_answer_was_an_error(api: Api) -> None:
    api.rest.faults.append(RestFault(500, performed=True))
    with pytest.raises(TwilioRestException):
        api.client.messages.create(to=ANNA, from_=LINE, body="a")
    assert len(api.net.messages) == 1


def test_the_provider_may_never_answer(api: Api) -> None:
    api.rest.faults.append(RestFault("no answer", performed=True))
    with pytest.raises(requests.exceptions.ReadTimeout):
        api.client_for(ACCOUNT, TOKEN, timeout=0.05).messages.create(to=ANNA, from_=LINE, body="a")
    assert len(api.net.messages) == 1


def test_the_provider_may_answer_with_what_cannot_be_read(api: Api) -> None:
    api.rest.faults.append(RestFault("malformed"))
    with pytest.raises(json.JSONDecodeError):
        api.client.calls.list()


@pytest.fixture
def openapi() -> Any:
    if not OPENAPI.exists():
        pytest.skip("the provider's document is not here")
    return json.loads(OPENAPI.read_text())


def test_every_path_and_method_is_the_providers(api: Api, openapi: Any) -> None:
    for rule in api.rest.app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        path = rule.rule.replace(ACCOUNT, "{AccountSid}").replace("<sid>", "{Sid}")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            assert method.lower() in openapi["paths"][path], f"{method} {path}"


@pytest.mark.parametrize(
    ("path", "name", "schema"),
    [
        ("/Calls.json", "calls", "call"),
        ("/Messages.json", "messages", "message"),
        ("/IncomingPhoneNumbers.json", "incoming_phone_numbers", "incoming_phone_number"),
    ],
)
def test_every_answer_has_the_providers_shape(
    api: Api, openapi: Any, path: str, name: str, schema: str
) -> None:
    api.net.add_phone(ANNA, Human())
    api.net.add_phone(BEN, NoAnswer())
    api.world.call()
    api.client.messages.create(to=ANNA, from_=LINE, body="a")
    found = api.get(BASE + path)
    listing = openapi["paths"][BASE + path]["get"]["responses"]["200"]["content"]["application/json"][
        "schema"
    ]
    assert found.keys() == listing["properties"].keys()
    schemas = openapi["components"]["schemas"]
    properties = schemas[f"api.v2010.account.{schema}"]["properties"]
    assert found[name]
    for item in found[name]:
        assert item.keys() == properties.keys()
        for key, value in item.items():
            check(schemas, properties[key], value, key)


def check(schemas: Any, rule: Any, value: Any, key: str) -> None:
    if "$ref" in rule:
        rule = schemas[rule["$ref"].rpartition("/")[2]]
    if value is None:
        assert rule.get("nullable"), key
        return
    types = {"string": str, "integer": int, "boolean": bool, "object": dict}
    assert isinstance(value, types[rule["type"]]), key
    text = str(value)
    assert text in rule.get("enum", [text]), key
    assert re.match(rule.get("pattern", ""), text), key
    if rule.get("format") == "date-time-rfc-2822":
        assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000", text), key


@pytest.mark.parametrize("path", ["/Calls.json", "/Messages.json", "/IncomingPhoneNumbers.json"])
def test_every_parameter_we_read_is_one_of_the_providers(openapi: Any, path: str) -> None:
    read = {
        "/Calls.json": "To From Url Twiml Method Timeout StatusCallback StatusCallbackEvent FallbackUrl",
        "/Messages.json": "To From Body StatusCallback MessagingServiceSid",
        "/IncomingPhoneNumbers.json": "PhoneNumber FriendlyName VoiceUrl VoiceMethod VoiceFallbackUrl "
        "VoiceFallbackMethod StatusCallback StatusCallbackMethod",
    }
    body = openapi["paths"][BASE + path]["post"]["requestBody"]["content"][
        "application/x-www-form-urlencoded"
    ]
    assert frozenset(read[path].split()) <= body["schema"]["properties"].keys()
