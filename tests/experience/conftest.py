"""Codes handed out and used, in few words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pytest

from messaging.experience.answering import answer
from messaging.experience.codes import Cell, draw
from messaging.experience.figures import Pulse, pulse
from messaging.experience.models import Question, Rating
from messaging.people.actors import SYSTEM
from messaging.people.arm_models import Arm
from messaging.runtime import Runtime
from tests.house import house  # noqa: F401
from tests.trial.conftest import centre  # noqa: F401

MARCH = Cell(arm=Arm.SMS, month="2027-03", meeting_type="Jobsamtale")
"""The month in which the tests' clock stands."""
CONTENT = {Question.CONTACT: Rating.YES, Question.PURPOSE: Rating.NO}


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Where codes are handed out."""

    runtime: Runtime

    def hands_out(self, number: int = 1, *, cell: Cell = MARCH) -> Sequence[str]:
        """Hand out codes."""
        with self.runtime.act(SYSTEM) as act:
            return draw(act, cell, number=number)

    def hears(self, code: str, answers: Mapping[Question, Rating] = CONTENT) -> None:
        """Let somebody use a code."""
        with self.runtime.act(SYSTEM) as act:
            answer(act, code=code, answers=answers)

    def told(self, *ratings: Rating, cell: Cell = MARCH) -> None:
        """Let as many citizens answer the first question so."""
        for code, rating in zip(self.hands_out(len(ratings), cell=cell), ratings, strict=True):
            self.hears(code, {Question.CONTACT: rating})

    def figures(self) -> Pulse:
        """Return what is shown now."""
        with self.runtime.database.read() as session:
            return pulse(session, at=self.runtime.clock.now(), apart=True)


@pytest.fixture
def desk(runtime: Runtime) -> Desk:
    """A desk at which nobody has been asked."""
    return Desk(runtime=runtime)
