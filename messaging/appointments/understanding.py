"""Understands an answer to a reminder, by the table `texts/reply_rules.toml`. Whatever is not clear goes to a human.

Nothing is cancelled and nobody is opted out by what is found here. A label with `whole_text` means that every word of
the text was explained; only then may a yes or a thanks settle itself.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from messaging.appointments.reply_rules import (
    BEATS,
    CORRECTIONS,
    COURTESIES,
    DOUBTS,
    RULES,
    SYMBOLS,
    THUMBS,
    WARM,
    Label,
    Rule,
    Weight,
)
from messaging.conversations.danger import find_danger
from messaging.conversations.keywords import Keyword, bare_keyword
from messaging.conversations.phrases import plain_words, without_unseen

LONGEST = 320
"""Characters; a longer text is a letter, not an answer, and a human reads it."""

MOST_LEFT_OVER = 15
"""Words; more than this around a phrase is a story, and a human reads it."""

_TAKEN = "|"
_EXPLAINED = frozenset({".", _TAKEN})
_KEYWORD_LABELS = {Keyword.STOP: Label.STOP, Keyword.START: Label.START}
_READ_BY_A_HUMAN_ANYWAY = frozenset({Label.QUESTION, Label.WHO_IS_THIS, Label.STOP})
_MAY_BE_ASKED = _READ_BY_A_HUMAN_ANYWAY | {Label.NEW_TIME}


@dataclass(frozen=True, kw_only=True)
class Understanding:
    """What an answer means and how we know.

    `label` is OTHER when a human has to read it; `suggestion` is then what it may mean, and `unsure` says that
    something was recognised but not clearly. `rule` names the rule that decided.
    """

    label: Label
    rule: str | None
    whole_text: bool
    unsure: bool
    suggestion: Label | None

    @property
    def may_settle(self) -> bool:
        """Whether nobody needs to read this: a clean confirmation or a thanks."""
        return self.whole_text and self.label in {Label.CONFIRM, Label.THANKS}


@dataclass(frozen=True, kw_only=True)
class _Findings:
    rules: tuple[Rule, ...]
    left_over: tuple[str, ...]


def understand(text: str, *, on: date) -> Understanding:
    """Say what an answer means, by the rules and by the list of danger signs in force on this day."""
    keyword = bare_keyword(text)
    if keyword in _KEYWORD_LABELS:
        return Understanding(
            label=_KEYWORD_LABELS[keyword], rule="keyword", whole_text=True, unsure=False, suggestion=None
        )
    signs = _signs(text)
    if signs and signs <= WARM:
        return Understanding(label=Label.THANKS, rule="warm signs", whole_text=True, unsure=False, suggestion=None)
    if len(text) > LONGEST or find_danger(text, on=on):
        return _left_to_a_human(None)
    return _decide(_find(text))


def is_nod(text: str) -> bool:
    """Whether the text is nothing but thumbs and warm signs; what a nod means depends on what was asked."""
    signs = _signs(text)
    return bool(signs) and signs <= THUMBS | WARM


def _signs(text: str) -> set[str]:
    """What a text is made of, without spaces, shades of skin and the marks that only choose how a sign is drawn."""
    plain = (sign for sign in without_unseen(text) if unicodedata.category(sign) not in {"Sk", "Mn", "Cf"})
    return {sign for sign in plain if not sign.isspace()}


def _find(text: str) -> _Findings:
    rest = _spelled(plain_words(text, symbols=SYMBOLS))
    found = []
    for rule in RULES:
        before = rest
        for phrase in rule.phrases:
            rest = phrase.sub(f" {_TAKEN}", rest)
        if rest != before:
            found.append(rule)
    for courtesy in COURTESIES:
        rest = courtesy.sub(f" {_TAKEN}", rest)
    left_over = [word for word in rest.split() if word not in _EXPLAINED]
    return _Findings(rules=tuple(found), left_over=(*left_over, *_unknown_symbols(text)))


def _decide(findings: _Findings) -> Understanding:
    weightiest = max((rule.weight for rule in findings.rules), default=None)
    if weightiest is None:
        return _left_to_a_human(None)
    if weightiest is Weight.COURTESY:
        rules = findings.rules[:1]
    else:
        rules = tuple(rule for rule in findings.rules if rule.weight > Weight.COURTESY)
    label = _prevailing({rule.label for rule in rules})
    if label is None or label is Label.OTHER:
        return _left_to_a_human(None, unsure=True)
    decisive = max((rule for rule in rules if rule.label is label), key=lambda rule: rule.weight)
    whole = not [word for word in findings.left_over if word != "?" or label not in _MAY_BE_ASKED]
    if not whole and (decisive.weight < Weight.FIRM or _doubtful(label, findings.left_over)):
        return _left_to_a_human(label, unsure=True)
    return Understanding(label=label, rule=decisive.name, whole_text=whole, unsure=False, suggestion=None)


def _prevailing(labels: set[Label]) -> Label | None:
    beaten = frozenset[Label]().union(*(BEATS.get(label, ()) for label in labels))
    remaining = labels - beaten
    return remaining.pop() if len(remaining) == 1 else None


def _doubtful(label: Label, left_over: tuple[str, ...]) -> bool:
    if label in _READ_BY_A_HUMAN_ANYWAY:
        return False
    if len(left_over) > MOST_LEFT_OVER or not DOUBTS.isdisjoint(left_over):
        return True
    return "?" in left_over and label not in _MAY_BE_ASKED


def _left_to_a_human(suggestion: Label | None, *, unsure: bool = False) -> Understanding:
    return Understanding(label=Label.OTHER, rule=None, whole_text=False, unsure=unsure, suggestion=suggestion)


def _spelled(words: str) -> str:
    return f" {' '.join(CORRECTIONS.get(word, word) for word in words.split())} "


def _unknown_symbols(text: str) -> Iterator[str]:
    if not text.isascii():
        yield from (
            symbol for symbol in without_unseen(text) if unicodedata.category(symbol) == "So" and symbol not in SYMBOLS
        )
