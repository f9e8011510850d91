"""Signs a request the way the provider does: HMAC-SHA1 over the URL and the sorted form fields."""

from __future__ import annotations

import hmac
import re
from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha1

_ORIGIN = re.compile(r"(https?)://([^/?#]*)([^#]*)", re.IGNORECASE)


def signed_url(url: str) -> str:
    """The URL as it is signed: no fragment, no user name, no port on https. Percent-encoding untouched."""
    parts = _ORIGIN.match(url)
    if parts is None:
        raise ValueError(f"not an http URL: {url}")
    scheme, host, rest = parts.groups()
    host = host.rpartition("@")[2]
    if scheme == "https":
        host = host.partition(":")[0]
    return f"{scheme}://{host}{rest}"


def sign(token: str, url: str, parameters: Iterable[tuple[str, str]] = ()) -> str:
    """The value of X-Twilio-Signature. `parameters` are the decoded form fields; none for GET and JSON.

    `url` is signed as given: see `signed_url`. A repeated name counts each of its values once.
    """
    fields = sorted(set(parameters))
    message = url + "".join(name + value for name, value in fields)
    return b64encode(hmac.new(token.encode(), message.encode(), sha1).digest()).decode()
