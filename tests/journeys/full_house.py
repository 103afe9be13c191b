"""A house in which everything there can be is there: every state of a message, every list with somebody in it.

The names are invented. It is what the pictures show and what the eyes of `test_accessibility` look at.
"""

import uuid
from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import Any

import sqlalchemy as sa
from flask.testing import FlaskClient

from adapters.errors import OutcomeUnknown
from messaging.appointments.models import Appointment, PersonalLine, Place, Reminder
from messaging.appointments.outcomes import record_outcome
from messaging.appointments.own_meetings import token_of
from messaging.appointments.seeding import seed
from messaging.appointments.states import OutcomeWord, ReminderState
from messaging.citizen_app.helper_access import offer_access
from messaging.citizen_app.models import Pairing, SeenAs
from messaging.citizen_app.pairing import offer_pairing
from messaging.conversations import indexing, resolving
from messaging.conversations.batch_models import Batch, BatchState
from messaging.conversations.content_gate import ContentClass
from messaging.conversations.models import Attempt, Author, Direction, Message, Template, TemplateDraft
from messaging.conversations.sending import send_message
from messaging.conversations.sending_in_app import send_in_app
from messaging.conversations.states import MessageState
from messaging.conversations.threat_models import Threat
from messaging.conversations.work import ConversationWork, MessageLane
from messaging.database.base import new_id
from messaging.experience.codes import Cell, draw, month_of
from messaging.experience.models import Wave
from messaging.experience.waves import set_days
from messaging.journal import overseeing
from messaging.journal.models import EventState, JournalEvent
from messaging.people import registering, wishes
from messaging.people.absence_models import Absence
from messaging.people.actors import SYSTEM, Actor, ActorKind
from messaging.people.arm_models import Arm
from messaging.people.models import ApiKey, CaseloadEntry, Caseworker, ContactPoint, PauseReason, Role
from messaging.work.breaker import Breaker
from messaging.work.lanes import Lane
from messaging.work.vital_signs import Beat, record_beats
from tests.evaluation.reported import keep_report
from tests.house import House, csrf_token

SHARED, STRANGER, OTHER = "+4529390626", "+4599887766", "+4524101999"
SOON = 40 / (24 * 60)
PLACE = "Ungecenteret, Sydhavnen"
NAMES = ("Emil Madsen", "Zeynep Aydin", "Lukas Holm", "Freja Bech", "Amira Khalil", "Nikolaj Krogh", "Maja Lind")
LAST = ("Bech", "Dam", "Friis", "Krogh", "Lund", "Munk", "Riis", "Skov", "Toft", "Vang")
WRITTEN = (
    ("Hej Mette. Kan jeg få en anden tid? Jeg har praktik om tirsdagen", "Ja. Hvad med torsdag kl. 10?"),
    ("Det passer fint, tak 😊", "Godt. Tag dit cv med, så ser vi på det sammen."),
)
NOT_SENT_YET = (MessageState.SCHEDULED, MessageState.QUEUED)

Ids = dict[str, Any]


def fill(house: House) -> Ids:
    """Let everything be there; return by name what the paths of pages name.

    `unusual` are citizens without a number, in danger and after a threat, after STOP, with a paused number, and with a
    closed case.
    """
    with house.runtime.database.write() as session:
        seed(session)
        session.add(Place(name=PLACE, words="Ungecenteret i Sydhavnen", approved_by="MHO"))
    mette = house.caseworker()
    for initials, name, role in (
        ("dep", "Ali Demir", Role.CASEWORKER),
        ("lead", "Lone Leder", Role.TEAM_LEADER),
        ("super", "Karim Dahl", Role.SUPERUSER),
        ("audit", "Birgit Falk", Role.AUDITOR),
    ):
        house.caseworker(initials, name=name, role=role)
    sara = house.citizen(caseworker=mette, cpr="0101990017")
    _in_the_app(house, mette, sara)
    _talk(house, sara, mette)
    others = _caseload(house, mette)
    _meetings(house, mette, sara, others)
    _by_the_pages(house.browser("mho"), sara, closed=others[-1])
    _reminders(house, sara)
    _threats(house, [others[1], others[8], others[9]])
    _unheard_of(house, mette)
    _run(house)
    keep_report(house.runtime)
    indexing.SearchIndexer(house.runtime).drain()
    with house.runtime.act(SYSTEM) as act:
        number_id = act.session.scalars(sa.select(ContactPoint.number_id).filter_by(citizen_id=others[7])).one()
        wishes.pause_number(act, number_id=number_id, reason=PauseReason.WRONG_NUMBER)
    helper_id, offer_id = _reads_along(house, mette, sara)
    ids = _ids(house, mette, sara) | {"helper_id": helper_id, "offer_id": offer_id, "mette": mette}
    ids |= {"code": _asked(house)}
    return ids | _away(house, mette) | {"unusual": [*others[:3], others[7], others[-1]]}


