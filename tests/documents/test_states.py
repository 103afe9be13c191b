"""The table of states is the diagram, and nothing moves in any other way."""

import re

from messaging.documents import states
from messaging.documents.states import IN_QUARANTINE, TRANSITIONS, DocumentState

MAY = {
    ("receiving", "waiting"),
    ("waiting", "clean"),
    ("waiting", "refused"),
    ("waiting", "parked"),
    ("parked", "waiting"),
}


def test_every_state_has_its_row() -> None:
    assert {(before.value, after.value) for before, after_all in TRANSITIONS.items() for after in after_all} == MAY
    assert set(TRANSITIONS) == set(DocumentState)


def test_diagram_names_every_state() -> None:
    diagram = (states.__doc__ or "").split("\n\n")[1]

    assert set(re.findall(r"[a-z]{5,}", diagram)) - {"tried", "again"} == set(DocumentState)


def test_what_is_decided_stays() -> None:
    assert {state for state, after in TRANSITIONS.items() if not after} == {DocumentState.CLEAN, DocumentState.REFUSED}


def test_nothing_in_quarantine_can_be_opened() -> None:
    assert DocumentState.CLEAN not in IN_QUARANTINE
