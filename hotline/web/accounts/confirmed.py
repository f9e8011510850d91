"""Before something grave is changed, whoever sits there proves again who it is."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from flask import redirect, render_template, request, url_for

from hotline.accounts.current import current_account, current_session, now, services
from hotline.accounts.logins import Wait, check_password
from hotline.accounts.passwords import TooBusy
from hotline.accounts.security import throttle
from hotline.accounts.sessions import confirm_session
from hotline.web.accounts import accounts
from hotline.web.accounts.answers import Page, busy, page, refused, waiting
from hotline.web.accounts.steps import subjects, where_to


def confirmed(view: Callable[..., Page]) -> Callable[..., Page]:
    """Asks for the password first, where it was not given in the last quarter of an hour."""

    @wraps(view)
    def ask_first(**values: str) -> Page:
        if current_session().is_confirmed(now()):
            return view(**values)
        back = request.full_path.rstrip("?") if request.method == "GET" else url_for("accounts.account")
        return redirect(url_for("accounts.confirm", next=back), 303)

    return ask_first


@accounts.route("/account/confirm", methods=["GET", "POST"])
def confirm() -> Page:
    if request.method == "GET":
        return page("accounts/confirm.html")
    account, password = current_account(), request.form.get("password", "")
    try:
        found = check_password(
            services().engine, throttle(), account.email, password, subjects(account.email), now()
        )
    except TooBusy:
        return busy(render_template("accounts/confirm.html", fault="busy"))
    if isinstance(found, Wait):
        return waiting(render_template("accounts/confirm.html", wait=found.seconds), found)
    if found is None:
        return refused(render_template("accounts/confirm.html", fault="wrong"))
    throttle().forgive(subjects(account.email))
    with services().engine.begin() as connection:
        confirm_session(connection, current_session().key, now())
    return redirect(where_to(), 303)
