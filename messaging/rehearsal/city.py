"""The rehearsal city: a handful of caseworkers and young citizens who belong to nobody, to try everything on."""

import secrets
import signal
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from itertools import count
from pathlib import Path
from random import Random

import sqlalchemy as sa

from messaging.appointments.caseworker_file import read_caseworkers
from messaging.appointments.importing import import_appointments, import_caseworkers
from messaging.appointments.planning import reminder_rules
from messaging.clock import COPENHAGEN, SystemClock
from messaging.conversations.office import Office
from messaging.conversations.open_hours import OFFICE_HOURS
from messaging.people import signing_in
from messaging.people.actors import SYSTEM
from messaging.people.models import CaseloadEntry, Caseworker
from messaging.rehearsal.cast import Cast
from messaging.rehearsal.databases import in_files
from messaging.rehearsal.handset import Text, write_all
from messaging.rehearsal.rest import due_reminders, unsent, wait_for_rest
from messaging.rehearsal.stage import Stage
from messaging.runtime import Runtime

CITIZENS = 60
AROUND_TODAY = ((-1, 9), (-1, 11), (-1, 13), (0, 8), (0, 9), (0, 12), (0, 13), (0, 14))
"""Further meetings, each by working days from today and its hour: some lack an outcome, some come today."""
SHARED_PHONE = "+4524900001"
STAFF = (
    ("sb01", "Clara Mølgård", "Ungecenteret, team A", "sagsbehandler"),
    ("sb02", "Yusuf Lund", "Ungecenteret, team A", "sagsbehandler"),
    ("sb03", "Sofie Hussain", "Ungecenteret, team B", "sagsbehandler"),
    ("leder", "Josefine Jørgensen", "Ungecenteret, team A", "teamleder"),
    ("super1", "Karim Dahl", "Ungecenteret, team A", "superbruger"),
    ("super2", "Birgit Falk", "Ungecenteret, team B", "superbruger"),
    ("revisor", "Lone Friis", "Ungecenteret, team A", "revisor"),
)
FIRST_NAMES = ("Sara", "Ali", "Emil", "Zeynep", "Øystein", "Maja", "Ahmad", "Freja", "Lukas", "Amira", "Ægir", "Nora")
LAST_NAMES = ("Holm", "Nguyen", "Jensen", "Abdi", "Sørensen", "Khan", "Ågård", "Petersen", "Hassan", "Møller")
MEETINGS = (
    ("Jobsamtale", "Vi taler om dine jobmål"),
    ("CV-samtale", "Vi gennemgår dit CV"),
    ("Opfølgningssamtale", "Vi følger op på din plan"),
    ("Første samtale", "Vi lærer hinanden at kende"),
)
FORMS = ("Fremmøde", "Fremmøde", "Telefon", "Video")
PLACES = ("Mødested 1", "Mødested 2, 3. sal", "Lærkevej 4, lokale Ø2")
STRANGER = "+4550999999"
FIRST_TEXTS = (
    "2",
    "Hvad skal vi snakke om?",
    "ja tak jeg kommer",
    "bliver 10 min forsinket",
    "tak for hjælpen 😊",
    "STOP",
    "jeg gider ikke leve mere",
    "mit cpr er 010190-1234, kan I bruge det?",
)


def run_city(folder: Path, *, port: int, stub_port: int, say: Callable[[str], None]) -> int:
    """Start service and outside world, fill the city the first time, and wait for Ctrl-C; return the exit code."""
    databases = in_files(folder / "service")
    stage = Stage(
        folder=folder,
        database_url=databases.service,
        keystore_url=databases.keystore,
        wait_factor=1,
        channel="simulator",
        port=port,
        stub_port=stub_port,
    )
    fresh = not (folder / "service" / "keys.json").exists()
    stage.set(_working_moment())
    password = _password(folder)
    if fresh:
        say("Building the rehearsal city …")
        _settle(stage, password)
    with stage.playing():
        if fresh:
            _let_phones_write(stage)
        _tell(stage, password, say)
        _wait_for_end()
    return 0


def city_files(now: datetime, chance: Random) -> tuple[bytes, bytes]:
    """Return a staff list and a booking file for the weeks after `now`, as the municipality's systems write them."""
    staff = ["sagsbehandler;navn;email;enhed;rolle"]
    staff += [f"{initials};{name};{initials}@eksempel.dk;{unit};{role}" for initials, name, unit, role in STAFF]
    header = (
        "aftale_id;cpr;fornavn;efternavn;telefon;sagsbehandler;start;varighed_min;samtaletype;afholdelsesform;"
        "sted;formaal;selvbooket;huskeservice;nemsms;bookingsystem"
    )
    coming = [_meeting(number, day, chance) for number, day in enumerate(_days(now))]
    others = count(CITIZENS)
    today = [_meeting(next(others), _working_day(now, by), chance, hour=hour) for by, hour in AROUND_TODAY]
    shared = [_meeting(next(others), _working_day(now, 2), chance, phone=SHARED_PHONE) for _ in range(2)]
    unreachable = _meeting(next(others), _working_day(now, 1), chance, phone="")
    return _file(staff), _file([header, *coming, *today, *shared, unreachable])


