"""Compiles once per worker what every application would compile anew: templates and builders of addresses.

The suite makes an application for nearly every test of a page. Measured, a fifth of the processor time of
those tests went into compiling the same templates, a tenth into compiling the same two hundred routes.
"""

from __future__ import annotations

from collections.abc import Callable
from types import CodeType
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule


class KeptInMemory(BytecodeCache):
    """Jinja's own interface to compiled templates, kept for as long as their source stays the same."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[str, CodeType]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give the template what was compiled of the same source."""
        checksum, code = self._kept.get(bucket.key, ("", None))
        if checksum == bucket.checksum:
            bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        if bucket.code is not None:
            self._kept[bucket.key] = (bucket.checksum, bucket.code)


def _kept_builders(compile_builder: Callable[[Rule, bool], Any]) -> Callable[..., Any]:
    """The same function of werkzeug, asked once for every route; what it returns knows no application."""
    kept: dict[tuple[str, tuple[tuple[bool, str], ...], bool], Any] = {}

    def asked_once(rule: Rule, append_unknown: bool = True) -> Any:
        if rule.defaults:
            return compile_builder(rule, append_unknown)
        key = (rule.rule, tuple(rule._trace), append_unknown)
        if key not in kept:
            kept[key] = compile_builder(rule, append_unknown)
        return kept[key]

    return asked_once


Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": KeptInMemory()}
Rule._compile_builder = _kept_builders(Rule._compile_builder)  # type: ignore[method-assign]  # tests alone
