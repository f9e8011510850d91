"""Static files at addresses that hold a hash of their content: cached for a year, never stale."""

from __future__ import annotations

import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Response, abort, current_app, url_for

_A_YEAR = 31_536_000

assets = Blueprint("assets", __name__)


@dataclass(frozen=True, slots=True)
class Asset:
    content: bytes
    mimetype: str
    digest: str


class Assets:
    """The files by name. Read once: they are few and small."""

    def __init__(self) -> None:
        self._files: dict[str, Asset] = {}

    def add(self, folder: Path) -> None:
        """Adds every file of the folder. A name that is taken raises ValueError."""
        for file in sorted(folder.iterdir()):
            if file.name in self._files:
                raise ValueError(f"there are two files named {file.name}")
            content = file.read_bytes()
            mimetype = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            self._files[file.name] = Asset(content, mimetype, hashlib.sha256(content).hexdigest()[:12])

    def __getitem__(self, name: str) -> Asset:
        return self._files[name]

    def get(self, name: str) -> Asset | None:
        return self._files.get(name)


def asset_url(name: str) -> str:
    """The address of a file. KeyError for one that does not exist."""
    known: Assets = current_app.extensions["assets"]
    return url_for("assets.serve", digest=known[name].digest, name=name)


@assets.get("/static/<digest>/<name>")
def serve(digest: str, name: str) -> Response:
    known: Assets = current_app.extensions["assets"]
    asset = known.get(name)
    if asset is None:
        abort(404)
    response = Response(asset.content, mimetype=asset.mimetype)
    # While a release is rolled out, a page of the older one may ask here: it gets this file, for once.
    fresh = digest == asset.digest
    response.headers["Cache-Control"] = f"public, max-age={_A_YEAR}, immutable" if fresh else "no-cache"
    return response
