"""What all pages share: their frame, language, security headers and errors. Webhooks have none of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, abort, current_app, redirect, render_template, request
from flask_babel import Babel, get_locale
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from hotline.settings import Settings
from hotline.web.access import local_path
from hotline.web.assets import Assets, asset_url, assets

_HERE = Path(__file__).resolve().parent
_COOKIE = "language"
_A_YEAR = 31_536_000

#: The languages of the pages, each under its own name; the first is spoken where nothing is chosen.
LANGUAGES = {"nl": "Nederlands", "en": "English"}

_CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    # Not no-referrer: then a browser names no origin in a form's request, and we refuse it.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

shell = Blueprint("shell", __name__, template_folder="templates")


def install(app: Flask) -> None:
    """Gives the application the frame of its pages."""
    Babel(  # type: ignore[no-untyped-call]
        app,
        default_locale=next(iter(LANGUAGES)),
        default_translation_directories=str(_HERE / "translations"),
        locale_selector=chosen_language,
    )
    app.extensions["assets"] = Assets()
    app.extensions["assets"].add(_HERE / "static")
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.register_blueprint(assets)
    app.register_blueprint(shell)
    app.context_processor(_for_templates)
    app.after_request(_secure)
    app.register_error_handler(HTTPException, _error_page)


def chosen_language() -> str:
    """The language chosen before, or the first the browser asks for that we speak, or the first of ours."""
    chosen = request.cookies.get(_COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    for tag, quality in request.accept_languages:
        spoken = tag.lower().partition("-")[0]
        if spoken in LANGUAGES and quality > 0:
            return spoken
    return next(iter(LANGUAGES))


@shell.get("/language/<code>")
def choose_language(code: str) -> AnyResponse:
    if code not in LANGUAGES:
        abort(404)
    response = redirect(local_path(request.args.get("next", "")), 303)
    response.set_cookie(
        _COOKIE,
        code,
        max_age=_A_YEAR,
        httponly=True,
        samesite="Lax",
        secure=_is_https(),
    )
    return response


def _settings() -> Settings:
    found: Settings = current_app.extensions["hotline"].settings
    return found


def _is_https() -> bool:
    return _settings().public_url.startswith("https:")


def _for_templates() -> dict[str, Any]:
    language = str(get_locale())
    return {
        "asset": asset_url,
        "practice": _settings().practice,
        "language": language,
        "other_languages": {code: name for code, name in LANGUAGES.items() if code != language},
        "this_page": request.full_path.rstrip("?") if request.method == "GET" else "/",
    }


def _is_webhook() -> bool:
    return request.path.startswith("/voice/")


def _secure(response: Response) -> Response:
    if _is_webhook():
        return response
    response.headers.extend({name: text for name, text in _HEADERS.items() if name not in response.headers})
    response.headers.setdefault("Cache-Control", "no-store")
    if _is_https():
        response.headers["Strict-Transport-Security"] = f"max-age={_A_YEAR}"
    if response.mimetype == "text/html":
        response.vary.update(("Accept-Language", "Cookie"))
    return response


def _error_page(error: HTTPException) -> HTTPException | tuple[str, int]:
    if _is_webhook() or error.code is None or error.code < 400:
        return error
    return render_template("error.html", code=error.code), error.code
