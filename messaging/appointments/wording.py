"""Codes of appointments and reminders in plain Danish."""

from messaging.appointments.answering import UNREADABLE
from messaging.appointments.contacts import Said
from messaging.appointments.in_threads import Reminded
from messaging.appointments.models import Form
from messaging.appointments.reply_rules import Label
from messaging.appointments.states import MOVED, Action, AppointmentState, OutcomeWord, ReminderState
from messaging.conversations.keywords import Keyword
from messaging.web.dates import moment
from messaging.web.language import later as _
from messaging.web.language import many as _n
from messaging.web.language import now as _now

STATES: dict[AppointmentState, str] = {
    AppointmentState.BOOKED: _("Aftalt"),
    AppointmentState.CONFIRMED: _("Bekræftet af borgeren"),
    AppointmentState.NEW_TIME_ASKED: _("Borgeren vil have en ny tid"),
    AppointmentState.CANCELLED_BY_CITIZEN: _("Aflyst af borgeren"),
    AppointmentState.CANCELLED_BY_US: _("Aflyst af os"),
    AppointmentState.HELD: _("Holdt"),
    AppointmentState.NO_SHOW: _("Mødte ikke"),
    AppointmentState.UNKNOWN: _("Ukendt udfald"),
}

FEED_ERRORS: dict[str, str] = {
    "wrong_profile": _("Profilen kan ikke bruges. Kør borgerdialog doctor: den siger, hvilken nøgle der er forkert."),
    "unusable_file": _("Det, der kom, er ikke den fil, profilen beskriver."),
    "refused": _("Kilden afviser os. Adgangen skal fornyes."),
    "gone": _("Der er ingen fil på adressen."),
    "redirected": _("Filen er flyttet. Omdirigeringer følges ikke: ret adressen."),
    "url_refused": _("Adressen må ikke kaldes. Den skal begynde med https og ligge uden for huset."),
    "unreachable": _("Kilden svarer ikke."),
    "answer_lost": _("Svaret blev afbrudt."),
    "too_large": _("Filen er for stor."),
    "busy": _("Kilden beder os vente."),
    "server_error": _("Der er fejl hos kilden."),
    "unexpected_answer": _("Kilden svarer noget, vi ikke forstår."),
}

OUTCOMES: dict[OutcomeWord, str] = {
    OutcomeWord.HELD: _("Holdt"),
    OutcomeWord.NO_SHOW: _("Mødte ikke"),
    OutcomeWord.CANCELLED_BY_CITIZEN: _("Aflyst af borgeren"),
    OutcomeWord.CANCELLED_BY_US: _("Aflyst af os"),
    OutcomeWord.UNKNOWN: _("Ved ikke"),
}

FORMS: dict[Form, str] = {Form.IN_PERSON: _("Fremmøde"), Form.PHONE: _("Telefon"), Form.VIDEO: _("Video")}

REMINDERS: dict[ReminderState, str] = {
    ReminderState.PLANNED: _("planlagt"),
    ReminderState.ON_HOLD: _("på hold"),
    ReminderState.SENT: _("sendt"),
    ReminderState.WITHHELD: _("holdt tilbage"),
    ReminderState.SKIPPED: _("sprunget over"),
}

REASONS: dict[str, str] = {
    "too_late": _("for tæt på mødet"),
    "near_another": _("for tæt på en anden påmindelse"),
    "begun": _("mødet var begyndt"),
    "moved": _("mødet blev flyttet"),
    "cancelled": _("mødet er aflyst"),
    "unwritable": _("teksten kunne ikke skrives"),
    "no_valid_text": _("teksten er udløbet eller ikke godkendt"),
    "not_by_sms": _("teksten må ikke sendes som sms"),
    "under_age": _("teksten er ikke til borgere under 18"),
    "confirmed": _("borgeren har bekræftet mødet"),
    "enough_today": _("borgeren har fået nok påmindelser den dag"),
    "enough_for_meeting": _("borgeren har fået nok påmindelser om mødet"),
    "together": _("i samme besked som et andet møde den dag"),
    "plan_changed": _("planen for påmindelser er ændret"),
    "another_way": _("sendes ad en anden vej"),
    "reminded_elsewhere": _("borgeren påmindes fra anden side"),
    "case_closed": _("sagen er lukket"),
    "opted_out": _("borgeren har frameldt sms"),
    "no_number": _("intet mobilnummer"),
    "number_paused": _("nummeret er på pause"),
    "provider_blocked": _("nummeret er spærret hos sms-udbyderen"),
    "sms_arm": _("borgeren er i forsøgets sms-gruppe"),
    "app_arm": _("borgeren er i forsøgets app-gruppe"),
    "control_arm": _("borgeren er i forsøgets kontrolgruppe"),
}
"""Why a reminder was not sent."""

