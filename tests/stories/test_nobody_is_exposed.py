"""Callers with numbers that stand out, a night in which everything goes wrong: no number is left anywhere."""

from __future__ import annotations

import hashlib
import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterator

import pytest
import requests

from simulator.callers import DuringTalk, WhileRinging
from simulator.channels import Call
from simulator.phones import Human, NoAnswer
from tests.stories.cast import NAMES, PHONES, ROSTER, TUESDAY_MORNING
from tests.stories.servers import Server, server_beside
from tests.stories.world import Helpdesk

CALLERS = ("+46701740688", "+46701740677")
TYPED = "0205557788"
# As people and programs write them: with and without country, in pieces, in groups.
SPELLINGS = [re.compile("[^0-9]{0,3}".join(number[-7:]).encode()) for number in (*CALLERS, TYPED)]
# Coded or hashed without a key is as good as written out.
SPELLINGS += [
    re.compile(re.escape(coded))
    for number in (*CALLERS, TYPED, "+31" + TYPED[1:])
    for coded in (
        urlsafe_b64encode(number.encode())[:12],
        number.encode().hex().encode(),
        *(hashlib.new(name, number.encode()).hexdigest().encode() for name in ("md5", "sha1", "sha256")),
    )
]


Night = tuple[Helpdesk, Server, list[Call]]


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    """A night in which everything goes wrong, and is mended in the morning."""
    folder = tmp_path_factory.mktemp("night")
    place = folder / "elsewhere"
    place.write_text("a file where the folder should be")
    with server_beside(folder, {"DATABASE_URL": f"sqlite:///{place / 'hotline.db'}"}) as (desk, server):
        calls = the_calls_of(desk, server)
        server.wait_until_logged("roster file refused")
        place.unlink()
        place.mkdir()
        desk.settings.roster_file.write_text(ROSTER)
        for call in calls:
            desk.record(call)
        yield desk, server, calls


def the_calls_of(desk: Helpdesk, server: Server) -> list[Call]:
    first, second = CALLERS
    desk.net.add_phone(PHONES["bo"], [Human(talks_for=30), Human(talks_for=None), NoAnswer()])
    calls = [
        desk.dial(from_=first),
        desk.dial(["1", "1"], from_=second, leaves=DuringTalk(after=20)),
        desk.dial(["1", "2", "2", TYPED + "#", "1"], from_=first),
        desk.dial(["1", "2", "2", TYPED, TYPED + "9#", ""], from_=second),
        desk.dial(from_=first, leaves=WhileRinging(after=3)),
        desk.dial(["2"], at=TUESDAY_MORNING, from_=second),
    ]
    desk.settings.roster_file.write_text(ROSTER.replace("members: [bo]", "members: [nobody]"))
    server.wait_until_logged("recording failed")
    server.restart()
    calls.append(desk.dial(from_=second))
    for webhook in desk.net.webhooks[:5]:
        fields = [*webhook.parameters, ("More", first)]
        headers = {"X-Twilio-Signature": "forged"}
        assert requests.post(webhook.address, fields, headers=headers, timeout=20).status_code == 403
    return calls


def places(night: Night) -> Iterator[tuple[str, bytes]]:
    """Everything that is left behind or can be looked at, byte by byte."""
    desk, server, _ = night
    for file in desk.settings.instance_dir.parent.rglob("*"):
        if file.is_file() and "roster" not in file.name:
            yield file.name, file.read_bytes()
    yield "the log", server.log.read_bytes()
    yield "the figures", desk.get("/metrics").content
    yield "the state", desk.get("/readyz").content
    for webhook in desk.net.webhooks:
        yield "an address", webhook.url.encode()
        for answer in webhook.answers:
            yield "an answer", answer.body


def test_no_callers_number_is_left_anywhere(night: Night) -> None:
    names = {name for name, _ in places(night)}
    assert {"hotline.db", "journal.db", "the log"} <= names
    found = [(name, raw) for name, raw in places(night) if any(each.search(raw) for each in SPELLINGS)]
    # Only who typed a number in has it read back, key by key.
    assert found and all(name == "an answer" and b"/voice/check?" in raw for name, raw in found)


def test_no_advisors_number_or_name_is_left_outside_the_roster(night: Night) -> None:
    secrets = [text.encode() for text in (*NAMES, *(number[-7:] for number in PHONES.values()))]
    for name, raw in places(night):
        found = [secret for secret in secrets if secret in raw]
        # A number stands in the one place where it is dialled.
        assert not found or (name == "an answer" and b"<Dial" in raw and len(found) == 1), name


def test_neither_side_of_a_call_sees_who_the_other_is(night: Night) -> None:
    desk, _, calls = night
    for call in calls:
        assert call.shown <= set(desk.net.numbers)
        told = " ".join(said.text for said in call.said)
        assert not [name for name in NAMES if name.split()[0] in told]
        assert not [number for number in PHONES.values() if ", ".join(number[-4:]) in told]


def test_every_line_of_the_log_is_one_json_object(night: Night) -> None:
    for line in night[1].log.read_text().splitlines():
        assert {"at", "level", "event"} <= set(json.loads(line))
