"""One thing that happened in a call, as it is journalled before the answer goes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    """`key` names the fact (call, step, attempt, status): the same fact told twice has the same key.

    `at` is aware. `data` is JSON and holds nothing personal; `personal` is a token of the vault, or "".
    """

    key: str
    call: str
    kind: str
    at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)
    personal: str = ""
