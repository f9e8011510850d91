"""A move of the call as the JSON that is stored with its event: what was decided, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, assert_never

from routing.call import Ask, Close, Move, Ring
from routing.ladder import PassedOver


def move_fact(move: Move) -> dict[str, Any]:
    """JSON without anything personal: the number to read back stays out."""
    fact: dict[str, Any] = {"why": move.why, "language": move.position.language, "kind": move.position.kind}
    match move:
        case Ask(position, _, _, passed_over):
            return fact | {"move": "ask", "stage_next": position.stage} | _passed_over(passed_over)
        case Close(_, closing, _):
            return fact | {"move": "close", "closing": closing}
        case Ring(position, rung, _):
            return (
                fact
                | {
                    "move": "ring",
                    "ring_next": position.rings,
                    "person": rung.person,
                    "policy": rung.place.policy,
                    "round": rung.place.round,
                    "step": rung.place.step,
                    "seconds": rung.seconds,
                    "by": rung.ring,
                    "because": rung.why,
                }
                | _passed_over(rung.passed_over)
            )
    assert_never(move)


def _passed_over(names: Sequence[PassedOver]) -> dict[str, Any]:
    return {"passed_over": [[name.ring, name.why] for name in names]} if names else {}
