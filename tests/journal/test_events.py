"""The list of events is closed, and the documentation shows exactly it."""

import re
from pathlib import Path

import pytest

from messaging.journal.events import MEANINGS, EventType, check
from messaging.journal.models import TRANSITIONS, EventState, may_become

DOCUMENT = Path(__file__).parents[2] / "docs" / "journal.md"
ROW = re.compile(r"^\| `(?P<type>[a-z_.]+)` \| (?P<subject>[^|]+) \| (?P<says>[^|]+) \| (?P<facts>[^|]*) \|$")


def documented() -> dict[str, tuple[str, str, frozenset[str]]]:
    rows = [ROW.match(line) for line in DOCUMENT.read_text(encoding="utf-8").splitlines()]
    return {
        row["type"]: (row["subject"], row["says"], frozenset(re.findall(r"`([a-z_]+)`", row["facts"])))
        for row in rows
        if row
    }


def test_every_type_has_a_meaning() -> None:
    assert set(MEANINGS) == set(EventType)


def test_documentation_lists_exactly_the_events() -> None:
    assert documented() == {
        type_.value: (meaning.subject, meaning.says, meaning.facts) for type_, meaning in MEANINGS.items()
    }


def test_known_type_with_known_facts_passes() -> None:
    assert check("opt_out.set", facts=["medium"]) is EventType.OPT_OUT_SET


def test_fact_that_is_not_listed_is_named() -> None:
    with pytest.raises(ValueError, match="shoe_size"):
        check("opt_out.set", facts=["medium", "shoe_size"])


@pytest.mark.parametrize(
    ("state", "after"),
    [
        ("pending", "delivered receipted rejected parked"),
        ("delivered", "pending receipted rejected"),
        ("receipted", "pending"),
        ("rejected", "pending receipted"),
        ("parked", "pending delivered receipted rejected"),
    ],
)
def test_states_follow_the_table(state: str, after: str) -> None:
    assert TRANSITIONS[EventState(state)] == {EventState(word) for word in after.split()}


def test_what_may_become_receipted_is_everything_else() -> None:
    assert may_become(EventState.RECEIPTED) == frozenset(EventState) - {EventState.RECEIPTED}
