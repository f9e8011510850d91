"""Who may use the practice phones: a browser on this machine, on a page that we served."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import abort, request

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def refuse_strangers() -> None:
    """Aborts with 403 what was asked by another name (rebound by a foreign DNS server) or by another site."""
    if _host(f"//{request.host}") not in _LOOPBACK:
        abort(403)
    if request.method not in ("GET", "HEAD") and not _comes_from_our_page():
        abort(403)


def _comes_from_our_page() -> bool:
    origin = request.headers.get("Origin")
    site = request.headers.get("Sec-Fetch-Site")
    if origin is None and site is None:
        # Every browser names at least one of them.
        return False
    return site in (None, "same-origin") and origin in (None, f"{request.scheme}://{request.host}")


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
