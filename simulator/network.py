"""A telephone network of its own that speaks the voice provider's protocol. Nothing real is ever dialled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from simulator.account import Message, OwnedNumber, deliver_message
from simulator.callers import Caller, CallerPhone
from simulator.channels import APPLICATION_ERROR, Call, Callbacks, Channel
from simulator.clock import Flow, Loop, Sleep
from simulator.delivery import Delivery, Duplicate
from simulator.dialling import ring, telephone
from simulator.exchange import Exchange, Habits
from simulator.execution import Ask, Execution
from simulator.moments import Dialled, Said, WentWrong, WrongUse, masked
from simulator.phones import Behaviour, Phone, press_later
from simulator.snapshot import call_snapshot, phone_snapshot
from simulator.transcript import Transcript, transcript
from simulator.twiml import speech_seconds
from simulator.webhooks import TOTAL_SECONDS, Answer, Sender, Webhook, simulated_time

STARTS_AT = datetime(2020, 1, 1, tzinfo=UTC)


class Network:
    """`auth_tokens`: requests are signed with the first, REST accepts each. `reach` maps origins in webhook
    URLs to the loopback origins that serve them: {"https://hotline.example.org": "http://127.0.0.1:8000"}.

    Fast (default): `run` jumps from event to event, from `starts_at` (aware) on. `live`: `start` lets time
    run by itself, `speed` virtual seconds a second.
    """

    def __init__(
        self,
        account_sid: str,
        auth_tokens: Sequence[str],
        *,
        api_keys: Mapping[str, str] | None = None,
        reach: Mapping[str, str] | None = None,
        habits: Habits | None = None,
        starts_at: datetime | None = None,
        live: bool = False,
        speed: float = 1.0,
        timeout: float = TOTAL_SECONDS,
    ) -> None:
        begins = starts_at or (datetime.now(UTC) if live else STARTS_AT)
        self.loop = Loop(begins, live=live, speed=speed)
        self.account_sid = account_sid
        self.auth_tokens = list(auth_tokens)
        self.api_keys = dict(api_keys or {})
        self.numbers: dict[str, OwnedNumber] = {}
        self.phones: dict[str, Phone] = {}
        self.calls: list[Call] = []
        self.messages: list[Message] = []
        self.message_errors: dict[str, int] = {}
        sender = Sender(self.auth_tokens, dict(reach or {}), timeout)
        self.exchange = Exchange(
            self.loop,
            account_sid,
            sender,
            habits=habits or Habits(),
            numbers=self.numbers.keys(),
            phones=self.phones,
        )

    @property
    def delivery(self) -> Delivery:
        """The fault script for webhooks."""
        return self.exchange.delivery

    @property
    def errors(self) -> list[WrongUse]:
        """Everything the provider would have complained about, in order."""
        return self.exchange.errors

    @property
    def webhooks(self) -> list[Webhook]:
        """Every webhook in order, with the answers it got."""
        return self.exchange.webhooks

    @property
    def now(self) -> datetime:
        return self.loop.now

    # Setting up

    def add_number(
        self, number: str, voice_url: str, *, status_callback: str = "", fallback: str = ""
    ) -> OwnedNumber:
        """A number of the account. `fallback`: a URL, or a TwiML document that the provider keeps for us."""
        owned = OwnedNumber(number, voice_url, status_callback=status_callback, fallback=fallback)
        self.numbers[number] = owned
        return owned

    def add_phone(self, number: str, behaviour: Behaviour | Sequence[Behaviour], name: str = "") -> Phone:
        """A telephone that can be rung; again for the same number: it behaves so from now on."""
        behaviours = [behaviour] if not isinstance(behaviour, Sequence) else list(behaviour)
        with self.loop.lock:
            phone = self.phones.get(number)
            if phone is None:
                phone = self.phones[number] = Phone(self.exchange, number, behaviours, name or masked(number))
            else:
                phone.behaviours, phone.rings = behaviours, 0
        return phone

    # Calls

    def dial(
        self, from_: str | None, to: str, at: datetime | None = None, caller: Caller | None = None
    ) -> Call:
        """Somebody calls `to`. `from_` None or "": withheld (see callers.WITHHELD).

        Fast, the call begins at the instant `at`; live, it begins now and its own clock shows `at`.
        """
        owned = self.numbers[to]
        with self.loop.lock:
            begins = self.now if at is None else at.astimezone(UTC)
            if not self.loop.live and begins < self.now:
                raise ValueError(f"{begins} is in the past of this network: {self.now}")
            call = Call(offset=begins - self.now if self.loop.live else timedelta(), fallback=owned.fallback)
            phone = CallerPhone(self.exchange, caller or Caller())
            callbacks = Callbacks(owned.status_callback, "call-status", owned.status_callback_method)
            channel = Channel(call, phone, from_, to, "inbound", callbacks=callbacks, status="ringing")
            call.channels.append(channel)
            self.calls.append(call)
            self.loop.at(self.now if self.loop.live else begins, lambda: self._begin(channel, owned, phone))
        return call

    def _begin(self, channel: Channel, owned: OwnedNumber, phone: CallerPhone) -> None:
        if channel.over:
            return
        self.exchange.add(channel)
        self.exchange.notice(channel, Dialled(channel.to, channel.from_))
        channel.process = self.loop.spawn(
            self._run(channel, Ask("incoming", owned.voice_url, owned.voice_method))
        )
        phone.dialled(channel)

    def place_call(self, to: str, from_: str, first: Ask, callbacks: Callbacks, timeout: float = 60) -> Call:
        """An outgoing call, as REST asks for: rings `to` and runs the document once it is answered."""
        with self.loop.lock:
            call = Call()
            channel = Channel(
                call, telephone(self.exchange, to), from_, to, "outbound-api", callbacks=callbacks
            )
            self.calls.append(call)
            self.exchange.add(channel)
            channel.process = self.loop.spawn(self._run_outgoing(channel, first, timeout))
        return call

    def _run_outgoing(self, channel: Channel, first: Ask, timeout: float) -> Flow[None]:
        self.exchange.notice(channel, Dialled(channel.to, channel.from_))
        self.exchange.tell(channel, "initiated")
        if (yield from ring(self.exchange, channel, timeout)):
            yield from self._run(channel, first)

    def _run(self, channel: Channel, first: Ask) -> Flow[None]:
        end = yield from Execution(self.exchange, channel).run(first)
        if end == "failed":
            yield from self._say_application_error(channel)
        self.exchange.end(channel)

    def _say_application_error(self, channel: Channel) -> Flow[None]:
        self.exchange.answer(channel)
        said = Said(APPLICATION_ERROR, "en-US", "", speech_seconds(APPLICATION_ERROR))
        self.exchange.notice(channel, said)
        yield Sleep(said.seconds)

    def send_message(self, to: str, from_: str, body: str, status_callback: str = "") -> Message:
        """A text message, as REST asks for. It goes to `messages` and nowhere else; with a code in
        `message_errors` it ends undelivered (REST refuses it at once for codes below 30000)."""
        with self.loop.lock:
            message = Message(to, from_, body, self.now, status_callback=status_callback)
            self.messages.append(message)
            self.loop.spawn(deliver_message(self.exchange, message, self.message_errors.get(to)))
        return message

    def divert(self, channel: Channel, first: Ask) -> None:
        """REST puts a call on another document; a Dial under way is cut and its action told, unheeded."""
        with self.loop.lock:
            if channel.process is not None:
                channel.process.stop()
            if channel.leg is not None:
                leg = channel.leg
                self.exchange.end(leg)
                self.exchange.ask_dial_action(channel, leg)
            channel.process = self.loop.spawn(self._run(channel, first))

    def run(self, until: datetime | None = None) -> None:
        """Fast: everything that happens up to `until`, or until nothing is left to happen."""
        self.loop.run(until)
        while until is None and self.delivery.release_held():
            self.loop.run()

    def run_for(self, seconds: float) -> None:
        self.run(self.now + timedelta(seconds=seconds))

    def repeat(self, webhook: Webhook, times: int = 1, *, parallel: bool = False) -> list[Answer]:
        """Posts a webhook of the past again, as it was; the new answers."""
        before = len(webhook.answers)
        self.delivery.post(self.exchange.sender, webhook, [Duplicate(times - 1, parallel=parallel)])
        return webhook.answers[before:]

    # Live inputs

    def start(self) -> None:
        self.loop.start()

    def stop(self) -> None:
        self.loop.stop()

    def answer(self, number: str) -> None:
        """Picks up the telephone `number`, where it rings."""
        with self.loop.lock:
            channel = self.phones[number].channel
            if channel is not None:
                self.exchange.pick_up(channel)

    def press(self, who: Call | str, keys: str) -> None:
        """`who`: a call or its sid (the caller presses), or a telephone's number."""
        with self.loop.lock:
            channel = self._channel(who)
            if channel is not None:
                press_later(self.exchange, channel, keys, 0)

    def hang_up(self, who: Call | str) -> None:
        """As `press`. A telephone that still rings declines."""
        with self.loop.lock:
            channel = self._channel(who)
            if channel is None:
                return
            if isinstance(channel.party, Phone):
                channel.party.hang_up(channel)
            else:
                self.exchange.end(channel, by="caller")

    def transcript(self, call: Call) -> Transcript:
        """What happened so far, in order; prints as lines."""
        with self.loop.lock:
            return transcript(call)

    def snapshot(self, calls: int = 10) -> dict[str, Any]:
        """{"now", "calls", "phones", "errors"} as values for JSON; the newest `calls`, newest first."""
        with self.loop.lock:
            begun = [call for call in self.calls if call.channel.created_at is not None]
            return {
                "now": simulated_time(self.now),
                "calls": [call_snapshot(self.exchange, call.channel) for call in begun[: -calls - 1 : -1]],
                "phones": [phone_snapshot(self.exchange, phone) for phone in self.phones.values()],
                "errors": [str(WentWrong(error.code, error.message)) for error in self.errors],
            }

    def _channel(self, who: Call | str) -> Channel | None:
        if isinstance(who, Call):
            return who.channel
        if who in self.phones:
            return self.phones[who].channel
        return self.exchange.channels[who]
