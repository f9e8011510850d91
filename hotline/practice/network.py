"""The practice telephone network, with the roster's lines and people on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from hotline.settings import Settings
from routing.roster import Roster
from simulator.network import Network
from simulator.phones import Behaviour, NoAnswer, Practised
from simulator.rest import Rest
from simulator.serving import Served


def connect_roster(
    network: Network, roster: Roster, origin: str, behaviours: Mapping[str, Behaviour] | None = None
) -> None:
    """Gives every line its number and every person a phone; `behaviours` by person, otherwise nobody answers.

    On a live network a person drives the phones.
    """
    for line in roster.lines.values():
        if line.number not in network.numbers:
            network.add_number(
                line.number, f"{origin}/voice/incoming", status_callback=f"{origin}/voice/status"
            )
    default: Behaviour = Practised() if network.loop.live else NoAnswer()
    for person in roster.people.values():
        behaviour = (behaviours or {}).get(person.id, default)
        if person.phone not in network.phones or behaviours is not None:
            network.add_phone(person.phone, behaviour, name=person.id)


class PracticeProvider:
    """The network and its REST interface, served on a loopback port of their own.

    `live` runs with the clock on the wall; otherwise time jumps from event to event, from `starts_at` on.
    """

    def __init__(self, settings: Settings, *, live: bool, starts_at: datetime | None = None) -> None:
        self.network = Network(
            account_sid=settings.account_sid,
            auth_tokens=list(settings.auth_tokens),
            live=live,
            starts_at=starts_at,
        )
        self._served = Served(Rest(self.network).app)

    def start(self, settings: Settings) -> Settings:
        """Starts both; the settings to reach them by."""
        origin = self._served.start()
        if self.network.loop.live:
            self.network.start()
        return replace(settings, api_url=origin)

    def stop(self) -> None:
        if self.network.loop.live:
            self.network.stop()
        self._served.stop()
