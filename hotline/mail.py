"""E-mail: which server takes it, and how a letter is handed over. In practice mode it goes into a folder."""

from __future__ import annotations

import hashlib
import os
import re
import smtplib
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Final, Literal
from urllib.parse import unquote, urlsplit

#: Seconds for each answer of the server; a whole conversation has some eight of them.
_SECONDS = 10
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")

Security = Literal["none", "starttls", "tls"]
_SCHEMES: Final[Mapping[str, tuple[Security, int]]] = {
    "smtp": ("none", 25),
    "smtp+starttls": ("starttls", 587),
    "smtps": ("tls", 465),
}


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where e-mail is handed over, and as whom; `sender` is the address it comes from."""

    host: str
    port: int
    security: Security
    sender: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Letter:
    """An e-mail. `key` makes its Message-ID: sent twice, it is the same letter to every mail program."""

    key: str
    to: str
    subject: str
    body: str
    written_at: datetime


class MailError(Exception):
    """An e-mail that was not taken. `permanent`: it never would be. `done` is None when nobody knows."""

    def __init__(self, code: str, *, permanent: bool, done: bool | None) -> None:
        super().__init__(code)
        self.code = code
        self.permanent = permanent
        self.done = done


@dataclass(frozen=True, slots=True)
class SmtpMail:
    server: SmtpServer

    def send(self, letter: Letter) -> None:
        """Hands the letter to the server. Raises MailError."""
        message = _message(letter, self.server.sender)
        try:
            server = self._connected()
        except smtplib.SMTPException as fault:
            raise _error(fault, done=False) from None
        except OSError as fault:
            raise MailError(type(fault).__name__, permanent=False, done=False) from None
        try:
            _hand_over(server, message)
        finally:
            # Whatever the goodbye is answered with, the letter is handed over or is not.
            with suppress(OSError):
                server.quit()
            server.close()

    def _connected(self) -> smtplib.SMTP:
        server = self.server
        context = ssl.create_default_context()
        if server.security == "tls":
            connected: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=_SECONDS, context=context
            )
        else:
            connected = smtplib.SMTP(server.host, server.port, timeout=_SECONDS)
        try:
            connected.ehlo_or_helo_if_needed()
            if server.security == "starttls":
                connected.starttls(context=context)
            if server.user is not None:
                connected.login(server.user, server.password or "")
        except BaseException:
            connected.close()
            raise
        return connected


@dataclass(frozen=True, slots=True)
class MailFolder:
    """Puts every letter into a folder, where nobody but this machine's users reads it."""

    folder: Path

    def send(self, letter: Letter) -> None:
        """One file for each letter. Raises MailError."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            file = self.folder / f"{_name(letter.key)}.eml"
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
            with os.fdopen(os.open(file, flags, 0o600), "wb") as stream:
                stream.write(bytes(_message(letter, "helpdesk@example.org")))
        except OSError as fault:
            raise MailError(type(fault).__name__, permanent=False, done=False) from None


Mail = SmtpMail | MailFolder


def read_smtp_server(values: Mapping[str, str], faults: list[str]) -> SmtpServer | None:
    """The server from SMTP_URL and MAIL_FROM; None when neither is set. Adds a sentence for each fault."""
    url, sender = values.get("SMTP_URL", ""), values.get("MAIL_FROM", "")
    if "SMTP_URL" not in values and "MAIL_FROM" not in values:
        return None
    if "MAIL_FROM" not in values:
        faults.append("MAIL_FROM is missing: SMTP_URL is of no use without the address e-mail comes from.")
    elif sender and not _ADDRESS.fullmatch(sender):
        faults.append("MAIL_FROM must be an e-mail address such as rooster@example.org, without a name.")
    if "SMTP_URL" not in values:
        faults.append("SMTP_URL is missing: MAIL_FROM is of no use without a server that takes e-mail.")
        return None
    return _server(url, sender, faults) if url else None


def _server(url: str, sender: str, faults: list[str]) -> SmtpServer | None:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        parts, host, port = urlsplit(""), None, None
    if host is None or parts.scheme not in _SCHEMES or re.search(r"\s", url) or parts.path.strip("/"):
        faults.append(
            "SMTP_URL must be smtp+starttls://user:password@host:587, smtps://user:password@host:465"
            " or smtp://host:25; write @ : / in a password as %40 %3A %2F."
        )
        return None
    security, usual = _SCHEMES[parts.scheme]
    if (parts.username is None) != (parts.password is None):
        faults.append("SMTP_URL must hold a user name and a password, or neither.")
    if parts.password is not None and security == "none" and host not in _LOOPBACK:
        faults.append(
            "SMTP_URL must begin with smtp+starttls:// or smtps://: the password would be readable."
        )
    user, password = parts.username, parts.password
    return SmtpServer(
        host,
        port or usual,
        security,
        sender,
        None if user is None else unquote(user),
        None if password is None else unquote(password),
    )


def _hand_over(server: smtplib.SMTP, message: EmailMessage) -> None:
    try:
        server.send_message(message)
    except smtplib.SMTPServerDisconnected:
        raise MailError("disconnected", permanent=False, done=None) from None
    except smtplib.SMTPException as fault:
        raise _error(fault, done=False) from None
    except OSError as fault:
        raise MailError(type(fault).__name__, permanent=False, done=None) from None


def _error(fault: smtplib.SMTPException, done: bool | None) -> MailError:
    """RFC 5321 section 4.2.1: 5yz is a refusal for good; a log-in can be mended and is tried again."""
    code = _code(fault)
    permanent = 500 <= code < 600 and not isinstance(fault, smtplib.SMTPAuthenticationError)
    return MailError(str(code) if code else type(fault).__name__, permanent=permanent, done=done)


def _code(fault: smtplib.SMTPException) -> int:
    if isinstance(fault, smtplib.SMTPRecipientsRefused):
        return max((code for code, _ in fault.recipients.values()), default=0)
    return fault.smtp_code if isinstance(fault, smtplib.SMTPResponseException) else 0


def _message(letter: Letter, sender: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = sender
    message["To"] = letter.to
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(letter.written_at)
    message["Message-ID"] = f"<{_name(letter.key)}@{sender.partition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.body)
    return message


def _name(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:32]
