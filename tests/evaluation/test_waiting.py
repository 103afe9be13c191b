"""Until the trial is over nobody sees the arms apart, on whatever page or in whatever command; then everybody does."""

import json
import re
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from messaging.app import create_app
from messaging.attendance.models import OfficialWord
from messaging.clock import COPENHAGEN, FixedClock
from messaging.conversations.note_models import NoteKind
from messaging.conversations.noting import NewNote, write_note
from messaging.database.base import new_id
from messaging.evaluation.document import Report, Table
from messaging.evaluation.plan_file import write_plan
from messaging.evaluation.reporting import make_report
from messaging.evaluation.waiting import AFTER
from messaging.evaluation.work import fill_extract
from messaging.experience.codes import month_of
from messaging.experience.interview_models import Side
from messaging.experience.interviewing import Held, record
from messaging.experience.models import Group, PulseCell, PulseTally, Question, Rating, StaffTally, Wave, WaveDays
from messaging.people.actors import SYSTEM, Actor, ActorKind
from messaging.people.models import Caseworker, Role
from messaging.runtime import Runtime
from messaging.trial import running
from messaging.trial.models import Arm, Design, Trial
from tests.commands.conftest import Deployment, bare, deployment, settings, stub  # noqa: F401
from tests.evaluation.kept import QUICK
from tests.house import House
from tests.trial.conftest import Centre
from tests.volumes.test_around_meetings import meet

MEETINGS = {Arm.SMS: 11, Arm.APP: 12, Arm.CONTROL: 13}
"""Those held; five are not, and are summoned again."""
IN_WORDS = {"Sms", "SMS", "App", "Kontrol", "Uden for grupperne"}
PAGES = {
    "/administration/volumes": {"contacts", "resummons"},
    "/administration/experience": {"contact", "staff-before"},
    "/administration/interviews": {"themes"},
}
"""What on these pages is of the arms, by the heading it stands under."""


@dataclass(kw_only=True)
class Pilot(Centre):
    """A trial with everything that there is of an arm, in the real clock's last months: commands have no other."""

    def begins(self, *, days: int = 200) -> None:
        self.peopled(caseworkers=9, citizens=1)
        rates = {id_: 0.1 + number / 100 for number, id_ in enumerate(self.staff.values())}
        ends_at = self.clock.now() + timedelta(days=days)
        with self.runtime.act(SYSTEM) as act:
            self.drawn = running.lock(
                act, design=Design.CASEWORKER, seed=7, ends_at=ends_at, rates=rates, plan=write_plan(QUICK)
            )
        self.clock.advance(days=30)
        self.citizen("sb00")
        self.works()

    def goes_on(self, house: House) -> None:
        """Let citizens meet, stay away, ring, be interviewed and asked."""
        with self.runtime.database.read() as session:
            staff = {row.id: row for row in session.scalars(sa.select(Caseworker))}
        for arm, meetings in MEETINGS.items():
            theirs = [staff[id_] for id_, of in self.drawn.arms_of_caseworkers.items() if of is arm]
            for number in range(meetings):
                one = theirs[number % 3]
                citizen_id = self.citizen(next(name for name, id_ in self.staff.items() if id_ == one.id))
                self.works()
                meet(house, citizen_id, one, OfficialWord.NO_SHOW if number < 5 else None, days=1)
                meet(house, citizen_id, one, OfficialWord.HELD, days=9)
                with self.runtime.act(Actor(kind=ActorKind.STAFF, id=one.id, role=Role.CASEWORKER)) as act:
                    note = NewNote(id=new_id(), kind=NoteKind.CALL_OUT, text="Talt sammen", reached=True)
                    write_note(act, note, citizen_id=citizen_id)
            with self.runtime.act(SYSTEM) as act:
                held = Held(wave=Wave.BEFORE, arm=arm, side=Side.CITIZEN)
                record(act, held, interview_id=uuid.uuid4(), themes=["hurtigere svar"])

    def is_asked(self) -> None:
        """Let citizens and staff of every arm say yes and no, some months ago."""
        today = self.clock.now().astimezone(COPENHAGEN).date()
        month = month_of(self.clock.now() - timedelta(days=70))
        with self.runtime.act(SYSTEM) as act:
            wave = {"first_day": today - timedelta(days=20), "last_day": today - timedelta(days=10)}
            act.session.add(WaveDays(wave=Wave.BEFORE, **wave))
            for number, arm in enumerate(Arm):
                cell = {"arm": arm, "month": month, "meeting_type": "Jobsamtale"}
                act.session.add(PulseCell(**cell, stocked=30, handed_out=30, returned=0, answered=20))
                for rating, answers in ((Rating.YES, 8 + number), (Rating.NO, 6)):
                    counted = {"rating": rating, "answers": answers}
                    act.session.add(PulseTally(**cell, question=Question.CONTACT, **counted))
                    group = {"wave": Wave.BEFORE, "staff_group": Group(arm.value)}
                    act.session.add(StaffTally(**group, question=Question.IN_TIME, **counted))

    def is_over(self) -> None:
        """As if it had ended so that the arms may be compared from this moment on."""
        with self.runtime.database.write() as session:
            session.execute(sa.update(Trial).values(ends_at=self.clock.now() - AFTER))


