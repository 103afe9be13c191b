"""What the administration calls things."""

from datetime import timedelta

from messaging.appointments.import_models import Doubt
from messaging.conversations.note_models import NoteKind
from messaging.conversations.stop_models import StopReason
from messaging.journal.models import EventState
from messaging.people.api_keys import SCOPES
from messaging.trial.models import Arm, Design
from messaging.web.language import DANISH, language, many
from messaging.web.language import later as _
from messaging.work.breaker import BreakerState
from messaging.work.lanes import Lane

STOP_REASONS = {
    StopReason.PROVIDER_FAILS: _("Udbyderen virker ikke, som den skal"),
    StopReason.WRONG_MESSAGES: _("Der sendes forkerte beskeder"),
    StopReason.COSTS: _("Udgifterne er uventet høje"),
    StopReason.SECURITY: _("Mistanke om misbrug"),
    StopReason.MAINTENANCE: _("Planlagt arbejde"),
}
LANES = {
    Lane.URGENT: _("Hastebeskeder"),
    Lane.INTERACTIVE: _("Beskeder fra sagsbehandlere"),
    Lane.BULK: _("Påmindelser og mange på én gang"),
    Lane.JOURNAL: _("Journalisering"),
    Lane.UPKEEP: _("Oprydning"),
}
ARMS = {Arm.SMS: _("Sms"), Arm.APP: _("App"), Arm.CONTROL: _("Kontrol")}
DESIGNS = {
    Design.CASEWORKER: _("Der er trukket lod blandt sagsbehandlerne."),
    Design.CITIZEN: _("Der er trukket lod blandt hver sagsbehandlers borgere."),
}
CONTACTS = {
    NoteKind.CALL_OUT: _("Vi ringede"),
    NoteKind.CALL_IN: _("Borger ringede"),
    NoteKind.VISIT: _("Besøg"),
    NoteKind.DESK: _("Ved skranken"),
}
UNEVEN = 0.05
"""A month whose newcomers fall so unevenly by a smaller chance than this is shown as such."""
STATES = {EventState.PARKED: _("Parkeret"), EventState.REJECTED: _("Afvist"), EventState.PENDING: _("Venter")}
READERS = {"conversations.search": _("Søgning"), "appointments.answers": _("Svar på påmindelser")}
BREAKERS = {
    BreakerState.CLOSED: _("Kaldes som normalt"),
    BreakerState.OPEN: _("Sat på pause efter fejl"),
    BreakerState.PROBING: _("Prøves igen"),
}
ENDPOINTS = {"sms": _("SMS-udbyderen"), "case_system": _("Sagssystemet")}
DOUBTS = {
    Doubt.TOO_MANY: _("%(missing)s af %(coming)s kommende møder mangler på én gang. Intet er aflyst."),
    Doubt.NOTHING_TO_COME: _("Filen nævner ikke et eneste kommende møde, men %(coming)s er aftalt. Intet er aflyst."),
    Doubt.UNREAD_LINES: _("%(missing)s møder mangler, men nogle linjer kunne ikke læses. Intet er aflyst."),
}
SCOPE_WORDS = {
    "citizens:read": _("Slå borgere, deres numre og ønsker op"),
    "citizens:write": _("Oprette borgere, notere ønsker og afgøre numre"),
    "conversations:read": _("Se lister over samtaler"),
    "conversations:write": _("Afslutte samtaler"),
    "messages:read": _("Læse beskeder"),
    "messages:write": _("Sende og tilbagekalde beskeder"),
    "appointments:read": _("Se møder, udfald og påmindelser"),
    "appointments:write": _("Booke, flytte og aflyse møder, notere udfald"),
    "documents:read": _("Hente papirer, som borgere har sendt eller fået"),
    "templates:read": _("Se skabeloner"),
    "keys:manage": _("Oprette, se og spærre nøgler"),
}
SCOPE_CODES = tuple(SCOPES)


def how_long(age: timedelta) -> str:
    """Return an age in words, in its greatest whole unit."""
    seconds = int(age.total_seconds())
    if seconds < 120:
        return many("%(num)s sekund", "%(num)s sekunder", seconds)
    if seconds < 2 * 3600:
        return many("%(num)s minut", "%(num)s minutter", seconds // 60)
    if seconds < 2 * 86400:
        return many("%(num)s time", "%(num)s timer", seconds // 3600)
    return many("%(num)s dag", "%(num)s dage", seconds // 86400)


def chance(p: float) -> str:
    """Write a p-value: `p = 0,368`."""
    written = "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
    return written.replace(".", ",") if language() == DANISH else written


def decimal(number: float) -> str:
    """Write a number with two decimals: `0,25`."""
    written = f"{number:.2f}"
    return written.replace(".", ",") if language() == DANISH else written