WHY_RING: dict[str, str] = {
    "no_number": _("intet mobilnummer"),
    "opted_out": _("har frameldt sms"),
    "case_closed": _("sagen er lukket"),
    "number_paused": _("nummeret er på pause"),
    "provider_blocked": _("nummeret er spærret hos sms-udbyderen"),
    "not_delivered": _("ikke leveret inden for 15 minutter"),
    "failed": _("sms’en kom ikke frem"),
    "expired": _("sms’en nåede ikke af sted"),
    "cancelled": _("sms’en blev trukket tilbage"),
    "unclear": _("det er uklart, om sms’en blev sendt"),
    "held": _("sms’en blev holdt tilbage"),
}
"""Why a citizen is rung whose meeting today is held by another or cancelled."""

LABELS: dict[str, str] = {
    Label.CONFIRM: _("borgeren kommer"),
    Label.NEW_TIME: _("borgeren vil have en anden tid"),
    Label.SICK: _("borgeren er syg"),
    Label.LATE: _("borgeren kommer for sent"),
    Label.QUESTION: _("et spørgsmål"),
    Label.THANKS: _("tak"),
    Label.WRONG_NUMBER: _("forkert nummer"),
    Label.WHO_IS_THIS: _("borgeren ved ikke, hvem vi er"),
    Label.STOP: _("STOP – ingen sms"),
    Label.START: _("START – sms igen"),
    Keyword.HELP: "HJÆLP",
}
"""How an answer was understood; what no rule understood is not spoken of."""

NOT_SPOKEN_OF = frozenset({Label.OTHER, UNREADABLE})

ACTIONS: dict[Action, str] = {
    Action.SETTLED: _("Kræver ikke svar."),
    Action.KEYWORD: _("Udført, da beskeden kom."),
    Action.CONFIRMED: _("Mødet er noteret som bekræftet."),
    Action.NEW_TIME_ASKED: _("Ønsket er noteret på mødet."),
    Action.NUMBER_PAUSED: _("Nummeret er sat på pause."),
    Action.TO_HUMAN: "",
}

SAID: dict[Said, str] = {
    Said.COMES: _("Borgeren kommer"),
    Said.NEW_TIME: _("Borgeren vil have en anden tid"),
    Said.NOTICE: _("Afbud: borgeren kommer ikke (mødet aflyses af borgeren)"),
}
NOT_NOTED: dict[str, str] = {
    "kind": _("Vælg, hvad det var. Intet er gemt."),
    "reached": _("Vælg, om du fik fat i borgeren. Intet er gemt."),
    "occurred_at": _("Vælg et tidspunkt inden for de sidste 60 dage, ikke i fremtiden. Intet er gemt."),
    "said": _("Du har valgt, at du ikke fik fat i borgeren, men også noget, borgeren sagde. Intet er gemt."),
    "appointment_id": _("Vælg mødet igen. Intet er gemt."),
    "text": _("Teksten er for lang. Intet er gemt."),
    "Idempotency-Key": _("Noten er gemt én gang allerede med et andet indhold. Intet er gemt nu."),
}
"""Why a contact was not noted, by the field."""
MEETING_OVER = _("Mødet er begyndt eller aflyst i mellemtiden. Gem noten uden mødet. Intet er gemt.")

LINE_REFUSED: dict[str, str] = {
    "line": _("Skriv en linje. Intet er gemt."),
    "length": _("Linjen er for lang: højst 160 tegn. Intet er gemt."),
    "cpr": _("Linjen ser ud til at indeholde et CPR-nummer. Det må ikke sendes som sms. Intet er gemt."),
    "link": _("Linjen indeholder et link. Vi sender aldrig links i sms. Intet er gemt."),
}
"""Why a caseworker's own line in a reminder was not taken, by the field."""

TOLD = _("Mødet er aflyst, og borgeren får besked på sms.")
NOT_TOLD = _("Mødet er aflyst, men borgeren kan ikke få sms. Ring til borgeren.")


def reminder_of(reminded: Reminded) -> str:
    """Say of which meeting a message reminded, and how long before it: `3_days`; or that it told of its new time."""
    if reminded.step == MOVED:
        when = moment(reminded.starts_at)
        if reminded.is_changed_since:
            return _now("Besked om, at mødet er flyttet. Det er ændret siden. Nu er det %(when)s.", when=when)
        return _now("Besked om, at mødet er flyttet til %(when)s.", when=when)
    days, when = int(reminded.step.split("_")[0]), moment(reminded.starts_at)
    if days == 0 and reminded.is_changed_since:
        return _now("Påmindelse samme dag som mødet, som siden er ændret. Nu er det %(when)s.", when=when)
    if days == 0:
        return _now("Påmindelse samme dag som mødet %(when)s.", when=when)
    if reminded.is_changed_since:
        return _n(
            "Påmindelse %(num)s dag før mødet, som siden er ændret. Nu er det %(when)s.",
            "Påmindelse %(num)s dage før mødet, som siden er ændret. Nu er det %(when)s.",
            days,
            when=when,
        )
    return _n(
        "Påmindelse %(num)s dag før mødet %(when)s.", "Påmindelse %(num)s dage før mødet %(when)s.", days, when=when
    )