def _in_the_app(house: House, mette: Caseworker, sara: uuid.UUID) -> None:
    """A QR code on her caseworker's screen, and messages in the app, one of them for MitID only."""
    with house.runtime.act(Actor(kind=ActorKind.STAFF, id=mette.id, role=Role.CASEWORKER)) as act:
        offer_pairing(act, pairing_id=new_id(), citizen_id=sara, seen_as=SeenAs.KNOWN)
        for class_ in (ContentClass.LOGIN_ONLY, ContentClass.SENSITIVE):
            send_in_app(
                act,
                citizen_id=sara,
                text="Din plan er klar. Læs den igennem, før vi mødes.",
                content_class=class_,
                author=Author.CASEWORKER,
                author_id=mette.id,
            )


def _reads_along(house: House, mette: Caseworker, sara: uuid.UUID) -> tuple[uuid.UUID, uuid.UUID]:
    """A mentor reads along, and another QR code for her is on the screen; return her id and the code's."""
    helper_id, offer_id = house.helper(sara, mette), new_id()
    with house.runtime.act(Actor(kind=ActorKind.STAFF, id=mette.id, role=Role.CASEWORKER)) as act:
        offer_access(act, offer_id=offer_id, citizen_id=sara, helper_id=helper_id, seen_as=SeenAs.KNOWN)
    return helper_id, offer_id


def _asked(house: House) -> str:
    """Staff are asked two questions these days, and so is whoever holds the code that is returned."""
    with house.runtime.act(SYSTEM) as act:
        today = act.now.date()
        set_days(act, wave=Wave.DURING, first_day=today, last_day=today + timedelta(days=14))
        return draw(act, Cell(arm=Arm.SMS, month=month_of(act.now), meeting_type="Jobsamtale"))[0]


def _talk(house: House, sara: uuid.UUID, mette: Caseworker) -> None:
    """A thread with a message in every state."""
    with house.runtime.act(SYSTEM) as act:
        registering.name_number(act, citizen_id=sara, e164=OTHER, source="fagsystem.csv")
    for asked, answered in WRITTEN:
        house.hears(asked)
        _say(house, sara, mette, answered)
        house.runtime.clock.advance(minutes=7)
    _let(house, MessageState.DELIVERED)
    for state in (MessageState.READ, MessageState.FAILED, MessageState.EXPIRED, MessageState.CANCELLED):
        _say(house, sara, mette, "Husk, at vi ses på torsdag.")
        _let(house, state)
    house.runtime.channel.failures.append(OutcomeUnknown("timeout"))
    _say(house, sara, mette, "Vi ses i morgen.")
    MessageLane(
        runtime=house.runtime, breaker=Breaker("t", waits=house.runtime.config.waits), lane=Lane.INTERACTIVE
    ).drain()
    with house.runtime.act(SYSTEM) as act:
        act.session.execute(sa.update(Attempt).values(intended_at=datetime(2020, 1, 1, tzinfo=UTC)))
        resolving.hand_to_humans(act, waits=house.runtime.config.waits)
    _say(house, sara, mette, "Dit CPR-nummer er 010199-0017, ikke?")
    _say(house, sara, mette, "Husk dit cv på torsdag.", later=True)
    house.hears("Hvor er det nu, jeg skal møde på torsdag?")
    with house.runtime.act(SYSTEM) as act:
        act.session.execute(
            sa.update(JournalEvent).values(
                state=EventState.RECEIPTED, receipt_number="J-2027-41", receipted_at=house.runtime.clock.now()
            )
        )


