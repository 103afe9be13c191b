"""Signs that somebody may be in danger: self-harm, violence against the writer, threats against others.

A sign is a flag for a human, at once and on every channel. It is no diagnosis, and it never causes anything by itself.
The list is dated data (`texts/danger.toml`). Negation is not attempted: "I will not kill myself" is flagged too,
because whoever writes that deserves to be read by a human.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from messaging.conversations.phrase_book import BookedPhrase, PhraseBook, book
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
    valid_from: date
    valid_to: date
    phrases: tuple[BookedPhrase[Danger], ...]


def find_danger(text: str, *, on: date) -> Danger | None:
    """Return the first sign of danger by the list in force on this day; self-harm comes before violence and threats."""
    words = plain_words(" ".join(text.split()))
    for idiom in _HARMLESS:
        words = idiom.sub(" .", words)
    return _in_force(on).find(words)


def kind_of_rule(name: str) -> DangerKind:
    """Return what a rule is a sign of, also one that is no longer in force: its name begins with it."""
    return DangerKind(name.partition(".")[0])


def _rule(written: Mapping[str, Any]) -> _Rule:
    danger = Danger(kind=DangerKind(written["kind"]), rule=written["name"])
    return _Rule(
        valid_from=written["valid_from"],
        valid_to=written.get("valid_to", date.max),
        phrases=tuple(book(phrase, danger, pieces=_PIECES) for phrase in written["phrases"]),
    )


_TEXTS = read_texts("messaging.conversations", "danger.toml")
_HARMLESS = tuple(compile_phrase(phrase) for phrase in _TEXTS["harmless"])
_RULES = tuple(_rule(written) for written in _TEXTS["rule"])


@lru_cache(maxsize=8)
def _in_force(day: date) -> PhraseBook[Danger]:
    return PhraseBook(phrase for rule in _RULES if rule.valid_from <= day < rule.valid_to for phrase in rule.phrases)
