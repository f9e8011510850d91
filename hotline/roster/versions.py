"""Every version of the roster in the database, sealed: texts of hand edits that lost are kept beside them.

A version's sequence is one more than that of the version it was made from. The primary key so settles
who of two comes first, whichever replica they are on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, select, update

from hotline.privacy import Vault
from hotline.roster.results import Author, Version, diff_of
from hotline.storage.tables import roster_conflicts, roster_versions
from hotline.storage.writing import insert_once
from routing.wording import Language

Words = Mapping[Language, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Head:
    """The newest version, without what is in it."""

    sequence: int
    version: str


@dataclass(frozen=True, slots=True)
class KeptConflict:
    """A text that stood in the file of a replica and lost against the version published meanwhile."""

    id: int
    version: str
    text: str
    at: datetime
    where: str


def version_of(data: bytes) -> str:
    """The name of a version: of equal bytes the same, as `routing.reading` has it."""
    return hashlib.sha256(data).hexdigest()[:12]


def head(connection: Connection) -> Head | None:
    """The newest version; None while nothing was published. Costs a look at one row of an index."""
    columns = roster_versions.c
    query = select(columns.sequence, columns.version).order_by(columns.sequence.desc()).limit(1)
    found = connection.execute(query).one_or_none()
    return None if found is None else Head(found.sequence, found.version)


def is_known(connection: Connection, version: str) -> bool:
    query = select(roster_versions.c.sequence).where(roster_versions.c.version == version).limit(1)
    return connection.execute(query).first() is not None


def add_version(connection: Connection, vault: Vault, version: Version) -> bool:
    """Adds the version; False when another one took its sequence."""
    content = {
        "text": version.text,
        "by": version.author.name,
        "why": version.why,
        "words": {language: list(words) for language, words in version.words.items()},
    }
    row = {
        "sequence": version.sequence,
        "version": version.version,
        "at": version.at,
        "by_account": version.author.account,
        "sealed": vault.seal(json.dumps(content, ensure_ascii=False), _place(version.sequence)),
    }
    return insert_once(connection, roster_versions, [row]) == 1


def read_versions(connection: Connection, vault: Vault, limit: int, before: int | None) -> list[Version]:
    """The newest versions, newest first; those with a sequence under `before`. Raises privacy.Unreadable."""
    # One more, to compare the oldest with.
    query = _newest_first().limit(limit + 1)
    if before is not None:
        query = query.where(roster_versions.c.sequence < before)
    rows = connection.execute(query).mappings().all()
    contents = [_opened(vault, row) for row in rows]
    older = [*contents, None][1:]
    found = (
        _version(row, content, previous) for row, content, previous in zip(rows, contents, older, strict=True)
    )
    return list(found)[:limit]


def read_text(connection: Connection, vault: Vault, version: str) -> str | None:
    """The text of the version of this name; None when there is none. Raises privacy.Unreadable."""
    row = (
        connection.execute(_newest_first().where(roster_versions.c.version == version).limit(1))
        .mappings()
        .first()
    )
    return None if row is None else str(_opened(vault, row)["text"])


def _newest_first() -> Select[Any]:
    return select(roster_versions).order_by(roster_versions.c.sequence.desc())


def _version(row: RowMapping, content: Mapping[str, Any], previous: Mapping[str, Any] | None) -> Version:
    return Version(
        sequence=row["sequence"],
        version=row["version"],
        text=content["text"],
        author=Author(content["by"], row["by_account"]),
        at=row["at"],
        why=content["why"],
        words={language: tuple(words) for language, words in content["words"].items()},
        diff=diff_of(previous["text"], content["text"]) if previous else "",
        base=row["sequence"] - 1 or None,
    )


def _opened(vault: Vault, row: RowMapping) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(vault.unseal(row["sealed"], _place(row["sequence"])))
    return content


def _place(sequence: int) -> str:
    return f"roster_versions.sealed.{sequence}"


def keep_conflict(connection: Connection, vault: Vault, data: bytes, at: datetime, where: str) -> None:
    """Keeps a text, once; one that was dismissed and stands there again is shown again."""
    columns, version = roster_conflicts.c, version_of(data)
    sealed = vault.seal(data.decode(errors="replace"), f"roster_conflicts.sealed.{version}")
    insert_once(
        connection, roster_conflicts, [{"version": version, "at": at, "where": where, "sealed": sealed}]
    )
    again = update(roster_conflicts).where(columns.version == version, columns.dismissed_at.is_not(None))
    connection.execute(again.values(dismissed_at=None, at=at, where=where))


def open_conflicts(connection: Connection, vault: Vault) -> list[KeptConflict]:
    """Those nobody has dismissed, newest first. Raises privacy.Unreadable."""
    query = select(roster_conflicts).where(roster_conflicts.c.dismissed_at.is_(None))
    return [
        KeptConflict(
            row.id,
            row.version,
            vault.unseal(row.sealed, f"roster_conflicts.sealed.{row.version}"),
            row.at,
            row.where,
        )
        for row in connection.execute(query.order_by(roster_conflicts.c.id.desc()))
    ]


def dismiss(connection: Connection, conflict: int, at: datetime) -> None:
    connection.execute(
        update(roster_conflicts).where(roster_conflicts.c.id == conflict).values(dismissed_at=at)
    )
