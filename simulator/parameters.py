"""The form fields of a webhook: the standard set with all the noise the provider sends along."""

from __future__ import annotations

from datetime import datetime
from email.utils import format_datetime

from simulator.channels import Channel
from simulator.webhooks import Parameters

API_VERSION = "2010-04-01"
# Guesses about places, in letters that try the signature; and a name nobody documented, as happens.
_PLACES = {"City": "’s-Gravenhage", "State": "", "Zip": "", "Country": "NL"}
_UNDOCUMENTED = {"StirVerstat": "No-TN-Validation", "NetworkNote": "café & co = 5 €"}


def standard(channel: Channel, account_sid: str) -> dict[str, str]:
    fields = {
        "AccountSid": account_sid,
        "ApiVersion": API_VERSION,
        "CallSid": channel.sid,
        "CallStatus": channel.status,
        "Direction": channel.direction,
        "To": channel.to,
        "Called": channel.to,
    }
    if channel.from_ is not None:
        fields |= {"From": channel.from_, "Caller": channel.from_}
    if channel.parent is not None:
        fields["ParentCallSid"] = channel.parent.sid
    for side in ("From", "To", "Caller", "Called"):
        fields |= {side + name: value for name, value in _PLACES.items()}
    return fields | _UNDOCUMENTED


def progress(channel: Channel, at: datetime, sequence: int) -> dict[str, str]:
    """What a callback about a channel adds. `at` is the call's own time."""
    fields = {
        "Timestamp": format_datetime(at, usegmt=False),
        "SequenceNumber": str(sequence),
        "CallbackSource": "call-progress-events",
    }
    return fields | (durations(channel) if channel.over else {})


def durations(channel: Channel) -> dict[str, str]:
    # The provider's second field counts begun minutes.
    return {"CallDuration": str(channel.seconds), "Duration": str(-(-channel.seconds // 60))}


def dial_result(leg: Channel) -> dict[str, str]:
    """What the action of a Dial is told."""
    bridged = leg.bridged_at is not None
    fields = {
        "DialCallStatus": leg.status,
        "DialBridged": "true" if bridged else "false",
        "DialCallSid": leg.sid,
    }
    return fields if leg.answered_at is None else fields | {"DialCallDuration": str(leg.seconds)}


def form(*groups: dict[str, str]) -> Parameters:
    merged: dict[str, str] = {}
    for group in groups:
        merged |= group
    return tuple(merged.items())
