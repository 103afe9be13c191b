"""The citizen's card as it is read: who she is to us, how she is met, her numbers, her case."""

import uuid
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from messaging.conversations.automatic_models import Welcome
from messaging.conversations.contact import is_verified
from messaging.conversations.models import Direction, Message, Template
from messaging.conversations.states import MessageState
from messaging.people.acting import Act
from messaging.people.card_models import CaseClosing, NumberRecord, Preference
from messaging.people.identity import is_under_age
from messaging.people.models import CaseloadEntry, Caseworker, Citizen, Standing
from messaging.people.preferences import DANISH, Wanted
from messaging.people.queries import CitizenView, NumberView, describe
from messaging.people.reading_along import HelperView, helpers_of
from messaging.people.visibility import find_citizen
from messaging.trial.models import TrialArm
from messaging.vault.place import Place
from messaging.vault.vault import Vault

OLD = timedelta(days=365)
"""A number that nobody has seen ring for this long is worth asking about again."""
ENDED = (MessageState.DELIVERED, MessageState.READ, MessageState.FAILED)


@dataclass(frozen=True, kw_only=True)
class CardNumber:
    """A number with who entered it and who saw it ring. `failed`: the last message to it did not arrive.

    `unverified`: it is in use and would get no login code, for nothing proves that it is hers.
    """

    view: NumberView
    entered_by: str | None
    verified_at: datetime | None
    verified_by: str | None
    failed: bool
    old: bool
    unverified: bool

    @property
    def ask_again(self) -> bool:
        """Whether somebody should ask whether it still is hers."""
        return self.view.standing is Standing.IN_USE and (self.failed or self.old)


@dataclass(frozen=True, kw_only=True)
class Closing:
    """That the case was closed, and perhaps reopened; by whom and why."""

    closed_at: datetime
    closed_by: str
    closing_reason: str = field(repr=False)
    reopened_at: datetime | None
    reopened_by: str | None
    reopening_reason: str | None = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Card:
    """Everything on the card. The personal number is not among it, only what it says of the age."""

    citizen: CitizenView = field(repr=False)
    caseworker: str | None
    caseworker_since: datetime | None
    under_age: bool
    wanted: Wanted
    no_number_since: datetime | None
    arm: TrialArm | None
    welcome: Welcome | None
    numbers: list[CardNumber] = field(repr=False)
    closings: list[Closing] = field(repr=False)
    helpers: list[HelperView] = field(repr=False)
    languages: list[str]

    @property
    def closed(self) -> Closing | None:
        """The closing that holds now."""
        return next((closing for closing in self.closings if closing.reopened_at is None), None)

    @property
    def in_use(self) -> CardNumber | None:
        """The number that messages go to."""
        return next((number for number in self.numbers if number.view.standing is Standing.IN_USE), None)


def open_card(act: Act, *, citizen_id: uuid.UUID, today: date) -> Card:
    """Open a citizen's card, and note that somebody read it. Raises NotFound, ReasonMissing."""
    citizen = find_citizen(act.session, act.actor, citizen_id)
    act.audit("citizen.card_opened", object_kind="citizen", object_id=citizen_id)
    return _read(act.session, act.vault, citizen, now=act.now, today=today)


def _read(session: Session, vault: Vault, citizen: Citizen, *, now: datetime, today: date) -> Card:
    view = describe(session, vault, [citizen])[0]
    preference = session.get(Preference, citizen.id)
    cpr = vault.open(citizen.cpr, owner=citizen.id, place=Place("citizens", "cpr", citizen.id))
    hand = session.execute(
        sa.select(Caseworker.name, CaseloadEntry.valid_from)
        .join(Caseworker, Caseworker.id == CaseloadEntry.caseworker_id)
        .where(CaseloadEntry.citizen_id == citizen.id, CaseloadEntry.valid_to.is_(None))
    ).first()
    return Card(
        citizen=view,
        caseworker=hand[0] if hand else None,
        caseworker_since=hand[1] if hand else None,
        under_age=is_under_age(cpr, today=today),
        wanted=_wanted(preference),
        no_number_since=preference.no_number_since if preference else None,
        arm=session.get(TrialArm, citizen.id),
        welcome=session.get(Welcome, citizen.id),
        numbers=_numbers(session, view, now=now),
        closings=_closings(session, vault, citizen.id),
        helpers=helpers_of(session, vault, citizen_id=citizen.id, now=now),
        languages=approved_languages(session),
    )


def approved_languages(session: Session) -> list[str]:
    """Return the languages in which there are approved texts, Danish and English first."""
    written = set(session.scalars(sa.select(Template.language).distinct()))
    return [DANISH, "en", *sorted(written - {DANISH, "en"})]


def _wanted(preference: Preference | None) -> Wanted:
    if preference is None:
        return Wanted()
    return Wanted(medium=preference.medium, language=preference.language, interpreter=preference.interpreter)


def _numbers(session: Session, view: CitizenView, *, now: datetime) -> list[CardNumber]:
    entered, verified = aliased(Caseworker), aliased(Caseworker)
    ids = [number.id for number in view.numbers]
    records = {
        row[0].contact_point_id: row
        for row in session.execute(
            sa.select(NumberRecord, entered.name, verified.name)
            .outerjoin(entered, entered.id == NumberRecord.entered_by)
            .outerjoin(verified, verified.id == NumberRecord.verified_by)
            .where(NumberRecord.contact_point_id.in_(ids))
        )
    }
    in_use = view.number_in_use
    failed = _has_failed(session, in_use.id) if in_use else False
    proved = is_verified(session, citizen_id=view.id, contact_point_id=in_use.id) if in_use else False
    numbers = []
    for number in view.numbers:
        record, entered_by, verified_by = records.get(number.id, (None, None, None))
        verified_at = record.verified_at if record else None
        numbers.append(
            CardNumber(
                view=number,
                entered_by=entered_by,
                verified_at=verified_at,
                verified_by=verified_by,
                failed=failed and in_use is not None and number.id == in_use.id,
                unverified=number.standing is Standing.IN_USE and not (number.several or number.shared or proved),
                old=(verified_at or number.valid_from) < now - OLD,
            )
        )
    return numbers


def _has_failed(session: Session, point_id: uuid.UUID) -> bool:
    """Whether the last message to this number, of those of which we know, did not arrive."""
    last = session.scalar(
        sa.select(Message.state)
        .where(Message.contact_point_id == point_id, Message.direction == Direction.OUT, Message.state.in_(ENDED))
        .order_by(Message.id.desc())
        .limit(1)
    )
    return last is MessageState.FAILED


def _closings(session: Session, vault: Vault, citizen_id: uuid.UUID) -> list[Closing]:
    closer, opener = aliased(Caseworker), aliased(Caseworker)
    rows = session.execute(
        sa.select(CaseClosing, closer.name, opener.name)
        .join(closer, closer.id == CaseClosing.closed_by)
        .outerjoin(opener, opener.id == CaseClosing.reopened_by)
        .where(CaseClosing.citizen_id == citizen_id)
        .order_by(CaseClosing.id.desc())
    )
    return [
        Closing(
            closed_at=row.closed_at,
            closed_by=closed_by,
            closing_reason=vault.open(
                row.closing_reason, owner=citizen_id, place=Place("case_closings", "closing_reason", row.id)
            ),
            reopened_at=row.reopened_at,
            reopened_by=reopened_by,
            reopening_reason=vault.open(
                row.reopening_reason, owner=citizen_id, place=Place("case_closings", "reopening_reason", row.id)
            )
            if row.reopening_reason is not None
            else None,
        )
        for row, closed_by, reopened_by in rows
    ]
