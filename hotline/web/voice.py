"""The provider's webhooks: checked, read, handed to the use case, answered. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, abort, current_app, request, send_file
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BaseConverter

from hotline import logs, metrics
from hotline.calls.answering import emergency
from hotline.services import Services
from hotline.telephony import twiml
from hotline.telephony.positions import STAGES
from hotline.telephony.requests import call_id, caller_request, progress, ring_result

log = logs.get_logger(__name__)

voice = Blueprint("voice", __name__, url_prefix="/voice")

MAX_BODY = 64 * 1024
_FORM = "application/x-www-form-urlencoded"


class QuestionConverter(BaseConverter):
    """The stages at which a caller presses keys."""

    regex = "|".join(stage for stage in STAGES if stage not in ("arrival", "ring"))


@voice.record_once
def _add_converter(state: Any) -> None:
    state.app.url_map.converters.setdefault("question", QuestionConverter)


def services() -> Services:
    found: Services = current_app.extensions["hotline"].services
    return found


@voice.before_request
def check_signature() -> None:
    """Refuses what the provider did not sign, before anything else is read. It leaves a count and no more."""
    if request.endpoint == "voice.recording":
        return
    request.max_content_length = MAX_BODY
    request.max_form_parts = None
    signature = request.headers.get("X-Twilio-Signature", "")
    # Anything but a plain form is refused unread: a body of several parts would be unpacked first.
    if request.mimetype != _FORM or not _is_signed(signature):
        metrics.webhooks_refused.inc()
        abort(403)


def _is_signed(signature: str) -> bool:
    return bool(signature) and services().signatures.accepts(_target(), request.form, signature)


def _target() -> str:
    query = request.environ.get("QUERY_STRING", "")
    path = request.environ.get("REQUEST_URI", request.path).partition("?")[0]
    return f"{path}?{query}" if query else path


@voice.post("/incoming")
def incoming() -> Response:
    hotline = services()
    return answered(lambda: hotline.answering.arrived(caller_request(request.form), now()))


@voice.post("/<question:stage>")
def question(stage: str) -> Response:
    hotline = services()
    return answered(
        lambda: hotline.answering.answered(STAGES[stage], caller_request(request.form), request.args, now())
    )


@voice.post("/ring")
def ring() -> Response:
    hotline = services()
    return answered(
        lambda: hotline.answering.rang(
            caller_request(request.form), ring_result(request.form), request.args, now()
        )
    )


@voice.post("/screen")
def screen() -> Response:
    hotline = services()
    return answered(lambda: hotline.answering.screening(_parent(), request.args, now()), leg=True)


@voice.post("/screen/key")
def screen_key() -> Response:
    hotline = services()
    keys = request.form.get("Digits", "")
    return answered(lambda: hotline.answering.screened(_parent(), keys, request.args, now()), leg=True)


@voice.post("/leg")
def leg() -> Response:
    hotline = services()
    return _noted(
        lambda: hotline.answering.leg_progressed(_parent(), progress(request.form), request.args, now())
    )


@voice.post("/status")
def status() -> Response:
    hotline = services()
    return _noted(lambda: hotline.answering.ended(progress(request.form), now()))


@voice.get("/audio/<language>/<name>.mp3")
def recording(language: str, name: str) -> Response:
    tongue = services().script.prompts.tongues.get(language)
    file = tongue.recordings.get(name) if tongue else None
    if file is None:
        abort(404)
    return send_file(file, mimetype="audio/mpeg", max_age=86_400)


def _parent() -> str:
    """The caller's call: a request about an advisor's leg carries it in the URL we gave out."""
    return call_id(request.args.get("call") or request.form.get("ParentCallSid", ""), request.form)


def now() -> datetime:
    return services().clock.now(request.headers)


def answered(answer: Callable[[], str], leg: bool = False) -> Response:
    """The document, or spoken advice where our own code fails; a leg to an advisor is hung up then."""
    try:
        document = answer()
    except HTTPException:
        raise
    except Exception:  # the caller must hear something, whatever we did wrong
        metrics.answers_failed.inc()
        log.exception("a webhook was answered with spoken advice only", path=request.path)
        document = emergency(services().script, leg)
    return Response(document, mimetype="text/xml")


def _noted(note: Callable[[], None]) -> Response:
    try:
        note()
    except Exception:
        metrics.answers_failed.inc()
        log.exception("a callback could not be noted", path=request.path)
    return Response(twiml.EMPTY, mimetype="text/xml")
