"""What a process that tests does once instead of for every test. It is imported before nearly everything."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import ClassVar

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.routing import Rule

# While all is imported and collected nothing becomes garbage. `keep` turns the search for it on again.
gc.disable()


def keep() -> None:
    """What is there now stays to the end: nobody need go through it in search of garbage."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
    gc.enable()


class RememberedTemplates(BytecodeCache):
    """Every test's application has templates of its own; compiled they are once in a process."""

    def __init__(self) -> None:
        self._compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._compiled:
            bucket.bytecode_from_string(self._compiled[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._compiled[bucket.key] = bucket.bytecode_to_string()


class RememberedRule(Rule):
    """Every test's application has rules of its own too; what builds their addresses is compiled once."""

    _builders: ClassVar[dict[tuple[object, ...], Callable[..., tuple[str, str]]]] = {}

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        if self.defaults:
            return super()._compile_builder(append_unknown)
        # The function it gives depends on nothing else; the rule itself is its first argument.
        key = (self.rule, tuple(self._trace), append_unknown)
        if key not in self._builders:
            self._builders[key] = super()._compile_builder(append_unknown)
        return self._builders[key]


Flask.jinja_options = {"bytecode_cache": RememberedTemplates()}
Flask.url_rule_class = RememberedRule
