"""Filling the evaluation's extract, and letting go of it. Filling it again changes only what has become known since.

A citizen's place in it stands fast from her joining: her arm, the caseworker she was allocated with, her target group.
Whoever looks after her later, or in whatever group she is then, she is counted where chance has put her.
"""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.exposure_models import Exposure
from messaging.appointments.other_reminders import REMINDED_BY
from messaging.attendance.queries import Attended, attended
from messaging.clock import COPENHAGEN
from messaging.errors import Conflict, NotFound
from messaging.evaluation.models import (
    CitizenLink,
    ClusterLink,
    EvaluationCluster,
    EvaluationExtract,
    EvaluationLine,
    LineLink,
)
from messaging.people.acting import Act
from messaging.people.models import CaseloadEntry
from messaging.trial.models import CitizenTargetGroup, Trial, TrialArm, TrialCaseworker

PURPOSE = "Måling af, om færre udebliver fra samtaler med sms og app end i kontrolgruppen"
AT_ONCE = 500
UNPLACED = ""
"""Target group of somebody who was in none when she joined."""

GOT = ("has", "sms_sent", "sms_delivered", "app_placed", "app_shown", "withheld", *REMINDED_BY)


@dataclass(frozen=True, kw_only=True)
class Filled:
    """What a filling did, in lines."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0

    def __add__(self, other: "Filled") -> "Filled":
        return Filled(
            new=self.new + other.new,
            changed=self.changed + other.changed,
            unchanged=self.unchanged + other.unchanged,
        )


def open_extract(act: Act, trial: Trial, *, kept_days: int) -> EvaluationExtract:
    """Return the extract of a trial, made at the first call; who joined since gets a place in it.

    It is kept for so many days after the trial's end. Raises Conflict once it has been deleted.
    """
    extract = act.session.get(EvaluationExtract, trial.id)
    if extract is None:
        extract = EvaluationExtract(
            trial_id=trial.id,
            purpose=PURPOSE,
            filled_at=act.now,
            delete_at=trial.ends_at + timedelta(days=kept_days),
        )
        act.session.add(extract)
        act.session.flush()
        act.audit("evaluation.extract_made", object_kind="trial", object_id=trial.id)
    if extract.deleted_at is not None:
        raise Conflict("the extract of this trial has been deleted: its time is over")
    extract.filled_at = act.now
    _place_caseworkers(act.session, trial)
    _place_citizens(act.session, trial)
    return extract


def fill(act: Act, trial: Trial, *, since: datetime, until: datetime) -> Filled:
    """Take in what is known of the meetings planned for [since, until) of everybody in the trial.

    Those at which she was too old by then, or in no group that takes part, do not count.
    """
    places = {
        link.citizen_id: link for link in act.session.scalars(sa.select(CitizenLink).filter_by(trial_id=trial.id))
    }
    meetings = [
        one
        for one in attended(act.session, since=since, until=until)
        if one.citizen_id in places and one.planned_for >= places[one.citizen_id].since and one.eligible is not False
    ]
    done = Filled()
    for start in range(0, len(meetings), AT_ONCE):
        done += _fill(act.session, trial, meetings[start : start + AT_ONCE], places)
    return done


def months_of(trial: Trial, *, at: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield when the trial's months begin and end, as far as they have begun; the first and last may be parts."""
    begins, ends = trial.locked_at, min(at, trial.ended_at or trial.ends_at)
    while begins < ends:
        wall = begins.astimezone(COPENHAGEN)
        following = wall.replace(day=1, hour=0, minute=0, second=0, microsecond=0) + timedelta(days=32)
        until = min(following.replace(day=1).astimezone(begins.tzinfo), ends)
        yield begins, until
        begins = until


def forget_citizen(act: Act, citizen_id: uuid.UUID) -> None:
    """Remove what says whose lines hers are, in the act that erases her. The lines stay, and are nobody's.

    Her arm keeps the moment: otherwise the next filling would take her for somebody who has just joined, and count her
    meetings a second time.
    """
    for table in (LineLink, CitizenLink):
        act.session.execute(sa.delete(table).filter_by(citizen_id=citizen_id))
    act.session.execute(sa.update(TrialArm).filter_by(citizen_id=citizen_id).values(forgotten_at=act.now))


def overdue(session: Session, *, at: datetime) -> Sequence[uuid.UUID]:
    """Return the trials whose extract's time is over, and whose extract is still there."""
    return session.scalars(
        sa.select(EvaluationExtract.trial_id).where(
            EvaluationExtract.delete_at <= at, EvaluationExtract.deleted_at.is_(None)
        )
    ).all()


def delete_extract(act: Act, trial_id: uuid.UUID) -> None:
    """Delete all of a trial's extract but the note that there was one. Raises NotFound if there is none."""
    extract = act.session.get(EvaluationExtract, trial_id)
    if extract is None:
        raise NotFound("there is no extract of this trial")
    for table in (LineLink, CitizenLink, ClusterLink, EvaluationLine, EvaluationCluster):
        act.session.execute(sa.delete(table).filter_by(trial_id=trial_id))
    extract.deleted_at = act.now
    act.audit("evaluation.extract_deleted", object_kind="trial", object_id=trial_id)


