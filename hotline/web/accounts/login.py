"""Logging in and out: the password, then the code."""

from __future__ import annotations

from flask import current_app, redirect, render_template, request, session, url_for
from flask_security.utils import logout_user
from werkzeug.wrappers import Response

from hotline.accounts.current import account_or_none, current_account, current_session, now, services
from hotline.accounts.logins import Wait, check_code, check_password, normal_email
from hotline.accounts.models import ROLES
from hotline.accounts.passwords import TooBusy
from hotline.accounts.security import authenticator, throttle
from hotline.accounts.sessions import end_session as end
from hotline.web.accounts import accounts
from hotline.web.accounts.answers import Page, busy, page, refused, waiting
from hotline.web.accounts.passkeys import login_options
from hotline.web.accounts.steps import enter, half_way, half_way_account, step, subjects, where_to


@accounts.route("/login", methods=["GET", "POST"])
def login() -> Page:
    if account_or_none() is not None:
        return redirect(where_to(), 303)
    if request.method == "GET":
        return _login_page()
    email = normal_email(request.form.get("email", ""))
    try:
        found = check_password(
            services().engine, throttle(), email, request.form.get("password", ""), subjects(email), now()
        )
    except TooBusy:
        return busy(_login_page(email=email, fault="busy"))
    if isinstance(found, Wait):
        return waiting(_login_page(email=email, wait=found.seconds), found)
    if found is None:
        return refused(_login_page(email=email, fault="wrong"))
    if not found.needs_code:
        return enter(found)
    half_way(found)
    return step("accounts.code" if found.totp else "accounts.enrol")


def _login_page(email: str = "", fault: str = "", wait: int = 0) -> str:
    return render_template(
        "accounts/login.html",
        email=email,
        fault=fault,
        wait=wait,
        passkey=login_options(),
        demos=ROLES if "demo.enter_as" in current_app.view_functions else (),
    )


@accounts.route("/login/code", methods=["GET", "POST"])
def code() -> Page:
    account = half_way_account()
    if account is None:
        return step("accounts.login")
    if account.totp is None:
        return step("accounts.enrol")
    if request.method == "GET":
        return page("accounts/code.html")
    given = request.form.get("code", "")
    good = check_code(services().engine, throttle(), authenticator(), account, given, now())
    if isinstance(good, Wait):
        return waiting(render_template("accounts/code.html", wait=good.seconds), good)
    if not good:
        return refused(render_template("accounts/code.html", fault="wrong"))
    return enter(account)


@accounts.post("/logout")
def logout() -> Response:
    with services().engine.begin() as connection:
        end(connection, current_account().id, current_session().key)
    logout_user()
    session.clear()
    return redirect(url_for("accounts.login"), 303)
