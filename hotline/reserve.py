"""A file that only takes up room: given up when the disk is full, so that the journal goes on for a while."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path


class Reserve:
    """`size` bytes at `path`. Made only where several times as much is free. Never raises."""

    def __init__(self, path: Path, size: int) -> None:
        self._path = path
        self._size = size

    def give_up(self) -> bool:
        """True when there was a reserve and its room is free now."""
        try:
            self._path.unlink()
        except OSError:
            return False
        return True

    def make(self) -> bool:
        """True when the reserve is there, made now or before."""
        try:
            if self._path.exists():
                return True
            if shutil.disk_usage(self._path.parent).free < 4 * self._size:
                return False
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError:
            return False
        try:
            os.posix_fallocate(descriptor, 0, self._size)
        except OSError:
            with suppress(OSError):
                self._path.unlink()
            return False
        finally:
            os.close(descriptor)
        return True
