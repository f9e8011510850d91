"""Requests that do not come from the telephone network: each over a connection of its own."""

from __future__ import annotations

import requests

OUTSIDE = requests.Session()
# Proxies and passwords of this machine are looked up for every request otherwise.
OUTSIDE.trust_env = False
OUTSIDE.headers["Connection"] = "close"
