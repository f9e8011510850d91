"""The practice telephone network, with the roster's lines and people on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from hotline.settings import Settings
from hotline.telephony.positions import RETRIES
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
            incoming, status = f"{origin}/voice/incoming{RETRIES}", f"{origin}/voice/status"
            network.add_number(line.number, incoming, status_callback=status)
    default: Behaviour = Practised() if network.loop.live else NoAnswer()
    for person in roster.people.values():
        behaviour = (behaviours or {}).get(person.id, default)
        if person.phone not in network.phones or behaviours is not None:
            network.add_phone(person.phone, behaviour, name=person.id)


class PracticeProvider:
    """The network and its REST interface, served on a loopback port of their own.

    `live` runs with the clock on the wall, `speed` times as fast; otherwise time jumps from event to
    event, beginning at `starts_at`. `loopback` is the origin that serves us, where it is not the public URL.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        live: bool,
        starts_at: datetime | None = None,
        speed: float = 1.0,
        loopback: str | None = None,
    ) -> None:
        self.speed = speed
        self.network = Network(
            account_sid=settings.account_sid,
            auth_tokens=list(settings.auth_tokens),
            live=live,
            speed=speed,
            starts_at=starts_at,
            reach={settings.public_url: loopback} if loopback else {},
        )
        self._origin = settings.public_url
        self._connected = ""
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

    def follow(self, roster: Roster | None) -> None:
        """Connects this roster's lines and people, and takes off the network who left it.

        Somebody who is in a call stays until it is over. Costs nothing while the roster stays the same.
        """
        if roster is None or roster.version == self._connected:
            return
        network = self.network
        with network.loop.lock:
            manners = {phone.name: phone.behaviours for phone in network.phones.values()}
            everybody_left = self._disconnect(roster)
            connect_roster(network, roster, self._origin)
            for person in roster.people.values():
                if person.id in manners:
                    network.add_phone(person.phone, manners[person.id])
            if everybody_left:
                self._connected = roster.version

    def _disconnect(self, roster: Roster) -> bool:
        """False while somebody who left is in a call."""
        network = self.network
        lines = {line.number for line in roster.lines.values()}
        for number in [number for number in network.numbers if number not in lines]:
            del network.numbers[number]
        staying = {(person.phone, person.id) for person in roster.people.values()}
        leaving = [phone for phone in network.phones.values() if (phone.number, phone.name) not in staying]
        for phone in leaving:
            if phone.channel is None:
                del network.phones[phone.number]
        return all(phone.channel is None for phone in leaving)
