"""Webhooks: our server with its journal on disk against a bare one, and how long an answer takes."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.load import Loaded, load
from bench.rehearsal import rehearse_desk, rehearse_night
from bench.report import print_table, verdict
from bench.servers import Server, server

_RATES = {100: 25.0, 300: 50.0}
_LEAST_SHARE = 0.6


@dataclass(frozen=True)
class Sizes:
    """`pairs` of runs of `calls` calls each, and `seconds` at each fixed rate, `rounds` times.

    Before each run the machine has `rest` seconds of rest.
    """

    calls: int = 240
    pairs: int = 9
    seconds: float = 6.0
    rounds: int = 2
    rest: float = 0.3


def measure_webhooks(folder: Path, sizes: Sizes) -> None:
    with server("ours", folder / "ours") as ours, server("bare", folder / "bare") as bare:
        scripts = [rehearse_night(ours), rehearse_desk(ours)]
        a_call = sum(len(script.steps) for script in scripts) / len(scripts)
        numbers = iter(range(1, 10**9, 10**6))

        def run(which: Server, calls: int, rate: float | None = None) -> Loaded:
            # Nothing of the run before is left to be done.
            ours.wait_until_recorded()
            time.sleep(sizes.rest)
            connections = 16 if rate is None else 64
            return load(which, scripts, first=next(numbers), calls=calls, rate=rate, connections=connections)

        for which in (ours, bare):
            run(which, max(2, sizes.calls // 10))
        pairs = [(run(ours, sizes.calls), run(bare, sizes.calls)) for _ in range(sizes.pairs)]
        paced = {
            rate: [
                (run(ours, calls, rate), run(bare, calls, rate))
                for calls in [max(2, round(rate * sizes.seconds / a_call))] * sizes.rounds
            ]
            for rate in _RATES
        }
    _print_throughput(pairs)
    _print_latency(paced)


def _print_throughput(pairs: list[tuple[Loaded, Loaded]]) -> None:
    shares = [ours.per_second / bare.per_second for ours, bare in pairs]
    rows = [
        [
            name,
            f"{median(run.per_second for run in runs):.0f}",
            f"{median(run.p50 for run in runs):.1f}",
            f"{median(run.p99 for run in runs):.1f}",
            f"{sum(run.failed for run in runs)} of {sum(run.requests for run in runs)}",
        ]
        for name, runs in _by_server(pairs)
    ]
    notes = [
        f"share of the bare server's, pair by pair: {', '.join(f'{share:.0%}' for share in shares)}; "
        + verdict(f"median {median(shares):.0%}, at least {_LEAST_SHARE:.0%}", median(shares) >= _LEAST_SHARE)
    ]
    head = ["", "requests/s", "p50 ms", "p99 ms", "failed"]
    print_table("Webhooks as fast as they are answered, 16 connections", head, rows, notes)


def _print_latency(paced: dict[int, list[tuple[Loaded, Loaded]]]) -> None:
    rows, notes = [], []
    for rate, pairs in paced.items():
        for name, runs in _by_server(pairs):
            rows.append(
                [
                    f"{rate}/s, {name}",
                    f"{median(run.p50 for run in runs):.1f}",
                    f"{median(run.p99 for run in runs):.1f}",
                    f"{max(run.most for run in runs):.1f}",
                    f"{sum(run.failed for run in runs)} of {sum(run.requests for run in runs)}",
                ]
            )
        p99 = median(ours.p99 for ours, _ in pairs)
        notes.append(
            verdict(f"p99 at {rate}/s {p99:.1f} ms, under {_RATES[rate]:.0f} ms", p99 < _RATES[rate])
        )
    head = ["", "p50 ms", "p99 ms", "longest ms", "failed"]
    print_table("Webhooks due at fixed times, from the time each was due", head, rows, notes)


def _by_server(pairs: list[tuple[Loaded, Loaded]]) -> list[tuple[str, list[Loaded]]]:
    return [("ours, journal on disk", [a for a, _ in pairs]), ("bare, signature only", [b for _, b in pairs])]
