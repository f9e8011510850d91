"""Puts a file in the place of another, whole or not at all, and sees what was there at that very moment.

Which file, and what to do about a stranger's, is left to others.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import glob
import os
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from routing.reading import MAX_BYTES

_LOCK_SECONDS = 5.0
_POLL_SECONDS = 0.002
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_UNSUPPORTED = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EPERM}
# How long somebody may take to write what they had begun when the file was taken from under them.
_SETTLED_AFTER = 0.05
_SETTLES_WITHIN = 1.0


#: What changes when a file is written or another put in its place: time of the last change, size, inode.
Mark = tuple[int, int, int]


def mark_of(found: os.stat_result) -> Mark:
    return found.st_mtime_ns, found.st_size, found.st_ino


class FolderBusy(Exception):
    """Another process has held the folder for longer than anybody should."""


@contextmanager
def locked_folder(folder: Path, seconds: float = _LOCK_SECONDS) -> Iterator[None]:
    """Keeps out every other process and thread that asks. Raises FolderBusy, and OSError without a folder."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        give_up_at = time.monotonic() + seconds
        while not _locked(descriptor):
            if time.monotonic() > give_up_at:
                raise FolderBusy(str(folder))
            time.sleep(_POLL_SECONDS)
        yield
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        # A network's file system that cannot lock a folder: what is saved twice, the database settles.
        return True
    return True


@dataclass(frozen=True, slots=True)
class Prepared:
    """A new file on disk, beside the one whose place it is to take; `mark` tells it from all others."""

    file: Path
    waiting: Path
    mark: Mark

    def put(self, expected: bytes | None) -> bytes | None:
        """Takes the place. What was there at that moment, when it was not `expected`; else None.

        `expected` None: there is no file. Raises OSError.
        """
        if expected is None:
            return self._put_where_nothing_is()
        if not _exchanged(self.waiting, self.file):
            os.replace(self.waiting, self.file)
            _sync_folder(self.file.parent)
            return None
        _sync_folder(self.file.parent)
        was = read_start(self.waiting)
        return None if was == expected else _settled(self.waiting)

    def _put_where_nothing_is(self) -> bytes | None:
        try:
            os.link(self.waiting, self.file)
        except FileExistsError:
            return self.put(b"")
        _sync_folder(self.file.parent)
        return None


@contextmanager
def prepared(file: Path, data: bytes) -> Iterator[Prepared]:
    """Writes `data` beside the file a path leads to, with its owner and mode. Raises OSError.

    What waits there from a process that was killed is removed: call it in the locked folder.
    """
    file = file.resolve()
    prefix = f".{file.name}."
    for left in file.parent.glob(f"{glob.escape(prefix)}*.new"):
        left.unlink(missing_ok=True)
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=prefix, suffix=".new")
    waiting = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as new:
            new.write(data)
            new.flush()
            _dress(new.fileno(), file)
            os.fsync(new.fileno())
            mark = mark_of(os.fstat(new.fileno()))
        yield Prepared(file, waiting, mark)
    finally:
        waiting.unlink(missing_ok=True)


def read_start(file: Path) -> bytes:
    """As much of a file as a roster can be, and one byte: what is longer is none. Raises OSError."""
    with file.open("rb") as opened:
        return opened.read(MAX_BYTES + 1)


def write_whole(file: Path, data: bytes, *, lasting: bool = True) -> None:
    """A file of our own, which nobody else writes; `lasting`: also through a power cut. Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(descriptor, "wb") as new:
            new.write(data)
            new.flush()
            if lasting:
                os.fsync(new.fileno())
        os.replace(name, file)
    except OSError:
        os.unlink(name)
        raise


def _dress(descriptor: int, file: Path) -> None:
    """The owner and the mode of the file whose place it takes; of a new one, those of its folder's owner."""
    try:
        found = file.stat()
    except FileNotFoundError:
        os.fchmod(descriptor, 0o640)
        return
    with suppress(PermissionError):
        os.fchown(descriptor, -1, found.st_gid)
        os.fchown(descriptor, found.st_uid, -1)
    os.fchmod(descriptor, stat.S_IMODE(found.st_mode))


def _exchanged(one: Path, other: Path) -> bool:
    """Has two files trade places in one step (renameat2(2)); False where the system cannot."""
    libc = ctypes.CDLL(None, use_errno=True)
    try:
        renameat2 = libc.renameat2
    except AttributeError:
        return False
    done = renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE)
    if done == 0:
        return True
    fault = ctypes.get_errno()
    if fault in _UNSUPPORTED or fault == errno.ENOENT:
        return False
    raise OSError(fault, os.strerror(fault), str(other))


def _settled(file: Path) -> bytes:
    """The file once nobody writes it any more."""
    give_up_at = time.monotonic() + _SETTLES_WITHIN
    was = read_start(file)
    while time.monotonic() < give_up_at:
        time.sleep(_SETTLED_AFTER)
        if (data := read_start(file)) == was and data:
            break
        was = data
    return was


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
