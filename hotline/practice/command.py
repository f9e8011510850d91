"""`flask practice call`: a call told as a story, through the real server and the practice network."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import click
from flask import Flask
from flask.cli import AppGroup

from hotline.calls.overview import call_overview, suggested_case
from hotline.commands.calls import print_call
from hotline.commands.common import fail, json_option, moment, print_json, roster_or_fail, settings
from hotline.practice.network import PracticeProvider, connect_roster
from hotline.services import Services
from hotline.serving import listen, make_server
from hotline.settings import Settings
from hotline.storage.engine import reading
from hotline.web.app import create_app
from routing.numbers import mask
from routing.roster import Roster
from simulator.callers import After, Caller
from simulator.channels import Call
from simulator.network import Network
from simulator.phones import BEHAVIOURS, Behaviour

practice = AppGroup(
    "practice", help="Try the helpdesk on the practice telephone network. No real phone rings."
)

#: A number of the range that is kept free for fiction: no phone has it.
CALLER = "+46701740699"


@practice.command("call")
@click.option("--at", metavar="T", help="When the call comes; without it, now.")
@click.option(
    "--keys", default="", help="What the caller presses at each question, by commas; - is silence. As in 1,1."
)
@click.option(
    "--phone",
    "phones",
    multiple=True,
    metavar="PERSON=HOW",
    help=f"How a phone behaves: {', '.join(BEHAVIOURS)}.",
)
@click.option("--line", "line_id", metavar="ID", help="The line that is dialled; the first one without it.")
@click.option("--from", "from_", default=CALLER, show_default=True, metavar="NUMBER")
@click.option("--withheld", is_flag=True, help="The caller's number is not shown.")
@click.option(
    "--hangs-up",
    type=click.FloatRange(0, 86_400),
    metavar="SECONDS",
    help="The caller hangs up after so long.",
)
@click.option("--webhooks", is_flag=True, help="Show the requests between the provider and us too.")
@json_option
def call(
    at: str | None,
    keys: str,
    phones: tuple[str, ...],
    line_id: str | None,
    from_: str,
    withheld: bool,
    hangs_up: float | None,
    webhooks: bool,
    as_json: bool,
) -> None:
    """Make one call and print what happened: what was said, who was rung and why, and the case it became."""
    roster = roster_or_fail()
    line = roster.lines.get(line_id) if line_id else next(iter(roster.lines.values()))
    if line is None:
        raise click.UsageError(f"There is no line {line_id!r}; there are: {', '.join(roster.lines)}.")
    behaviours = _behaviours(phones, roster)
    caller = Caller(keys=_keys(keys), leaves=None if hangs_up is None else After(hangs_up))
    then = datetime.fromtimestamp(moment(at, roster), UTC)
    with _helpdesk(settings(), then) as (services, network):
        connect_roster(network, roster, services.settings.public_url, behaviours)
        made = network.dial(None if withheld else from_, line.number, then, caller)
        network.run()
        _report(services, network, made, roster, webhooks, as_json)


def _behaviours(phones: tuple[str, ...], roster: Roster) -> dict[str, Behaviour]:
    found: dict[str, Behaviour] = {}
    for phone in phones:
        person, _, how = phone.partition("=")
        if person not in roster.people:
            raise click.UsageError(f"There is no person {person!r}; there are: {', '.join(roster.people)}.")
        if how not in BEHAVIOURS:
            raise click.UsageError(
                f"A phone does not behave like {how!r}; choose one of: {', '.join(BEHAVIOURS)}."
            )
        found[person] = BEHAVIOURS[how]
    return found


def _keys(keys: str) -> list[str]:
    pressed = [part.strip() for part in keys.split(",")] if keys.strip() else []
    if any(part != "-" and not set(part) <= set("0123456789*#") for part in pressed):
        raise click.UsageError(
            "--keys takes keys of a telephone, one entry for each question: 1,1 or 1,2,2,0201234567#."
        )
    return ["" if part == "-" else part for part in pressed]


@contextmanager
def _helpdesk(found: Settings, then: datetime) -> Iterator[tuple[Services, Network]]:
    """The real server on a port of its own, beside a network in which time jumps from event to event."""
    listening = listen("127.0.0.1", 0)
    provider = PracticeProvider(found, live=False, starts_at=then)
    reached = provider.start(replace(found, public_url=f"http://127.0.0.1:{listening.getsockname()[1]}"))
    app: Flask = create_app(reached)
    server = make_server(app, listening)
    serving = threading.Thread(target=server.run, daemon=True)
    serving.start()
    try:
        yield app.extensions["hotline"].services, provider.network
    finally:
        server.close()
        serving.join(timeout=10)
        app.extensions["hotline"].stop()
        provider.stop()


def _report(
    services: Services, network: Network, made: Call, roster: Roster, webhooks: bool, as_json: bool
) -> None:
    services.recorder.drain()
    with reading(services.engine) as connection:
        record = call_overview(connection, made.sid)
        suggested = suggested_case(connection, made.sid)
    if record is None:
        fail("The call was not recorded: is the database away?")
    if as_json:
        print_json(record)
        return
    for line in network.transcript(made).lines(ZoneInfo(roster.zone.name), webhooks=webhooks):
        click.echo(line)
    click.echo("")
    print_call(record, "withheld" if not made.channel.from_ else mask(made.channel.from_), suggested)
    for error in network.errors:
        click.echo(f"the provider would complain: {error}", err=True)
    if network.errors:
        raise SystemExit(1)
