"""Whether a webhook was sent by the provider. Its URL is built from our own settings, never from Host."""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Sequence
from urllib.parse import urlsplit

from werkzeug.datastructures import MultiDict


class SignatureCheck:
    """Accepts what any of the account's tokens signed, so that a token can be replaced without a pause.

    The rules are the provider's; its own library takes several times as long, more than to find the answer.
    """

    def __init__(self, public_url: str, tokens: Sequence[str]) -> None:
        self._origins = _spellings(public_url.rstrip("/"))
        self._tokens = [token.encode() for token in tokens]

    def accepts(self, target: str, form: MultiDict[str, str], signature: str | None) -> bool:
        """`target`: path and query as they came over the wire. `form` may hold several values for a name."""
        told = (signature or "").encode("utf-8", "replace")
        fields = "".join(
            name + value for name, values in sorted(form.lists()) for value in sorted(set(values))
        )
        signed = [f"{origin}{target}{fields}".encode("utf-8", "replace") for origin in self._origins]
        return any(
            hmac.compare_digest(b64encode(hmac.digest(token, text, "sha1")), told)
            for token in self._tokens
            for text in signed
        )


def _spellings(origin: str) -> tuple[str, str]:
    """Without the port and with it: the provider leaves it out of some requests' URLs and not of others'."""
    parts = urlsplit(origin)
    if parts.port is not None:
        return origin.removesuffix(f":{parts.port}"), origin
    return origin, f"{origin}:{443 if parts.scheme == 'https' else 80}"
