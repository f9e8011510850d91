"""The letter that goes with an invitation. It names nobody but the one it is for."""

from __future__ import annotations

from datetime import datetime

from hotline.accounts.invitations import Invitation
from hotline.mail import Letter, Mail, MailError

_SUBJECT = {"nl": "Uw account bij Nachtwacht", "en": "Your account at Nachtwacht"}
_BODY = {
    "nl": """Er is een account voor u gemaakt. Open deze link om een wachtwoord te kiezen:

{link}

De link werkt één keer, tot {until} (UTC). Geef hem niet door: wie hem heeft, kan uw account overnemen.
""",
    "en": """An account has been made for you. Open this link to choose a password:

{link}

The link works once, until {until} (UTC). Do not pass it on: whoever has it can take your account.
""",
}


def send_invitation(mail: Mail | None, made: Invitation, public_url: str, now: datetime) -> bool:
    """Mails the link, now and once: no queue holds it. False without a mail server, or when it refused."""
    if mail is None:
        return False
    language = made.language if made.language in _BODY else "nl"
    body = _BODY[language].format(link=made.link(public_url), until=f"{made.expires_at:%Y-%m-%d %H:%M}")
    letter = Letter(f"invitation:{made.account}:{now.isoformat()}", made.email, _SUBJECT[language], body, now)
    try:
        mail.send(letter)
    except MailError:
        return False
    return True
