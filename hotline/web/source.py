"""Where a request comes from: a network address for counting attempts, and a browser in words for people."""

from __future__ import annotations

import ipaddress

from flask import current_app, request

from hotline.web.cookies import is_https, settings

_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrom", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def source() -> str | None:
    """The address of whoever asks; of IPv6 the network, which one household has all of.

    None when it cannot be known: behind a proxy that nobody told us of, everybody would look the same.
    """
    proxies = settings(current_app).proxies
    if not proxies:
        return None if is_https(current_app) else _network(request.remote_addr or "")
    hops = ",".join(request.headers.getlist("X-Forwarded-For")).split(",")
    return _network(hops[-proxies].strip()) if len(hops) >= proxies else None


def _network(text: str) -> str | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def browser() -> str:
    """ "Firefox, Android": enough to recognise one's own telephone in a list, and no more."""
    agent = request.headers.get("User-Agent", "")
    words = [next((name for sign, name in kinds if sign in agent), "") for kinds in (_BROWSERS, _SYSTEMS)]
    return ", ".join(word for word in words if word)
