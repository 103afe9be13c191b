"""What every test would compile alike is compiled once in a process: routes, templates and statements.

Most tests of pages build an application, and all tests of storage have a database of their own: compiling anew took a
third of the suite's time. The description of the API is written only where a test asks for it.
"""

from functools import partial
from typing import Any

import sqlalchemy as sa
from apispec import APISpec
from flask import Flask
from flask_smorest import Api
from flask_smorest.blueprint import Blueprint
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from messaging.app import Application

MOST_STATEMENTS = 10_000
COMPILED = ("_parts", "_trace", "_converters", "arguments", "_build", "_build_unknown")
"""What compiling makes of a route, which nothing changes afterwards."""

_statements: LRUCache[Any, Any] = LRUCache(MOST_STATEMENTS)
_rules: dict[tuple[Any, ...], dict[str, Any]] = {}
_templates: dict[str, bytes] = {}


class RuleCompiledOnce(Rule):
    """A route that takes what it is compiled to from one that looked alike, in whatever application that was."""

    def compile(self) -> None:
        """Compile the route, or do as if."""
        looks_like = (self.rule, self.subdomain, self.host, self.merge_slashes, repr(self.defaults))
        if looks_like not in _rules:
            super().compile()
            _rules[looks_like] = {name: vars(self)[name] for name in COMPILED}
        vars(self).update(_rules[looks_like])
        self._build = self._build.__func__.__get__(self)  # type: ignore[attr-defined]
        self._build_unknown = self._build_unknown.__func__.__get__(self)  # type: ignore[attr-defined]


class TemplatesCompiledOnce(BytecodeCache):
    """Keeps compiled templates in memory; Jinja looks itself whether their source is still the same."""

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give a template that was compiled before."""
        if bucket.key in _templates:
            bucket.bytecode_from_string(_templates[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a template that has been compiled."""
        _templates[bucket.key] = bucket.bytecode_to_string()


def compile_once() -> None:
    """Let all applications and databases of this process share what they compile alike."""
    Application.url_rule_class = RuleCompiledOnce
    Application.jinja_options = {**Application.jinja_options, "bytecode_cache": TemplatesCompiledOnce()}
    _share_statements()
    _describe_when_asked()


def _share_statements() -> None:
    """Let engines take a statement as it was compiled for another that speaks the same dialect with the same server."""

    def share(connection: sa.Connection) -> None:
        connection.engine._compiled_cache = _statements

    sa.event.listen(sa.Engine, "engine_connect", share)
    DefaultDialect.__eq__ = lambda one, other: _spoken(one) == _spoken(other)  # type: ignore[assignment,method-assign]
    DefaultDialect.__hash__ = lambda one: hash(_spoken(one))  # type: ignore[assignment,method-assign]


def _spoken(dialect: Any) -> tuple[Any, ...]:
    return type(dialect), dialect.server_version_info


def _describe_when_asked() -> None:
    """Put off what blueprints tell of their routes until the description of the API is asked for."""
    describe, show = Blueprint.register_views_in_doc, APISpec.to_dict

    def describe_later(blueprint: Blueprint, api: Api, app: Flask, spec: APISpec, **more: Any) -> None:
        # Kept with the description itself, so that an application goes when its test has ended.
        vars(spec).setdefault("untold", []).append(partial(describe, blueprint, api, app, spec, **more))

    def show_all(spec: APISpec) -> dict[str, Any]:
        for tell in vars(spec).pop("untold", ()):
            tell()
        return show(spec)

    Blueprint.register_views_in_doc = describe_later
    APISpec.to_dict = show_all  # type: ignore[method-assign]
