"""The blueprint with all its routes on it."""

from __future__ import annotations

from hotline.web.roster import acts, calendar_page, fairness_page, history, what_if
from hotline.web.roster.blueprint import roster_pages

__all__ = ["acts", "calendar_page", "fairness_page", "history", "roster_pages", "what_if"]
