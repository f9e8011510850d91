"""The provider's REST API as far as the helpdesk uses it: calls, messages, numbers; with faults on demand."""

from __future__ import annotations

import hmac
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from flask import Flask, Response, jsonify, request

from simulator import rest_shapes
from simulator.account import OwnedNumber
from simulator.channels import Callbacks, Channel
from simulator.network import Network
from simulator.parameters import API_VERSION
from simulator.rest_requests import Refused, configure, first_document, fits, number_in, url_in
from simulator.rest_shapes import Json

_EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})


@dataclass(slots=True)
class RestFault:
    """The next `times` requests whose "METHOD path" holds `on` go wrong. `performed`: what was asked is done
    all the same. "no answer": the connection stays open without a word. `met` are those it happened to."""

    fault: Literal[429, 500, 503, "no answer", "malformed"]
    on: str = ""
    times: int = 1
    performed: bool = False
    met: list[RestRequest] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RestRequest:
    method: str
    path: str
    form: dict[str, list[str]]
    query: dict[str, list[str]]


@dataclass(slots=True, eq=False)
class Rest:
    """`app` is the WSGI app; serve it on loopback. `requests` are all that came in, refused ones too."""

    network: Network
    faults: list[RestFault] = field(default_factory=list)
    requests: list[RestRequest] = field(default_factory=list)
    app: Flask = field(init=False)
    _closing: threading.Event = field(default_factory=threading.Event)
    _counting: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.app = Flask(__name__)
        self.app.before_request(self._enter)
        self.app.register_error_handler(Refused, _refusal)
        self.app.register_error_handler(404, lambda _: _refusal(Refused(404, 20404, "not found")))
        account = f"/{API_VERSION}/Accounts/{self.network.account_sid}"
        for method, path, view in (
            ("GET", "/Calls.json", self.list_calls),
            ("POST", "/Calls.json", self.create_call),
            ("GET", "/Calls/<sid>.json", self.fetch_call),
            ("POST", "/Calls/<sid>.json", self.update_call),
            ("GET", "/Messages.json", self.list_messages),
            ("POST", "/Messages.json", self.create_message),
            ("GET", "/IncomingPhoneNumbers.json", self.list_numbers),
            ("POST", "/IncomingPhoneNumbers.json", self.create_number),
            ("GET", "/IncomingPhoneNumbers/<sid>.json", self.fetch_number),
            ("POST", "/IncomingPhoneNumbers/<sid>.json", self.update_number),
        ):
            self.app.add_url_rule(account + path, view.__name__, self._guarded(view), methods=[method])

    def close(self) -> None:
        """Lets go the requests that get no answer."""
        self._closing.set()

    def _enter(self) -> None:
        self.requests.append(_this_request())
        credentials = request.authorization
        if credentials is None or not self._knows(credentials.username or "", credentials.password or ""):
            raise Refused(401, 20003, "Authenticate")

    def _knows(self, user: str, password: str) -> bool:
        if user == self.network.account_sid:
            return any(hmac.compare_digest(password, token) for token in self.network.auth_tokens)
        return user in self.network.api_keys and hmac.compare_digest(password, self.network.api_keys[user])

    def _guarded(self, view: Callable[..., tuple[Json, int]]) -> Callable[..., Response]:
        def guarded(**path: str) -> Response:
            fault = self._next_fault()
            if fault is not None and not fault.performed:
                return self._fail(fault)
            with self.network.loop.lock:
                shape, status = view(**path)
            if fault is not None:
                return self._fail(fault)
            response = jsonify(shape)
            response.status_code = status
            return response

        return guarded

    def _next_fault(self) -> RestFault | None:
        with self._counting:
            for fault in self.faults:
                if fault.times > 0 and fault.on in f"{request.method} {request.path}":
                    fault.times -= 1
                    fault.met.append(_this_request())
                    return fault
        return None

    def _fail(self, fault: RestFault) -> Response:
        match fault.fault:
            case "no answer":
                self._closing.wait()
                return Response(status=500)
            case "malformed":
                return Response('{"sid": "CA', 200, content_type="application/json")
            case 429:
                return _refusal(Refused(429, 20429, "Too Many Requests"))
            case status:
                return _refusal(Refused(status, 20500, "Internal Server Error"))

    # Calls

    def list_calls(self) -> tuple[Json, int]:
        channels = [channel for channel in self.network.exchange.channels.values() if fits(channel)]
        shapes = [rest_shapes.call_shape(channel, self.network.account_sid) for channel in reversed(channels)]
        return rest_shapes.page_shape("calls", shapes, request.path, request.args), 200

    def create_call(self) -> tuple[Json, int]:
        form = request.form
        to, from_ = number_in(form, "To", 21211), number_in(form, "From", 21210)
        if from_ not in self.network.numbers:
            raise Refused(400, 21210, "From is not a number of this account")
        events = frozenset(form.getlist("StatusCallbackEvent")) or frozenset({"completed"})
        if not events <= _EVENTS:
            raise Refused(400, 21626, "StatusCallbackEvent")
        callbacks = Callbacks(url_in(form, "StatusCallback", 21609), "call-status", events=events)
        first = first_document(form)
        call = self.network.place_call(to, from_, first, callbacks, float(form.get("Timeout", "60")))
        call.fallback = url_in(form, "FallbackUrl", 21205)
        return rest_shapes.call_shape(call.channel, self.network.account_sid), 201

    def fetch_call(self, sid: str) -> tuple[Json, int]:
        return rest_shapes.call_shape(self._channel(sid), self.network.account_sid), 200

    def update_call(self, sid: str) -> tuple[Json, int]:
        channel, form = self._channel(sid), request.form
        if channel.over:
            raise Refused(400, 21220, "the call is over")
        match form.get("Status"):
            case None:
                self.network.divert(channel, first_document(form))
            case "completed":
                self.network.exchange.end(channel, None if channel.answered_at else "canceled")
            case "canceled" if channel.answered_at is None:
                self.network.exchange.end(channel, "canceled")
            case _:
                raise Refused(400, 21220, "only completed, or canceled before the answer")
        return rest_shapes.call_shape(channel, self.network.account_sid), 200

    def _channel(self, sid: str) -> Channel:
        try:
            return self.network.exchange.channels[sid]
        except KeyError:
            raise Refused(404, 20404, f"no call {sid}") from None

    # Messages

    def list_messages(self) -> tuple[Json, int]:
        account, to, from_ = self.network.account_sid, request.args.get("To"), request.args.get("From")
        shapes = [
            rest_shapes.message_shape(message, account)
            for message in reversed(self.network.messages)
            if to in (None, message.to) and from_ in (None, message.from_)
        ]
        return rest_shapes.page_shape("messages", shapes, request.path, request.args), 200

    def create_message(self) -> tuple[Json, int]:
        form = request.form
        to, from_, body = number_in(form, "To", 21211), form.get("From", ""), form.get("Body", "")
        if from_ not in self.network.numbers and not form.get("MessagingServiceSid"):
            raise Refused(400, 21606, "From is not a number of this account")
        if not body:
            raise Refused(400, 21602, "Body is missing")
        error = self.network.message_errors.get(to)
        if error is not None and error < 30000:
            raise Refused(400, error, "the message is refused")
        message = self.network.send_message(to, from_, body, url_in(form, "StatusCallback", 21609))
        return rest_shapes.message_shape(message, self.network.account_sid), 201

    # Numbers

    def list_numbers(self) -> tuple[Json, int]:
        wanted = request.args.get("PhoneNumber", "")
        shapes = [self._shape(owned) for owned in self.network.numbers.values() if wanted in owned.number]
        return rest_shapes.page_shape("incoming_phone_numbers", shapes, request.path, request.args), 200

    def create_number(self) -> tuple[Json, int]:
        owned = self.network.add_number(number_in(request.form, "PhoneNumber", 21421), "")
        configure(owned, request.form)
        return self._shape(owned), 201

    def fetch_number(self, sid: str) -> tuple[Json, int]:
        return self._shape(self._number(sid)), 200

    def update_number(self, sid: str) -> tuple[Json, int]:
        owned = self._number(sid)
        configure(owned, request.form)
        return self._shape(owned), 200

    def _number(self, sid: str) -> OwnedNumber:
        for owned in self.network.numbers.values():
            if owned.sid == sid:
                return owned
        raise Refused(404, 20404, f"no number {sid}")

    def _shape(self, owned: OwnedNumber) -> Json:
        return rest_shapes.number_shape(owned, self.network.account_sid, self.network.now)


def _this_request() -> RestRequest:
    form, query = request.form.to_dict(flat=False), request.args.to_dict(flat=False)
    return RestRequest(request.method, request.path, form, query)


def _refusal(error: Refused) -> Response:
    response = jsonify(rest_shapes.error_shape(error.status, error.code, str(error)))
    response.status_code = error.status
    return response
