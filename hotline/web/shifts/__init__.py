"""An advisor's own pages, made for a phone: my shifts, swaps, absence, my details, my calendar's address."""

from __future__ import annotations

from flask import Blueprint, Flask

shifts = Blueprint("shifts", __name__, url_prefix="/shifts")


def install(app: Flask) -> None:
    app.register_blueprint(shifts)


# The pages add themselves to the blueprint.
from hotline.web.shifts import absence, addresses, details, mine, number, offers  # noqa: E402, F401