def _say(house: House, citizen_id: uuid.UUID, who: Caseworker, text: str, *, later: bool = False) -> None:
    with house.runtime.act(SYSTEM) as act:
        due_at = act.now + timedelta(days=1) if later else None
        send_message(act, citizen_id=citizen_id, text=text, author=Author.CASEWORKER, author_id=who.id, due_at=due_at)


def _let(house: House, state: MessageState) -> None:
    with house.runtime.database.write() as session:
        session.execute(
            sa.update(Message)
            .where(Message.direction == "out", Message.state.in_(NOT_SENT_YET))
            .values(state=state, state_since=house.runtime.clock.now())
        )


def _caseload(house: House, mette: Caseworker) -> list[uuid.UUID]:
    """More citizens than a page of a list shows; most write."""
    citizens = []
    for at, name in enumerate(NAMES):
        first, last = name.split()
        citizens.append(
            house.citizen(caseworker=mette, first_name=first, last_name=last, number=f"+4520{at:06}" if at else None)
        )
    for at, last in zip(range(26), cycle(LAST), strict=False):
        first = NAMES[at % len(NAMES)].split()[0]
        citizens.append(house.citizen(caseworker=mette, first_name=first, last_name=last, number=f"+4530{at:06}"))
        house.hears(f"Kan du ringe til mig efter kl. {8 + at % 9}?", sender=f"+4530{at:06}")
        house.runtime.clock.advance(minutes=3)
    house.hears("Jeg vil ikke leve mere", sender="+4520000001")
    house.hears("STOP", sender="+4520000002")
    for first in ("Sofie", "Sander"):
        house.citizen(caseworker=mette, first_name=first, last_name="Storm", number=SHARED)
    house.hears("Vi kan ikke i morgen alligevel", sender=SHARED)
    house.hears("hej, er det jer der skrev?", sender=STRANGER)
    return citizens


def _meetings(house: House, mette: Caseworker, sara: uuid.UUID, others: list[uuid.UUID]) -> None:
    """Meetings of yesterday with and without an outcome, of today, tomorrow and later."""
    days = (-1, -1.05, -1.1, SOON, 2 * SOON, 3 * SOON, 1, 1.05, 2, 5)
    booked = [house.appointment(who, mette, in_days=at) for who, at in zip([sara, *others], days, strict=False)]
    house.appointment(sara, mette, in_days=2)
    house.appointment(sara, mette, in_days=-8)
    with house.runtime.act(SYSTEM) as act:
        record_outcome(act, appointment_id=booked[2].id, outcome=OutcomeWord.HELD)


def _by_the_pages(mette: FlaskClient, sara: uuid.UUID, *, closed: uuid.UUID) -> None:
    """What is done by hand: notes, a call, and a case that is closed."""
    token = csrf_token(mette, "/citizens")
    for path, form in (
        (f"/conversations/{sara}/notes", {"note": "Træffes bedst efter kl. 12. Vil helst mødes i Sydhavnen."}),
        (f"/citizens/{sara}/contacts", {"kind": "call_out", "text": "Talte om praktikken", "reached": "yes"}),
        (f"/citizens/{sara}/contacts", {"kind": "call_out", "text": "Ringede forgæves", "reached": "no"}),
        (f"/citizens/{closed}/close", {"reason": "Kommet i arbejde"}),
    ):
        mette.post(path, data=form | {"note_id": str(uuid.uuid4()), "csrf_token": token})


def _reminders(house: House, sara: uuid.UUID) -> None:
    """Her next reminder has a line of the caseworker's, and the next of all others is held back."""
    mette, coming = (
        house.browser("mho"),
        sa.select(Reminder.id).join(Appointment).order_by(Reminder.due_at, Reminder.id),
    )
    coming = coming.where(Reminder.state == ReminderState.PLANNED)
    with house.runtime.database.read() as session:
        with_line = session.scalars(coming.where(Appointment.citizen_id == sara)).first()
        held = session.scalars(coming.where(Appointment.citizen_id != sara)).first()
    token = csrf_token(mette, "/citizens")
    mette.post(f"/reminders/{with_line}/line", data={"line": "Jeg glæder mig", "csrf_token": token})
    mette.post(f"/reminders/{held}/hold", data={"csrf_token": token})


