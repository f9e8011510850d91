"""`python -m bench`: all measures in one run. Five minutes on two cores that do nothing else; `--quick` one.

Nothing is asserted: a machine that does other work as well gives other figures.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from bench.duty import measure_duty
from bench.memory import measure_memory
from bench.report import print_machine
from bench.webhooks import Sizes, measure_webhooks

_HERE = Path(__file__).resolve().parent.parent


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench", description="Measures what the design promises.")
    parser.add_argument("--quick", action="store_true", help="smaller numbers, rougher figures")
    quick = parser.parse_args().quick
    start = time.monotonic()
    print_machine()
    measure_duty(30 if quick else 60)
    # Not where temporary files are kept: that may be in memory, and a journal is on disk.
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=_HERE) as folder:
        measure_webhooks(Path(folder), Sizes(60, 3, 2.0, 1) if quick else Sizes())
        measure_memory(Path(folder), *((100, 1000) if quick else (1000, 20_000)))
    print(f"\nMeasured in {time.monotonic() - start:.0f} s.")


if __name__ == "__main__":
    main()
