"""`flask twilio`: what has to be set up at the provider, and whether it is."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from hotline.commands.common import fail, now, roster_or_fail, settings
from hotline.services import make_provider
from hotline.telephony import twiml
from hotline.telephony.positions import RETRIES
from hotline.telephony.prompts import read_prompts
from hotline.telephony.provider import NumberSetup, ProviderError
from routing.ladder import ladder
from routing.roster import Line, Roster

twilio = AppGroup("twilio", help="What has to be set up at the provider, and whether it is.")

#: The number's own webhook is tried from another place as well.
OVERRIDES = f"{RETRIES}&e=dublin,frankfurt"
_FALLBACK_SECONDS = 40


@twilio.command("fallback")
@click.option("--line", "line_id", metavar="ID", help="The line it is for; needed when there are several.")
@click.option(
    "--ring", metavar="PERSON", help="Whom to ring; without it, who is last on the line's ladder now."
)
def fallback(line_id: str | None, ring: str | None) -> None:
    """Print the TwiML to host at the provider, for the time when this server does not answer.

    It must live outside this server (a TwiML Bin). It holds a number: print it again when that changes.
    """
    roster = roster_or_fail()
    line = _line(roster, line_id)
    person = roster.people.get(ring or _last_on_ladder(roster, line))
    if person is None:
        raise click.UsageError(f"There is no person {ring!r} in the roster; choose one with --ring.")
    prompts = read_prompts()
    spoken = [code for code in line.languages if code in prompts.tongues] or list(prompts.tongues)
    before = [prompts.speak("fallback", (code,)) for code in spoken]
    behind = [prompts.speak("unanswered", (code,)) for code in spoken]
    document = twiml.render_fallback(before, person.phone, line.number, _FALLBACK_SECONDS, behind)
    click.echo(document)


@twilio.command("check")
def check() -> None:
    """Compare how every line's number is set up at the provider with how it should be."""
    found = settings()
    if found.practice:
        raise click.UsageError("There is nothing to check in practice mode: no provider is set up.")
    provider = make_provider(found)
    faults = []
    for line in roster_or_fail().lines.values():
        try:
            setup = provider.number_setup(line.number)
        except ProviderError as error:
            fail(f"The provider did not answer ({error.code}). Check the credentials and TWILIO_API_URL.")
        faults += [f"{line.id}: {fault}" for fault in _faults(setup, found.public_url)]
    for fault in faults:
        click.echo(fault)
    if faults:
        raise SystemExit(1)
    click.echo("Every line's number is set up as it should be.")


def _faults(setup: NumberSetup | None, public_url: str) -> list[str]:
    if setup is None:
        return ["this account does not have the line's number."]
    faults = []
    if setup.voice_url.partition("#")[0] != f"{public_url}/voice/incoming":
        faults.append(f"the Voice URL should be {public_url}/voice/incoming{OVERRIDES}")
    if setup.voice_method.upper() != "POST":
        faults.append("the Voice URL should be asked by POST.")
    if not setup.fallback_url:
        faults.append("there is no fallback URL: a caller would hear an error when this server is away.")
    elif setup.fallback_url.startswith(public_url):
        faults.append("the fallback URL is on this server, so it is away when the server is.")
    if setup.status_callback.partition("#")[0] != f"{public_url}/voice/status":
        faults.append(f"the status callback should be {public_url}/voice/status")
    return faults


def _line(roster: Roster, line_id: str | None) -> Line:
    if line_id is None and len(roster.lines) == 1:
        return next(iter(roster.lines.values()))
    line = roster.lines.get(line_id or "")
    if line is None:
        raise click.UsageError(f"Choose a line with --line: {', '.join(roster.lines)}.")
    return line


def _last_on_ladder(roster: Roster, line: Line) -> str:
    rungs = ladder(roster, line.closed, now())
    return rungs[-1].person if rungs else ""