def _threats(house: House, threatening: list[uuid.UUID]) -> None:
    """The first threat is new to the leader, the second she knows of, and the third was none."""
    mette, lead = house.browser("mho"), house.browser("lead")
    token = {"csrf_token": csrf_token(mette, "/citizens")}
    for citizen_id in threatening:
        with house.runtime.database.read() as session:
            heard = sa.select(Message.id).filter_by(conversation_id=citizen_id, direction=Direction.IN)
            received = session.scalars(heard).first()
        path = f"/conversations/{citizen_id}/received/{received}/threat"
        mette.post(path, data=token | {"note": "Råbte det i telefonen"})
    with house.runtime.database.read() as session:
        threats = {threat.citizen_id: threat.id for threat in session.scalars(sa.select(Threat))}
    _new, known, none = threatening
    lead.post(f"/incidents/{threats[known]}/noticed", data={"csrf_token": csrf_token(lead, "/incidents")})
    taken_back = token | {"why": "Det var en anden, der råbte"}
    mette.post(f"/conversations/{none}/threats/{threats[none]}/take-back", data=taken_back)


def _unheard_of(house: House, mette: Caseworker) -> None:
    """Something to several, and what waits for a second person."""
    with house.runtime.act(SYSTEM) as act:
        act.session.add_all(
            Batch(writer_id=mette.id, key="M9", size=size, segments=size, state=state, created_at=act.now)
            for size, state in ((51, BatchState.WAITING_FOR_APPROVAL), (20, BatchState.WRITTEN))
        )
    ConversationWork(runtime=house.runtime).write_all_batches()


def _run(house: House) -> None:
    """What those who run the service see: keys, a parked event, errors in the background."""
    house.key("citizens:read", "messages:write")
    with house.runtime.database.write() as session:
        event = session.scalars(sa.select(JournalEvent).filter_by(state=EventState.PENDING)).first()
        overseeing.park(session, event_id=event.id, reason="too_big")
        record_beats(session, [Beat(name="send.urgent", errors=2, error_code="timeout")])


def _away(house: House, mette: Caseworker) -> Ids:
    """The caseworker is away from today, and a colleague covers."""
    today = house.runtime.clock.now().date()
    client = house.browser("mho")
    with house.runtime.database.read() as session:
        deputy = session.scalars(sa.select(Caseworker.id).filter_by(initials="dep")).one()
    form = {
        "caseworker": str(mette.id),
        "deputy": str(deputy),
        "first_day": today.isoformat(),
        "last_day": (today + timedelta(days=2)).isoformat(),
        "reason": "leave",
        "csrf_token": csrf_token(client, "/absences"),
    }
    client.post("/absences", data=form)
    with house.runtime.database.read() as session:
        return {"absence_id": session.scalars(sa.select(Absence.id)).one()}


def _ids(house: House, mette: Caseworker, sara: uuid.UUID) -> Ids:
    with house.runtime.database.read() as session:

        def first(column: sa.orm.InstrumentedAttribute[uuid.UUID], **chosen: object) -> uuid.UUID:
            return session.scalars(sa.select(column).filter_by(**chosen).order_by(column)).first()

        return {
            "citizen_id": sara,
            "message_id": first(Message.id, conversation_id=sara, state=MessageState.SCHEDULED),
            "point_id": first(ContactPoint.id, citizen_id=sara),
            "reminder_id": session.scalars(sa.select(PersonalLine.reminder_id)).one(),
            "caseworker_id": mette.id,
            "staff_id": mette.id,
            "unit_id": mette.unit_id,
            "entry_id": first(CaseloadEntry.id, citizen_id=sara),
            "batch_id": first(Batch.id, state=BatchState.WAITING_FOR_APPROVAL),
            "draft_id": first(TemplateDraft.id, key="M5"),
            "template_id": first(Template.id, key="M5"),
            "key_id": first(ApiKey.id),
            "meeting_token": token_of(house.runtime.vault, first(Appointment.id, citizen_id=sara)),
            "pairing_id": first(Pairing.id),
            "token": "intet",
            "key": "M5",
            "variant": "-",
            "language": "da",
        }
