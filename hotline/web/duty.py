"""The provider's webhooks of calls we make to advisors: check-ins, phone checks. Nothing is decided here."""

from __future__ import annotations

from flask import Blueprint, Response, request

from hotline.telephony.duty_script import dialled_number
from hotline.telephony.requests import call_id
from hotline.web.voice import answered, check_signature, now, services

duty = Blueprint("duty", __name__, url_prefix="/voice")
duty.before_request(check_signature)


@duty.post("/checkin")
def checkin() -> Response:
    hotline = services()
    return answered(lambda: hotline.duty_answering.checkin_answered(request.args), leg=True)


@duty.post("/checkin/key")
def checkin_key() -> Response:
    hotline = services()
    return answered(
        lambda: hotline.duty_answering.checkin_pressed(_call(), _number(), _keys(), request.args, now()),
        leg=True,
    )


@duty.post("/phone-check")
def phone_check() -> Response:
    hotline = services()
    return answered(lambda: hotline.duty_answering.phone_answered(request.args), leg=True)


@duty.post("/phone-check/key")
def phone_check_key() -> Response:
    hotline = services()
    return answered(
        lambda: hotline.duty_answering.phone_pressed(_call(), _number(), _keys(), request.args, now()),
        leg=True,
    )


def _call() -> str:
    return call_id(request.form.get("CallSid", ""), request.form)


def _number() -> str:
    return dialled_number(request.form)


def _keys() -> str:
    return request.form.get("Digits", "").strip()[:40]
