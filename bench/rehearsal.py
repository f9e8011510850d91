"""Calls played once on the practice telephone network against the server: the webhooks to measure it with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlencode, urlsplit

from bench.served import ROSTER
from bench.servers import Server
from bench.traffic import REHEARSED_CALLER, Script, Step
from routing.duty import duty_at
from routing.reading import read_roster
from simulator.callers import Caller
from simulator.network import Network
from simulator.phones import Human, NoAnswer
from simulator.webhooks import Webhook, simulated_time

# Far enough off that no job ever finds these calls forgotten.
AT_NIGHT = datetime(2049, 12, 25, 2, 0, tzinfo=UTC)
AT_THE_DESK = datetime(2049, 12, 1, 9, 30, tzinfo=UTC)


def rehearse_night(server: Server) -> Script:
    """A crisis at night: the first advisor does not answer, the one behind takes the call."""
    return _rehearse(server, "helpdesk", AT_NIGHT, ["1", "1"])


def rehearse_desk(server: Server) -> Script:
    """A call in office hours: the desk takes it."""
    return _rehearse(server, "helpdesk", AT_THE_DESK, ["1"])


def rehearse_short(server: Server) -> Script:
    """The least there is to a call the desk takes, on a line of one language: five webhooks."""
    whole = _rehearse(server, "direct", AT_THE_DESK, [])
    short = tuple(
        step for step in whole.steps if not step.target.startswith(("/voice/leg", "/voice/reconnect"))
    )
    return replace(whole, steps=short)


def _rehearse(server: Server, line_id: str, at: datetime, keys: Sequence[str]) -> Script:
    settings = server.settings
    roster = read_roster(ROSTER.read_bytes()).roster
    assert roster is not None
    line = roster.lines[line_id]
    sleeper = duty_at(roster, "first", int(at.timestamp())).person
    network = Network(settings.account_sid, list(settings.auth_tokens))
    network.add_number(
        line.number, f"{server.origin}/voice/incoming", status_callback=f"{server.origin}/voice/status"
    )
    for person in roster.people.values():
        network.add_phone(person.phone, NoAnswer() if person.id == sleeper else Human(talks_for=60))
    network.dial(from_=REHEARSED_CALLER, to=line.number, at=at, caller=Caller(keys=list(keys)))
    network.run()
    if network.errors:
        raise SystemExit(f"The rehearsal went wrong: {network.errors}")
    webhooks = list(network.webhooks)
    sids = dict.fromkeys(webhook["CallSid"] for webhook in webhooks)
    return Script(tuple(_step(webhook) for webhook in webhooks), tuple(sids))


def _step(webhook: Webhook) -> Step:
    parts = urlsplit(webhook.address)
    fields = dict(webhook.parameters)
    return Step(
        target=f"{parts.path}?{parts.query}" if parts.query else parts.path,
        signed="".join(name + fields[name] for name in sorted(fields)),
        body=urlencode(fields),
        at=simulated_time(webhook.at),
    )
