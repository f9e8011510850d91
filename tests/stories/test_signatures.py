"""Whoever is not the provider is refused at every door; whoever is may say the same thing twice."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from flask import Flask
from sqlalchemy import func, select

from hotline.serving import listen
from hotline.storage import tables
from hotline.storage.engine import reading
from hotline.web.app import create_app
from simulator.callers import Caller
from simulator.channels import Call
from simulator.network import Network
from simulator.phones import Human
from simulator.signing import sign
from simulator.webhooks import Webhook
from tests.stories.cast import CALLER, CHRISTMAS_NIGHT, HELPDESK, PHONES
from tests.stories.conftest import MakeDesk, desks_of
from tests.stories.outsiders import OUTSIDE
from tests.stories.promises import counted
from tests.stories.world import Helpdesk, network, serving, settings_for

FORM = "application/x-www-form-urlencoded"
# Recordings of prompts: the provider fetches them without a form, and anybody may hear them.
OPEN_TO_ALL = {"/voice/audio/<language>/<name>.mp3"}


@cache
def doors() -> tuple[str, ...]:
    """Every address under /voice that the application has, whoever adds one."""
    return tuple(_doors(create_app()))


def _doors(app: Flask) -> Iterator[str]:
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith("/voice") or rule.rule in OPEN_TO_ALL:
            continue
        if "question" in rule.arguments or "stage" in rule.arguments:
            yield from (
                rule.rule.replace("<question:stage>", stage) for stage in ("language", "need", "check")
            )
        else:
            assert not rule.arguments, "a new kind of address: say here what it may be"
            yield rule.rule


def a_webhook(desk: Helpdesk, kind: str = "gather", nth: int = 0) -> Webhook:
    return [webhook for webhook in desk.net.webhooks if webhook.kind == kind][nth]


def post(webhook: Webhook, signature: str | None, url: str = "", **parameters: str) -> requests.Response:
    headers = {} if signature is None else {"X-Twilio-Signature": signature}
    form = list((dict(webhook.parameters) | parameters).items())
    return OUTSIDE.post(url or webhook.address, data=form, headers=headers, timeout=20)


def signature_of(desk: Helpdesk, webhook: Webhook) -> str:
    return sign(desk.net.auth_tokens[0], webhook.address, webhook.parameters)


@pytest.fixture(scope="module")
def night(long_lived_desk: Helpdesk) -> tuple[Network, Call]:
    """A call that is over, and the network that made it."""
    with desks_of(long_lived_desk) as make_desk:
        desk = make_desk(ada=Human())
        return desk.net, desk.dial()


@pytest.fixture
def told(make_desk: MakeDesk, night: tuple[Network, Call]) -> tuple[Helpdesk, Call, Any]:
    """A helpdesk, a call that is over, and everything recorded of it."""
    net, call = night
    desk = make_desk(net=net)
    return desk, call, everything(desk, call)


def everything(desk: Helpdesk, call: Call) -> Any:
    record, facts = desk.record(call), desk.rows(tables.events, call)
    with reading(desk.services.engine) as connection:
        of_all_calls = connection.execute(select(func.count()).select_from(tables.events)).scalar()
    return record, facts, of_all_calls


def is_refused(response: requests.Response) -> None:
    assert response.status_code == 403
    assert "Traceback" not in response.text and len(response.content) < 500


def test_every_door_refuses_whoever_is_not_the_provider(told: tuple[Helpdesk, Call, Any]) -> None:
    desk, call, before = told
    paths = doors()
    assert len(paths) >= 9
    refused = counted("webhooks_refused_total")
    webhook = a_webhook(desk)
    good = signature_of(desk, webhook)
    attempts = 0
    for path in paths:
        for signature in (
            None,
            "",
            "x",
            good,
            good[:-2],
            sign("another token", desk.origin + path),
            "é".encode(),
        ):
            is_refused(post(webhook, signature, desk.origin + path))  # type: ignore[arg-type]
            attempts += 1
    assert counted("webhooks_refused_total") == refused + attempts
    assert everything(desk, call) == before


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_no_door_opens_to_another_method(told: tuple[Helpdesk, Call, Any], method: str) -> None:
    desk, call, before = told
    for path in doors():
        url = desk.origin + path
        headers = {"X-Twilio-Signature": sign(desk.net.auth_tokens[0], url)}
        response = OUTSIDE.request(method, url, headers=headers, timeout=20)
        assert response.status_code in (200, 403, 405, 501) if method == "OPTIONS" else (403, 405)
        assert not response.ok or not response.content
    assert everything(desk, call) == before


@pytest.mark.parametrize(
    "change",
    [
        {"Digits": "2"},
        {"From": "+46701740698"},
        {"CallSid": "CA" + "0" * 32},
        {"Another": ""},
    ],
)
def test_a_changed_form_is_refused(told: tuple[Helpdesk, Call, Any], change: dict[str, str]) -> None:
    desk, call, before = told
    webhook = a_webhook(desk)
    is_refused(post(webhook, signature_of(desk, webhook), **change))
    assert everything(desk, call) == before


def test_a_signature_for_another_address_is_refused(told: tuple[Helpdesk, Call, Any]) -> None:
    desk, call, before = told
    webhook = a_webhook(desk, nth=1)
    good = signature_of(desk, webhook)
    path, _, query = webhook.address.partition("?")
    for other in (
        path,
        f"{path}?{query}&kind=tip",
        f"{path}?{query.replace('try=1', 'try=2')}",
        f"{path}?{'&'.join(reversed(query.split('&')))}",
        f"{path}/?{query}",
        f"{path}%20?{query}",
        webhook.address.replace("/need", "/language"),
        webhook.address.replace("/need", "/NEED"),
    ):
        assert other != webhook.address
        response = post(webhook, good, other)
        assert response.status_code in (403, 404), other
        assert "Traceback" not in response.text
    assert everything(desk, call) == before
    assert post(webhook, good).status_code == 200


def test_what_the_host_header_says_makes_no_difference(told: tuple[Helpdesk, Call, Any]) -> None:
    desk, _, _ = told
    webhook = a_webhook(desk)
    for name in ("Host", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Prefix"):
        headers = {"X-Twilio-Signature": signature_of(desk, webhook), name: "evil.example.org"}
        response = OUTSIDE.post(webhook.address, list(webhook.parameters), headers=headers, timeout=20)
        assert response.status_code == 200
        assert "evil" not in response.text


def test_while_a_token_is_replaced_both_are_accepted_and_no_other(tmp_path: Path) -> None:
    old, new, another = "0" * 32, "1" * 32, "2" * 32
    listening = listen("127.0.0.1", 0)
    origin = f"http://127.0.0.1:{listening.getsockname()[1]}"
    settings = replace(settings_for(tmp_path, {"PUBLIC_URL": origin}), auth_tokens=(old, new))
    with serving(create_app(settings), listening):
        for token, is_ours in ((old, True), (new, True), (another, False)):
            net = network(replace(settings, auth_tokens=(token,)), {"ada": Human()})
            call = net.dial(CALLER, HELPDESK, CHRISTMAS_NIGHT, Caller(["1", "1"]))
            net.run()
            assert call.talked_with == ([PHONES["ada"]] if is_ours else [])
            assert bool(net.errors) != is_ours


def test_what_is_replayed_a_day_later_changes_nothing(told: tuple[Helpdesk, Call, Any]) -> None:
    desk, call, before = told
    desk.net.run_for(86_400)
    for webhook in list(desk.net.webhooks):
        (answer,) = desk.net.repeat(webhook)
        assert answer.status == 200
        for _ in range(2):
            headers = {"X-Twilio-Signature": signature_of(desk, webhook)}
            again = OUTSIDE.post(webhook.address, list(webhook.parameters), headers=headers, timeout=20)
            assert again.status_code == 200
    assert everything(desk, call) == before
    assert call.talked_with == [PHONES["ada"]]


BODIES = {
    "ten megabytes": (b"a=" + b"x" * 10_000_000, FORM),
    "just too much": (b"a=" + b"x" * 70_000, FORM),
    "ten thousand fields": (b"&".join(b"f%d=1" % n for n in range(10_000)), FORM),
    "ten thousand of one name": (b"&".join(b"f=%d" % n for n in range(10_000)), FORM),
    "nothing": (b"", FORM),
    "no type": (b"CallSid=CA1", ""),
    "json": (b'{"CallSid": "CA1", "From": "+46701740699"}', "application/json"),
    "json as a form": (b'{"CallSid": "CA1"}', FORM),
    "plain text": (b"CallSid=CA1", "text/plain"),
    "xml": (b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "text/xml"),
    "several parts": (
        b'--b\r\nContent-Disposition: form-data; name="CallSid"\r\n\r\nCA1\r\n--b--\r\n',
        "multipart/form-data; boundary=b",
    ),
    "parts without end": (b"--b\r\n" * 5_000, "multipart/form-data; boundary=b"),
    "a file": (
        b'--b\r\nContent-Disposition: form-data; name="f"; filename="x"\r\n\r\n'
        + b"y" * 60_000
        + b"\r\n--b--\r\n",
        "multipart/form-data; boundary=b",
    ),
    "broken utf-8": (b"CallSid=%ff%fe&From=\xff\xfe", FORM),
    "broken percents": (b"CallSid=%zz&%=%&=&&&", FORM),
    "control characters": (bytes(range(256)), FORM),
    "a strange character set": (b"CallSid=CA1", FORM + "; charset=utf-7"),
    "packed": (b"\x1f\x8b\x08\x00" + bytes(5_000), FORM),
}


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("what", BODIES)
def test_no_body_brings_the_server_down(told: tuple[Helpdesk, Call, Any], what: str, signed: bool) -> None:
    """`signed`: as if the provider itself had sent it, address and all, which nobody else can."""
    desk, call, before = told
    body, content_type = BODIES[what]
    fields = fields_of(body, content_type) if signed else []
    for path in doors():
        url = desk.origin + path
        headers = {"Content-Type": content_type} if content_type else {}
        if signed:
            headers["X-Twilio-Signature"] = sign(desk.net.auth_tokens[0], url, fields)
        try:
            response = OUTSIDE.post(url, body, headers=headers, timeout=20)
        except requests.ConnectionError:
            # Too much was on its way when the server said no.
            assert len(body) > 1_000_000
            continue
        assert response.status_code < 500
        assert "Traceback" not in response.text
        assert (signed and content_type.startswith(FORM)) or response.status_code in (403, 413)
    assert desk.get("/healthz").status_code == 200
    if not signed:
        assert everything(desk, call) == before


def fields_of(body: bytes, content_type: str) -> list[tuple[str, str]]:
    """The fields as the server reads them, to sign what no provider would send."""
    try:
        text = body.decode() if content_type.startswith(FORM) else ""
    except UnicodeDecodeError:
        return []
    return parse_qsl(text, keep_blank_values=True, errors="werkzeug.url_quote")


def test_whoever_sends_slowly_or_not_at_all_keeps_nobody_waiting(make_desk: MakeDesk) -> None:
    desk = make_desk(ada=Human())
    address = ("127.0.0.1", urlsplit(desk.origin).port)
    head = b"POST /voice/incoming HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    with ExitStack() as stack:
        for n in range(300):
            slow = stack.enter_context(socket.create_connection(address))
            slow.sendall(head[: n % len(head)] if n % 2 else head + b"Content-Length: 60000\r\n\r\nCallSid=")
        call = desk.dial()
    assert call.talked_with == [PHONES["ada"]]
    assert desk.slowest < 1
