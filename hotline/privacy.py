"""Seals what is personal before it is stored, and finds a repeat caller by a keyed hash.

Which keys there are is the settings' business; how a number is hashed, `routing.numbers` knows.
"""

from __future__ import annotations

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from routing import numbers

KEY_BYTES = 32
_NONCE_BYTES = 12
_VERSION = "v1"


@dataclass(frozen=True, slots=True)
class DataKey:
    """A key for stored fields. `kid` stands in every token sealed with it and holds no dot and no colon."""

    kid: str
    key: bytes = field(repr=False)


class Unreadable(Exception):
    """A token that does not open: no such key, moved to another place, altered, or no token at all."""


class Vault:
    """Seals and opens stored fields. The first key seals; every key opens.

    `place` says where the field lives, such as "calls.caller.CA…": copied elsewhere, a token does not open.
    """

    def __init__(self, data_keys: Sequence[DataKey]) -> None:
        if not data_keys:
            raise ValueError("a vault needs at least one key")
        self._newest = data_keys[0].kid
        self._ciphers = {key.kid: AESGCM(_derived(key, b"seal")) for key in data_keys}
        self._hash_keys = {key.kid: _derived(key, b"fingerprint") for key in data_keys}

    def seal(self, text: str, place: str) -> str:
        """A token "v1.kid.nonce.ciphertext", safe in text columns; never the same twice."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._ciphers[self._newest].encrypt(nonce, text.encode("utf-8", "replace"), place.encode())
        return ".".join((_VERSION, self._newest, _text(nonce), _text(sealed)))

    def unseal(self, token: str, place: str) -> str:
        """The text that was sealed for this very place. Raises Unreadable, which names at most the key."""
        try:
            version, kid, nonce, sealed = token.split(".")
            if version != _VERSION:
                raise ValueError(version)
        except ValueError:
            raise Unreadable("not a token of this vault") from None
        cipher = self._ciphers.get(kid)
        if cipher is None:
            raise Unreadable(f"no key {kid!r}")
        try:
            return cipher.decrypt(_bytes(nonce), _bytes(sealed), place.encode()).decode()
        except (InvalidTag, ValueError):
            raise Unreadable(f"altered, or sealed for another place (key {kid!r})") from None

    def fingerprint(self, number: str) -> str:
        """ "kid:hex" under the newest key: what is stored to know a repeat caller by."""
        return self._fingerprint(self._newest, number)

    def fingerprints(self, number: str) -> tuple[str, ...]:
        """The fingerprint under every key, newest first: for a search after a change of keys."""
        return tuple(self._fingerprint(kid, number) for kid in self._hash_keys)

    def _fingerprint(self, kid: str, number: str) -> str:
        return f"{kid}:{numbers.fingerprint(number, self._hash_keys[kid])}"


def _derived(key: DataKey, purpose: bytes) -> bytes:
    # One key for one purpose: what is known of a fingerprint says nothing about a sealed field (RFC 5869).
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"nachtwacht/" + purpose).derive(key.key)


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
