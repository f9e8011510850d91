"""The blueprint of the roster's pages; the modules beside this one put their routes on it."""

from __future__ import annotations

from flask import Blueprint

roster_pages = Blueprint("roster", __name__, url_prefix="/roster", template_folder="../templates")
