"""Chapters on what stands around the comparison: kroner, experience, interviews, contacts, times, other reminders."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from messaging.clock import COPENHAGEN
from messaging.evaluation.document import Section, Table
from messaging.evaluation.given import Given
from messaging.evaluation.moments_in_words import month
from messaging.evaluation.money import Kroner, Years, figures_on, in_kroner, money, shipped_figures
from messaging.evaluation.numbers_in_words import ARMS_IN_TABLES, WHY_HIDDEN, count, hidden, percent
from messaging.evaluation.verdict import Finding
from messaging.experience import interviewing
from messaging.experience.figures import Asked, Response, Row, Share, pulse, staff_waves
from messaging.experience.interview_models import Side
from messaging.experience.models import Group, Question, Wave
from messaging.trial.models import Arm
from messaging.volumes import around_meetings, contacts, times
from messaging.volumes.around_meetings import Told
from messaging.volumes.contacts import CallCount, ContactWeek
from messaging.volumes.times import Spread, UnitTimes

QUESTIONS = {
    Question.CONTACT: "Var det let at få kontakt med os før mødet?",
    Question.PURPOSE: "Vidste du før mødet, hvad det skulle handle om?",
    Question.REACHING: "Er det let at få kontakt med dine borgere?",
    Question.IN_TIME: "Får du besked i god tid, når en borger ikke kan komme?",
}
WAVES = {Wave.BEFORE: "Før", Wave.DURING: "Undervejs", Wave.AFTER: "Efter"}
SIDES = {Side.CITIZEN: "borgere", Side.STAFF: "medarbejdere"}
GROUPS = {Group.SMS: "SMS", Group.APP: "App", Group.CONTROL: "Kontrol", Group.NONE: "Uden for grupperne"}
YEARS = {
    Years.FIRST: "Efter licens og udrulning, de første år",
    Years.LATER: "Efter licens og udrulning, årene efter",
}
HOW_ASKED = (
    "Efter mødet kunne borgeren svare på to spørgsmål med en kode, der siger gruppe, måned og slags møde, og intet om "
    "borgeren. Spørgsmålene er ens i alle grupper."
)
HOW_COUNTED = (
    "Tallene er dem, der sagde ja, helt eller for det meste, af dem, der sagde ja eller nej. De, der ikke svarede, kan "
    "mene noget andet."
)
ARMS = tuple(ARMS_IN_TABLES[arm] for arm in Arm)


def worth(given: Given) -> Section | None:
    """What the effect is worth, where there is a judgement to reckon from."""
    judged = given.judged
    if judged.analysis is None or judged.analysis.pooled is None or judged.verdict.finding is Finding.NO_VERDICT:
        return None
    day = given.at.astimezone(COPENHAGEN).date()
    told = money(judged.analysis.pooled.reduction, figures_on(day, shipped_figures()))
    sources = tuple(f"Kilde: {source}." for source in told.sources)
    if told.saving is None:
        return Section(key="worth", title="Kroner", sentences=(told.sentence, *sources))
    amounts = [("Før udgifter", told.saving), *((YEARS[one.years], one.net) for one in told.years)]
    shows_value = told.saving.value is not None
    head = ("Om året", *(("Beløb",) if shows_value else ()), "Mindst", "Højst")
    table = Table(caption=f"Kroner, {told.label}", head=head, rows=tuple(_kroner(*one) for one in amounts))
    sentences = (told.sentence, *(one.sentence for one in told.years), *sources)
    return Section(key="worth", title="Kroner", sentences=sentences, tables=(table,))


def citizens_say(given: Given) -> Section | None:
    """What citizens answered to two questions after a meeting."""
    told = pulse(given.session, at=given.at, through=given.through, apart=True)
    if not told.by_month:
        return None
    response = [*((month(code), of) for code, of in told.by_month.items()), ("I alt", told.response)]
    tables = [
        Table(
            caption="Svarprocent: koder, der er givet, og brugt",
            head=("Måned", *ARMS),
            rows=tuple((label, *(_response(of[arm]) for arm in Arm)) for label, of in response),
        ),
        *(_asked(asked) for asked in told.asked),
    ]
    sentences = (HOW_ASKED, HOW_COUNTED, WHY_HIDDEN)
    return Section(key="citizens_say", title="Hvad borgerne siger", sentences=sentences, tables=tuple(tables))


def staff_say(given: Given) -> Section | None:
    """What staff answered before, during and after."""
    waves = [wave for wave in staff_waves(given.session, at=given.at, apart=True) if wave.asked]
    if not waves:
        return None
    rows = tuple(
        (f"{WAVES[wave.wave]}: {QUESTIONS[asked.question]}", *(_share(asked.whole.shares[group]) for group in Group))
        for wave in waves
        for asked in wave.asked
    )
    told = (f"{WAVES[wave.wave]} svarede {_response(wave.response)}." for wave in waves)
    table = Table(caption="Medarbejdere, der sagde ja", head=("Runde og spørgsmål", *GROUPS.values()), rows=rows)
    return Section(key="staff_say", title="Hvad medarbejderne siger", sentences=(*told, WHY_HIDDEN), tables=(table,))


def interviews(given: Given) -> Section:
    """How far the interviews are, and the themes that came up; by arm once the arms may be compared."""
    progress = interviewing.progress(given.session, at=given.at)
    themes = interviewing.themes_of(given.session)
    missing = sum(one.missing for one in progress)
    rows = tuple(
        (
            f"{WAVES[one.wave]}, {SIDES[one.side]}",
            *(f"{one.held[arm]} af {interviewing.TARGET}" for arm in Arm),
            count(one.missing),
        )
        for one in progress
    )
    tables = [Table(caption="Interviews, holdt og mangler", head=("Runde", *ARMS, "Mangler"), rows=rows)]
    if themes:
        numbers = [(*one.by_wave.values(), *(one.by_arm.values() if given.compares else ())) for one in themes]
        told = tuple((one.theme, SIDES[one.side], *map(count, of)) for one, of in zip(themes, numbers, strict=True))
        head = ("Tema", "Hvem", *WAVES.values(), *(ARMS if given.compares else ()))
        tables.append(Table(caption="Interviews, hvor temaet kom op", head=head, rows=told))
    sentence = "Alle interviews er holdt." if not missing else f"{count(missing)} interviews mangler."
    return Section(key="interviews", title="Interviews", sentences=(sentence,), tables=tuple(tables))


def durations(given: Given) -> Section | None:
    """How long delivery, reply and answer take in each unit."""
    since, until = _period(given)
    told = times.times(given.session, since=since, until=until)
    if not told:
        return None
    head = (
        "Enhed",
        "SMS frem: halvdelen",
        "SMS frem: 9 af 10",
        "Borger svarer: halvdelen",
        "Borger svarer: 9 af 10",
        "Vi svarer: halvdelen",
        "Vi svarer: 9 af 10",
    )
    table = Table(caption="Tider i hver enhed", head=head, rows=tuple(map(_unit, told)))
    sentences = (
        "Halvdelen nåede det inden for den første tid, 9 af 10 inden for den anden. Tiden løber også om natten.",
        WHY_HIDDEN,
    )
    return Section(key="durations", title="Hvor længe det varer", sentences=sentences, tables=(table,))


def contacts_noted(given: Given) -> Section | None:
    """Calls, visits and talks that were noted, by arm once they may be compared, and what the call centre says."""
    since, until = _period(given)
    noted = contacts.contacts(given.session, since=since, until=until, apart=given.compares)
    called = contacts.calls(given.session, since=since, until=until)
    tables = []
    if noted:
        groups = ("Gruppe",) if given.compares else ()
        head = ("Enhed", "Uge", *groups, "Vi ringede", "Borger ringede", "Besøg", "Ved skranken")
        rows = tuple(_noted(one, apart=given.compares) for one in noted)
        tables.append(Table(caption="Samtaler noteret i indbakken", head=head, rows=rows))
    if called:
        columns = ("Uge", "Opkald", "Besvaret", "Ventetid i sekunder")
        tables.append(Table(caption="Callcenteret", head=columns, rows=tuple(map(_called, called))))
    if not tables:
        return None
    told = "Callcenterets tal er for alle, der ringer, og kan ikke deles på grupper."
    sentences = (told, WHY_HIDDEN) if called else (WHY_HIDDEN,)
    return Section(key="contacts", title="Opkald og besøg", sentences=sentences, tables=tuple(tables))


def summoned_again(given: Given) -> Section:
    """Who had to be summoned again after staying away, per meeting held."""
    since, until = _period(given)
    rows = tuple(
        (
            ARMS_IN_TABLES[one.arm],
            _number(one.held),
            _number(one.resummoned),
            hidden if one.rate is None else f"{one.rate:.2f}".replace(".", ","),
        )
        for one in around_meetings.resummons(given.session, since=since, until=until, apart=True)
        if one.arm is not None
    )
    told = "Indkaldt igen er en udeblivelse, hvor der inden 60 dage var planlagt et møde af samme slags med borgeren."
    head = ("Gruppe", "Møder holdt", "Indkaldt igen", "Igen for hvert holdt møde")
    table = Table(caption="Indkaldt igen efter udeblivelse", head=head, rows=rows)
    return Section(key="summoned_again", title="Indkaldt igen", sentences=(told, WHY_HIDDEN), tables=(table,))


def other_reminders(given: Given) -> Section:
    """How many meetings somebody else reminded of."""
    since, until = _period(given)
    rows = tuple(
        (
            ARMS_IN_TABLES[one.arm],
            _number(one.meetings),
            *map(_told, (one.huskeservice, one.nemsms, one.booking_system)),
            _number(one.ours_delivered),
        )
        for one in around_meetings.coverage(given.session, since=since, until=until)
    )
    sentences = (
        "Minder andre lige så godt, bliver forskellen på grupperne mindre.",
        "Hvad andre minder om, står, som kilderne til møderne oplyser det om hvert af dem.",
        "Hvor intet er oplyst, er det hverken et ja eller et nej.",
        WHY_HIDDEN,
    )
    head = ("Gruppe", "Møder", "Huskeservice", "NemSMS", "Bookingsystemet", "Os, nået frem")
    table = Table(caption="Møder, som nogen mindede om", head=head, rows=rows)
    return Section(key="other_reminders", title="Hvem ellers minder", sentences=sentences, tables=(table,))


def _period(given: Given) -> tuple[datetime, datetime]:
    """Return from the lock to now, to the trial's end, or to the end of the last month that is reported."""
    ends = [given.at, given.trial.ended_at or given.trial.ends_at]
    if given.through is not None:
        year, number = divmod(int(given.through[:4]) * 12 + int(given.through[5:]), 12)
        ends.append(datetime(year, number + 1, 1, tzinfo=COPENHAGEN))
    return given.trial.locked_at, max(given.trial.locked_at, min(ends))


