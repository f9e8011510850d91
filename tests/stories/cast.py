"""Who is in the stories, which roster they are on, and when the stories happen."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
HELPDESK = "+442079460001"
CALLER = "+46701740699"
PHONES = {"ada": "+46701740605", "bo": "+46701740606", "chi": "+46701740607", "dee": "+46701740608"}
NAMES = ("Ada Voorbeeld", "Bo Voorbeeld", "Chi Voorbeeld", "Dee Voorbeeld")
PEOPLE = {number: person for person, number in PHONES.items()}

ROSTER = """\
version: 1
timezone: Europe/Amsterdam
people:
  ada: {name: Ada Voorbeeld, phone: "+46701740605", languages: [nl, en]}
  bo: {name: Bo Voorbeeld, phone: "+46701740606", languages: [nl, en]}
  chi: {name: Chi Voorbeeld, phone: "+46701740607", languages: [en, nl]}
  dee: {name: Dee Voorbeeld, phone: "+46701740608", languages: [nl]}
rotations:
  crisis-first: {members: [ada], starts: 2026-01-05T09:00, turn: 7 days}
  crisis-backup: {members: [bo], starts: 2026-01-05T09:00, turn: 7 days}
policies:
  desk:
    steps: [{ring: [chi, dee], seconds: 20}]
    otherwise: crisis
  crisis:
    steps:
      - {ring: crisis-first, seconds: 25}
      - {ring: crisis-backup, seconds: 20}
    otherwise: callback
lines:
  helpdesk:
    number: "+442079460001"
    name: Hulplijn
    languages: [nl, en]
    hours: {mon-fri: "09:00-17:00"}
    holidays: {country: NL}
    open: desk
    closed: crisis
"""


def at(text: str) -> datetime:
    """A moment on the wall in Amsterdam."""
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM).astimezone(UTC)


# Ahead of the clock on the wall for years to come: nobody is woken about what happened long ago.
CHRISTMAS_NIGHT = at("2035-12-25T03:00")
TUESDAY_MORNING = at("2035-12-04T10:00")
