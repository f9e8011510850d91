"""People who log in: with a password, an authenticator app, recovery codes, a passkey in their telephone."""

from __future__ import annotations

import html
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from passlib.totp import TOTP
from werkzeug.test import TestResponse

from hotline.accounts.codes import new_recovery_codes
from hotline.accounts.models import Role
from hotline.accounts.passwords import hashed, place_to_hash
from hotline.accounts.security import authenticator
from hotline.clock import PRACTICE_TIME_HEADER
from hotline.storage import tables
from tests.hotline.console import Browser, Console

PASSWORD = "seven quiet herons"
WRONG = "seven loud herons"


@dataclass
class Somebody:
    """Somebody with an account, and all it takes to log in."""

    id: int
    email: str
    secret: str
    recovery: list[str]

    def code(self, at: datetime) -> str:
        """What their app shows at that moment."""
        return str(TOTP(key=self.secret, format="base32").generate(at).token)


def somebody(desk: Console, role: Role = "coordinator", **values: Any) -> Somebody:
    """An account with a password, an app and recovery codes."""
    with desk.app.app_context():
        with place_to_hash() as place:
            stored = hashed(place, PASSWORD)
        account = desk.make_account(role, password=stored, **values)
        secret = authenticator().new_secret()
        sealed = authenticator().seal(secret, account)
    with desk.services.engine.begin() as connection:
        mine = tables.accounts.c.id == account
        connection.execute(tables.accounts.update().where(mine).values(totp=sealed))
        email = connection.execute(tables.accounts.select().where(mine)).one().email
        recovery = new_recovery_codes(connection, account)
    return Somebody(account, email, secret, recovery)


def at(moment: datetime, **more: str) -> dict[str, str]:
    """Headers of a request that is made at that moment (practice mode only)."""
    return {PRACTICE_TIME_HEADER: moment.isoformat(), **more}


def give_password(
    browser: Browser,
    email: str,
    password: str = PASSWORD,
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> TestResponse:
    """The first step of a log-in."""
    return browser.submit("/login", {"email": email, "password": password}, headers=headers, **more)


def log_in(browser: Browser, who: Somebody, moment: datetime) -> TestResponse:
    """Both steps; the answer to the second."""
    give_password(browser, who.email, headers=at(moment))
    return browser.submit("/login/code", {"code": who.code(moment)}, headers=at(moment))


def text_of(answer: TestResponse) -> str:
    """What a person reads on the page."""
    body = answer.get_data(as_text=True)
    main = body.partition("<main")[2].partition("</main>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


@dataclass
class Telephone:
    """A telephone that makes passkeys, in software. It asks for a finger unless `careless`."""

    careless: bool = False
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential_id: bytes = b"a passkey of a test telephone"
    counter: int = 0

    def create(self, options: str, origin: str) -> str:
        """The answer to navigator.credentials.create."""
        asked = json.loads(options)
        numbers = self.key.public_key().public_numbers()
        public = cbor2.dumps(
            {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        )
        data = self._data(asked["rp"]["id"], 0x40)
        data += bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id + public
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = _client("webauthn.create", asked["challenge"], origin)
        return self._credential({"clientDataJSON": client, "attestationObject": attestation})

    def get(self, options: str, origin: str, user: str | None = None) -> str:
        """The answer to navigator.credentials.get."""
        asked = json.loads(options)
        self.counter += 1
        client, data = _client("webauthn.get", asked["challenge"], origin), self._data(asked["rpId"], 0)
        signature = self.key.sign(data + sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        answer = {"clientDataJSON": client, "authenticatorData": data, "signature": signature}
        return self._credential({**answer, **({"userHandle": user.encode()} if user else {})})

    def _data(self, host: str, flags: int) -> bytes:
        flags |= 0x01 if self.careless else 0x05
        return sha256(host.encode()).digest() + bytes([flags]) + self.counter.to_bytes(4, "big")

    def _credential(self, response: Mapping[str, bytes]) -> str:
        raw = encoded(self.credential_id)
        parts = {name: encoded(value) for name, value in response.items()}
        return json.dumps({"id": raw, "rawId": raw, "type": "public-key", "response": parts})


def _client(kind: str, challenge: str, origin: str) -> bytes:
    return json.dumps({"type": kind, "challenge": challenge, "origin": origin}).encode()


def encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def options_of(answer: TestResponse) -> str:
    """What a page gives its script to make or ask for a passkey."""
    found = re.search(r'data-options="([^"]+)"', answer.get_data(as_text=True))
    assert found
    return html.unescape(found[1])
