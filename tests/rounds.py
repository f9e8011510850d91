"""How often tests of chance and of races repeat: enough to be quick, or many with THOROUGH=1."""

from __future__ import annotations

import os


def rounds(quick: int, thorough: int) -> int:
    return thorough if os.environ.get("THOROUGH") == "1" else quick
