"""The settings, from the environment and `.env`: read once, checked whole, every fault named at once.

No message ever holds a value that could be a secret. Without provider credentials it is practice mode.
"""

from __future__ import annotations

import os
import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from hotline.mail import SmtpServer, read_smtp_server
from hotline.practice_secrets import PracticeSecretsUnusable, practice_secrets
from hotline.privacy import KEY_BYTES, DataKey

_SECRET_KEY_LENGTH = 16
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_DATABASES = ("sqlite", "postgresql", "postgres")
_PROVIDER = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_API_KEY", "TWILIO_API_SECRET")

NAMES = (
    "PUBLIC_URL",
    *_PROVIDER,
    "TWILIO_API_URL",
    "DATABASE_URL",
    "ROSTER_FILE",
    "INSTANCE_DIR",
    "SECRET_KEY",
    "DATA_KEYS",
    "HOST",
    "PORT",
    "PROXIES",
    "SMTP_URL",
    "MAIL_FROM",
)
SECRETS = (*_PROVIDER, "DATABASE_URL", "SECRET_KEY", "DATA_KEYS", "SMTP_URL")


@dataclass(frozen=True, slots=True)
class Settings:
    """`public_url` has no slash at its end. In practice mode account, token and keys are made up."""

    practice: bool
    public_url: str
    account_sid: str
    auth_tokens: tuple[str, ...] = field(repr=False)
    api_key: str | None = field(repr=False)
    api_secret: str | None = field(repr=False)
    api_url: str | None
    database_url: str = field(repr=False)
    roster_file: Path
    instance_dir: Path
    secret_key: str = field(repr=False)
    data_keys: tuple[DataKey, ...] = field(repr=False)
    host: str
    port: int
    #: How many proxies stand in front that add an address to X-Forwarded-For.
    proxies: int = 0
    #: Without one no e-mail is sent.
    smtp: SmtpServer | None = None


