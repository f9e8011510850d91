"""How much memory our server holds after one call, after many, after very many. It records them meanwhile."""

from __future__ import annotations

import time
from pathlib import Path

from bench.load import load
from bench.rehearsal import rehearse_short
from bench.report import print_table, verdict
from bench.servers import server

_LIMIT = 200.0
#: What counts as flat: memory grows by less than this, in MB.
_FLAT = 15.0


def measure_memory(folder: Path, some: int, many: int) -> None:
    """After one call, after `some` and after `many`."""
    rows = []
    held = []
    with server("ours", folder / "memory") as ours:
        script = rehearse_short(ours)
        before = 1
        for calls in (1, some, many):
            start = time.monotonic()
            if calls > before:
                done = load(ours, [script], first=before, calls=calls - before)
                if done.failed:
                    raise SystemExit(f"{done.failed} of {done.requests} webhooks were not answered.")
            took = time.monotonic() - start
            behind = ours.wait_until_recorded()
            before = calls
            held.append(ours.memory())
            rows.append([f"{calls:,}", f"{held[-1]:.1f}", f"{took:.0f}", f"{behind:.0f}"])
    notes = [
        f"A call is {len(script.steps)} webhooks; the first one was rehearsed.",
        verdict(
            f"between {some:,} and {many:,} calls {held[2] - held[1]:+.1f} MB, flat",
            held[2] - held[1] < _FLAT,
        )
        + "; "
        + verdict(f"under {_LIMIT:.0f} MB", held[2] < _LIMIT),
    ]
    head = ["calls", "resident MB", "seconds", "until all were recorded"]
    print_table("Memory of our server", head, rows, notes)
