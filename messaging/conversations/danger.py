"""Signs that somebody may be in danger: self-harm, violence against the writer, threats against others.

A sign is a flag for a human, at once and on every channel. It is no diagnosis, and it never causes anything by itself.
The list is dated data (`texts/danger.toml`). Negation is not attempted: "I will not kill myself" is flagged too,
because whoever writes that deserves to be read by a human.
"""

import enum
import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from messaging.conversations.phrases import compile_phrase, plain_words
from messaging.conversations.rendering import read_texts

_PIECES = {
    "them": r"han|hun|de|nogen|min \w+|mine \w+|hans \w+|hendes \w+|kæresten|manden",
    "hit": (
        r"slår|slog|slået|slå|sparker|sparkede|sparket|tæver|tævede|tævet|tæve|tæsker|tæskede|tæsket|banker|bankede|"
        r"banket|kvæler|kvalte|kvalt|bider|bed|brænder|brændte"
    ),
    "they": r"he|she|they|someone|husband|boyfriend|dad|father|mother|mum|mom|brother|ex|wife|girlfriend|partner|uncle",
}


class DangerKind(enum.StrEnum):
    """What a text may be a sign of."""

    SELF_HARM = "self_harm"
    VIOLENCE = "violence"
    THREAT = "threat"


@dataclass(frozen=True, kw_only=True)
class Danger:
    """A sign of danger and the rule that saw it."""

    kind: DangerKind
    rule: str


@dataclass(frozen=True, kw_only=True)
class _Rule:
    name: str
    kind: DangerKind
    valid_from: date
    valid_to: date
    phrases: tuple[re.Pattern[str], ...]


def find_danger(text: str, *, on: date) -> Danger | None:
    """Return the first sign of danger by the list in force on this day; self-harm comes before violence and threats."""
    words = plain_words(" ".join(text.split()))
    for idiom in _HARMLESS:
        words = idiom.sub(" .", words)
    for rule in _in_force(on):
        if any(phrase.search(words) for phrase in rule.phrases):
            return Danger(kind=rule.kind, rule=rule.name)
    return None


def _load() -> tuple[tuple[re.Pattern[str], ...], tuple[_Rule, ...]]:
    data = read_texts("messaging.conversations", "danger.toml")
    rules = tuple(
        _Rule(
            name=rule["name"],
            kind=DangerKind(rule["kind"]),
            valid_from=rule["valid_from"],
            valid_to=rule.get("valid_to", date.max),
            phrases=tuple(compile_phrase(phrase, pieces=_PIECES) for phrase in rule["phrases"]),
        )
        for rule in data["rule"]
    )
    return tuple(compile_phrase(phrase) for phrase in data["harmless"]), rules


_HARMLESS, _RULES = _load()


@lru_cache(maxsize=8)
def _in_force(day: date) -> tuple[_Rule, ...]:
    return tuple(rule for rule in _RULES if rule.valid_from <= day < rule.valid_to)
