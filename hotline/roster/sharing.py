"""Keeps the file, what is in memory and the versions in the database in step, on every replica.

**What counts.** Published versions stand in the database, one after the other; on each replica one of them
is the file's `base`: the version that was last both in the file and the newest. Whenever file and database
differ, this decides, and a change is never mixed with another:

1. The newest version is the base, and the file says something else: it was changed by hand. It is published
   as the next version, by "hand". On this replica it is in force already.
2. The file still says the base, or an old version where no base is known, and the database has a newer one:
   that one is written into the file and comes into force.
3. Both changed: the database wins, because others go by it and were told. The file's text is kept among the
   conflicts before the file is written, and a coordinator can use it after all, or dismiss it.
4. The file is refused or cannot be read: it is left alone, whatever the database has. The newest version
   comes into force in memory. Once the file is mended, 1 to 3 hold. A missing file is written by the next
   change.
5. The database does not know the base any more: it was put back to an older state. The file's text is
   published on top of it.

With the database away a hand edit takes effect on its replica at once and is published when the database
is back; a page cannot save. No call waits for any of it: routing reads what is in memory.

**A save** adds the version in a transaction, with the new file ready on disk beside the old; looks once more
whether the file is what it was; commits; and has the files trade places. Killed before the commit, nothing
has happened; killed after it, rule 2 finishes what was begun. What a hand wrote into the file in the very
last moment is found in the old file and kept among the conflicts.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from hotline import logs
from hotline.privacy import Unreadable, Vault
from hotline.roster import versions
from hotline.roster.disk import FolderBusy, Prepared, locked_folder, prepared, read_start, write_whole
from hotline.roster.file import MISSING, RosterFile
from hotline.roster.results import HAND, Draft, Published, Version, diff_of
from hotline.roster.versions import Head, version_of
from hotline.storage.engine import reading
from routing.differences import differences
from routing.reading import read_roster
from routing.roster import Roster
from routing.wording import Language
from routing.wording_differences import difference_words

log = logs.get_logger(__name__)

_LANGUAGES: tuple[Language, ...] = ("nl", "en")
_PATIENCE_SECONDS = 10.0


#: Called inside the transaction that publishes: what it writes is there if, and only if, the version is.
Callback = Callable[[Connection, Published], object]


class Sharing:
    """`trouble` says in a word why versions cannot be shared just now: "", "database", "sealed", "folder".

    `newest` is the last version that is known to be in the history.
    """

    def __init__(self, file: RosterFile, engine: Engine, vault: Vault) -> None:
        self.file = file
        self.engine = engine
        self.vault = vault
        self.trouble = ""
        self.newest = ""
        self._base_file = file.instance_dir / "roster-base"
        self._lock = threading.Lock()
        self._callbacks: list[Callback] = []

    def on_published(self, callback: Callback) -> None:
        self._callbacks.append(callback)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keeps out every thread and process that shares the file. Raises FolderBusy."""
        folder = self.file.path.resolve().parent
        if not self._lock.acquire(timeout=_PATIENCE_SECONDS):
            raise FolderBusy(str(folder))
        try:
            with locked_folder(folder if folder.is_dir() else self.file.instance_dir):
                yield
        finally:
            self._lock.release()

    def share(self, now: datetime) -> None:
        """Brings everything in step. What keeps it from that is told by `trouble`; it never raises it."""
        trouble = ""
        try:
            with self.alone():
                self.bring_in_step(now)
        except FolderBusy:
            trouble = self.trouble
        except SQLAlchemyError:
            trouble = "database"
        except Unreadable:
            trouble = "sealed"
        except OSError:
            trouble = "folder"
        if trouble != self.trouble:
            (log.error if trouble else log.info)("roster sharing", why=trouble or "well again")
            self.trouble = trouble

    def bring_in_step(self, now: datetime) -> None:
        """Decides by the rules above. Call it `alone`.

        Raises SQLAlchemyError, privacy.Unreadable and OSError: then what was in force still is.
        """
        found, base = self.file.found, self._base()
        here = "" if found is None else version_of(found)
        with reading(self.engine) as connection:
            head = versions.head(connection)
            newest = "" if head is None else head.version
            is_lost = base not in {"", newest} and not versions.is_known(connection, base)
        if head is not None and here == newest:
            self._set_base(here)
        elif found is not None and (head is None or is_lost or base == newest):
            self._publish_the_hands(found, head, now)
        elif head is None or is_lost:
            return
        elif found is not None:
            self._catch_up(head, found, base, now)
        elif self.file.in_force.unreadable == MISSING and base != newest:
            self._take_over(head, None, now)
        elif self.file.in_force.version != newest:
            self.file.take(*self._good(head))

    def _publish_the_hands(self, found: bytes, head: Head | None, now: datetime) -> None:
        roster = read_roster(found).roster
        if roster is None:
            return
        with self.engine.begin() as connection:
            version = self._add(connection, head, Draft(found.decode(), roster, HAND, ""), now)
        if version is not None:
            self._set_base(version.version)

    def _catch_up(self, head: Head, found: bytes, base: str, now: datetime) -> None:
        with self.engine.begin() as connection:
            here = version_of(found)
            if here != base and (base or not versions.is_known(connection, here)):
                self._keep(connection, found, now)
        self._take_over(head, found, now)

    def _take_over(self, head: Head, expected: bytes | None, now: datetime) -> None:
        """Writes the newest version into the file, if that is still what it was; in force it comes anyway."""
        data, roster = self._good(head)
        try:
            with prepared(self.file.path, data) as new:
                if self.on_disk() != expected:
                    return
                self._put(new, data, roster, expected, now)
        except OSError:
            self.file.take(data, roster)
            raise

    def _good(self, head: Head) -> tuple[bytes, Roster]:
        """The newest version. Raises Unreadable for one that this version of the software refuses."""
        with reading(self.engine) as connection:
            text = versions.read_text(connection, self.vault, head.version) or ""
        roster = read_roster(text.encode()).roster
        if roster is None:
            raise Unreadable("the newest version of the roster is refused here")
        return text.encode(), roster

    def publish(self, draft: Draft, expected: bytes | None, now: datetime) -> Version | None:
        """Makes the draft the next version, writes it into the file, and puts it in force. Call it `alone`.

        None when the file is not `expected` any more, or the newest version not what is in force: nothing
        has happened. Raises SQLAlchemyError and OSError: then too.
        """
        data, before = draft.text.encode(), self.file.in_force.version
        with prepared(self.file.path, data) as new:
            with self.engine.connect() as connection, connection.begin() as transaction:
                head = versions.head(connection)
                version = None
                if head is None or head.version == before:
                    version = self._add(connection, head, draft, now)
                if version is None or self.on_disk() != expected:
                    transaction.rollback()
                    return None
                transaction.commit()
            self._put(new, data, draft.roster, expected, now)
        return version

    def _put(self, new: Prepared, data: bytes, roster: Roster, expected: bytes | None, now: datetime) -> None:
        overtaken = new.put(expected)
        self.file.take(data, roster, new.mark)
        self._set_base(roster.version)
        if overtaken is not None and overtaken != data:
            with self.engine.begin() as connection:
                self._keep(connection, overtaken, now)

    def _add(self, connection: Connection, head: Head | None, draft: Draft, now: datetime) -> Version | None:
        """Adds the draft behind `head`; None when another was faster."""
        text, before = self._before(connection, head)
        sequence = 1 if head is None else head.sequence + 1
        version = Version(
            sequence=sequence,
            version=draft.roster.version,
            text=draft.text,
            author=draft.author,
            at=now,
            why=draft.why,
            words=_words(before, draft.roster, now),
            diff=diff_of(text, draft.text) if head else "",
            base=sequence - 1 or None,
        )
        if not versions.add_version(connection, self.vault, version):
            return None
        log.info("roster published", version=version.version)
        if before is not None:
            self._tell(connection, Published(before, draft.roster, version))
        return version

    def _before(self, connection: Connection, head: Head | None) -> tuple[str, Roster | None]:
        """The newest version, from memory where that has it: reading a roster is what takes time."""
        force = self.file.in_force
        if head is None or head.version == force.version:
            return (force.text, force.roster) if head else ("", None)
        text = versions.read_text(connection, self.vault, head.version) or ""
        return text, read_roster(text.encode()).roster

    def _tell(self, connection: Connection, published: Published) -> None:
        for callback in self._callbacks:
            try:
                with connection.begin_nested():
                    callback(connection, published)
            except Exception:
                # A hole is mended even when nobody can be told of it.
                log.exception("roster change not told", version=published.version.version)

    def _keep(self, connection: Connection, data: bytes, now: datetime) -> None:
        log.warning("roster hand edit kept aside", version=version_of(data))
        versions.keep_conflict(connection, self.vault, data, now, socket.gethostname())

    def discard(self, now: datetime) -> bool:
        """Puts the roster in force over a file that is refused, whose text is kept. Call it `alone`."""
        force, data = self.file.in_force, self.on_disk()
        if force.roster is None or data is None or not force.refused:
            return False
        with self.engine.begin() as connection:
            self._keep(connection, data, now)
        text = force.text.encode()
        with prepared(self.file.path, text) as new:
            self._put(new, text, force.roster, data, now)
        return True

    def on_disk(self) -> bytes | None:
        """What stands in the file at this moment; None when there is none."""
        try:
            return read_start(self.file.path)
        except FileNotFoundError:
            return None

    def _base(self) -> str:
        try:
            return self._base_file.read_text("ascii").strip()
        except (OSError, UnicodeDecodeError):
            return ""

    def _set_base(self, version: str) -> None:
        self.newest = version
        if self._base() != version:
            try:
                # Lost in a power cut, it is made out again from the file and the database.
                write_whole(self._base_file, version.encode(), lasting=False)
            except OSError as fault:
                log.error("roster base not kept", fault=type(fault).__name__)


def _words(before: Roster | None, after: Roster, now: datetime) -> dict[Language, tuple[str, ...]]:
    found = () if before is None else differences(before, after)
    at = int(now.timestamp())
    return {
        language: tuple(difference_words(each, after.zone, language, at) for each in found)
        for language in _LANGUAGES
    }