@pytest.fixture
def runtime(deployment: Deployment) -> Iterator[Runtime]:  # noqa: F811
    """The deployment's own, in which time passes as a test says."""
    deployment.settings["PUBLIC_URL"] = "http://localhost"
    composed = deployment.runtime()
    yield replace(composed, clock=FixedClock(moment=datetime.now(UTC)))
    composed.close()


@pytest.fixture
def pilot(runtime: Runtime) -> Pilot:
    """A trial that ends in ten days."""
    assert isinstance(runtime.clock, FixedClock)
    now = runtime.clock.now()
    runtime.clock.moment = now - timedelta(days=190)
    pilot = Pilot(runtime=runtime, clock=runtime.clock)
    pilot.begins()
    runtime.clock.moment = now - timedelta(days=40)
    pilot.goes_on(house := House(runtime=runtime, app=create_app(runtime), log=None))  # type: ignore[arg-type]
    runtime.clock.moment = now
    pilot.is_asked()
    fill_extract(runtime)
    house.caseworker("sus", name="Susanne Uhd", role=Role.SUPERUSER)
    return pilot


def heads(text: str, heading: str) -> set[str]:
    """Return what stands in the first row and the first column of a table on a page."""
    found = re.search(rf'aria-labelledby="{heading}".*?</table>', text, re.DOTALL)
    assert found, heading
    return set(re.findall(r"<t[hd][^>]*>([^<]*)</t[hd]>", found[0]))


def tables(report: Report) -> dict[str, Sequence[Table]]:
    return {section.key: section.tables for section in report.sections}


def test_the_arms_stand_apart_nowhere_before_the_trial_is_over_and_everywhere_after(
    pilot: Pilot,
    deployment: Deployment,  # noqa: F811
) -> None:
    browser = House(runtime=pilot.runtime, app=create_app(pilot.runtime), log=None).browser("sus")  # type: ignore[arg-type]
    before = {page: browser.get(page).text for page in PAGES}
    trial_before, said_before = browser.get("/administration/trial").text, deployment.run("trial", "show").output
    told_before, report_before = deployment.json("trial", "show"), tables(make_report(pilot.runtime))
    pilot.is_over()
    after = {page: browser.get(page).text for page in PAGES}
    trial_after, said_after = browser.get("/administration/trial").text, deployment.run("trial", "show").output
    told_after, report_after = deployment.json("trial", "show"), tables(make_report(pilot.runtime))

    for page, headings in PAGES.items():
        assert "Gruppernes tal står hver for sig fra" in before[page]
        assert "Gruppernes tal står hver for sig" not in after[page]
        for heading in headings:
            assert not IN_WORDS & heads(before[page], heading), heading
            assert len(IN_WORDS & heads(after[page], heading)) >= 3, heading
    volumes, experience = "/administration/volumes", "/administration/experience"
    assert {"36", "15"} <= heads(before[volumes], "resummons")
    assert {"11", "12", "13", "5"} <= heads(after[volumes], "resummons")
    assert "36" in heads(before[volumes], "contacts")
    assert {"11", "12", "13"} <= heads(after[volumes], "contacts")
    for heading in ("contact", "staff-before"):
        assert "27 af 45 (60 %)" in heads(before[experience], heading)
        assert {"8 af 14 (57 %)", "9 af 15 (60 %)", "10 af 16 (62 %)"} <= heads(after[experience], heading)

    assert "Balance" not in trial_before
    assert "Balance" in trial_after
    assert "(p " not in said_before
    assert "the arms are compared from " in said_before
    assert "(p " in said_after
    assert {one["p"] for one in told_before["inflow"]} == {None}
    assert None not in {one["p"] for one in told_after["inflow"]}

    assert not {"verdict", "citizens_say", "staff_say", "summoned_again"} & report_before.keys()
    assert {"verdict", "citizens_say", "staff_say", "summoned_again"} <= report_after.keys()
    assert "Gruppe" not in report_before["contacts"][0].head
    assert [row[2] for row in report_before["contacts"][0].rows] == ["36"]
    assert [row[2:4] for row in report_after["contacts"][0].rows] == [("SMS", "11"), ("App", "12"), ("Kontrol", "13")]
    assert not IN_WORDS & set(report_before["interviews"][1].head)
    assert IN_WORDS & set(report_after["interviews"][1].head)
    assert json.dumps(told_after)
