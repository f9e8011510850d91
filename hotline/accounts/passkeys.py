"""Passkeys (WebAuthn level 2): a device that knows its owner, in place of password and code together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import webauthn
from sqlalchemy import Connection, Engine, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from webauthn.helpers import parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from hotline.accounts.codes import ISSUER
from hotline.accounts.logins import account_by_id
from hotline.accounts.models import Account
from hotline.storage import tables
from hotline.storage.engine import reading

MOST = 10
_table = tables.passkeys

#: What the library raises for text that is no passkey's answer, however it is broken.
_NOT_ONE = (WebAuthnException, ValueError, KeyError, TypeError, RecursionError)


@dataclass(frozen=True, slots=True)
class Passkey:
    id: int
    name: str
    created_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Site:
    """Where a passkey is good: the origin, and the name of the host without a port."""

    origin: str
    host: str


def passkeys_of(connection: Connection, account: int) -> Sequence[Passkey]:
    columns = (_table.c.id, _table.c.name, _table.c.created_at, _table.c.used_at)
    rows = connection.execute(select(*columns).where(_table.c.account == account).order_by(_table.c.id))
    return [Passkey(*row) for row in rows]


def creation_options(connection: Connection, account: Account, site: Site, challenge: bytes) -> str:
    """What a browser needs to make a passkey for the account, as JSON."""
    known = connection.execute(select(_table.c.credential_id).where(_table.c.account == account.id)).scalars()
    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name=ISSUER,
        user_id=account.fs_webauthn_user_handle.encode(),
        user_name=account.email,
        user_display_name=account.name,
        challenge=challenge,
        exclude_credentials=[PublicKeyCredentialDescriptor(id=credential) for credential in known],
        # It is found without a name typed in, and asks for a finger, face or PIN: two factors in one.
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
    )
    return webauthn.options_to_json(options)


def request_options(site: Site, challenge: bytes) -> str:
    """What a browser needs to log in with any passkey of this site, as JSON."""
    options = webauthn.generate_authentication_options(
        rp_id=site.host, challenge=challenge, user_verification=UserVerificationRequirement.REQUIRED
    )
    return webauthn.options_to_json(options)


def add_passkey(
    engine: Engine, account: Account, name: str, credential: str, site: Site, challenge: bytes, now: datetime
) -> bool:
    """Stores a passkey a browser has made for these options; False when it is not one, or one too many."""
    try:
        verified = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except _NOT_ONE:
        return False
    row = {
        "account": account.id,
        "name": name,
        "credential_id": verified.credential_id,
        "public_key": verified.credential_public_key,
        "sign_count": verified.sign_count,
        "created_at": now,
    }
    try:
        with engine.begin() as connection:
            if len(passkeys_of(connection, account.id)) >= MOST:
                return False
            connection.execute(insert(_table).values(**row))
    except IntegrityError:  # somebody's already
        return False
    return True


def account_of_passkey(
    engine: Engine, credential: str, site: Site, challenge: bytes, now: datetime
) -> Account | None:
    """Whose passkey signed the challenge. None for anything else, and for a disabled account."""
    try:
        parsed = parse_authentication_credential_json(credential)
        with reading(engine) as connection:
            row = connection.execute(select(_table).where(_table.c.credential_id == parsed.raw_id)).first()
        account = None if row is None else account_by_id(engine, row.account)
        if row is None or account is None or not account.active:
            return None
        verified = webauthn.verify_authentication_response(
            credential=parsed,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=row.public_key,
            credential_current_sign_count=row.sign_count,
            require_user_verification=True,
        )
    except _NOT_ONE:
        return None
    handle = parsed.response.user_handle
    if handle is not None and handle != account.fs_webauthn_user_handle.encode():
        return None
    with engine.begin() as connection:
        connection.execute(
            update(_table)
            .where(_table.c.id == row.id)
            .values(sign_count=verified.new_sign_count, used_at=now)
        )
    return account


def remove_passkey(connection: Connection, account: int, passkey: int) -> None:
    connection.execute(delete(_table).where(_table.c.id == passkey, _table.c.account == account))
