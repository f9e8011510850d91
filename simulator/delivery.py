"""The fault script: what happens to webhooks on their way.

A rule chooses webhooks and says what befalls them; the rules of one webhook add up. Callbacks can be
delayed, held and dropped; a request the network waits for can be slow, unreachable or lose its answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from simulator.webhooks import TOTAL_SECONDS, Answer, Overrides, Sender, Webhook, later

Hook = Callable[[Webhook], None]
CALLBACKS = frozenset({"call-status", "leg-status", "message-status"})


@dataclass(frozen=True, slots=True)
class Which:
    """Chooses webhooks: by `kind`, by a part of the URL, by any claim, and of those the `nth` (from 1).

    Kinds: incoming, gather, redirect, dial, screen, screen-gather, fallback, outgoing,
    call-status, leg-status, message-status.
    """

    kind: str | None = None
    url_has: str = ""
    where: Callable[[Webhook], bool] | None = None
    nth: int | None = None

    def fits(self, webhook: Webhook) -> bool:
        return (
            (self.kind is None or webhook.kind == self.kind)
            and self.url_has in webhook.url
            and (self.where is None or self.where(webhook))
        )


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Delivered `times` more; `parallel`: all at once. `same_token`: all with one idempotency token."""

    times: int = 1
    parallel: bool = False
    same_token: bool = True


@dataclass(frozen=True, slots=True)
class Delay:
    """Arrives `seconds` later."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Drop:
    """A callback never arrives; any other request cannot connect, the first `attempts` times."""

    attempts: int = 1000


@dataclass(frozen=True, slots=True)
class LoseAnswer:
    """It arrives and is executed, but its answer is lost, the first `attempts` times."""

    attempts: int = 1


@dataclass(frozen=True, slots=True)
class Reorder:
    """Callbacks are held until there are as many as `order` names, then released in that order (from 0).

    What is still held when nothing else is left to happen is released as far as it came.
    """

    order: tuple[int, ...]


Fault = Duplicate | Delay | Drop | LoseAnswer | Reorder


@dataclass(slots=True, eq=False)
class Rule:
    which: Which
    fault: Fault
    seen: int = 0
    held: list[tuple[Webhook, Callable[[], None]]] = field(default_factory=list)


@dataclass(slots=True)
class Delivery:
    """`before` and `after` are called around each single request: the place to kill and restart a server."""

    rules: list[Rule] = field(default_factory=list)
    before: list[Hook] = field(default_factory=list)
    after: list[Hook] = field(default_factory=list)

    def add(self, fault: Fault, which: Which | None = None) -> None:
        self.rules.append(Rule(which or Which(), fault))

    def rules_for(self, webhook: Webhook) -> list[Rule]:
        """Counts the webhook; to be asked once for each."""
        chosen = []
        for rule in self.rules:
            if rule.which.fits(webhook):
                rule.seen += 1
                if rule.which.nth in (None, rule.seen):
                    chosen.append(rule)
        return chosen

    @staticmethod
    def delay(rules: Sequence[Rule]) -> float:
        return sum(rule.fault.seconds for rule in rules if isinstance(rule.fault, Delay))

    def hold(self, rules: Sequence[Rule], webhook: Webhook, release: Callable[[], None]) -> bool:
        """Whether a Reorder keeps this callback back; lets go what is complete."""
        for rule in rules:
            if isinstance(rule.fault, Reorder):
                rule.held.append((webhook, release))
                if len(rule.held) == len(rule.fault.order):
                    self._release(rule)
                return True
        return False

    def release_held(self) -> bool:
        """Lets go everything; False where nothing was held."""
        waiting = [rule for rule in self.rules if rule.held]
        for rule in waiting:
            self._release(rule)
        return bool(waiting)

    def _release(self, rule: Rule) -> None:
        assert isinstance(rule.fault, Reorder)
        held, rule.held = rule.held, []
        for index in rule.fault.order:
            if index < len(held):
                held[index][1]()

    def deliver(self, sender: Sender, webhook: Webhook, rules: Sequence[Rule]) -> Answer:
        """All attempts of one webhook with their faults; the answer the network goes on with."""
        faults = [rule.fault for rule in rules]
        overrides = Overrides.of(webhook.url)
        waited = 0.0
        for attempt in range(1 + overrides.retries):
            answer = self._attempt(sender, webhook, faults, attempt, waited)
            waited += overrides.read_seconds if answer.error == "read" else 0.0
            if not overrides.retries_after(answer) or waited >= TOTAL_SECONDS:
                break
        return replace(answer, seconds=min(waited, TOTAL_SECONDS))

    def _attempt(
        self, sender: Sender, webhook: Webhook, faults: Sequence[Fault], attempt: int, waited: float
    ) -> Answer:
        if any(isinstance(fault, Drop) and attempt < fault.attempts for fault in faults):
            return Answer(error="connect")
        answer = self.post(sender, webhook, faults if attempt == 0 else (), waited)
        if any(isinstance(fault, LoseAnswer) and attempt < fault.attempts for fault in faults):
            return Answer(error="read")
        return answer

    def post(
        self, sender: Sender, webhook: Webhook, faults: Sequence[Fault] = (), waited: float = 0.0
    ) -> Answer:
        """One attempt with its duplicates; every answer is recorded with the webhook, the first returned."""

        def post_one(copy: Webhook) -> Answer:
            for hook in self.before:
                hook(copy)
            answer = sender.request(copy, later(copy.at, waited))
            copy.answers.append(answer)
            for hook in self.after:
                hook(copy)
            return answer

        duplicates = [fault for fault in faults if isinstance(fault, Duplicate)]
        copies = [webhook, *(copy for fault in duplicates for copy in _copies(webhook, fault))]
        if not any(fault.parallel for fault in duplicates):
            answers = [post_one(copy) for copy in copies]
        else:
            with ThreadPoolExecutor(max_workers=min(50, len(copies))) as pool:
                answers = list(pool.map(post_one, copies))
        return answers[0]


def _copies(webhook: Webhook, fault: Duplicate) -> list[Webhook]:
    if fault.same_token:
        return [webhook] * fault.times
    return [replace(webhook, token=f"{webhook.token}-{n}") for n in range(fault.times)]