def _file(lines: list[str]) -> bytes:
    return ("\ufeff" + "\r\n".join(lines) + "\r\n").encode()


def _days(now: datetime) -> list[date]:
    """Return the days of the meetings in the two weeks to come."""
    today = now.astimezone(COPENHAGEN).date()
    return [_not_at_weekend(today + timedelta(days=1 + number % 14), timedelta(days=1)) for number in range(CITIZENS)]


def _working_day(now: datetime, by: int) -> date:
    """Return the working day so many days from today; today itself is one."""
    day, step = now.astimezone(COPENHAGEN).date(), timedelta(days=1 if by > 0 else -1)
    for _ in range(abs(by)):
        day = _not_at_weekend(day + step, step)
    return day


def _not_at_weekend(day: date, step: timedelta) -> date:
    while day.weekday() >= 5:
        day += step
    return day


def _meeting(number: int, day: date, chance: Random, *, hour: int | None = None, phone: str | None = None) -> str:
    at = time(chance.randrange(9, 15) if hour is None else hour, chance.choice((0, 15, 30, 45)))
    start = datetime.combine(day, at, COPENHAGEN)
    kind, purpose = chance.choice(MEETINGS)
    fields = (
        f"B{number:04}",
        f"{61 + number % 28:02}{1 + number % 12:02}{99 - number % 2}-{4000 + number}",
        chance.choice(FIRST_NAMES),
        chance.choice(LAST_NAMES),
        f"+4524{100000 + number * 37}" if phone is None else phone,
        chance.choice(STAFF[:3])[0],
        start.strftime("%d-%m-%Y %H:%M"),
        chance.choice(("30", "45", "60")),
        kind,
        chance.choice(FORMS),
        chance.choice(PLACES),
        purpose,
        "Nej",
        "Nej",
        ("Ja", "Nej", "")[number % 3],
        "Ja" if number % 2 else "",
    )
    return ";".join(fields)


def _working_moment() -> datetime:
    """Return the present moment, or two hours into the next working day if the office is closed: nothing would move."""
    now = SystemClock().now()
    return now if OFFICE_HOURS.is_open(now) else OFFICE_HOURS.next_open(now) + timedelta(hours=2)


def _settle(stage: Stage, password: str) -> None:
    """Move staff and citizens in."""
    runtime = stage.runtime()
    staff, meetings = city_files(runtime.clock.now(), Random(2027))
    with runtime.act(SYSTEM) as act:
        import_caseworkers(act, read_caseworkers(staff).rows)
        for caseworker_id in act.session.scalars(sa.select(Caseworker.id)).all():
            signing_in.set_password(act, caseworker_id=caseworker_id, password=password)
    import_appointments(
        lambda: runtime.act(SYSTEM),
        meetings,
        rules=reminder_rules(runtime.config),
        office=Office.from_config(runtime.config),
    )
    runtime.close()


def _let_phones_write(stage: Stage) -> None:
    """Let some citizens answer the reminders that have just reached them, and a stranger write."""
    runtime = stage.runtime()
    wait_for_rest(runtime, due_reminders, unsent, seconds=60, what="reminding the city")
    numbers = _numbers_of(runtime, STAFF[0][0])
    texts = [Text(sender=number, text=text) for number, text in zip(numbers, FIRST_TEXTS, strict=False)]
    strangers = [
        Text(sender=STRANGER, text="hej, er det jer der skrev?"),
        Text(sender=SHARED_PHONE, text="hej, jeg kan ikke i morgen alligevel"),
    ]
    write_all(stage, [*texts, *strangers], lambda _done, _of: None)
    runtime.close()


def _numbers_of(runtime: Runtime, initials: str) -> list[str]:
    """Return the numbers of one caseworker's citizens: whoever signs in as her finds something to do."""
    chosen = sa.select(CaseloadEntry.citizen_id).join(Caseworker, Caseworker.id == CaseloadEntry.caseworker_id)
    with runtime.database.read() as session:
        hers = session.scalars(chosen.where(Caseworker.initials == initials, CaseloadEntry.valid_to.is_(None))).all()
    own = Cast.of(runtime).own
    return sorted(own[str(citizen_id)] for citizen_id in hers if str(citizen_id) in own)


def _password(folder: Path) -> str:
    path = folder / "world" / "password.txt"
    if not path.exists():
        path.write_text(secrets.token_urlsafe(9), encoding="ascii")
    return path.read_text(encoding="ascii")


def _tell(stage: Stage, password: str, say: Callable[[str], None]) -> None:
    shown = stage.clock.now().astimezone(COPENHAGEN)
    say(
        f"""
The rehearsal city is open. Nothing here reaches a real phone.

  Inbox           {stage.url}/
                  sign in with the password {password}
                  as a caseworker (sb01, sb02, sb03), a team leader (leder),
                  a superuser (super1, super2) or an auditor (revisor)
  Phones          {stage.stub_url}/phones
  Case system     {stage.stub_url}/case-system
  API             {stage.url}/api/v1/docs

The city's clock shows {shown:%A %d %B %Y %H.%M}. Everything lies in {stage.folder.name}/; Ctrl-C ends it.
"""
    )


def _wait_for_end() -> None:
    stops = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, stops)
    signal.sigwait(stops)
