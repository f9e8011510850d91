"""Whether a webhook was sent by the provider. Its URL is built from our own settings, never from Host."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from twilio.request_validator import RequestValidator


class SignatureCheck:
    """Accepts what any of the account's tokens signed, so that a token can be replaced without a pause."""

    def __init__(self, public_url: str, tokens: Sequence[str]) -> None:
        self._public_url = public_url.rstrip("/")
        self._validators = [RequestValidator(token) for token in tokens]

    def accepts(self, target: str, form: Mapping[str, str], signature: str | None) -> bool:
        """`target` is path and query as they came over the wire; `form` may hold a name several times."""
        if not signature:
            return False  # the provider's library raises on None
        url = self._public_url + target
        return any(validator.validate(url, form, signature) for validator in self._validators)
