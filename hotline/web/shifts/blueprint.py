"""The blueprint the pages of an advisor add themselves to."""

from __future__ import annotations

from flask import Blueprint

shifts = Blueprint("shifts", __name__, url_prefix="/shifts")
