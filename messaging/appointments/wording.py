"""Codes of appointments and reminders in plain Danish."""

from messaging.appointments.models import Form
from messaging.appointments.states import AppointmentState, OutcomeWord, ReminderState

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
}
"""Why a reminder was not sent."""

TOLD = "Mødet er aflyst, og borgeren får besked på sms."
NOT_TOLD = "Mødet er aflyst, men borgeren kan ikke få sms. Ring til borgeren."
