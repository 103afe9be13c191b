"""What a citizen reads of how her meetings stand and what they came to. Nothing here blames anybody."""

from messaging.appointments import citizen_answers
from messaging.appointments.citizen_answers import Answer
from messaging.appointments.models import Form
from messaging.appointments.states import AppointmentState
from messaging.errors import Conflict
from messaging.web.language import later as _

FORMS: dict[Form, str] = {Form.IN_PERSON: _("Fremmøde"), Form.PHONE: _("Telefon"), Form.VIDEO: _("Video")}

ENDS: dict[AppointmentState, str] = {
    AppointmentState.HELD: _("Holdt"),
    AppointmentState.NO_SHOW: _("Ikke holdt"),
    AppointmentState.CANCELLED_BY_CITIZEN: _("Aflyst"),
    AppointmentState.CANCELLED_BY_US: _("Aflyst af os"),
}
"""What a past meeting came to; of one that nobody has said anything of, nothing is said."""

COMES: dict[Form, str] = {
    Form.IN_PERSON: _("Jeg kommer"),
    Form.PHONE: _("Tiden passer mig"),
    Form.VIDEO: _("Jeg er med"),
}

TAKEN_IN: dict[Answer, str] = {
    Answer.COMES: _("Tak. Dit svar er sendt."),
    Answer.NEW_TIME: _("Dit ønske er sendt. Din tid gælder, til du hører fra os."),
    Answer.LATE: _("Tak. Din besked er sendt. Kom, så snart du kan."),
}

CHOSEN = _("Dit valg er sendt. Din gamle tid gælder, til du hører fra os.")
GONE = _("Tiden er desværre taget. Din gamle tid gælder stadig.")
"""Of an offered time that somebody else has got meanwhile."""

TOO_LATE: dict[str, str] = {
    citizen_answers.MeetingMoved.code: _("Mødet er flyttet i mellemtiden. Se den nye tid her, og svar igen."),
    citizen_answers.MeetingCancelled.code: _("Mødet er aflyst i mellemtiden. Du skal ikke komme."),
    citizen_answers.NotOffered.code: _("Den tid kan du ikke vælge mere. Se her, hvad der gælder nu."),
    citizen_answers.MeetingBegun.code: _("Mødet er begyndt eller slut. Skriv til os under Beskeder."),
    Conflict.code: _("Dit svar kunne ikke sendes. Prøv igen."),
}
"""Why an answer was not taken in."""

TOO_LONG = _("Skriv højst 300 tegn om hvorfor.")