def _kroner(label: str, amount: Kroner) -> tuple[str, ...]:
    value = () if amount.value is None else (in_kroner(amount.value),)
    return (label, *value, in_kroner(amount.low), in_kroner(amount.high))


def _asked(asked: Asked) -> Table:
    rows: Sequence[Row] = (asked.whole, *asked.months, *asked.meeting_types)
    months = {row.label for row in asked.months}
    named = [(month(row.label) if row.label in months else row.label or "I alt", row.shares) for row in rows]
    return Table(
        caption=QUESTIONS[asked.question],
        head=("Måned eller slags møde", *ARMS),
        rows=tuple((label, *_shares(of)) for label, of in named),
    )


def _shares(of: Mapping[str, Share]) -> tuple[str, ...]:
    return tuple(_share(of[arm]) for arm in Arm)


def _share(share: Share) -> str:
    if share.good is None or share.bad is None or share.rate is None:
        return hidden
    return f"{count(share.good)} af {count(share.good + share.bad)} ({percent(share.rate)})"


def _response(response: Response) -> str:
    if response.answered is None or response.rate is None:
        return f"under 5 af {count(response.handed_out)}"
    return f"{count(response.answered)} af {count(response.handed_out)} ({percent(response.rate)})"


def _unit(told: UnitTimes) -> tuple[str, ...]:
    return (told.unit, *_spread(told.delivery), *_spread(told.reply), *_spread(told.answer))