class SettingsRefused(Exception):
    """`faults` holds one plain sentence for each thing that is missing or wrong."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def load_settings(environ: Mapping[str, str] | None = None, dotenv: Path | None = Path(".env")) -> Settings:
    """The settings of this process. The environment goes before `.env`; an empty value counts as not set.

    In practice mode the secrets that are not set are made once and kept in the instance folder.
    Raises SettingsRefused with every fault at once.
    """
    faults: list[str] = []
    values = _gather(os.environ if environ is None else environ, dotenv, faults)
    practice = not any(name in values for name in _PROVIDER)

    # Calls that were practised never stand among real ones, nor is anything sealed with keys that are gone.
    instance_dir = Path(values.get("INSTANCE_DIR", "instance/practice" if practice else "instance"))
    if instance_dir.exists() and not instance_dir.is_dir():
        faults.append(f"INSTANCE_DIR must be a folder, and {instance_dir} is a file.")
    elif practice:
        _add_practice_secrets(values, instance_dir, faults)

    account_sid, auth_tokens = _account(values, faults)
    api_key, api_secret = _api_key(values, faults)
    host, port = values.get("HOST", "127.0.0.1"), _port(values, faults)
    settings = Settings(
        practice=practice,
        public_url=_public_url(values, practice, port, faults),
        account_sid=account_sid,
        auth_tokens=auth_tokens,
        api_key=api_key,
        api_secret=api_secret,
        api_url=_api_url(values, practice, faults),
        database_url=_database_url(values, instance_dir, faults),
        roster_file=Path(values.get("ROSTER_FILE", "oncall_schedule.yaml")),
        instance_dir=instance_dir,
        secret_key=_secret_key(values, faults),
        data_keys=_data_keys(values, faults),
        host=host,
        port=port,
        proxies=_proxies(values, faults),
        smtp=read_smtp_server(values, faults),
    )
    if faults:
        raise SettingsRefused(faults)
    return settings


def setting(
    name: str, environ: Mapping[str, str] | None = None, dotenv: Path | None = Path(".env")
) -> str | None:
    """One setting as it is written, unchecked; None when it is not set. For what needs no others."""
    return _gather(os.environ if environ is None else environ, dotenv, []).get(name) or None


def _gather(environ: Mapping[str, str], dotenv: Path | None, faults: list[str]) -> dict[str, str]:
    file_values: Mapping[str, str | None] = {}
    if dotenv is not None and dotenv.is_file():
        try:
            file_values = dotenv_values(dotenv, interpolate=False)
        except (OSError, UnicodeDecodeError):
            faults.append(f"{dotenv} cannot be read.")
    values = {}  # "" stands for a secret whose fault has been named: no second sentence about it
    for name in NAMES:
        for source in (environ, file_values):
            value = _value(name, source, faults)
            if value is not None:
                values[name] = value
                break
    return values


def _value(name: str, source: Mapping[str, str | None], faults: list[str]) -> str | None:
    value = (source.get(name) or "").strip()
    path = (source.get(f"{name}_FILE") or "").strip() if name in SECRETS else ""
    if value and path:
        faults.append(f"{name} and {name}_FILE are both set: keep one of them.")
        return value
    if not path:
        return value or None
    try:
        value = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError, ValueError):
        faults.append(f"{name}_FILE names {path}, which cannot be read.")
        return ""
    if not value:
        faults.append(f"{name}_FILE names {path}, which is empty.")
    return value


def _missing(name: str, values: Mapping[str, str], faults: list[str], why: str) -> bool:
    if name not in values:
        faults.append(f"{name} is missing: {why}.")
    return not values.get(name)


def _add_practice_secrets(values: dict[str, str], instance_dir: Path, faults: list[str]) -> None:
    try:
        made_up = practice_secrets(instance_dir)
    except PracticeSecretsUnusable as unusable:
        faults.append(str(unusable))
    else:
        for name, value in made_up.items():
            values.setdefault(name, value)


def _account(values: Mapping[str, str], faults: list[str]) -> tuple[str, tuple[str, ...]]:
    sid = values.get("TWILIO_ACCOUNT_SID", "")
    tokens = tuple(token.strip() for token in values.get("TWILIO_AUTH_TOKEN", "").split(",") if token.strip())
    missing = _missing("TWILIO_ACCOUNT_SID", values, faults, "the provider's console shows it")
    # Another provider of the same protocol has accounts of another shape.
    shape = r"[\w-]{1,64}" if values.get("TWILIO_API_URL") else r"AC[0-9a-zA-Z]{32}"
    if not missing and not re.fullmatch(shape, sid):
        faults.append("TWILIO_ACCOUNT_SID must be AC followed by 32 letters and digits.")
    _missing("TWILIO_AUTH_TOKEN", values, faults, "without it no webhook's signature can be checked")
    if any(not token.isascii() or re.search(r"\s", token) for token in tokens):
        faults.append("TWILIO_AUTH_TOKEN holds a character no token has; commas separate several tokens.")
    return sid, tokens


def _api_key(values: Mapping[str, str], faults: list[str]) -> tuple[str | None, str | None]:
    key, secret = values.get("TWILIO_API_KEY"), values.get("TWILIO_API_SECRET")
    if secret is not None:
        _missing("TWILIO_API_KEY", values, faults, "TWILIO_API_SECRET is of no use without it")
    if key is not None:
        _missing("TWILIO_API_SECRET", values, faults, "TWILIO_API_KEY is of no use without it")
    if key and not re.fullmatch(r"[\w-]{1,64}", key):
        faults.append("TWILIO_API_KEY holds a character no key has.")
    return key, secret


def _public_url(values: Mapping[str, str], practice: bool, port: int, faults: list[str]) -> str:
    if practice and "PUBLIC_URL" not in values:
        return f"http://127.0.0.1:{port}"
    if _missing(
        "PUBLIC_URL", values, faults, "the origin the provider calls, as https://hotline.example.org"
    ):
        return ""
    url = values["PUBLIC_URL"].rstrip("/")
    if _web_address(url, "PUBLIC_URL", practice, faults) and re.search(r"[/?#]", url.split("://", 1)[1]):
        faults.append("PUBLIC_URL must be an origin only: no path, no query and no fragment.")
    return url


def _api_url(values: Mapping[str, str], practice: bool, faults: list[str]) -> str | None:
    if "TWILIO_API_URL" not in values:
        return None
    url = values["TWILIO_API_URL"].rstrip("/")
    _web_address(url, "TWILIO_API_URL", practice, faults)
    return url


def _web_address(url: str, name: str, practice: bool, faults: list[str]) -> bool:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if host is None or parts.scheme not in ("http", "https") or re.search(r"\s", url):
        faults.append(f"{name} must begin with https:// and name a host.")
        return False
    if parts.username is not None or parts.password is not None:
        faults.append(f"{name} must hold no user name and no password.")
    if parts.scheme == "http" and not practice and host not in _LOOPBACK:
        faults.append(f"{name} must begin with https://: over http anybody on the way could forge calls.")
    return True


def _database_url(values: Mapping[str, str], instance_dir: Path, faults: list[str]) -> str:
    text = values.get("DATABASE_URL") or f"sqlite:///{instance_dir / 'hotline.db'}"
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        faults.append("DATABASE_URL is not a database address such as postgresql://user:password@host/name.")
        return text
    if url.drivername.split("+")[0] not in _DATABASES:
        faults.append("DATABASE_URL must begin with sqlite:/// or postgresql://.")
    elif url.drivername.startswith("sqlite") and url.database in (None, "", ":memory:"):
        faults.append("DATABASE_URL must name a file: a database in memory would lose every call.")
    elif url.drivername.startswith("postgres") and not url.database:
        faults.append("DATABASE_URL must name the database, after the host and a slash.")
    return text


def _secret_key(values: Mapping[str, str], faults: list[str]) -> str:
    key = values.get("SECRET_KEY", "")
    missing = _missing("SECRET_KEY", values, faults, "a long random text that protects log-ins")
    if not missing and len(key) < _SECRET_KEY_LENGTH:
        faults.append(f"SECRET_KEY must have at least {_SECRET_KEY_LENGTH} characters.")
    return key


def _data_keys(values: Mapping[str, str], faults: list[str]) -> tuple[DataKey, ...]:
    entries = [entry.strip() for entry in values.get("DATA_KEYS", "").split(",") if entry.strip()]
    what = f"kid:base64 of {KEY_BYTES} random bytes, newest first, comma-separated"
    _missing("DATA_KEYS", values, faults, what)
    keys: dict[str, DataKey] = {}
    for place, entry in enumerate(entries, start=1):
        kid, colon, text = entry.partition(":")
        if not colon or not re.fullmatch(r"[A-Za-z0-9_-]{1,16}", kid):
            # What stands before the colon may be the key itself: it is not repeated here.
            faults.append(
                f"DATA_KEYS, entry {place}: must be a name (letters, digits, - _), a colon, the key."
            )
            continue
        try:
            key = b64decode(text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4), validate=True)
        except (NotBase64, ValueError):
            faults.append(f"DATA_KEYS, entry {place}: the key is not base64.")
            continue
        if len(key) != KEY_BYTES:
            faults.append(f"DATA_KEYS, entry {place}: the key must be {KEY_BYTES} bytes and is {len(key)}.")
        if kid in keys:
            faults.append(f"DATA_KEYS, entry {place}: the name of the key was used before.")
        keys[kid] = DataKey(kid, key)
    return tuple(keys.values())


def _port(values: Mapping[str, str], faults: list[str]) -> int:
    text = values.get("PORT", "8000")
    if re.fullmatch(r"[0-9]{1,5}", text) and 1 <= int(text) <= 65535:
        return int(text)
    faults.append("PORT must be a whole number from 1 to 65535.")
    return 8000


def is_practice() -> bool:
    """Whether no provider credentials are set. Makes no secrets and looks at nothing else."""
    return not any(setting(name) for name in _PROVIDER)


def _proxies(values: Mapping[str, str], faults: list[str]) -> int:
    text = values.get("PROXIES", "0")
    if text.isascii() and text.isdigit() and int(text) <= 9:
        return int(text)
    faults.append("PROXIES must be a whole number from 0 to 9: how many proxies stand in front.")
    return 0
