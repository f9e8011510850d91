"""The blueprint with all its routes on it."""

from __future__ import annotations

from hotline.web.shifts import absence, addresses, details, mine, number, offers
from hotline.web.shifts.blueprint import shifts

__all__ = ["absence", "addresses", "details", "mine", "number", "offers", "shifts"]
