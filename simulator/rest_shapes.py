"""The JSON of the provider's REST resources, property for property."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

from simulator.account import Message, OwnedNumber
from simulator.channels import Channel
from simulator.moments import masked
from simulator.parameters import API_VERSION

Json = dict[str, Any]


def call_shape(channel: Channel, account: str) -> Json:
    uri = f"/{API_VERSION}/Accounts/{account}/Calls/{channel.sid}"
    parts = ("notifications", "recordings", "payments", "events", "siprec", "streams", "transcriptions")
    return {
        "sid": channel.sid,
        "account_sid": account,
        "api_version": API_VERSION,
        "answered_by": None,
        "caller_name": None,
        "date_created": _date(channel.created_at),
        "date_updated": _date(channel.ended_at or channel.answered_at or channel.created_at),
        "direction": channel.direction,
        "duration": str(channel.seconds) if channel.over else None,
        "start_time": _date(channel.answered_at or channel.created_at),
        "end_time": _date(channel.ended_at),
        "forwarded_from": None,
        "from": channel.from_,
        "from_formatted": masked(channel.from_),
        "to": channel.to,
        "to_formatted": masked(channel.to),
        "group_sid": None,
        "parent_call_sid": channel.parent.sid if channel.parent else None,
        "phone_number_sid": None,
        "price": None,
        "price_unit": "EUR",
        "queue_time": "0",
        "status": channel.status,
        "trunk_sid": None,
        "uri": f"{uri}.json",
        "subresource_uris": {part: f"{uri}/{part.capitalize()}.json" for part in parts},
    }


def message_shape(message: Message, account: str) -> Json:
    uri = f"/{API_VERSION}/Accounts/{account}/Messages/{message.sid}"
    return {
        "sid": message.sid,
        "account_sid": account,
        "api_version": API_VERSION,
        "body": message.body,
        "num_segments": str(-(-len(message.body) // 153)),
        "num_media": "0",
        "direction": "outbound-api",
        "from": message.from_,
        "to": message.to,
        "date_created": _date(message.at),
        "date_updated": _date(message.at),
        "date_sent": _date(message.at) if message.status != "queued" else None,
        "price": None,
        "price_unit": "EUR",
        "error_code": message.error_code,
        "error_message": None,
        "messaging_service_sid": None,
        "status": message.status,
        "uri": f"{uri}.json",
        "subresource_uris": {"media": f"{uri}/Media.json"},
    }


def number_shape(owned: OwnedNumber, account: str, now: datetime) -> Json:
    absent = (
        "address_sid identity_sid sms_application_sid sms_fallback_url sms_url trunk_sid "
        "voice_application_sid emergency_address_sid bundle_sid"
    )
    return {
        "sid": owned.sid,
        "account_sid": account,
        "api_version": API_VERSION,
        "address_requirements": "none",
        "beta": False,
        "capabilities": {"voice": True, "sms": True, "mms": False, "fax": False},
        "date_created": _date(now),
        "date_updated": _date(now),
        "friendly_name": owned.friendly_name or owned.number,
        "phone_number": owned.number,
        "origin": "twilio",
        "sms_fallback_method": "POST",
        "sms_method": "POST",
        "status_callback": owned.status_callback,
        "status_callback_method": owned.status_callback_method,
        "voice_receive_mode": "voice",
        "voice_caller_id_lookup": False,
        "voice_fallback_method": owned.fallback_method,
        "voice_fallback_url": owned.fallback_url,
        "voice_method": owned.voice_method,
        "voice_url": owned.voice_url,
        "emergency_status": "Inactive",
        "emergency_address_status": "unregistered",
        "status": "in-use",
        "type": None,
        "uri": f"/{API_VERSION}/Accounts/{account}/IncomingPhoneNumbers/{owned.sid}.json",
        **dict.fromkeys(absent.split()),
    }


def page_shape(name: str, shapes: Sequence[Json], path: str, query: Mapping[str, str]) -> Json:
    """One page of `shapes`; `query` holds PageSize (50, at most 1000) and Page (from 0)."""
    size = min(1000, int(query.get("PageSize", "50")))
    page = int(query.get("Page", "0"))
    shown = shapes[page * size : (page + 1) * size]

    def uri(number: int) -> str:
        return f"{path}?{urlencode({**query, 'PageSize': size, 'Page': number})}"

    return {
        name: list(shown),
        "page": page,
        "page_size": size,
        "start": page * size,
        "end": page * size + max(0, len(shown) - 1),
        "uri": uri(page),
        "first_page_uri": uri(0),
        "next_page_uri": uri(page + 1) if len(shapes) > (page + 1) * size else None,
        "previous_page_uri": uri(page - 1) if page else None,
    }


def error_shape(status: int, code: int, message: str) -> Json:
    more = f"https://www.twilio.com/docs/errors/{code}"
    return {"code": code, "message": message, "more_info": more, "status": status}


def _date(at: datetime | None) -> str | None:
    return None if at is None else format_datetime(at)
