"""The switchboard: every change of a channel's state, who is told of it, and which webhooks it causes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import uuid4

from simulator import parameters
from simulator.channels import Callbacks, Channel, Telephone
from simulator.clock import Fetch, Flow, Loop, Sleep
from simulator.delivery import Delivery, Rule
from simulator.moments import (
    Answered,
    Bridged,
    Ended,
    Entry,
    Moment,
    Parted,
    Played,
    Posted,
    Pressed,
    RingBegan,
    RingEnded,
    Said,
    WentWrong,
    WrongUse,
)
from simulator.webhooks import Answer, Sender, Webhook

LONGEST_SILENCE = 3.0


@dataclass(frozen=True, slots=True)
class Habits:
    """What no public source settles about the provider, or what differs by account; a story can choose.

    `failed_screening`: what becomes of a leg whose document cannot be had. `declined_screening`: the status
    of one that was answered and not joined. `dial_bridged`: how that parameter is spelled, if it is sent.
    """

    action_after_caller_left: bool = False
    declined_screening: Literal["completed", "no-answer"] = "completed"
    dial_bridged: Literal["true", "True", "absent"] = "true"
    abandoned_leg: Literal["no-answer", "canceled"] = "no-answer"
    failed_screening: Literal["drop", "bridge"] = "drop"
    connect_seconds: float = 1.0
    webhook_seconds: float = 0.1


@dataclass(frozen=True, slots=True)
class PickedUp:
    pass


@dataclass(frozen=True, slots=True)
class LegBridged:
    leg: Channel


@dataclass(frozen=True, slots=True)
class LegOver:
    leg: Channel


@dataclass(slots=True, eq=False)
class Exchange:
    """State shared by all calls. Every method expects the loop's lock to be held."""

    loop: Loop
    account_sid: str
    sender: Sender
    delivery: Delivery = field(default_factory=Delivery)
    habits: Habits = field(default_factory=Habits)
    channels: dict[str, Channel] = field(default_factory=dict)
    webhooks: list[Webhook] = field(default_factory=list)
    errors: list[WrongUse] = field(default_factory=list)
    audio: dict[str, bytes | int] = field(default_factory=dict)
    numbers: Collection[str] = ()
    phones: Mapping[str, Telephone] = field(default_factory=dict)

    def add(self, channel: Channel) -> None:
        channel.created_at = self.time(channel)
        if channel not in channel.call.channels:
            channel.call.channels.append(channel)
        self.channels[channel.sid] = channel

    def time(self, channel: Channel) -> datetime:
        """The call's own clock."""
        return self.loop.now + channel.call.offset

    # What happens

    def notice(self, channel: Channel, moment: Moment) -> None:
        channel.call.entries.append(Entry(self.time(channel), channel.party.name, moment))
        if isinstance(moment, Said | Played | Bridged | RingBegan):
            self._end_silence(channel)
        channel.party.notice(channel, moment)

    def _end_silence(self, channel: Channel) -> None:
        if channel.sounded:
            return
        channel.sounded = True
        if channel.answered_at is None:
            return
        silence = (self.time(channel) - channel.answered_at).total_seconds()
        if silence > LONGEST_SILENCE:
            self.wrong(channel, 0, f"{silence:.0f} seconds of silence before the first sound")

    def wrong(self, channel: Channel, code: int, message: str, url: str = "") -> None:
        self.errors.append(WrongUse(self.time(channel), code, message, url, channel.sid))
        self.notice(channel, WentWrong(code, message))

    def answer(self, channel: Channel) -> None:
        if channel.answered_at is None:
            channel.status, channel.answered_at = "in-progress", self.time(channel)
            self.notice(channel, Answered())
            self.tell(channel, "answered")

    def press(self, channel: Channel, key: str) -> None:
        if channel.answered_at is None or channel.over:
            return
        self.notice(channel, Pressed(key))
        if channel.process is not None:
            channel.process.send(Pressed(key))

    def pick_up(self, leg: Channel) -> None:
        if leg.status == "ringing" and leg.process is not None:
            leg.process.send(PickedUp())

    def bridge(self, leg: Channel) -> None:
        parent = leg.parent
        assert parent is not None
        leg.bridged_at = self.time(leg)
        self.answer(parent)
        self.notice(parent, Bridged(leg.to))
        self.notice(leg, Bridged(""))
        if parent.process is not None:
            parent.process.send(LegBridged(leg))

    def end(self, channel: Channel, status: str | None = None, *, by: str = "network") -> None:
        """Ends a channel and what hangs on it. `status` None: completed where it was answered, else
        no-answer. A channel that is over stays as it is."""
        if channel.over:
            return
        channel.status = status or ("completed" if channel.answered_at else "no-answer")
        channel.ended_at = self.time(channel)
        if channel.process is not None:
            channel.process.stop()
        if channel.leg is not None:
            self._abandon(channel, channel.leg)
        if by == "network" and not channel.sounded and channel.answered_at and not channel.parent:
            self.wrong(channel, 0, "the call ended without a sound")
        self.notice(channel, Ended(channel.status, by))
        if channel.parent is not None:
            self._leave_parent(channel, channel.parent)
        self.tell(channel, "completed")

    def _abandon(self, channel: Channel, leg: Channel) -> None:
        """The caller is gone: the leg ends with it."""
        self.end(leg, None if leg.answered_at else self.habits.abandoned_leg)
        if self.habits.action_after_caller_left:
            self.ask_dial_action(channel, leg)

    def ask_dial_action(self, channel: Channel, leg: Channel) -> None:
        """Tells the action of a Dial that was cut short; nothing is done with the answer."""
        if channel.dial_action is not None:
            told = self.webhook(channel, "dial", *channel.dial_action, self.dial_result(leg))
            self.send_callback(told, channel)

    def dial_result(self, leg: Channel | None) -> dict[str, str]:
        """What the action of a Dial is told; `leg` None: not even tried."""
        fields = {"DialCallStatus": "failed", "DialBridged": "false"}
        if leg is not None:
            fields = parameters.dial_result(leg)
        if leg is not None and leg.answered_at is not None and leg.bridged_at is None:
            fields["DialCallStatus"] = self.habits.declined_screening
        if self.habits.dial_bridged == "absent":
            del fields["DialBridged"]
        elif self.habits.dial_bridged == "True":
            fields["DialBridged"] = fields["DialBridged"].capitalize()
        return fields

    def _leave_parent(self, leg: Channel, parent: Channel) -> None:
        self.notice(parent, RingEnded(leg.to, leg.status, leg.bridged_at is not None))
        parent.leg = None
        if parent.over:
            return
        if leg.bridged_at is not None:
            self.notice(parent, Parted())
        if parent.process is not None:
            parent.process.send(LegOver(leg))

    # What is asked and told

    def webhook(self, channel: Channel, kind: str, method: str, url: str, extra: dict[str, str]) -> Webhook:
        fields = parameters.form(parameters.standard(channel, self.account_sid), extra)
        webhook = Webhook(kind, method, url, fields, channel.sid, str(uuid4()), self.time(channel))
        self.webhooks.append(webhook)
        return webhook

    def ask(self, channel: Channel, webhook: Webhook) -> Flow[Answer]:
        """Posts a request the channel waits for; comes back with its answer, after its (virtual) time."""
        rules = self.delivery.rules_for(webhook)
        if delay := self.delivery.delay(rules):
            yield Sleep(delay)
        answer: Answer = yield Fetch(lambda: self.delivery.deliver(self.sender, webhook, rules))
        yield Sleep(answer.seconds + (0.0 if self.loop.live else self.habits.webhook_seconds))
        return answer

    def tell(self, channel: Channel, event: str) -> None:
        """Queues the callback for `event`, where one is wanted."""
        callbacks = channel.callbacks
        if callbacks is None or not callbacks.url or event not in callbacks.events:
            return
        webhook = self._callback(channel, callbacks)
        callbacks.sequence += 1
        self.send_callback(webhook, channel)

    def _callback(self, channel: Channel, callbacks: Callbacks) -> Webhook:
        extra = parameters.progress(channel, self.time(channel), callbacks.sequence)
        if channel.status == "queued":
            extra["CallStatus"] = "initiated"
        if callbacks.kind == "call-status" and channel.direction == "inbound":
            extra = parameters.durations(channel)
        return self.webhook(channel, callbacks.kind, callbacks.method, callbacks.url, extra)

    def send_callback(self, webhook: Webhook, channel: Channel | None = None) -> None:
        rules = self.delivery.rules_for(webhook)

        def release() -> None:
            self.loop.after(self.delivery.delay(rules), lambda: self._spawn(webhook, channel, rules))

        if not self.delivery.hold(rules, webhook, release):
            release()

    def _post(self, webhook: Webhook, channel: Channel | None, rules: list[Rule]) -> Flow[None]:
        answer: Answer = yield Fetch(lambda: self.delivery.deliver(self.sender, webhook, rules))
        if channel is not None:
            self.log_webhook(channel, webhook, answer, "")

    def log_webhook(self, channel: Channel, webhook: Webhook, answer: Answer, content: str) -> None:
        outcome = answer.error or f"{answer.status} {content}".strip()
        path = webhook.address.partition("//")[2].partition("/")[2]
        posted = Posted(webhook.kind, webhook.method, "/" + path, outcome)
        channel.call.entries.append(Entry(self.time(channel), channel.party.name, posted))

    def _spawn(self, webhook: Webhook, channel: Channel | None, rules: list[Rule]) -> None:
        self.loop.spawn(self._post(webhook, channel, rules))
