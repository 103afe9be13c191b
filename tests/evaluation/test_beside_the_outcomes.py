"""What staff tapped and citizens answered is told of the trial's meetings, of all arms together, and few are hidden."""

import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa

from messaging.appointments.citizen_answers import Answer, AppAnswer, answer_meeting
from messaging.appointments.models import Appointment
from messaging.appointments.outcomes import record_outcome
from messaging.appointments.seeding import seed
from messaging.appointments.states import OutcomeWord
from messaging.attendance.models import OfficialWord
from messaging.conversations.office import Office
from messaging.evaluation.beside_the_outcomes import answers, disagreement
from messaging.evaluation.given import Given
from messaging.evaluation.reporting import make_report
from messaging.people.actors import SYSTEM, Actor, ActorKind
from messaging.trial.models import Arm, Trial
from tests.evaluation.conftest import Pilot
from tests.evaluation.kept import QUICK

HELD, NO_SHOW = OfficialWord.HELD, OfficialWord.NO_SHOW


def meets(
    pilot: Pilot,
    *,
    answer: Answer | None = None,
    official: OfficialWord | None = None,
    tapped: OutcomeWord | None = None,
) -> None:
    """Let a citizen of the trial answer the day before a meeting, and let both sides tell of it the day after."""
    citizen_id = pilot.citizens(Arm.SMS)[0]
    id_ = pilot.meets(citizen_id, in_days=5, after=-1)
    with pilot.runtime.act(Actor(kind=ActorKind.CITIZEN, id=citizen_id)) as act:
        meeting = act.session.get_one(Appointment, id_)
        starts_at = meeting.starts_at
        if answer:
            given = AppAnswer(id=uuid.uuid4(), appointment_id=id_, revision=meeting.revision, answer=answer)
            office = Office.from_config(pilot.runtime.config)
            answer_meeting(act, given, citizen_id=citizen_id, office=office)
    pilot.clock.moment = starts_at + timedelta(days=1)
    if tapped:
        with pilot.runtime.act(SYSTEM) as act:
            record_outcome(act, appointment_id=id_, outcome=tapped)
    if official:
        pilot.tells(id_, starts_at, official)


def told(pilot: Pilot, *, through: str | None = None) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
    """What the report says of taps, and its rows of answers."""
    with pilot.runtime.database.read() as session:
        trial = session.scalars(sa.select(Trial)).one()
        given = Given(session=session, trial=trial, at=pilot.clock.moment, through=through, loaded=None, plan=QUICK,
                      judgement=None)  # type: ignore[arg-type]  # fmt: skip
        tables = answers(given)
        return disagreement(given), {row[0]: row[1:] for table in tables for row in table.rows}


def test_answers_stand_beside_outcomes_and_fewer_than_five_are_hidden(pilot: Pilot) -> None:
    with pilot.runtime.database.write() as session:
        seed(session)
    for _ in range(5):
        meets(pilot, answer=Answer.COMES, official=HELD)
    for _ in range(4):
        meets(pilot, answer=Answer.NEW_TIME, official=NO_SHOW)
    pilot.fills()

    _, rows = told(pilot)
    assert rows == {
        "Kommer": ("5", "–", "–", "–", "–"),
        "Vil have en anden tid eller kan ikke": ("–", "–", "–", "–", "–"),
        "Er syg": ("–", "–", "–", "–", "–"),
    }


def test_meetings_outside_the_trial_or_after_its_milestone_are_not_told_of(pilot: Pilot) -> None:
    for _ in range(5):
        meets(pilot, answer=Answer.COMES, official=HELD, tapped=OutcomeWord.NO_SHOW)
    before = told(pilot)
    pilot.fills()

    assert before == ((), {})
    assert told(pilot)[1]["Kommer"][0] == "5"
    assert told(pilot, through="2020-01") == ((), {})


@pytest.mark.parametrize(
    ("same", "other", "said"),
    [
        (5, 5, "af 10 af samtalerne. For 5 af dem"),
        (5, 4, "af 9 af samtalerne. For færre end fem af dem"),
        (4, 5, "af 9 af samtalerne. For alle eller næsten alle af dem"),
        (2, 2, None),
    ],
)
def test_taps_that_are_contradicted_are_counted_unless_they_are_few(
    pilot: Pilot, same: int, other: int, said: str | None
) -> None:
    for number in range(same + other):
        meets(pilot, official=HELD, tapped=OutcomeWord.HELD if number < same else OutcomeWord.NO_SHOW)
    for _ in range(5):
        meets(pilot, official=HELD, tapped=OutcomeWord.UNKNOWN)
    pilot.fills()

    sentences, _ = told(pilot)
    assert [said in sentence for sentence in sentences] == ([True] if said else [])


def test_report_that_compares_no_arms_tells_of_answers_without_them(pilot: Pilot) -> None:
    for _ in range(5):
        meets(pilot, answer=Answer.COMES, official=HELD)
    pilot.fills()
    data = next(one for one in make_report(pilot.runtime).sections if one.key == "data")
    (table,) = [one for one in data.tables if one.head[0] == "Borgerens svar"]

    assert not {"SMS", "App", "Kontrol"} & {cell for row in (table.head, *table.rows) for cell in row}
    assert any("færre end fem" in sentence for sentence in data.sentences)
