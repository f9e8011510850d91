"""The roster for pages and commands: previews, saves, undoes and restores, each against a base version.

How file, memory, database and replicas are kept in step is `sharing`; what an edit does is `editing`.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from hotline.privacy import Unreadable, Vault
from hotline.roster import versions
from hotline.roster.disk import FolderBusy
from hotline.roster.editing import apply_edits
from hotline.roster.edits import Edit
from hotline.roster.file import MISSING, InForce, RosterFile
from hotline.roster.results import (
    HAND,
    Author,
    Conflict,
    Draft,
    NeedsReason,
    NotSaved,
    Obstacle,
    Preview,
    Published,
    Refused,
    Result,
    Saved,
    Version,
    diff_of,
    not_saved_sentence,
)
from hotline.roster.sharing import Callback, Sharing
from hotline.roster.versions import KeptConflict
from hotline.storage.engine import reading
from routing.coverage import EXAMINED, Gap
from routing.differences import differences
from routing.effects import effects, gaps_opened
from routing.reading import read_roster
from routing.roster import Instant, Roster
from routing.walltime import HOUR

__all__ = [
    "HAND",
    "Author",
    "Conflict",
    "InForce",
    "KeptConflict",
    "NeedsReason",
    "NotSaved",
    "Preview",
    "Published",
    "Refused",
    "Result",
    "RosterStore",
    "Saved",
    "Version",
    "not_saved_sentence",
]

#: A gap that opens sooner than this is not made without saying why.
REASON_WITHIN = 72 * HOUR

_TRIES = 3
_FULL = {errno.ENOSPC, errno.EDQUOT}


class RosterStore:
    """`base_version` is the version somebody looked at when they asked: what came since is a conflict."""

    def __init__(self, file: RosterFile, engine: Engine, vault: Vault) -> None:
        self._file = file
        self._engine = engine
        self._vault = vault
        self._sharing = Sharing(file, engine, vault)

    @property
    def in_force(self) -> InForce:
        return self._file.in_force

    @property
    def trouble(self) -> str:
        """Why versions cannot be shared just now: "", "database", "sealed" or "folder"."""
        return self._sharing.trouble

    @property
    def newest(self) -> str:
        """The last version known to be in the history: a change by hand is in force a moment before."""
        return self._sharing.newest

    def roster(self) -> Roster | None:
        return self._file.roster()

    def share(self, now: datetime | None = None) -> None:
        """Publishes what hands changed and takes over what was published elsewhere; to be called often."""
        self._sharing.share(now or datetime.now(UTC))

    def on_published(self, callback: Callback) -> None:
        """Called for every version but the first, inside the transaction, on the replica that publishes it.

        What it raises is logged, and undone, and does not keep the roster from being published.
        """
        self._sharing.on_published(callback)

    def preview(
        self, edits: Sequence[Edit], *, base_version: str, now: datetime, until: Instant | None = None
    ) -> Preview | Conflict:
        """What the edits would do, up to `until` (60 days from now). Raises EditRefused; writes nothing."""
        force, at = self.in_force, int(now.timestamp())
        if force.roster is None or force.version != base_version:
            return self._conflict(self._ours(edits, base_version, at))
        edited = apply_edits(force.text, edits, at, force.roster)
        return Preview(
            edited.text,
            edited.roster,
            effects(force.roster, edited.roster, at, until or at + EXAMINED, at),
            differences(force.roster, edited.roster),
            gaps_opened(force.roster, edited.roster, at, at + REASON_WITHIN),
        )

    def edit(
        self, edits: Sequence[Edit], *, base_version: str, author: Author, why: str, now: datetime
    ) -> Result:
        """Carries the edits out, all or none. Raises EditRefused with what speaks against them."""
        force, at = self.in_force, int(now.timestamp())
        if force.roster is None or force.version != base_version:
            return self._conflict(self._ours(edits, base_version, at))
        edited = apply_edits(force.text, edits, at, force.roster)
        return self._saved(Draft(edited.text, edited.roster, author, why.strip()), base_version, now)

    def save(self, text: str, *, base_version: str, author: Author, why: str, now: datetime) -> Result:
        """Makes a whole text the roster. A form's line ends become those of the file."""
        if "\r\n" not in self.in_force.text:
            text = text.replace("\r\n", "\n")
        return self._save_text(text, base_version, author, why, now)

    def undo(self, *, base_version: str, author: Author, why: str, now: datetime) -> Result:
        """Brings back what was before the last change; once more, and the change is there again."""
        self.share(now)
        try:
            last = self.history(2)
        except (SQLAlchemyError, Unreadable):
            return NotSaved("database")
        if len(last) < 2:
            return NotSaved("unknown")
        return self._save_text(last[1].text, base_version, author, why, now)

    def restore(self, sequence: int, *, base_version: str, author: Author, why: str, now: datetime) -> Result:
        """Makes an old version the newest."""
        try:
            version = self.version(sequence)
        except (SQLAlchemyError, Unreadable):
            return NotSaved("database")
        if version is None:
            return NotSaved("unknown")
        return self._save_text(version.text, base_version, author, why, now)

    def discard_refused(self, *, author: Author, now: datetime) -> Result:
        """Puts the roster in force over a file that is refused; its text is kept among the conflicts."""

        def discard() -> Result:
            self._file.look()
            self._sharing.discard(now)
            self._sharing.bring_in_step(now)
            return self._newest()

        return self._alone(discard)

    def history(self, limit: int = 20, before: int | None = None) -> list[Version]:
        """The newest versions first, those under the sequence `before`.

        Raises SQLAlchemyError while the database is away, and privacy.Unreadable without the key.
        """
        with reading(self._engine) as connection:
            return versions.read_versions(connection, self._vault, limit, before)

    def version(self, sequence: int) -> Version | None:
        """Raises as `history` does."""
        found = self.history(1, before=sequence + 1)
        return found[0] if found and found[0].sequence == sequence else None

    def conflicts(self) -> list[KeptConflict]:
        """Hand edits that lost and wait for somebody to decide, newest first. Raises as `history` does."""
        with reading(self._engine) as connection:
            return versions.open_conflicts(connection, self._vault)

    def use_conflict(
        self, conflict: int, *, base_version: str, author: Author, why: str, now: datetime
    ) -> Result:
        """Makes a hand edit that lost the roster after all; then it waits no more."""
        try:
            kept = next((each for each in self.conflicts() if each.id == conflict), None)
            if kept is None:
                return NotSaved("unknown")
            result = self._save_text(kept.text, base_version, author, why, now)
            if isinstance(result, Saved):
                self.dismiss_conflict(conflict, now)
        except (SQLAlchemyError, Unreadable):
            return NotSaved("database")
        return result

    def dismiss_conflict(self, conflict: int, now: datetime) -> None:
        """Nobody is asked about it any more. Raises SQLAlchemyError."""
        with self._engine.begin() as connection:
            versions.dismiss(connection, conflict, now)

    def _save_text(self, text: str, base_version: str, author: Author, why: str, now: datetime) -> Result:
        found = read_roster(text.encode(errors="replace"))
        if found.roster is None:
            return Refused(found.problems)
        return self._saved(Draft(text, found.roster, author, why.strip()), base_version, now)

    def _saved(self, draft: Draft, base_version: str, now: datetime) -> Result:
        def save() -> Result:
            for _ in range(_TRIES):
                self._file.look()
                self._sharing.bring_in_step(now)
                if (result := self._attempt(draft, base_version, now)) is not None:
                    return result
            return NotSaved("busy")

        return self._alone(save)

    def _attempt(self, draft: Draft, base_version: str, now: datetime) -> Result | None:
        """None when the file or the newest version changed in this very moment."""
        force = self.in_force
        if force.refused or force.version != base_version:
            return self._conflict(draft.text)
        if force.unreadable and force.unreadable != MISSING:
            return NotSaved("file")
        if force.text == draft.text and force.is_the_files:
            return self._newest()
        if not draft.why and (gaps := self._gaps(draft.roster, now)):
            return NeedsReason(gaps)
        version = self._sharing.publish(draft, self._file.found, now)
        return None if version is None else Saved(version)

    def _gaps(self, after: Roster, now: datetime) -> tuple[Gap, ...]:
        before, at = self.in_force.roster, int(now.timestamp())
        return () if before is None else gaps_opened(before, after, at, at + REASON_WITHIN)

    def _newest(self) -> Result:
        found = self.history(1)
        return Saved(found[0]) if found else NotSaved("unknown")

    def _ours(self, edits: Sequence[Edit], base_version: str, at: Instant) -> str:
        """What the edits make of the version they were meant for; "" when that is not known (any more)."""
        try:
            with reading(self._engine) as connection:
                text = versions.read_text(connection, self._vault, base_version)
        except (SQLAlchemyError, Unreadable):
            return ""
        return "" if text is None else apply_edits(text, edits, at).text

    def _conflict(self, ours: str) -> Conflict:
        force = self.in_force
        theirs = force.refused_text if force.refused else force.text
        author, at = self._latest_author()
        version = versions.version_of(theirs.encode()) if force.refused else force.version
        return Conflict(
            theirs, version, author, at, force.refused, ours, diff_of(theirs, ours) if ours else ""
        )

    def _latest_author(self) -> tuple[str, datetime | None]:
        """Who made what is in force, and when; nobody where that is in the file only."""
        try:
            newest = next(iter(self.history(1)), None)
        except (SQLAlchemyError, Unreadable):
            newest = None
        known = newest is not None and newest.version == self.in_force.version and not self.in_force.refused
        return (newest.author.name, newest.at) if newest is not None and known else ("", None)

    def _alone(self, act: Callable[[], Result]) -> Result:
        try:
            with self._sharing.alone():
                return act()
        except FolderBusy:
            return NotSaved("busy")
        except (SQLAlchemyError, Unreadable):
            return NotSaved("database")
        except OSError as fault:
            return NotSaved(_obstacle(fault))


def _obstacle(fault: OSError) -> Obstacle:
    if fault.errno in _FULL:
        return "full"
    return "folder" if fault.errno in {errno.EACCES, errno.EPERM, errno.EROFS} else "file"