def _fill(
    session: Session, trial: Trial, meetings: Sequence[Attended], places: Mapping[uuid.UUID, CitizenLink]
) -> Filled:
    ids = {one.appointment_id for one in meetings}
    known = {
        (link.appointment_id, link.planned_for): line
        for link, line in session.execute(
            sa.select(LineLink, EvaluationLine)
            .join(EvaluationLine, EvaluationLine.id == LineLink.line_id)
            .where(LineLink.appointment_id.in_(ids))
        )
    }
    got = {
        (row.appointment_id, row.planned_for): {name: getattr(row, name) for name in GOT}
        for row in session.scalars(sa.select(Exposure).where(Exposure.appointment_id.in_(ids)))
    }
    new = changed = 0
    links = []
    for one in meetings:
        key = (one.appointment_id, one.planned_for)
        learnt = {"outcome": one.outcome, "held_within": one.held_within, **got.get(key, {})}
        if key in known:
            changed += _learn(known[key], learnt)
            continue
        new += 1
        line = _line(trial, one, places[one.citizen_id], learnt)
        session.add(line)
        links.append(
            LineLink(
                appointment_id=one.appointment_id,
                planned_for=one.planned_for,
                trial_id=trial.id,
                citizen_id=one.citizen_id,
                line_id=line.id,
            )
        )
    session.flush()
    session.add_all(links)
    session.flush()
    return Filled(new=new, changed=changed, unchanged=len(meetings) - new - changed)


def _line(trial: Trial, one: Attended, place: CitizenLink, learnt: Mapping[str, object]) -> EvaluationLine:
    return EvaluationLine(
        id=uuid.uuid4(),
        trial_id=trial.id,
        cluster_id=place.cluster_id,
        citizen=place.citizen,
        arm=place.arm,
        month=f"{one.planned_for.astimezone(COPENHAGEN):%Y-%m}",
        meeting_type=one.meeting_type,
        target_group=place.target_group,
        **learnt,
    )


def _learn(line: EvaluationLine, learnt: Mapping[str, object]) -> bool:
    news = {name: value for name, value in learnt.items() if getattr(line, name) != value}
    for name, value in news.items():
        setattr(line, name, value)
    return bool(news)


def _place_caseworkers(session: Session, trial: Trial) -> None:
    """Give every caseworker of the trial a cluster, and a successor that of whom she followed."""
    places = {
        row.caseworker_id: row for row in session.scalars(sa.select(TrialCaseworker).filter_by(trial_id=trial.id))
    }
    strata = {name: number for number, name in enumerate(sorted({row.stratum for row in places.values()}), start=1)}
    clusters = _clusters(session, trial)
    links = []
    for id_ in sorted(set(places) - set(clusters), key=lambda one: _steps(places, one)):
        followed = places[id_].successor_of
        if followed is None:
            cluster = EvaluationCluster(
                id=uuid.uuid4(),
                trial_id=trial.id,
                stratum=strata[places[id_].stratum],
                baseline_rate=places[id_].baseline_rate,
            )
            session.add(cluster)
        clusters[id_] = clusters[followed] if followed is not None else cluster.id
        links.append(ClusterLink(trial_id=trial.id, caseworker_id=id_, cluster_id=clusters[id_]))
    session.flush()
    session.add_all(links)
    session.flush()


def _clusters(session: Session, trial: Trial) -> dict[uuid.UUID, uuid.UUID]:
    return {
        link.caseworker_id: link.cluster_id
        for link in session.scalars(sa.select(ClusterLink).filter_by(trial_id=trial.id))
    }


def _steps(places: Mapping[uuid.UUID, TrialCaseworker], id_: uuid.UUID) -> int:
    """Return how many successions lie between a caseworker and the one who was allocated."""
    followed = places[id_].successor_of
    return 0 if followed is None else 1 + _steps(places, followed)


def _place_citizens(session: Session, trial: Trial) -> None:
    until = trial.ended_at or trial.ends_at
    joined = session.scalars(
        sa.select(TrialArm).where(
            TrialArm.since >= trial.locked_at,
            TrialArm.since <= until,
            TrialArm.forgotten_at.is_(None),
            ~sa.exists().where(CitizenLink.citizen_id == TrialArm.citizen_id),
        )
    ).all()
    clusters = _clusters(session, trial)
    for start in range(0, len(joined), AT_ONCE):
        some = joined[start : start + AT_ONCE]
        caseworkers = _allocated_with(session, trial, [one.citizen_id for one in some])
        groups = _groups(session, some)
        session.add_all(
            CitizenLink(
                citizen_id=one.citizen_id,
                trial_id=trial.id,
                citizen=uuid.uuid4(),
                cluster_id=clusters[caseworkers[one.citizen_id]],
                arm=one.arm,
                since=one.since,
                target_group=groups.get(one.citizen_id, UNPLACED),
            )
            for one in some
            if caseworkers.get(one.citizen_id) in clusters
        )
    session.flush()


def _allocated_with(session: Session, trial: Trial, citizens: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, uuid.UUID]:
    """Return citizen → the first caseworker who looked after her at the lock or since: the one who gave her the arm."""
    rows = session.execute(
        sa.select(CaseloadEntry.citizen_id, CaseloadEntry.caseworker_id)
        .where(
            CaseloadEntry.citizen_id.in_(citizens),
            sa.or_(CaseloadEntry.valid_to.is_(None), CaseloadEntry.valid_to > trial.locked_at),
        )
        .order_by(CaseloadEntry.valid_from.desc())
    )
    return {row.citizen_id: row.caseworker_id for row in rows}


def _groups(session: Session, joined: Sequence[TrialArm]) -> Mapping[uuid.UUID, str]:
    since = {one.citizen_id: one.since for one in joined}
    rows = session.execute(
        sa.select(CitizenTargetGroup.citizen_id, CitizenTargetGroup.target_group, CitizenTargetGroup.valid_from)
        .where(CitizenTargetGroup.citizen_id.in_(since))
        .order_by(CitizenTargetGroup.valid_from)
    )
    return {row.citizen_id: row.target_group for row in rows if row.valid_from <= since[row.citizen_id]}
