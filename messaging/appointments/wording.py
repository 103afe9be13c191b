"""Codes of appointments and reminders in plain Danish."""

from messaging.appointments.answering import UNREADABLE
from messaging.appointments.models import Form, ReplyReading
from messaging.appointments.reply_rules import Label
from messaging.appointments.states import Action, AppointmentState, OutcomeWord, ReminderState
from messaging.conversations.keywords import Keyword

STATES: dict[AppointmentState, str] = {
    AppointmentState.BOOKED: "Aftalt",
    AppointmentState.CONFIRMED: "Bekræftet af borgeren",
    AppointmentState.NEW_TIME_ASKED: "Borgeren vil have en ny tid",
    AppointmentState.CANCELLED_BY_CITIZEN: "Aflyst af borgeren",
    AppointmentState.CANCELLED_BY_US: "Aflyst af os",
    AppointmentState.HELD: "Holdt",
    AppointmentState.NO_SHOW: "Udeblevet",
    AppointmentState.UNKNOWN: "Ukendt udfald",
}

OUTCOMES: dict[OutcomeWord, str] = {
    OutcomeWord.HELD: "Holdt",
    OutcomeWord.NO_SHOW: "Udeblevet",
    OutcomeWord.CANCELLED_BY_CITIZEN: "Aflyst af borgeren",
    OutcomeWord.CANCELLED_BY_US: "Aflyst af os",
    OutcomeWord.UNKNOWN: "Ved ikke",
}

FORMS: dict[Form, str] = {Form.IN_PERSON: "Fremmøde", Form.PHONE: "Telefon", Form.VIDEO: "Video"}

REMINDERS: dict[ReminderState, str] = {
    ReminderState.PLANNED: "planlagt",
    ReminderState.ON_HOLD: "på hold",
    ReminderState.SENT: "sendt",
    ReminderState.WITHHELD: "holdt tilbage",
    ReminderState.SKIPPED: "sprunget over",
}

REASONS: dict[str, str] = {
    "too_late": "for tæt på mødet",
    "near_another": "for tæt på en anden påmindelse",
    "begun": "mødet var begyndt",
    "moved": "mødet blev flyttet",
    "cancelled": "mødet er aflyst",
    "unwritable": "teksten kunne ikke skrives",
    "reminded_elsewhere": "borgeren påmindes fra anden side",
    "opted_out": "borgeren har frameldt sms",
    "no_number": "intet mobilnummer",
    "number_paused": "nummeret er på pause",
    "provider_blocked": "nummeret er spærret hos sms-udbyderen",
}
"""Why a reminder was not sent."""

LABELS: dict[str, str] = {
    Label.CONFIRM: "borgeren kommer",
    Label.NEW_TIME: "borgeren vil have en anden tid",
    Label.SICK: "borgeren er syg",
    Label.LATE: "borgeren kommer for sent",
    Label.QUESTION: "et spørgsmål",
    Label.THANKS: "tak",
    Label.WRONG_NUMBER: "forkert nummer",
    Label.WHO_IS_THIS: "hvem er I?",
    Label.STOP: "STOP – ingen sms",
    Label.START: "START – sms igen",
    Keyword.HELP: "HJÆLP",
}
"""How an answer was understood; what no rule understood is not spoken of."""

NOT_SPOKEN_OF = frozenset({Label.OTHER, UNREADABLE})

BY_KEYWORD = "keyword"
"""The rule of a bare keyword, which is no suggestion but a clear word."""

ACTIONS: dict[Action, str] = {
    Action.SETTLED: "Kræver ikke svar.",
    Action.KEYWORD: "Udført, da beskeden kom.",
    Action.CONFIRMED: "Mødet er noteret som bekræftet.",
    Action.NEW_TIME_ASKED: "Ønsket er noteret på mødet.",
    Action.NUMBER_PAUSED: "Nummeret er sat på pause.",
    Action.TO_HUMAN: "",
}

MAYBE_STOP = "Måske ønsker borgeren ikke flere sms’er. Spørg borgeren."

TOLD = "Mødet er aflyst, og borgeren får besked på sms."
NOT_TOLD = "Mødet er aflyst, men borgeren kan ikke få sms. Ring til borgeren."


def reading_of(reading: ReplyReading) -> str | None:
    """Say how a message was understood and what was done about it; None where there is nothing to tell."""
    maybe = reading.suggestion or reading.label
    if maybe == Label.STOP and reading.action is Action.TO_HUMAN and reading.rule != BY_KEYWORD:
        return MAYBE_STOP
    if reading.suggestion is not None:
        return f"Måske: {LABELS[reading.suggestion]}."
    if reading.label in NOT_SPOKEN_OF:
        return None
    return f"Forstået som: {LABELS[reading.label]}. {ACTIONS[reading.action]}".rstrip()
