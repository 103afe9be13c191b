"""Codes in plain Danish: what a caseworker reads beside a thread about numbers, and when she cannot sign in."""

from messaging.people.absence_models import AbsenceReason
from messaging.people.actors import Because
from messaging.people.markers import MarkerKind
from messaging.people.models import PauseReason, Standing
from messaging.web.language import later as _

STANDINGS: dict[Standing, str] = {
    Standing.IN_USE: _("I brug"),
    Standing.PROPOSED: _("Foreslået"),
    Standing.ENDED: _("Ikke længere i brug"),
}

SOURCES: dict[str, str] = {
    "citizen_at_desk": _("borgeren selv ved skranken"),
    "citizen_by_phone": _("borgeren selv i telefonen"),
    "citizen_in_writing": _("borgeren selv på skrift"),
    "case_system": _("fagsystemet"),
    "relative": _("en pårørende"),
    "professional": _("en anden myndighed eller et tilbud"),
}
"""Who may have named a number that is entered by hand; an import's source is its file."""

IMPORTS: dict[str, str] = {"booking_system": _("bookingsystemet")}
"""Where numbers come from that nobody entered."""

PAUSES: dict[PauseReason, str] = {
    PauseReason.WRONG_NUMBER: _("en modtager har skrevet, at nummeret er forkert"),
    PauseReason.STOP_FROM_SHARED: _("der kom STOP fra nummeret, som flere bruger"),
    PauseReason.STOP_FROM_UNKNOWN: _("der kom STOP fra nummeret, før vi vidste, hvis det er"),
}

ABSENCES: dict[AbsenceReason, str] = {
    AbsenceReason.LEAVE: _("Ferie eller fri"),
    AbsenceReason.UNPLANNED: _("Ikke planlagt"),
    AbsenceReason.OTHER_DUTY: _("Kursus eller andet arbejde"),
}
BECAUSE: dict[Because, str] = {
    Because.DANGER: _("der er tegn på fare"),
    Because.WAITING: _("borgeren venter på svar"),
    Because.MEETING: _("der er et møde i dag"),
    Because.OPENED_TODAY: _("du har haft den åben i dag"),
}
"""Why a colleague's citizen is open to who covers for her."""

WORKDAYS = (_("Mandag"), _("Tirsdag"), _("Onsdag"), _("Torsdag"), _("Fredag"))
WRONG_DAYS = _("Vælg den første og den sidste dag: ikke før i dag, i rækkefølge og inden for et år. Intet er noteret.")
NOT_REPORTED: dict[str, str] = {
    "already_away": _("Der er allerede noteret fravær på nogle af dagene. Afslut det først. Intet er noteret nu."),
    "deputy_away": _("Den, der skulle dække, er selv væk nogle af dagene. Vælg en anden. Intet er noteret."),
    "deputy": _("Vælg en sagsbehandler i teamet til at dække, en anden end den, der er væk. Intet er noteret."),
    "caseworker": _("Vælg, hvem der er væk. Intet er noteret."),
}
"""Why an absence was not noted, by the error's code or the field."""

NOW_SHARED = _("Nummeret er markeret som delt. Der sendes kun sms uden personligt indhold til det.")
NOW_OWN = _("Nummeret er noteret som borgerens eget.")
ANOTHERS = _("En anden borger bruger nummeret. Markér det først som delt, hvis de deler det. Intet er ændret.")

NOT_FITTING = _("Initialer eller adgangskode passer ikke. Prøv igen.")
PROVIDER_SILENT = _("Kommunens login svarer ikke lige nu. Prøv igen om lidt, eller brug initialer og adgangskode.")
NOT_BEGUN_HERE = _("Login er udløbet eller blev begyndt et andet sted. Prøv igen.")
NOT_PROVED = _("Kommunens login kunne ikke bekræfte, hvem du er. Prøv igen, eller spørg driften.")
NO_ACCESS = _("Du er logget ind hos kommunen, men har ikke adgang til Borgerdialog. Spørg din superbruger om adgang.")

MARKERS: dict[MarkerKind, str] = {
    MarkerKind.ASSIGNED: _("%(who)s er nu borgerens sagsbehandler"),
    MarkerKind.COVERED: _("%(who)s dækkede for %(instead_of)s"),
    MarkerKind.NUMBER_NAMED: _("Der kom et andet nummer til"),
    MarkerKind.NUMBER_ENDED: _("Et nummer blev taget ud af brug"),
    MarkerKind.CASE_CLOSED: _("Sagen blev lukket"),
    MarkerKind.CASE_REOPENED: _("Sagen blev genåbnet"),
    MarkerKind.OPTED_OUT: _("Borgeren frameldte sms"),
    MarkerKind.OPTED_IN: _("Borgeren vil have sms igen"),
    MarkerKind.HELPER_BEGAN: _("%(who)s kan læse med herfra"),
    MarkerKind.HELPER_ENDED: _("%(who)s kan ikke læse med mere"),
    MarkerKind.WRONG_PERSON: _("Nogen i appen sagde: Det er ikke mig. Telefonens adgang blev lukket"),
}
"""What happened around a thread."""


def source_of(code: str) -> str:
    """Return in words who named a number; a source without words is its own."""
    return SOURCES.get(code) or IMPORTS.get(code, code)
