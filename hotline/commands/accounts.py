"""`flask accounts`: who can log in. Links are secrets: whoever has one can take the account."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy import Engine, RowMapping, func, select
from sqlalchemy.exc import SQLAlchemyError

from hotline.accounts import invitations
from hotline.accounts.invitations import AlreadyThere, Invitation
from hotline.accounts.letters import send_invitation
from hotline.accounts.logins import find_account, normal_email
from hotline.accounts.models import DEMO_DOMAIN, ROLES, Account, Role
from hotline.commands.common import fail, instant, json_option, print_json, roster_or_fail, settings
from hotline.services import make_mail
from hotline.storage import schema, tables
from hotline.storage.engine import make_engine, reading

accounts = AppGroup("accounts", help="Who can log in.")

_role = click.Choice(ROLES)


@accounts.command("invite")
@click.argument("email")
@click.option("--role", type=_role, required=True)
@click.option("--person", metavar="ID", help="Who of the roster this is.")
@click.option("--name", default="", help="Can be changed by whoever accepts.")
@click.option("--language", type=click.Choice(["nl", "en"]), default="nl", show_default=True)
def invite(email: str, role: Role, person: str | None, name: str, language: str) -> None:
    """Make an account for EMAIL and print the link with which its owner takes it, once, within 7 days."""
    address = _email(email)
    if person is not None:
        people = roster_or_fail().people
        if person not in people:
            raise click.UsageError(
                f"There is no person {person!r} in the roster; there are: {', '.join(people)}."
            )
        name = name or people[person].name
    with _database() as engine:
        try:
            with engine.begin() as connection:
                made = invitations.invite(
                    connection, address, role, _now(), person=person, name=name, language=language
                )
        except AlreadyThere:
            fail(f"{address} has an account. For a new link, without the old password: flask accounts reset")
    _hand_out(made)


@accounts.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List the accounts."""
    with _database() as engine, reading(engine) as connection:
        sessions = select(func.count()).where(tables.account_sessions.c.account == tables.accounts.c.id)
        query = select(tables.accounts, sessions.scalar_subquery().label("sessions"))
        rows = connection.execute(query.order_by(tables.accounts.c.email)).mappings().all()
    found = [_shown(row) for row in rows]
    if as_json:
        print_json(found)
        return
    for row in found:
        person = f", is {row['person']}" if row["person"] else ""
        click.echo(f"{row['email']}  {row['role']}, {row['state']}{person}  {row['name']}")


def _shown(row: RowMapping) -> dict[str, Any]:
    return {
        "email": row["email"],
        "name": row["name"],
        "role": row["role"],
        "person": row["person"],
        "language": row["language"],
        "state": _state(row),
        "second_factor": row["totp"] is not None,
        "sessions": row["sessions"],
        "last_login": instant(row["logged_in_at"]),
    }


def _state(row: RowMapping) -> str:
    if not row["active"]:
        return "disabled"
    if row["email"].endswith(DEMO_DOMAIN):
        return "demo"
    return "invited" if row["password"] is None else "active"


@accounts.command("disable")
@click.argument("email")
def disable(email: str) -> None:
    """End all sessions of EMAIL and let nobody in with it again, until it is invited anew."""
    with _database() as engine:
        account = _account(engine, email)
        with engine.begin() as connection:
            invitations.disable(connection, account.id)
    click.echo(f"{account.email} is disabled, and logged out everywhere.")


@accounts.command("reset")
@click.argument("email")
@click.option("--role", type=_role, help="Give the account another role as well.")
def reset(email: str, role: Role | None) -> None:
    """End all sessions of EMAIL, remove its password, codes and passkeys, and print a new link."""
    with _database() as engine:
        account = _account(engine, email)
        if not account.active:
            fail(f"{account.email} is disabled: flask accounts invite")
        with engine.begin() as connection:
            made = invitations.reset(connection, account.id, _now(), role)
    _hand_out(made)


def _hand_out(made: Invitation) -> None:
    link = made.link(settings().public_url)
    click.echo(link)
    sent = send_invitation(make_mail(settings()), made, settings().public_url, _now())
    how = "It was mailed." if sent else "Pass it on by a way that only its owner reads."
    click.echo(f"It works once, until {instant(made.expires_at)}, for {made.email}. {how}", err=True)


def _account(engine: Engine, email: str) -> Account:
    account = find_account(engine, email)
    if account is None:
        fail(f"There is no account {normal_email(email)}.")
    return account


def _email(text: str) -> str:
    address = normal_email(text)
    if not re.fullmatch(r"[^@\s<>\"']{1,64}@[^@\s<>\"']+\.[^@\s<>\"'.]+", address) or len(address) > 254:
        raise click.UsageError(f"{text!r} is no e-mail address.")
    if address.endswith(DEMO_DOMAIN):
        raise click.UsageError(f"Addresses that end in {DEMO_DOMAIN} belong to practice mode.")
    return address


@contextmanager
def _database() -> Iterator[Engine]:
    engine = make_engine(settings().database_url)
    try:
        schema.upgrade(engine)
        yield engine
    except SQLAlchemyError as fault:
        fail(f"The database cannot be used now ({type(fault).__name__}).")
    except schema.SchemaUnknown as unknown:
        fail(f"The database cannot be used: {unknown}.")
    finally:
        engine.dispose()


def _now() -> datetime:
    return datetime.now(UTC)
