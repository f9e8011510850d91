"""How the account pages answer: with the status that fits, and the form as it was filled in."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, render_template
from werkzeug.wrappers import Response as AnyResponse

from hotline import metrics
from hotline.accounts.logins import Wait

Page = str | AnyResponse


def page(template: str, status: int = 200, **values: Any) -> Response:
    return make_response(render_template(template, **values), status)


def refused(body: str) -> Response:
    """What was filled in cannot be used; the page says what."""
    metrics.logins.labels("refused").inc()
    return make_response(body, 422)


def waiting(body: str, wait: Wait) -> Response:
    """There were too many attempts."""
    metrics.logins.labels("told to wait").inc()
    response = make_response(body, 429)
    response.headers["Retry-After"] = str(wait.seconds)
    return response


def busy(body: str) -> Response:
    """Too many others are logging in at this moment."""
    metrics.logins.labels("busy").inc()
    response = make_response(body, 503)
    response.headers["Retry-After"] = "2"
    return response
