"""The table by which answers to a reminder are understood, as `texts/reply_rules.toml` has it."""

import enum
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from messaging.conversations.keywords import OPT_OUT_WISHES
from messaging.conversations.phrases import compile_phrase, fold
from messaging.conversations.rendering import read_texts


class Label(enum.StrEnum):
    """What an answer means. OTHER is everything a human has to read to know."""

    CONFIRM = "confirm"
    NEW_TIME = "new_time"
    SICK = "sick"
    LATE = "late"
    QUESTION = "question"
    THANKS = "thanks"
    WRONG_NUMBER = "wrong_number"
    WHO_IS_THIS = "who_is_this"
    STOP = "stop"
    START = "start"
    OTHER = "other"


class Weight(enum.IntEnum):
    """How much a phrase says; explained at the head of the table."""

    COURTESY = 1
    PLAIN = 2
    FIRM = 3


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One row of the table. `name` says which rule it was when a human asks why."""

    name: str
    label: Label
    weight: Weight
    phrases: tuple[re.Pattern[str], ...] = field(repr=False)


BEATS: dict[Label, frozenset[Label]] = {
    Label.SICK: frozenset({Label.NEW_TIME}),
    Label.LATE: frozenset({Label.CONFIRM}),
    Label.WRONG_NUMBER: frozenset({Label.WHO_IS_THIS, Label.NEW_TIME, Label.STOP}),
}
"""Which meaning includes which: who is ill also cannot come, who is late comes. Any other two need a human."""

_DATA: dict[str, Any] = read_texts("messaging.appointments", "reply_rules.toml")


def _compiled(phrases: list[str]) -> tuple[re.Pattern[str], ...]:
    return tuple(compile_phrase(phrase, pieces=_DATA["pieces"]) for phrase in phrases)


def _misspellings(word: str) -> Iterator[str]:
    for place in range(1, len(word) - 1):
        yield word[:place] + word[place + 1 :]
        yield word[:place] + word[place] + word[place:]
        yield word[:place] + word[place + 1] + word[place] + word[place + 2 :]


RULES: tuple[Rule, ...] = (
    Rule(name="leave_me_alone", label=Label.STOP, weight=Weight.FIRM, phrases=OPT_OUT_WISHES),
    *(
        Rule(
            name=row["name"],
            label=Label(row["label"]),
            weight=Weight[row["weight"].upper()],
            phrases=_compiled(row["phrases"]),
        )
        for row in _DATA["rule"]
    ),
)
COURTESIES: tuple[re.Pattern[str], ...] = _compiled(_DATA["courtesies"])
DOUBTS: frozenset[str] = frozenset(map(fold, _DATA["doubts"]))
WARM: frozenset[str] = frozenset(_DATA["warm"])
THUMBS: frozenset[str] = frozenset(_DATA["symbols"]["tommelop"])
SYMBOLS: dict[str, str] = {symbol: word for word, symbols in _DATA["symbols"].items() for symbol in symbols}

_MISSPELT = frozenset(map(fold, _DATA["misspelt"]))
CORRECTIONS: dict[str, str] = {
    **{wrong: word for word in _MISSPELT for wrong in _misspellings(word) if wrong not in _MISSPELT},
    **{fold(wrong): fold(right) for wrong, right in _DATA["spellings"].items()},
}
"""Right words for wrong ones, both in plain letters."""
