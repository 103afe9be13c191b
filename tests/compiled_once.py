"""What every application of the suite would compile alike is compiled once in a process: its routes and its templates.

Building an application takes a second of a busy processor otherwise, and most tests of pages build one of their own.
"""

from collections.abc import Callable
from typing import Any

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule

from messaging.app import Application

_builders: dict[tuple[Any, ...], Callable[..., tuple[str, str]]] = {}
_templates: dict[str, bytes] = {}


class RuleCompiledOnce(Rule):
    """A route whose function that builds addresses, which knows nothing of the rule it was made for, is kept."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        looks_like = (tuple(self._trace), repr(self.defaults), append_unknown)
        if looks_like not in _builders:
            _builders[looks_like] = super()._compile_builder(append_unknown)
        return _builders[looks_like]


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
    """Let all applications of this process share what they compile alike."""
    Application.url_rule_class = RuleCompiledOnce
    Application.jinja_options = {**Application.jinja_options, "bytecode_cache": TemplatesCompiledOnce()}
