"""What the account owns: its numbers with their settings, and the text messages it asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from simulator.clock import Flow, Sleep
from simulator.exchange import Exchange
from simulator.parameters import API_VERSION
from simulator.webhooks import Webhook


@dataclass(slots=True)
class OwnedNumber:
    """`fallback`: a URL, or a TwiML document that the provider keeps for us."""

    number: str
    voice_url: str
    voice_method: str = "POST"
    status_callback: str = ""
    status_callback_method: str = "POST"
    fallback: str = ""
    fallback_method: str = "POST"
    friendly_name: str = ""
    sid: str = field(default_factory=lambda: f"PN{uuid4().hex}")

    @property
    def fallback_url(self) -> str:
        """The URL of the fallback; of a kept document, the one the provider would show for it."""
        kept = self.fallback.lstrip().startswith("<")
        return f"https://handler.twilio.com/twiml/EH{self.sid[2:]}" if kept else self.fallback


@dataclass(slots=True)
class Message:
    """Sent nowhere. `at` is the network's time, `status` as the provider tells it."""

    to: str
    from_: str
    body: str
    at: datetime
    status: str = "queued"
    status_callback: str = ""
    error_code: int | None = None
    sid: str = field(default_factory=lambda: f"SM{uuid4().hex}")


def deliver_message(exchange: Exchange, message: Message, error_code: int | None) -> Flow[None]:
    """Moves a message on to its end, with its callbacks. `error_code`: it cannot be delivered."""
    for status in ("sent", "delivered" if error_code is None else "undelivered"):
        yield Sleep(1)
        message.status = status
        message.error_code = error_code if status == "undelivered" else None
        if message.status_callback:
            exchange.send_callback(_callback(exchange, message))


def _callback(exchange: Exchange, message: Message) -> Webhook:
    fields = {
        "AccountSid": exchange.account_sid,
        "ApiVersion": API_VERSION,
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "MessageStatus": message.status,
        "SmsStatus": message.status,
        "From": message.from_,
        "To": message.to,
    }
    if message.error_code is not None:
        fields["ErrorCode"] = str(message.error_code)
    url = message.status_callback
    webhook = Webhook(
        "message-status", "POST", url, tuple(fields.items()), "", str(uuid4()), exchange.loop.now
    )
    exchange.webhooks.append(webhook)
    return webhook