def _spread(spread: Spread) -> tuple[str, str]:
    return _lasted(spread.median), _lasted(spread.ninth)


def _lasted(duration: timedelta | None) -> str:
    if duration is None:
        return hidden
    seconds = round(duration.total_seconds())
    if seconds < 120:
        return f"{seconds} sek."
    if seconds < 2 * 3600:
        return f"{seconds // 60} min."
    if seconds < 2 * 86400:
        return f"{seconds // 3600} timer"
    return f"{seconds // 86400} dage"


def _noted(week: ContactWeek, *, apart: bool) -> tuple[str, ...]:
    arm = (ARMS_IN_TABLES[week.arm] if week.arm is not None else "Uden for grupperne",) if apart else ()
    return (week.unit, week.week, *arm, *(_number(week.counts[kind]) for kind in contacts.KINDS))


def _called(week: CallCount) -> tuple[str, ...]:
    waited = hidden if week.seconds_waited is None else count(round(week.seconds_waited))
    return (week.week, count(week.calls), count(week.answered), waited)


def _number(number: int | None) -> str:
    return hidden if number is None else count(number)


def _told(told: Told) -> str:
    """Say of how many meetings somebody reminded, of how many that is told, and of how many not."""
    if not told.told or told.untold is None:
        return hidden if told.told is None else "ikke oplyst"
    return f"{_number(told.reminded)} af {count(told.told)} oplyste, {count(told.untold)} ikke oplyst"
